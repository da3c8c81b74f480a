"""A window that a hand slides over cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.demos.kit.touch import Mark, Touch, Values

if TYPE_CHECKING:
    from lib.demos.kit.demo import Demo


class Sliding(Touch):
    """A window with as many stops down as across, or the output of it: drag it, click, or use arrow keys.

    controls: the names of the sliders for its row and its column, or of one that counts stops row by row
    axes: the name of the attribute under which `draw` keeps the axes
    stops: the name of a method that gives how many there are down, and across
    label: what it is called
    side, stride: of the window, in cells, or the name of a slider that gives it
    cell: the side of a cell, in the coordinates of the axes; the first begins at −0.5
    """

    cursor = "crosshair"

    def __init__(
        self,
        *controls: str,
        axes: str,
        stops: str,
        label: str,
        side: int | str = 1,
        stride: int | str = 1,
        cell: float = 1,
        hint: str = "",
    ):
        super().__init__(axes)
        self.controls, self.stops, self.label, self.hint = controls, stops, label, hint
        self.side, self.stride, self.cell = side, stride, cell

    def marks(self, demo: Demo) -> list[Mark]:
        row, column, _, side, stride = self.now(demo)
        x, y = (self.cell * (stride * place + side / 2) - 0.5 for place in (column, row))
        name = f"{self.label}: row {row + 1}, column {column + 1}"
        return [Mark(x, y, name, "box", w=self.cell * side, h=self.cell * side)]

    def now(self, demo: Demo) -> tuple[int, int, int, int, int]:
        """Row and column of where it stands, the last of them, and its side and stride in cells."""
        last = getattr(demo, self.stops)() - 1
        numbers = [demo.values[name] for name in self.controls]
        row, column = divmod(numbers[0], last + 1) if len(numbers) == 1 else numbers
        side, stride = (demo.values[n] if isinstance(n, str) else n for n in (self.side, self.stride))
        return min(row, last), min(column, last), last, side, stride

    def put(self, demo: Demo, *places: int) -> Values:
        last = self.now(demo)[2]
        row, column = (min(max(place, 0), last) for place in places)
        numbers = (row * (last + 1) + column,) if len(self.controls) == 1 else (row, column)
        return dict(zip(self.controls, numbers, strict=True))

    def dragged(self, demo: Demo, index: int, x: float, y: float) -> Values:
        *_, side, stride = self.now(demo)
        return self.put(demo, *(round(((along + 0.5) / self.cell - side / 2) / stride) for along in (y, x)))

    def stepped(self, demo: Demo, index: int, right: int, up: int) -> Values:
        row, column, *_ = self.now(demo)
        return self.put(demo, row - up, column + right)

    def clicked(self, demo: Demo, x: float, y: float) -> Values:
        return self.dragged(demo, 0, x, y)
