"""The weights of a network that is drawn as a picture: lines that a hand turns up and down."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from lib.demos.kit.controls import Control, Slider
from lib.demos.kit.numbers import Number, Numbers
from lib.demos.kit.touch import Mark, Values

REACH = 6  # dots from a line up to which it is at hand
LIMIT = Slider(-20.0, 20.0, start=0.0, step=0.05)  # of a weight that is set by hand


class Edit(NamedTuple):
    """A weight that a hand has set. It is set when the value comes, and training may change it again.

    weight: counted as in `network_picture.line_ends`
    number: what it was set to
    step: when it was
    """

    weight: int
    number: float
    step: int


class Line(NamedTuple):
    """The line of a weight.

    ends: (left, top) of its beginning and its end, in the axes' coordinates
    name: between which units it stands
    number: of the weight, now
    """

    ends: tuple[float, float, float, float]
    name: str
    number: float


class Weights(Control, Numbers):
    """The last weight that a hand has set, an `Edit`, or None where all are as they were trained.

    One line is at hand: the one that the pointer is next to. Dragged up it stands for a larger number, and
    dragged down for a smaller one; arrow keys do so too, and left and right bring another line to hand.

    axes: the name of the attribute under which `draw` keeps the axes
    lines: the name of a method that gives all ends (N, 4), which of them are drawn, bool (N,), and the number
        of a weight → its `Line`
    made_by: the names of controls that make the network anew: when one moves, no weight is set by hand
    """

    hint = "Drag a line for its weight"
    hover = True
    examples = (Edit(0, 1.5, 0), Edit(1, -1.5, 0))
    accepted = f"None or (weight, number, step) with a number from {LIMIT.low:g} to {LIMIT.high:g}"

    def __init__(self, *, axes: str, lines: str, made_by: tuple[str, ...]):
        Control.__init__(self, None, None)
        Numbers.__init__(self, axes=axes, of="", pace=1.0, hint=self.hint, wheel=True)
        self.lines, self.made_by = lines, made_by

    def check(self, value: Any) -> Edit | None:
        if value is None:
            return None
        try:
            weight, number, step = value
            edit = Edit(int(weight), LIMIT.check(float(number)), int(step))
        except (TypeError, ValueError):
            raise self.refuse(value, self.accepted) from None
        if edit.weight != weight or edit.step != step or min(edit.weight, edit.step) < 0:
            raise self.refuse(value, self.accepted)
        return edit

    def at_hand(self, demo: Any) -> int:
        """The weight at hand; another network may have fewer."""
        ends, _, _ = getattr(demo, self.lines)()
        return min(demo.at_hand, len(ends) - 1)

    def line(self, demo: Any) -> Line:
        return getattr(demo, self.lines)()[2](self.at_hand(demo))

    def now(self, demo: Any) -> list[Number]:
        (left, top, right, bottom), name, number = self.line(demo)
        middle = (left + right) / 2, (top + bottom) / 2
        weight, step = self.at_hand(demo), demo.values["step"]

        def put(new: float) -> Values:
            return {self.name: Edit(weight, new, step)}

        return [Number(*middle, right - left, bottom - top, name, number, LIMIT, put)]

    def marks(self, demo: Any) -> list[Mark]:
        return [mark._replace(kind="line", drag="y") for mark in super().marks(demo)]

    def slid(self, demo: Any, index: int, x: float, y: float, was: float) -> Values:
        """Up and down only: a line is no slider that lies."""
        return super().slid(demo, index, self.now(demo)[index].x, y, was)

    def stepped(self, demo: Any, index: int, right: int, up: int) -> Values:
        if right:
            ends, _, _ = getattr(demo, self.lines)()
            demo.at_hand = (self.at_hand(demo) + right) % len(ends)
            return {}
        return super().stepped(demo, index, 0, up)

    def clicked(self, demo: Any, x: float, y: float) -> Values:
        self.hovered(demo, None, (x, y))
        return {}

    def hovered(self, demo: Any, index: int | None, place: tuple[float, float] | None) -> bool:
        if place is None:
            return False
        ends, drawn, _ = getattr(demo, self.lines)()
        begin, along = ends[:, :2], ends[:, 2:] - ends[:, :2]
        share = np.clip(((place - begin) * along).sum(axis=1) / (along**2).sum(axis=1), 0, 1)
        away = np.hypot(*(begin + share[:, None] * along - place).T)
        nearest = int(np.where(drawn, away, np.inf).argmin())
        if away[nearest] > REACH or nearest == self.at_hand(demo):
            return False
        demo.at_hand = nearest
        return True
