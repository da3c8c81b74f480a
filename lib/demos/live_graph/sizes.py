"""Where the parts of the live graph stand, in points."""

from __future__ import annotations

from typing import NamedTuple


class Sizes(NamedTuple):
    """Of the figure, from above: the expression's strip, the graph, and the panel of the gate at work.

    width: of all three
    strip, graph, panel: their heights
    columns: of the panel: to, upstream, ×, local, =, gradient, and the sum at a branch
    font: of the numbers in the panel
    """

    width: int
    strip: int
    graph: int
    panel: int
    columns: tuple[int, ...]
    font: int

    @property
    def height(self) -> int:
        return self.strip + self.graph + self.panel


WIDE = Sizes(856, 26, 232, 90, (23, 212, 305, 398, 491, 578, 671), 20)
NARROW = Sizes(340, 44, 250, 110, (8, 118, 164, 206, 246, 296, 8), 13)
