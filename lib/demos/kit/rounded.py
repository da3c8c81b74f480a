"""Numbers for people: how the pictures of the demos print them."""

from __future__ import annotations

import numpy as np

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


def powered(number: float, digits: int) -> str:
    """A number in significant digits as people write it: very large and very small ones with a power of ten.

    >>> powered(130.4, 2), powered(1.21e9, 2), powered(-0.025, 2), powered(1e-6, 2)
    ('130', '1.2·10⁹', '−0.025', '10⁻⁶')
    """
    if number == 0 or not np.isfinite(number):
        return signed(f"{number + 0.0:g}")
    mantissa, exponent = f"{number:.{digits - 1}e}".split("e")
    if -4 <= int(exponent) < 6:
        return rounded(number, digits)
    power = "10" + str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    factor = signed(f"{float(mantissa):g}")
    return power if factor == "1" else f"{factor}·{power}"
