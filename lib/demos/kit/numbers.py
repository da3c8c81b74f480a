"""Numbers in a picture that a hand turns: it drags them, turns the wheel, or uses the arrow keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from lib.demos.kit.controls import Slider
from lib.demos.kit.looks import signed
from lib.demos.kit.touch import Mark, Touch, Values

if TYPE_CHECKING:
    from lib.demos.kit.demo import Demo


class Number(NamedTuple):
    """One number that can be turned, and where it stands, in the coordinates of its axes.

    x, y: the middle of its place
    w, h: width and height of that
    name: what it is called
    value: what it is now
    slider: whose ends and steps it keeps
    put: another number → the values of controls that bring it
    """

    x: float
    y: float
    w: float
    h: float
    name: str
    value: float
    slider: Slider
    put: Callable[[float], Values]


class Numbers(Touch):
    """Numbers that grow when they are dragged to the right or upwards, and shrink the other way.

    axes: the name of the attribute under which `draw` keeps the axes
    of: the name of a method that gives a list of `Number`
    pace: how far a hand moves for one step of the slider, in the axes' coordinates
    wheel: whether the wheel turns them too
    click: how many steps a click adds; beyond the end it begins again at the other one
    """

    def __init__(self, *, axes: str, of: str, pace: float, hint: str, wheel: bool = False, click: int = 0):
        super().__init__(axes)
        self.of, self.pace, self.hint, self.wheel, self.click = of, pace, hint, wheel, click

    def now(self, demo: Demo) -> list[Number]:
        return list(getattr(demo, self.of)())

    def marks(self, demo: Demo) -> list[Mark]:
        return [
            Mark(
                number.x, number.y, signed(f"{number.name} = {number.value:.3g}"),
                kind="number", w=number.w, h=number.h, wheel=self.wheel, was=number.value,
            )
            for number in self.now(demo)
        ]  # fmt: skip

    def dragged(self, demo: Demo, index: int, x: float, y: float) -> Values:
        return self.slid(demo, index, x, y, self.now(demo)[index].value)

    def slid(self, demo: Demo, index: int, x: float, y: float, was: float) -> Values:
        number = self.now(demo)[index]
        upwards = -1 if getattr(demo, self.axes).yaxis_inverted() else 1
        steps = round((x - number.x + upwards * (y - number.y)) / self.pace)
        return number.put(number.slider.step_from(was, steps))

    def stepped(self, demo: Demo, index: int, right: int, up: int) -> Values:
        number = self.now(demo)[index]
        return number.put(number.slider.step_from(number.value, right + up))

    def picked(self, demo: Demo, index: int) -> Values:
        if not self.click:
            return {}
        _, _, _, _, _, value, slider, put = self.now(demo)[index]
        more = slider.step_from(value, self.click)
        return put(slider.nearest(slider.low) if value == slider.high else more)
