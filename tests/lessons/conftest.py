"""What tests of predictions begin with: nothing guessed."""

import pytest

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
