"""Why a board does not do what it is asked to: sentences that people read, on the page or at a terminal.

Each says what to do next. What only code does wrong is a `ValueError` in the form of all others.
"""

from __future__ import annotations


class Refusal(ValueError):
    """Something that the rules do not allow; nothing has changed."""


class Closed(Refusal):
    """The competition has ended."""


class TooMany(Refusal):
    """All entries of today are used.

    seconds: until there are new ones
    """

    def __init__(self, message: str, seconds: int):
        super().__init__(message)
        self.seconds = seconds


class NotNow(OSError):
    """The file cannot be written: another program holds it, or the disk is full; nothing has changed."""
