"""A picture that a demo paints itself, anew for the dots that there are, so that its lines stay crisp."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from lib.demos.kit.screen import Screen


class Painting(Screen):
    """What `paint` makes of a state.

    shape: (height, width) of its coordinates
    paint: (state, height, width) → uint8 (height, width, 3), or of nearly that size
    """

    def __init__(self, axes: Axes, shape: tuple[int, int], paint: Callable[[Any, int, int], np.ndarray]):
        super().__init__(axes, shape)
        self.paint, self.state = paint, None

    def show(self, state: Any) -> None:
        """Paint this state from now on."""
        self.state, self.stale = state, True

    def painted(self, height: int, width: int) -> np.ndarray:
        if self.state is None:
            return super().painted(height, width)
        picture = self.paint(self.state, height, width)
        rows, columns = (np.arange(n) * m // n for n, m in zip((height, width), picture.shape, strict=False))
        return picture.take(columns, axis=1).take(rows, axis=0)
