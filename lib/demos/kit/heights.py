"""Heights side by side that a hand drags up and down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lib.demos.kit.by_hand import ByHand
from lib.demos.kit.looks import signed
from lib.demos.kit.touch import Mark, Values

if TYPE_CHECKING:
    from lib.demos.kit.demo import Demo


class Heights(ByHand):
    """A control whose value is a tuple of numbers, or None: those that the demo makes itself.

    axes, own, made_by: as in `ByHand`; `own` gives a list of (x, height)
    each: what one of them is called
    span: the lowest and the highest
    most: so many at most
    """

    def __init__(self, *, each: str, span: tuple[float, float], most: int, **options: Any):
        accepted = f"up to {most} numbers from {span[0]} to {span[1]}"
        super().__init__(accepted=accepted, examples=((span[1],), (span[0],)), **options)
        self.each, self.span, self.most = each, span, most
        self.hint = f"Drag a {each} up or down"

    def taken(self, value: Any) -> tuple[float, ...]:
        heights, (low, high) = np.array(list(value), float), self.span
        fits = heights.ndim == 1 and 1 <= len(heights) <= self.most
        if not fits or not ((low <= heights) & (heights <= high)).all():
            raise ValueError
        return tuple(heights.tolist())

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
