"""Times in words."""

import math


def said(seconds: float) -> str:
    """A time as one says it.

    >>> said(7.4), said(95), said(600), said(5000)
    ('7 s', '95 s', '10 min', '1 h 23 min')
    """
    if not math.isfinite(seconds):
        return "no end of time"
    if seconds < 10:
        return f"{seconds:.2g} s" if seconds < 1 else f"{seconds:.0f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
