"""Strokes that a hand draws in one axes, with mouse, finger or pen, or with a cursor's keys and sliders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lib.demos.kit.controls import Control
from lib.demos.kit.touch import Mark, Touch, Values

if TYPE_CHECKING:
    from lib.demos.kit.demo import Demo

Stroke = tuple[tuple[float, float], ...]  # places (x, y) of a line


class Draw(Control, Touch):
    """A control whose value is a tuple of strokes, each a tuple of places (x, y); () is an empty sheet.

    A cursor draws, too: while the pen is down, each move of its sliders or of the arrow keys adds to the last
    stroke; see `followed`.

    axes: the name of the attribute under which `draw` keeps the axes
    x, y: the names of two whole `Slider`s, where the cursor stands; y counts from above
    pen: the name of a `Switch`, whether the cursor's pen is down
    examples: other values, for tests and benchmarks
    apart: places nearer than this to the last one are left out
    most: so many places at most; what comes later is not drawn
    """

    hint = (
        "Draw with mouse, finger or pen · Tab to the sheet: arrow keys move, Space puts the pen down and up, "
        "Backspace takes the last line away"
    )
    cursor = "crosshair"
    draws = True

    def __init__(
        self,
        *,
        axes: str,
        x: str,
        y: str,
        pen: str,
        examples: tuple[tuple[Stroke, ...], ...],
        apart: float = 0.25,
        most: int = 2000,
    ):
        Control.__init__(self, (), None)
        Touch.__init__(self, axes)
        self.x, self.y, self.pen, self.examples, self.apart, self.most = x, y, pen, examples, apart, most
        self.accepted = f"strokes of places (x, y), up to {most} places"

    def check(self, value: Any) -> tuple[Stroke, ...]:
        try:
            strokes = tuple(tuple((float(x), float(y)) for x, y in stroke) for stroke in value)
        except (TypeError, ValueError):
            raise self.refuse(value, self.accepted) from None
        places = np.array([place for stroke in strokes for place in stroke]).reshape(-1, 2)
        if len(places) > self.most or not np.isfinite(places).all() or not all(strokes):
            raise self.refuse(value, self.accepted)
        return strokes

    def marks(self, demo: Demo) -> list[Mark]:
        x, y = demo.values[self.x], demo.values[self.y]
        pen = "down" if demo.values[self.pen] else "up"
        name = f"column {x}, row {y}, pen {pen}; Space: pen {'up' if pen == 'down' else 'down'}"
        return [Mark(x, y, name, kind="pen", removable=True)]

    def drawn(self, demo: Demo, places: list[tuple[float, float, bool]]) -> Values:
        """The values after the hand has gone through these places (x, y, whether a stroke begins there)."""
        strokes = list(demo.values[self.name])
        room = self.most - sum(map(len, strokes))
        line = list(strokes.pop()) if strokes and not places[0][2] else []
        for x, y, begins in places:
            if room <= 0:
                break
            place = (round(x, 2), round(y, 2))
            if begins and line:
                strokes.append(tuple(line))
                line = []
            if not line or np.hypot(place[0] - line[-1][0], place[1] - line[-1][1]) >= self.apart:
                line.append(place)
                room -= 1
        if line:
            strokes.append(tuple(line))
        x, y = places[-1][:2]
        return {
            self.name: tuple(strokes),
            self.x: demo.controls[self.x].nearest(x),
            self.y: demo.controls[self.y].nearest(y),
        }

    def stepped(self, demo: Demo, index: int, right: int, up: int) -> Values:
        steps = {self.x: right, self.y: -up}
        return {name: demo.controls[name].step_from(demo.values[name], by) for name, by in steps.items()}

    def picked(self, demo: Demo, index: int) -> Values:
        return {self.pen: not demo.values[self.pen]}

    def removed(self, demo: Demo, index: int) -> Values:
        return {self.name: demo.values[self.name][:-1], self.pen: False}

    def followed(self, demo: Demo, values: Values) -> Values:
        """New values, with what the cursor draws by them: a demo's `set` passes its values through here."""
        new = demo.values | values
        if self.name in values or not new[self.pen]:
            return values
        strokes, place = demo.values[self.name], (float(new[self.x]), float(new[self.y]))
        begins = not demo.values[self.pen] or not strokes
        if sum(map(len, strokes)) >= self.most or (not begins and strokes[-1][-1] == place):
            return values
        last = () if begins else strokes[-1]
        return values | {self.name: (*(strokes if begins else strokes[:-1]), (*last, place))}


class Undo(Touch):
    """A place to click that takes the last stroke away.

    drawing: the name of a `Draw`
    axes: the name of the attribute under which `draw` keeps its axes, which it fills
    """

    hint = ""

    def __init__(self, drawing: str, *, axes: str):
        super().__init__(axes)
        self.drawing = drawing

    def marks(self, demo: Demo) -> list[Mark]:
        (left, right), (low, high) = (getattr(getattr(demo, self.axes), f"get_{k}lim")() for k in "xy")
        middle = (left + right) / 2, (low + high) / 2
        return [Mark(*middle, "take the last line away", "spot", "", abs(right - left), abs(high - low))]

    def picked(self, demo: Demo, index: int) -> Values:
        drawing = demo.controls[self.drawing]
        return drawing.removed(demo, 0) if isinstance(drawing, Draw) else {}
