"""What the checks of several layers share: a drawn case, and arrays that agree."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, NamedTuple

import numpy as np

from lib.tasks.facts import Fact, any_nonzero, are_near
from lib.tasks.values import plain_array as copy

Extent = tuple[int, int]  # (height, width)


class Drawn(NamedTuple):
    """A layer, images, and a gradient from above."""

    layer: Any
    x: np.ndarray
    grad_output: np.ndarray

    def forward(self) -> Any:
        """Of a copy of x: whether an answer changes it is looked at in one place."""
        return copy(self.layer.forward(self.x.copy()))

    def backward(self, **scale: float) -> Any:
        """Of copies, too."""
        return copy(self.layer.backward(self.x.copy(), self.grad_output.copy(), **scale))


def channels_last(array: np.ndarray) -> np.ndarray:
    """The same images (N, C, H, W), which lie in memory as (N, H, W, C)."""
    return np.moveaxis(np.ascontiguousarray(np.moveaxis(array, 1, -1)), -1, 1)


def alike(*pairs: Any) -> Fact:
    """Whether two arrays have one shape and the same numbers, but for rounding.

    pairs: one, other, and further pairs
    """
    return are_near(*pairs, rtol=1e-4, atol=1e-4)


def in_both_orders(layer: Any, x: np.ndarray, grad_output: np.ndarray) -> dict[str, Fact]:
    """Whether a layer does the same with images whose channels lie last in memory."""
    results = []
    for order in (np.ascontiguousarray, channels_last):
        fresh = deepcopy(layer)
        output = copy(fresh.forward(order(x)))
        results.append((output, copy(fresh.backward(order(x), order(grad_output)))))
    outputs, grad_inputs = zip(*results, strict=True)
    return {
        "forward is the same": alike(*outputs),
        "backward is the same": alike(*grad_inputs),
        "forward(x) holds other numbers than 0": any_nonzero(outputs[0]),
    }
