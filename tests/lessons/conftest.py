"""What tests of lessons begin with: nothing guessed, a small course, a student's copy of it."""

import pytest
from small_lectures import make_course

from lib.assignments.working import update_copies
from lib.lessons import progress
from lib.lessons.predictions import session


@pytest.fixture
def nothing_guessed(monkeypatch, tmp_path):
    """A kernel that has just started, and no progress file; gives a function: the guesses that are noted."""
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "progress.json"))
    monkeypatch.setattr(progress, "_unwritten", {})
    session.forget()
    yield lambda: {name: note["guess"] for name, note in progress.read_progress()["guesses"].items()}
    session.forget()


@pytest.fixture
def root(tmp_path):
    """A course with two small lectures and an assignment."""
    return make_course(tmp_path / "course")


@pytest.fixture
def work(root):
    """A student's copies of it."""
    update_copies(root / "work", root)
    return root / "work"
