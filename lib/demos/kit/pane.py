"""A field whose picture is larger than itself: a hand moves it, and makes it larger and smaller."""

from __future__ import annotations

from typing import Any

from lib.demos.kit.controls import Control
from lib.demos.kit.touch import Mark, Touch, Values


class Pane(Control, Touch):
    """The place (x, y) of a picture that stands in the middle of its axes, or None where the demo chooses it.

    A drag or the arrow keys move the picture; Ctrl with the wheel, two fingers, + and − make it larger or
    smaller around the pointer; a double-click or 0 fits it.

    axes: the name of the attribute under which `draw` keeps the axes
    zoom: the name of the slider of its size
    fits: of that slider the number at which all of the picture is in sight
    made_by: the names of controls that let the demo choose the middle again
    label: what it is called

    The demo's method `view` gives the middle (x, y), the scale, which is how long one of the picture's units
    is in the axes, and whether there is more than is in sight; `scale_at(zoom)` gives the scale that a number
    of the slider means.
    """

    hint = "Ctrl + wheel, + or − zoom, 0 fits"
    examples = ((0.0, 0.0), (100.0, 50.0))
    accepted = "None or a place (x, y)"

    def __init__(self, *, axes: str, zoom: str, fits: float, made_by: tuple[str, ...], label: str):
        Control.__init__(self, None, label)
        Touch.__init__(self, axes)
        self.zoom, self.fits, self.made_by = zoom, fits, made_by

    def check(self, value: Any) -> tuple[float, float] | None:
        if value is None:
            return None
        try:
            x, y = map(float, value)
        except (TypeError, ValueError):
            raise self.refuse(value, self.accepted) from None
        if not abs(x) + abs(y) < 1e6:  # nan too
            raise self.refuse(value, self.accepted)
        return x, y

    def marks(self, demo: Any) -> list[Mark]:
        left, right = sorted(getattr(demo, self.axes).get_xlim())
        low, high = sorted(getattr(demo, self.axes).get_ylim())
        middle, _, more = demo.view()
        name = f"{self.label}, zoom {demo.values[self.zoom]:.1f}"
        w, h = right - left, high - low
        drag = "xy" if more else ""
        return [Mark((left + right) / 2, (low + high) / 2, name, "pane", drag, w, h, was=middle)]

    def slid(self, demo: Any, index: int, x: float, y: float, was: Any) -> Values:
        (mark,), (_, scale, _) = self.marks(demo), demo.view()
        return {self.name: (was[0] - (x - mark.x) / scale, was[1] - (y - mark.y) / scale)}

    def stepped(self, demo: Any, index: int, right: int, up: int) -> Values:
        (mark,), ((x, y), scale, more) = self.marks(demo), demo.view()
        return {self.name: (x + right * mark.w / 12 / scale, y + up * mark.h / 12 / scale)} if more else {}

    def zoomed(self, demo: Any, steps: int, x: float, y: float) -> Values:
        slider, number = demo.controls[self.zoom], demo.values[self.zoom]
        if not steps:
            return {self.zoom: self.fits, self.name: None}
        (mark,), (middle, before, _) = self.marks(demo), demo.view()
        new = slider.step_from(number, steps)
        while steps > 0 and demo.scale_at(new) <= before and new < slider.high:
            new = slider.step_from(new, 1)  # a picture that fits is not drawn smaller
        apart = 1 / before - 1 / demo.scale_at(new)  # the place under the pointer stays there
        place = middle[0] + (x - mark.x) * apart, middle[1] + (y - mark.y) * apart
        return {self.zoom: new, self.name: place}
