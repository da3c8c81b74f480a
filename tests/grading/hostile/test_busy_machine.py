"""CPU seconds decide what is too slow: a submission gets the same marks and flags on a busy machine."""

import os
import subprocess
import sys
from contextlib import contextmanager

import pytest
from hostile_bank import whole_bank
from hostile_course import ROOT
from hostile_run import grade_rows, kinds_of, marks_of

from lib.grading.places import rooms_folder
from lib.grading.sandbox.attempt import try_all

ROWS = whole_bank()
WORKING = [attempt.kind for attempt in try_all() if attempt.works and attempt.kind != "container"]
NAMES = (
    "plain", "takes-its-time", "takes-its-time-when-graded", "waits-a-little", "loop-in-a-cell",
    "loop-when-graded", "sleeps", "sleeps-when-graded", "deadlock", "five-gigabytes", "memory-in-forward",
)  # fmt: skip
BUSY = 2  # processes for each core

if not WORKING and os.environ.get("CI") != "true":
    pytest.skip("no sandbox works on this computer", allow_module_level=True)


@contextmanager
def busy():
    """In this block all cores have more to do than they can."""
    command = [sys.executable, "-c", "while True: pass"]
    others = [subprocess.Popen(command) for _ in range(BUSY * len(os.sched_getaffinity(0)))]
    try:
        yield
    finally:
        for process in others:
            process.kill()
            process.wait()


def outcomes(folder, kind):
    """Name → marks and kinds of flags, and what is not as the bank says."""
    folder.mkdir(mode=0o755)
    rows = [ROWS[name] for name in NAMES]
    graded = grade_rows(rows, folder, rooms_folder(ROOT), kind, workers=2)
    results = {row.name: (graded.results[row.id], graded.wrong(row)) for row in rows}
    return {name: (marks_of(one), kinds_of(one), wrong) for name, (one, wrong) in results.items()}


@pytest.mark.family(share=40)
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", WORKING)
def test_a_busy_machine_changes_no_marks_and_no_flags(kind, tmp_path):
    tmp_path.chmod(0o755)
    quiet = outcomes(tmp_path / "quiet", kind)
    with busy():
        assert outcomes(tmp_path / "busy", kind) == quiet
    assert [wrong for _, _, wrong in quiet.values()] == [[]] * len(NAMES)
