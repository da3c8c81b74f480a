"""What an import has noted reaches the grade: late submissions bear a flag there."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace

import pytest
from uploaded import FULL, laid, nb, small_class

from lib.grading.examining import Examination
from lib.grading.submissions.kept import Note, write_note

NIGHT = datetime(2026, 11, 29, 0, 1)


@pytest.mark.parametrize(
    ("note", "said"),
    [
        (Note(NIGHT, late=True), "it came on 2026-11-29 at 00:01"),
        (Note(None, late=True), "the learning platform says so"),
        (Note(NIGHT, late=True, sure=False), "the learning platform says so"),
        (Note(NIGHT), ""),
        (None, ""),
    ],
)
def test_a_late_submission_is_flagged(tmp_path, note, said):
    root = small_class(tmp_path)
    folder = laid(root / "submitted" / "ada" / FULL, {f"{FULL}.ipynb": nb("x = 1")})
    if note:
        write_note(folder, note)
    steps = SimpleNamespace(assignment=FULL, root=root, cells=(), secret=b"", allowance=None)
    prepared = Examination.prepare(steps, "ada", folder)
    assert [flag.said for flag in prepared.flags if flag.kind == "late"] == ([said] if said else [])
