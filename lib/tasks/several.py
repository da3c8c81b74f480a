"""Answers that return several things: one of them, and clear words where they did not come."""

from __future__ import annotations

from typing import Any

import numpy as np


def one_of(found: Any, place: int, count: int = 2) -> Any:
    """What stands at a place of what an answer returned, in a tuple, a list or an array.

    found: None where nothing came; then None is what stands there
    place: from 0 on
    count: how many things are asked for

    Raises `TypeError` for anything that has not so many.

    >>> one_of((0.25, 0.5), 1), one_of(None, 1)
    (0.5, None)
    """
    if found is None:
        return None
    if isinstance(found, tuple | list) or (isinstance(found, np.ndarray) and found.ndim):
        came = len(found)
    else:
        came = 1
    if came != count:
        raise TypeError(f"the answer: expected {count} things, got {came}: return them with commas between")
    return found[place]
