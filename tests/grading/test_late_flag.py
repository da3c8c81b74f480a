"""What an import notes of a submission reaches its marks."""

from __future__ import annotations

from datetime import datetime

from lib.grading import examining
from lib.grading.examination.job import Job
from lib.grading.examining import Examination
from lib.grading.submissions.kept import Note, write_note


def test_a_late_submission_has_the_flag_late(tmp_path, monkeypatch):
    """The folder's note says it; the digest of the folder changes with it, so that a new deadline counts."""
    import nbformat

    steps = object.__new__(Examination)
    steps.assignment, steps.root, steps.cells, steps.secret = "a1_x", tmp_path, (), b"s"

    class Taken:
        notebook, files, flags = nbformat.v4.new_notebook(), {}, ()

    monkeypatch.setattr(examining, "take_in", lambda *all: Taken)
    monkeypatch.setattr(examining, "job_for", lambda *all: object.__new__(Job))
    when = datetime(2026, 11, 29, 8)
    for late in (True, False):
        write_note(tmp_path, Note(when, late, True))
        flags = steps.prepare("ada", tmp_path).flags
        assert [(flag.kind, flag.said) for flag in flags] == [
            ("late", "it came on 2026-11-29 at 08:00")
        ] * late
