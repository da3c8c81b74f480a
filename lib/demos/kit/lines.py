"""Lines in a plane that a hand shifts and turns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lib.demos.kit.looks import signed
from lib.demos.kit.touch import Mark, Touch, Values

if TYPE_CHECKING:
    from lib.demos.kit.demo import Demo


class Lines(Touch):
    """Lines n·x = offset, each with two handles: one shifts it, the other turns it around the origin.

    controls: for each line the names of two sliders: the angle of its normal n in degrees, and the offset
    now: the name of a method that gives the lines as they are drawn, a list of (angle, offset)
    axes: the name of the attribute under which `draw` keeps the axes
    arm: how far the second handle stands from the first
    also: values of other controls that every movement sets
    """

    hint = "Drag a line by its dot · turn it by its ring"

    def __init__(
        self,
        controls: list[tuple[str, str]],
        *,
        now: str,
        axes: str,
        arm: float,
        also: Values | None = None,
    ):
        super().__init__(axes)
        self.controls, self.now, self.arm, self.also = controls, now, arm, also or {}

    def marks(self, demo: Demo) -> list[Mark]:
        found = []
        for k, (angle, offset) in enumerate(getattr(demo, self.now)(), start=1):
            said = signed(f"angle {angle:.0f}°, offset {offset:.2g}")
            (sx, sy), (tx, ty) = handles(angle, offset, self.arm).tolist()
            dx, dy = normal(angle).tolist()
            found.append(Mark(sx, sy, f"line {k}, to shift: {said}", along=(dx, dy)))
            found.append(Mark(tx, ty, f"line {k}, to turn: {said}", around=(0.0, 0.0)))
        return found

    def set(self, demo: Demo, index: int, angle: float, offset: float) -> Values:
        """The values that put one line elsewhere and leave the others where they are."""
        lines = list(getattr(demo, self.now)())
        lines[index // 2] = (angle + 180) % 360 - 180, offset
        values = dict(self.also)
        for names, numbers in zip(self.controls, lines, strict=True):
            values |= {name: demo.controls[name].nearest(x) for name, x in zip(names, numbers, strict=True)}
        return values

    def dragged(self, demo: Demo, index: int, x: float, y: float) -> Values:
        angle, offset = getattr(demo, self.now)()[index // 2]
        if index % 2 == 0:
            return self.set(demo, index, angle, float(normal(angle) @ (x, y)))
        turned = np.degrees(np.arctan2(y, x) - np.arctan2(self.arm, offset))
        return self.set(demo, index, float(turned), offset)

    def stepped(self, demo: Demo, index: int, right: int, up: int) -> Values:
        angle, offset = getattr(demo, self.now)()[index // 2]
        turn, shift = (demo.controls[name] for name in self.controls[index // 2])
        x, y = handles(angle, offset, self.arm)[index % 2]
        along = normal(angle) if index % 2 == 0 else np.array([-y, x])  # where the handle can go
        by = max(abs(right), abs(up)) * (1 if along @ (right, up) >= 0 else -1)
        if index % 2 == 0:
            return self.set(demo, index, angle, shift.step_from(offset, by))
        return self.set(demo, index, turn.step_from(angle, by), offset)


def normal(angle: float) -> np.ndarray:
    """The unit vector of an angle in degrees, (2,)."""
    return np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])


def handles(angle: float, offset: float, arm: float) -> np.ndarray:
    """Where the two handles of a line stand, on either side of its point nearest to the origin, (2, 2).

    The first is a third of an arm away from it: lines that all pass the origin still have a dot each.
    """
    n = normal(angle)
    foot, along = offset * n, arm * np.array([-n[1], n[0]])
    return np.stack([foot - along / 3, foot + along])
