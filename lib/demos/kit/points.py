"""Points in a plane that a hand drags, adds and takes away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lib.demos.kit.by_hand import ByHand
from lib.demos.kit.looks import signed
from lib.demos.kit.touch import Mark, Values

if TYPE_CHECKING:
    from lib.demos.kit.demo import Demo

Point = tuple[float, float, int]  # x, y and class


class Points(ByHand):
    """A control whose value is a tuple of points (x, y, class), or None: those that the demo makes itself.

    axes, own, made_by: as in `ByHand`; `own` gives a list of (x, y, class)
    classes: the names of the classes
    most: so many points at most
    span: how far points may go: (left, right, bottom, top)
    adds: the class of a point that is added: that of its nearest neighbour; the name of a `Choice` with the
        names of the classes decides instead
    """

    hint = "Drag a point · click to add one · double-click or Delete takes it away"
    cursor = "crosshair"

    def __init__(
        self,
        *,
        classes: tuple[str, ...],
        span: tuple[float, float, float, float],
        most: int = 200,
        adds: str | None = None,
        **options: Any,
    ):
        left, right, bottom, top = span
        accepted = (
            f"up to {most} points (x, y, class), with x from {left:g} to {right:g}, y from {bottom:g} to "
            f"{top:g} and classes 0 to {len(classes) - 1}"
        )
        examples = (((left, bottom, 0), (right, top, len(classes) - 1)),)
        super().__init__(accepted=accepted, examples=examples, **options)
        self.classes, self.span, self.most, self.adds = classes, span, most, adds

    def taken(self, value: Any) -> tuple[Point, ...]:
        points = np.array([tuple(point) for point in value], float).reshape(-1, 3)
        kinds = np.isin(points[:, 2], range(len(self.classes)))
        left, right, bottom, top = self.span
        low, high = np.array((left, bottom)) - 1e-6, np.array((right, top)) + 1e-6  # float32 rounds
        inside = (points[:, :2] >= low).all() and (points[:, :2] <= high).all()  # false for nan, too
        if not 1 <= len(points) <= self.most or not inside or not kinds.all():
            raise ValueError
        return tuple((float(x), float(y), int(c)) for x, y, c in points)

    def marks(self, demo: Demo) -> list[Mark]:
        return [
            Mark(x, y, signed(f"{self.classes[c]} ({x:.2f}, {y:.2f})"), removable=True)
            for x, y, c in self.now(demo)
        ]

    def placed(self, x: float, y: float) -> tuple[float, float]:
        left, right, bottom, top = self.span
        return round(float(np.clip(x, left, right)), 4), round(float(np.clip(y, bottom, top)), 4)

    def dragged(self, demo: Demo, index: int, x: float, y: float) -> Values:
        points = self.now(demo)
        points[index] = (*self.placed(x, y), points[index][2])
        return {self.name: tuple(points)}

    def stepped(self, demo: Demo, index: int, right: int, up: int) -> Values:
        x, y, _ = self.now(demo)[index]
        left, end, bottom, top = self.span
        return self.dragged(demo, index, x + right * (end - left) / 100, y + up * (top - bottom) / 100)

    def clicked(self, demo: Demo, x: float, y: float) -> Values:
        points = self.now(demo)
        if len(points) >= self.most:
            return {}
        return {self.name: (*points, (*self.placed(x, y), self.kind(demo, x, y)))}

    def kind(self, demo: Demo, x: float, y: float) -> int:
        """The class of a point that is added there."""
        if self.adds:
            return self.classes.index(demo.values[self.adds])
        return min(self.now(demo), key=lambda p: (p[0] - x) ** 2 + (p[1] - y) ** 2)[2]

    def removed(self, demo: Demo, index: int) -> Values:
        points = self.now(demo)
        return {self.name: tuple(points[:index] + points[index + 1 :])} if len(points) > 1 else {}
