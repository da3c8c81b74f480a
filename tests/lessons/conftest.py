"""Each test begins with nothing guessed."""

import pytest

from lib.lessons import progress
from lib.lessons.predictions import session


@pytest.fixture(autouse=True)
def nothing_guessed(monkeypatch):
    """A progress file in memory, and a kernel that has just started."""
    notes = {}
    monkeypatch.setattr(progress, "note_guess", notes.__setitem__)
    monkeypatch.setattr(progress, "guess_of", notes.get)
    session.forget()
    yield notes
    session.forget()
