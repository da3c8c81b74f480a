"""Boxes drawn over a picture: many with few artists, and to be seen on any ground."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection


class Frames:
    """The frames of boxes over a picture whose first pixel has its middle at (0, 0).

    color: of the lines
    edge: a darker or brighter line below each, so that it can be seen on its own colour; "" for none
    width: of the lines, points
    dashed: whether they are interrupted
    """

    def __init__(
        self,
        axes: Axes,
        color: Any,
        *,
        edge: Any = "",
        width: float = 2.2,
        dashed: bool = False,
        zorder: float = 3,
    ):
        style: Any = (0, (4, 2.5)) if dashed else "solid"
        kinds = [(edge, width + 2, "solid")] if edge else []
        self.lines = []
        for below, (ink, thick, dashes) in enumerate([*kinds, (color, width, style)]):
            lines = LineCollection(
                [], colors=[ink], linewidths=thick, linestyles=dashes, zorder=zorder + below / 100,
                joinstyle="miter",
            )  # fmt: skip
            self.lines.append(lines)
            axes.add_collection(lines, autolim=False)

    def put(self, boxes: np.ndarray) -> None:
        """Draw these boxes, (N, 4), and no others."""
        corners = list(outlines(boxes))
        for lines in self.lines:
            lines.set_segments(corners)


def outlines(boxes: np.ndarray) -> np.ndarray:
    """The way around each box, as places in the picture: (N, 5, 2).

    >>> outlines(np.array([[0.0, 0.0, 2.0, 1.0]])).tolist()
    [[[-0.5, -0.5], [1.5, -0.5], [1.5, 0.5], [-0.5, 0.5], [-0.5, -0.5]]]
    """
    return np.asarray(boxes, float).reshape(-1, 4)[:, [[0, 1], [2, 1], [2, 3], [0, 3], [0, 1]]] - 0.5
