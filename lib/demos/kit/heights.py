"""Heights side by side that a hand drags up and down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lib.checks import shown
from lib.demos.kit.controls import Control
from lib.demos.kit.looks import signed
from lib.demos.kit.touch import Mark, Touch, Values

if TYPE_CHECKING:
    from lib.demos.kit.demo import Demo


class Heights(Control, Touch):
    """A control whose value is a tuple of numbers, or None: those that the demo makes itself.

    axes: the name of the attribute under which `draw` keeps the axes
    own: the name of a method that gives them as they are now, a list of (x, height)
    each: what one of them is called
    span: the lowest and the highest
    most: so many at most
    made_by: the names of controls that make the demo's own: when one moves, those are back
    """

    def __init__(
        self,
        *,
        axes: str,
        own: str,
        each: str,
        span: tuple[float, float],
        most: int,
        made_by: tuple[str, ...] = (),
    ):
        Control.__init__(self, None, None)
        Touch.__init__(self, axes)
        self.own, self.each, self.span, self.most, self.made_by = own, each, span, most, made_by
        self.hint = f"Drag a {each} up or down"
        self.examples = ((span[1],), (span[0],))
        self.accepted = f"None or up to {most} numbers from {span[0]} to {span[1]}"

    def check(self, value: Any) -> tuple[float, ...] | None:
        if value is None:
            return None
        try:
            heights = np.array(list(value), float)
        except (TypeError, ValueError):
            raise self.refuse(value, self.accepted) from None
        low, high = self.span
        if heights.ndim != 1 or not 1 <= len(heights) <= self.most:
            raise self.refuse(value, self.accepted)
        if not ((low <= heights) & (heights <= high)).all():
            raise ValueError(f"{self.name}: expected {self.accepted}, got {shown(value)}")
        return tuple(heights.tolist())

    def widget(self) -> None:
        """It has none: they are moved in the picture."""

    def now(self, demo: Demo) -> list[tuple[float, float]]:
        return list(getattr(demo, self.own)())

    def marks(self, demo: Demo) -> list[Mark]:
        return [
            Mark(x, y, signed(f"{self.each} {index}: {y:.2f}"), drag="y")
            for index, (x, y) in enumerate(self.now(demo), start=1)
        ]

    def dragged(self, demo: Demo, index: int, x: float, y: float) -> Values:
        heights = [height for _, height in self.now(demo)]
        heights[index] = round(float(np.clip(y, *self.span)), 4)
        return {self.name: tuple(heights)}

    def stepped(self, demo: Demo, index: int, right: int, up: int) -> Values:
        low, high = self.span
        return self.dragged(demo, index, 0, self.now(demo)[index][1] + up * (high - low) / 100)
