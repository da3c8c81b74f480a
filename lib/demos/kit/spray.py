"""Points in a plane that a hand sprays: as many as there is room for along its way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lib.demos.kit.points import Points
from lib.demos.kit.touch import Values

if TYPE_CHECKING:
    from lib.demos.kit.demo import Demo

SCATTER = 0.01  # standard deviation of a point from the way of the hand, in widths of the plane


class Spray(Points):
    """Points as in `Points`; a hand that is drawn over empty ground leaves new ones behind it."""

    hint = "draw or drag points, double-click one away"
    stroke = 11

    def stroked(self, demo: Demo, path: list[tuple[float, float]]) -> Values:
        points = self.now(demo)
        left, right, _, _ = self.span
        apart = np.random.default_rng(len(points)).standard_normal((len(path), 2)) * SCATTER * (right - left)
        for x, y in (np.array(path).reshape(-1, 2) + apart)[: max(0, self.most - len(points))].tolist():
            points.append((*self.placed(x, y), self.kind(demo, x, y)))
        return {self.name: tuple(points)}
