"""Times in words, as the page and the terminal say them."""

from __future__ import annotations


def time_in_words(seconds: int) -> str:
    """A time in words.

    >>> time_in_words(3 * 3600 + 12 * 60 + 5), time_in_words(720), time_in_words(59)
    ('3 h 12 min', '12 min', 'less than a minute')
    """
    hours, minutes = seconds // 3600, seconds % 3600 // 60
    if not hours:
        return f"{minutes} min" if minutes else "less than a minute"
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
