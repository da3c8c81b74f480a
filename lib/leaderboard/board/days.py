"""Days of a competition: each begins at 00:00 UTC, whatever the clocks of the students say."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from lib.leaderboard.time_words import time_in_words

__all__ = ["DAY", "day_of", "now", "time_in_words", "until_reset", "utc_text"]

DAY = 86_400  # seconds; in UTC as computers count it there are no other days


def now() -> float:
    """Seconds since 1970."""
    return time.time()


def day_of(seconds: float) -> int:
    """The number of a day, counted from 1970.

    >>> day_of(0), day_of(86_399.9), day_of(86_400)
    (0, 0, 1)
    """
    return int(seconds // DAY)


def until_reset(seconds: float) -> int:
    """Whole seconds until the next day begins, at least 1.

    >>> until_reset(86_399.5), until_reset(86_400)
    (1, 86400)
    """
    return max(1, int((day_of(seconds) + 1) * DAY - seconds + 0.999))


def utc_text(seconds: float) -> str:
    """A moment in UTC, to the minute.

    >>> utc_text(951_782_340)
    '2000-02-28 23:59'
    """
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M")
