"""Strokes that a hand draws in one axes, with mouse, finger, pen or the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lib.checks import shown
from lib.demos.kit.controls import Control
from lib.demos.kit.touch import Mark, Touch, Values

if TYPE_CHECKING:
    from lib.demos.kit.demo import Demo

Stroke = tuple[tuple[float, float], ...]  # places (x, y) of a line


class Draw(Control, Touch):
    """A control whose value is a tuple of strokes, each a tuple of places (x, y); () is an empty sheet.

    axes: the name of the attribute under which `draw` keeps the axes
    x, y: the names of two whole `Slider`s, the cursor that the arrow keys move; y counts from above
    examples: other values, for tests and benchmarks
    apart: places nearer than this to the last one are left out
    most: so many places at most; what comes later is not drawn
    """

    hint = "Draw with mouse or finger · arrow keys move the cursor, space paints"
    cursor = "crosshair"
    draws = True

    def __init__(
        self,
        *,
        axes: str,
        x: str,
        y: str,
        examples: tuple[tuple[Stroke, ...], ...],
        apart: float = 0.25,
        most: int = 4000,
    ):
        Control.__init__(self, (), None)
        Touch.__init__(self, axes)
        self.x, self.y, self.examples, self.apart, self.most = x, y, examples, apart, most
        self.accepted = f"strokes of places (x, y), up to {most} places"

    def check(self, value: Any) -> tuple[Stroke, ...]:
        try:
            strokes = tuple(tuple((float(x), float(y)) for x, y in stroke) for stroke in value)
        except (TypeError, ValueError):
            raise self.refuse(value, self.accepted) from None
        places = np.array([place for stroke in strokes for place in stroke]).reshape(-1, 2)
        if len(places) > self.most or not np.isfinite(places).all() or not all(strokes):
            raise ValueError(f"{self.name}: expected {self.accepted}, got {shown(value)}")
        return strokes

    def widget(self) -> None:
        """It has none: it is drawn in the picture."""

    def marks(self, demo: Demo) -> list[Mark]:
        x, y = demo.values[self.x], demo.values[self.y]
        return [Mark(x, y, f"cursor at column {x}, row {y}; space paints")]

    def drawn(self, demo: Demo, places: list[tuple[float, float, bool]]) -> Values:
        """The values after the hand has gone through these places (x, y, whether a stroke begins there)."""
        strokes = [list(stroke) for stroke in demo.values[self.name]]
        room = self.most - sum(map(len, strokes))
        for x, y, begins in places:
            if room <= 0:
                break
            place = (round(x, 2), round(y, 2))
            if begins or not strokes:
                strokes.append([place])
            elif np.hypot(place[0] - strokes[-1][-1][0], place[1] - strokes[-1][-1][1]) >= self.apart:
                strokes[-1].append(place)
            else:
                continue
            room -= 1
        return {self.name: tuple(map(tuple, strokes))}

    def stepped(self, demo: Demo, index: int, right: int, up: int) -> Values:
        steps = {self.x: right, self.y: -up}
        return {
            name: demo.controls[name].step_from(demo.values[name], by) for name, by in steps.items()
        }

    def picked(self, demo: Demo, index: int) -> Values:
        return self.drawn(demo, [(demo.values[self.x], demo.values[self.y], True)])
