"""A handle that one slider moves along a curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lib.demos.kit.looks import signed
from lib.demos.kit.touch import Mark, Touch, Values

if TYPE_CHECKING:
    from lib.demos.kit.demo import Demo


class Track(Touch):
    """A point to drag along a curve; the slider stands where the curve is nearest to the hand.

    slider: its name
    along: the name of a method that gives the place (x, y) at a value of the slider
    axes: the name of the attribute under which `draw` keeps the axes
    label: what it is called
    """

    def __init__(self, slider: str, *, along: str, axes: str, label: str):
        super().__init__(axes)
        self.slider, self.along, self.label = slider, along, label
        self.hint = f"Drag {label}"

    def marks(self, demo: Demo) -> list[Mark]:
        value, control = demo.values[self.slider], demo.controls[self.slider]
        said = signed(f"{self.label}: {control.label} = {value:.3g}")
        x, y = getattr(demo, self.along)(value)
        return [Mark(x, y, said)]

    def dragged(self, demo: Demo, index: int, x: float, y: float) -> Values:
        control = demo.controls[self.slider]
        stops = [control.nearest(-np.inf)]
        while (after := control.step_from(stops[-1], 1)) != stops[-1]:
            stops.append(after)
        curve = np.array([getattr(demo, self.along)(stop) for stop in stops])
        return {self.slider: stops[int(((curve - (x, y)) ** 2).sum(axis=1).argmin())]}

    def stepped(self, demo: Demo, index: int, right: int, up: int) -> Values:
        """The arrow that points along the curve leads to larger values, its opposite to smaller ones."""
        control, value = demo.controls[self.slider], demo.values[self.slider]
        to_screen = getattr(demo, self.axes).transData.transform
        ends = [to_screen(getattr(demo, self.along)(control.step_from(value, by))) for by in (-1, 1)]
        way = float((ends[1] - ends[0]) @ (right, up))
        return {self.slider: control.step_from(value, int(np.sign(way)) * max(abs(right), abs(up)))}
