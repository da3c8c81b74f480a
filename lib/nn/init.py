"""Start values of the weights."""

from __future__ import annotations

import numpy as np


def uniform_by_fan_in(weight: np.ndarray, bias: np.ndarray | None, seed: int | np.random.Generator) -> None:
    """Fills both in place, uniformly between ±1/√fan_in: how Torch7 and torch start Linear and convolutions.

    weight: (outputs, …); the fan-in is the product of all but the first; bias: (outputs,) or None
    """
    rng = np.random.default_rng(seed)
    bound = 1 / np.sqrt(max(1, weight[0].size))
    for array in (weight, bias):
        if array is not None:
            array[...] = rng.uniform(-bound, bound, array.shape)
