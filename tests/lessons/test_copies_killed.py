"""`course start` is killed at any moment, or runs twice at once: nothing that a student wrote is lost."""

import os
import sys
import time
from pathlib import Path

import pytest
from small_lectures import ASSIGNMENT, FIRST, PICTURE, SECOND, make_course, write_into

from lib.assignments.originals import files_of
from lib.assignments.reset import reset
from lib.assignments.working import update_copies
from lib.lessons.copies import BESIDE
from lib.lessons.placing import ASIDE, left_aside

pytestmark = pytest.mark.skipif(
    not hasattr(os, "fork"), reason="a child process ends in the middle of its work"
)
STEPS = ("replace", "link", "unlink", "fsync")


def killed(work, moment, *, after):
    """Runs `work` in a child that dies at step number `moment` on the disk; False where it got to its end."""
    child = os.fork()
    if child == 0:
        count = 0

        def dying(step):
            def take(*args, **options):
                nonlocal count
                count += 1
                if count == moment and not after:
                    os._exit(9)
                step(*args, **options)
                if count == moment:
                    os._exit(9)

            return take

        try:
            for name in STEPS:
                setattr(os, name, dying(getattr(os, name)))
            work()
        finally:
            os._exit(1 if sys.exc_info()[0] else 0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, 9)
    return status == 9


def everything(folder):
    """The contents of all files in a folder, hidden ones too."""
    return {path.read_bytes() for path in Path(folder).rglob("*") if path.is_file()}


@pytest.mark.parametrize("after", [False, True], ids=["before a step", "after a step"])
@pytest.mark.family(share=2)
def test_killed_at_every_step_of_an_update(tmp_path, after):
    root = make_course(tmp_path / "course")
    for moment in range(1, 200):
        work = tmp_path / f"work {moment}"
        update_copies(work, root)
        mine, theirs = write_into(work / SECOND), write_into(work / ASSIGNMENT, "answer")
        make_course(root, 2)
        ended_early = killed(lambda work=work: update_copies(work, root), moment, after=after)
        assert {mine, theirs} <= everything(work)
        assert (work / SECOND).read_bytes() == mine

        update_copies(work, root)
        assert (work / SECOND).read_bytes() == mine
        assert (work / ASSIGNMENT).read_bytes() == theirs
        for path in (FIRST, PICTURE):
            assert (work / path).read_bytes() == (root / path).read_bytes()
        beside = [name for name in files_of(work) if BESIDE.fullmatch(name)]
        assert len(beside) == 2
        hidden = {path.name for path in work.rglob(".*")}
        assert hidden <= {".copies.lock"}
        make_course(root, 1)
        if not ended_early:
            assert moment > 10
            return
    pytest.fail("it never came to its end")


@pytest.mark.parametrize("after", [False, True], ids=["before a step", "after a step"])
def test_killed_at_every_step_of_a_reset(tmp_path, after):
    root = make_course(tmp_path / "course")
    for moment in range(1, 50):
        work = tmp_path / f"work {moment}"
        update_copies(work, root)
        mine = write_into(work / SECOND)
        ended_early = killed(lambda work=work: reset("05", root, work), moment, after=after)
        assert mine in everything(work)
        update_copies(work, root)
        reset("05", root, work)
        assert (work / SECOND).read_bytes() == (root / SECOND).read_bytes()
        assert mine in {path.read_bytes() for path in (work / "kept").iterdir()}
        if not ended_early:
            return
    pytest.fail("it never came to its end")


def at_once(work, root, count=4):
    """So many processes bring the copies up to date at the same time."""
    children = []
    for _ in range(count):
        children.append(os.fork())
        if children[-1] == 0:
            try:
                update_copies(work, root)
            finally:
                os._exit(1 if sys.exc_info()[0] else 0)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * count


@pytest.mark.parametrize("locks", [True, False], ids=["locks", "no locks"])
def test_several_starts_at_once(tmp_path, monkeypatch, locks):
    def no_locks(self, **options):
        raise NotImplementedError("no locks here")

    if not locks:
        monkeypatch.setattr("filelock.FileLock.acquire", no_locks)
    root, work = make_course(tmp_path / "course"), tmp_path / "work"
    for version in (1, 2, 3):
        make_course(root, version)
        at_once(work, root)
        assert (work / FIRST).read_bytes() == (root / FIRST).read_bytes()
        if version == 1:
            mine = write_into(work / SECOND)
        assert (work / SECOND).read_bytes() == mine
        if locks:
            assert len([name for name in files_of(work) if BESIDE.fullmatch(name)]) == (version > 1)


@pytest.mark.parametrize("alone", [True, False])
def test_without_locks_a_copy_that_is_aside_belongs_to_somebody_at_work(tmp_path, alone):
    """It goes back into its place at once where nobody else can be at work, else when it is old."""
    (tmp_path / f".05_gates.ipynb{ASIDE}").write_bytes(b"mine")
    assert left_aside(tmp_path, 0 if alone else 20) == ([tmp_path / "05_gates.ipynb"] if alone else [])
    os.utime(tmp_path / f".05_gates.ipynb{ASIDE}", (0, 0))  # what a program says of a file does not count
    assert left_aside(tmp_path, 20) == []
    time.sleep(0.05)
    assert left_aside(tmp_path, 0.04) == [tmp_path / "05_gates.ipynb"]
