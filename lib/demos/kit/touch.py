"""What a hand can do to a picture: drag a handle, move a window, pick a spot, add and remove points.

Each kind is declared as a class attribute of a `Demo`, beside its controls, and says of itself
where its marks are (`marks`) and which values of controls a movement of the hand means. The browser's half is
stage.js, which knows nothing but places.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from lib.demos.kit.looks import signed

if TYPE_CHECKING:
    from lib.demos.kit.demo import Demo

Values = dict[str, Any]


class Mark(NamedTuple):
    """One thing that a hand can touch, at a place in the coordinates of its axes.

    x, y: its place
    name: what it is and where it stands, in words: its tooltip, and what a screen reader says
    kind: "point", a ring; "box", a window of size w × h around its place; "spot", a place to click;
        "number", a place to drag from, which stays where it is; "line", the same, from (x − w/2, y − h/2) to
        (x + w/2, y + h/2); "pane", a whole field, which moves under the hand;
        "pen", a cursor that draws
    drag: the directions in which it can be dragged, "xy", "x", "y" or ""
    removable: a double-click or Delete takes it away
    wheel: the wheel over it does what the arrow keys up and down do
    was: what it stands for; a drag tells what it was when the mark was grabbed
    hover: the kernel is told when the pointer, or the focus, comes over it and when it leaves
    along: a direction (x, y); while it is held, it stays on the line through its place in this direction
    around: a place (x, y); while it is held, it stays on the circle around it
    """

    x: float
    y: float
    name: str
    kind: str = "point"
    drag: str = "xy"
    w: float = 0
    h: float = 0
    removable: bool = False
    wheel: bool = False
    was: Any = 0
    hover: bool = False
    along: tuple[float, float] | None = None
    around: tuple[float, float] | None = None


class Touch:
    """What can be touched in one axes of a demo.

    axes: the name of the attribute under which `draw` keeps the axes
    hint: what the hand can do, in a few words
    """

    hint = ""
    cursor = ""  # over its axes, in CSS: where a click means something
    stroke = 0  # CSS pixels between the places that a stroke over empty ground tells; 0: none means anything
    draws = False  # whether a hand that moves over its axes draws lines there
    hover = False  # whether the kernel is told where the pointer is over its axes

    def __init__(self, axes: str):
        self.axes = axes

    def marks(self, demo: Demo) -> list[Mark]:
        """Where its marks stand now."""
        raise NotImplementedError

    def dragged(self, demo: Demo, index: int, x: float, y: float) -> Values:
        """The values of controls when the mark of this index is dragged to a place."""
        return {}

    def slid(self, demo: Demo, index: int, x: float, y: float, was: Any) -> Values:
        """The same for a mark that stood for `was` when it was grabbed."""
        return self.dragged(demo, index, x, y)

    def stepped(self, demo: Demo, index: int, right: int, up: int) -> Values:
        """The values when it is moved by so many steps of the arrow keys."""
        return {}

    def picked(self, demo: Demo, index: int) -> Values:
        """The values when it is clicked."""
        return {}

    def clicked(self, demo: Demo, x: float, y: float) -> Values:
        """The values when an empty place of its axes is clicked."""
        return {}

    def drawn(self, demo: Demo, places: list[tuple[float, float, bool]]) -> Values:
        """The values after a hand has drawn through places (x, y, whether a line begins there)."""
        return {}

    def removed(self, demo: Demo, index: int) -> Values:
        """The values when it is taken away."""
        return {}

    def stroked(self, demo: Demo, path: list[tuple[float, float]]) -> Values:
        """The values when the hand has been drawn over these places, which are new since it last told."""
        return {}

    def zoomed(self, demo: Demo, steps: int, x: float, y: float) -> Values:
        """The values when a pane is made larger by so many steps around a place; 0 steps: as it fits."""
        return {}

    def hovered(self, demo: Demo, index: int | None, place: tuple[float, float] | None) -> bool:
        """The pointer is over the mark of this index, or over this place of its axes, or over neither.

        Returns whether that changes the picture or the marks.
        """
        return False


class Handle(Touch):
    """A point to drag. Its place is the value of two sliders, or of one that moves it in one direction.

    x, y: names of sliders; one of them may be None
    axes: the name of the attribute under which `draw` keeps its axes
    label: what it is called; None takes the labels of its sliders
    beside: with only one slider, the name of a method that gives the other coordinate
    click: whether a click anywhere in its axes brings it there
    """

    def __init__(
        self,
        x: str | None = None,
        y: str | None = None,
        *,
        axes: str,
        label: str | None = None,
        beside: str | None = None,
        click: bool = False,
    ):
        super().__init__(axes)
        self.x, self.y, self.label, self.beside, self.click = x, y, label, beside, click
        self.cursor = "crosshair" if click else ""
        self.hint = f"Drag {label or 'the handle'}{', or click where it should go' if click else ''}"

    def marks(self, demo: Demo) -> list[Mark]:
        other = getattr(demo, self.beside)() if self.beside else 0.0
        x, y = (demo.values[name] if name else other for name in (self.x, self.y))
        drag = "".join(letter for letter, name in (("x", self.x), ("y", self.y)) if name)
        said = signed(
            ", ".join(
                f"{demo.controls[name].label} = {demo.values[name]:.3g}" for name in (self.x, self.y) if name
            )
        )
        return [Mark(x, y, f"{self.label}: {said}" if self.label else said, drag=drag)]

    def dragged(self, demo: Demo, index: int, x: float, y: float) -> Values:
        places = {self.x: x, self.y: y}
        return {name: demo.controls[name].nearest(value) for name, value in places.items() if name}

    def stepped(self, demo: Demo, index: int, right: int, up: int) -> Values:
        steps = {self.x: right, self.y: up}
        return {
            name: demo.controls[name].step_from(demo.values[name], by) for name, by in steps.items() if name
        }

    def clicked(self, demo: Demo, x: float, y: float) -> Values:
        return self.dragged(demo, 0, x, y) if self.click else {}


class Region(Handle):
    """A window to move over an image; a click puts it there. Its sliders give its upper left corner.

    width, height: of the window, in the axes' coordinates; or the name of a control that gives both
    """

    def __init__(
        self, x: str, y: str, *, axes: str, width: float | str, height: float | str, label: str = "the window"
    ):
        super().__init__(x, y, axes=axes, label=label, click=True)
        self.width, self.height = width, height

    def size(self, demo: Demo) -> tuple[float, float]:
        w, h = (demo.values[s] if isinstance(s, str) else s for s in (self.width, self.height))
        return w, h

    def marks(self, demo: Demo) -> list[Mark]:
        (mark,) = super().marks(demo)
        w, h = self.size(demo)
        # The middle of the first pixel has the coordinates (0, 0).
        return [mark._replace(x=mark.x + (w - 1) / 2, y=mark.y + (h - 1) / 2, kind="box", w=w, h=h)]

    def dragged(self, demo: Demo, index: int, x: float, y: float) -> Values:
        w, h = self.size(demo)
        return super().dragged(demo, index, x - (w - 1) / 2, y - (h - 1) / 2)

    def stepped(self, demo: Demo, index: int, right: int, up: int) -> Values:
        return super().stepped(demo, index, right, -up)  # rows are counted from above


class Pick(Touch):
    """Spots to click: each stands for a value of one control.

    control: the name of that control
    spots: the name of a method that gives a list of (value, x, y, name), in the axes' coordinates
    axes: the name of the attribute under which `draw` keeps the axes
    size: of a spot (width, height), in the axes' coordinates
    hint: what a click does, in a few words
    """

    hint = "Click to choose"

    def __init__(self, control: str, *, spots: str, axes: str, size: tuple[float, float], hint: str = ""):
        super().__init__(axes)
        self.control, self.spots, self.size, self.hint = control, spots, size, hint or self.hint

    def marks(self, demo: Demo) -> list[Mark]:
        w, h = self.size
        return [
            Mark(x, y, name, kind="spot", drag="", w=w, h=h) for _, x, y, name in getattr(demo, self.spots)()
        ]

    def picked(self, demo: Demo, index: int) -> Values:
        return {self.control: getattr(demo, self.spots)()[index][0]}
