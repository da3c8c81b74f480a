"""Numbers for people: how the pictures of the demos print them."""

from __future__ import annotations

from lib.demos.kit.looks import signed


def rounded(number: float, digits: int, *, zeros: bool = False) -> str:
    """A number to so many digits, never with a power of ten, and with a true minus sign.

    digits: how many count, from the first that is not 0; whole numbers are never cut
    zeros: True keeps those at the end, so that a number that changes keeps its width

    >>> rounded(-3.0, 4), rounded(14.28, 3), rounded(-1020.4, 3), rounded(0.000316, 2)
    ('−3', '14.3', '−1020', '0.00032')
    >>> rounded(0.5, 3), rounded(0.5, 3, zeros=True)
    ('0.5', '0.500')
    """
    number += 0.0  # −0 becomes 0
    text = f"{number:{'#' if zeros else ''}.{digits}g}".rstrip(".")
    if "e" in text:
        decimals = digits - 1 - int(text.split("e")[1])
        text = f"{number:.{max(0, decimals)}f}"
    return signed(text)
