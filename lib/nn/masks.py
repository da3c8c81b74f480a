"""Choosing by a mask, element by element, without a branch for each of them.

`np.where` takes five times as long where the mask changes from element to element, as that of a ReLU does;
and gradient · mask makes nan of an infinite gradient, since 0 · ∞ is no number. Here a mask becomes integers
whose bits are all 1 or all 0.
"""

from __future__ import annotations

import numpy as np


def only_where(mask: np.ndarray, values: np.ndarray) -> np.ndarray:
    """values where the mask is True, elsewhere 0, even in place of ∞ or nan; laid out as the mask.

    >>> only_where(np.array([True, False]), np.array([np.inf, np.inf]))
    array([inf,  0.])
    """
    bits = f"i{values.itemsize}"
    chosen = np.asarray((-mask.view(np.int8)).astype(bits))  # −1 is all ones
    chosen &= values.view(bits)
    return chosen.view(values.dtype)


def either(mask: np.ndarray, yes: np.ndarray, no: np.ndarray) -> np.ndarray:
    """yes where the mask is True, elsewhere no; a new array of no's dtype, laid out as the mask.

    >>> either(np.array([True, False]), np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    array([1., 4.])
    """
    bits = f"i{no.itemsize}"
    no_bits = no.view(bits)
    chosen = np.asarray((-mask.view(np.int8)).astype(bits))
    chosen &= yes.astype(no.dtype, copy=False).view(bits) ^ no_bits  # in which bits the two differ
    chosen ^= no_bits
    return chosen.view(no.dtype)
