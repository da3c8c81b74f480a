"""Lines in a plane as chords of a circle: a hand takes them by their ends, and by a grip between."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lib.demos.kit.lines import normal
from lib.demos.kit.looks import signed
from lib.demos.kit.touch import Mark, Touch, Values

if TYPE_CHECKING:
    from lib.demos.kit.demo import Demo


class Chord(NamedTuple):
    """A line n·x = offset.

    name: what it is called
    angle: of n, degrees
    offset: how far from the origin it runs
    low: the lowest offset that it may have
    grip: a place on it by which it is shifted, or None
    """

    name: str
    angle: float
    offset: float
    low: float = -np.inf
    grip: tuple[float, float] | None = None


class Chords(Touch):
    """An end slides along the circle while the other one stays; a grip shifts the line as it is.

    now: the name of a method that gives the lines as they are drawn, a list of `Chord`
    moved: the name of a method (index, angle, offset) → values of controls that put a line there
    axes: the name of the attribute under which `draw` keeps the axes
    radius: of the circle around the origin
    hint: what the hand can do, in a few words
    """

    def __init__(self, *, now: str, moved: str, axes: str, radius: float, hint: str):
        super().__init__(axes)
        self.now, self.moved, self.radius, self.hint = now, moved, radius, hint

    def places(self, demo: Demo) -> list[tuple[int, int, tuple[float, float]]]:
        """Of each mark: the index of its line, the end ±1, or 0 for the grip, and its place."""
        found = []
        for index, line in enumerate(getattr(demo, self.now)()):
            for end, (x, y) in zip((1, -1), chord_ends(line.angle, line.offset, self.radius), strict=True):
                found.append((index, end, (float(x), float(y))))
            if line.grip:
                found.append((index, 0, line.grip))
        return found

    def marks(self, demo: Demo) -> list[Mark]:
        lines = getattr(demo, self.now)()
        return [
            Mark(
                x, y,
                signed(
                    f"{lines[index].name}, {'one end' if end else 'to shift'}: "
                    f"angle {lines[index].angle:.0f}°, offset {lines[index].offset:.2f}"
                ),
                along=None if end else tuple(normal(lines[index].angle).tolist()),
                around=(0.0, 0.0) if end else None,
            )
            for index, end, (x, y) in self.places(demo)
        ]  # fmt: skip

    def dragged(self, demo: Demo, index: int, x: float, y: float) -> Values:
        line, end, _ = self.places(demo)[index]
        _, angle, offset, low, _ = getattr(demo, self.now)()[line]
        if end == 0:
            return self.put(demo, line, angle, max(low, float(normal(angle) @ (x, y))))
        hand = float(np.degrees(np.arctan2(y, x)))
        return self.put(demo, line, *turned(angle, offset, end, hand, low, self.radius))

    def stepped(self, demo: Demo, index: int, right: int, up: int) -> Values:
        """An end moves by one degree a step, the grip by a hundredth; the way in which the arrow points."""
        line, end, (x, y) = self.places(demo)[index]
        _, angle, offset, low, _ = getattr(demo, self.now)()[line]
        steps = max(abs(right), abs(up))
        if end == 0:
            way = 1 if normal(angle) @ (right, up) >= 0 else -1
            return self.put(demo, line, angle, max(low, offset + 0.01 * way * steps))
        way = 1 if x * up - y * right >= 0 else -1
        hand = float(np.degrees(np.arctan2(y, x))) + way * steps
        return self.put(demo, line, *turned(angle, offset, end, hand, low, self.radius))

    def put(self, demo: Demo, line: int, angle: float, offset: float) -> Values:
        values: Values = getattr(demo, self.moved)(line, (angle + 180) % 360 - 180, offset)
        return values


def chord_ends(angle: float, offset: float, radius: float) -> np.ndarray:
    """Where the line n·x = offset leaves a circle, to the left and to the right of n: (2, 2)."""
    half = np.degrees(np.arccos(np.clip(offset / radius, -1, 1)))
    ways = np.radians([angle + half, angle - half])
    return radius * np.column_stack([np.cos(ways), np.sin(ways)])


def turned(
    angle: float, offset: float, end: int, hand: float, low: float, radius: float
) -> tuple[float, float]:
    """Angle and offset of a line when one end, 1 or −1, goes to the angle `hand` and the other one stays.

    Where the offset would be lower than `low`, the other end comes along.
    """
    half = float(np.degrees(np.arccos(np.clip(offset / radius, -1, 1))))
    half = (end * (hand - angle) + half) % 360 / 2
    widest = 180.0 if low < -radius else float(np.degrees(np.arccos(low / radius)))
    half = min(half, widest)
    return hand - end * half, radius * float(np.cos(np.radians(half)))
