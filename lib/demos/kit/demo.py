"""A demo: a pure function, a figure whose artists follow it, and the controls that move its parameters.

    class SlopeDemo(Demo):
        title = "Secant and tangent"
        alt = "The parabola w², the tangent at w, and the secant from w to w + h."
        w = Slider(-12, 12, start=10, step=0.1)
        h = LogSlider(-12, 0, start=-2)
        compute = staticmethod(compute)      # (w, h) → state, without any drawing

        def draw(self, axes): ...            # once: artists are made, limits and labels fixed
        def update(self, state): ...         # every move: artists get new data, nothing is created

    show = shows(SlopeDemo)

`show()` displays it with its sliders, `show(w=3)` with one of them elsewhere; where widgets cannot run, its
picture stands in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import matplotlib
from matplotlib.figure import Figure

from lib import plots
from lib.checks import alternatives, check_choice, shown
from lib.demos.kit.canvas import Canvas
from lib.demos.kit.controls import LABEL_WIDTH, Control


class Demo:
    """Base class of every demo; a subclass declares controls and writes `compute`, `draw` and `update`.

    title, alt: what it is, and what the picture shows, in one sentence for those who cannot see it
    size: of the figure, in inches at 100 dots an inch
    panels: how many axes stand side by side; `draw` gets one axes, or a tuple of them
    columns: how many columns the controls stand in
    label_width: of the controls, in CSS; the sliders get what is left of a column
    presets: name → values of some controls; the others go back to their start
    values: where controls stand at first, by name; one that is refused raises `ValueError`
    """

    title: ClassVar[str]
    alt: ClassVar[str]
    size: ClassVar[tuple[float, float]] = (9, 4)
    panels: ClassVar[int] = 1
    columns: ClassVar[int] = 2
    label_width: ClassVar[str] = LABEL_WIDTH
    presets: ClassVar[dict[str, dict[str, Any]]] = {}
    controls: ClassVar[dict[str, Control]] = {}  # filled in for each demo

    def __init_subclass__(cls, **options: Any):
        """A control may not be called like something of the kit: it would take its place."""
        super().__init_subclass__(**options)
        cls.controls = find_controls(cls)
        for name in cls.controls:
            if name in OF_THE_KIT or name in SET_BY_THE_KIT:
                raise AttributeError(
                    f"{cls.__name__}: expected a free name for a control, got {name}, which is the kit's"
                )

    def __setattr__(self, name: str, value: Any) -> None:
        """No attribute of a demo may be called like a setting or a method of the kit, or like a control."""
        if name in OF_THE_KIT or isinstance(getattr(type(self), name, None), Control):
            raise AttributeError(
                f"{type(self).__name__}: expected a free name, got self.{name} = {shown(value)}, "
                f"but {name} is {'of the kit' if name in OF_THE_KIT else 'a control'}; choose another"
            )
        super().__setattr__(name, value)

    def __init__(self, **values: Any):
        self.values = self.start | self.checked(values)
        with matplotlib.rc_context(plots.STYLE):
            figure = Figure(figsize=self.size, dpi=100, layout="constrained")
            self.draw(self.arrange(figure))
            state = self.compute(**self.values)
            self.update(state)  # before the layout is fixed: labels may need room
            self.canvas = Canvas(figure)
            self.update(state)  # once more, so that the canvas learns which artists move

    def arrange(self, figure: Figure) -> Any:
        """The axes that `draw` gets; overridden where panels side by side are not what a demo needs."""
        axes = figure.subplots(1, self.panels)
        return tuple(axes) if self.panels > 1 else axes

    # The state of the picture for these values of the controls, which are given by name: arithmetic only.
    compute: Callable[..., Any]

    def draw(self, axes: Any) -> None:
        """Make every artist, once, and fix limits, labels and titles."""
        raise NotImplementedError

    def update(self, state: Any) -> None:
        """Give the artists the data of this state; create nothing."""
        raise NotImplementedError

    @classmethod
    def checked(cls, values: dict[str, Any]) -> dict[str, Any]:
        """The values in their own types; an unknown name or a value out of range raises `ValueError`."""
        unknown = values.keys() - cls.controls.keys()
        if unknown:
            names = alternatives(cls.controls)
            raise ValueError(f"{min(unknown)}: expected the name of a control, {names}, got {min(unknown)!r}")
        return {name: cls.controls[name].check(value) for name, value in values.items()}

    def set(self, **values: Any) -> None:
        """Move controls, and the picture with them; where a value is refused, nothing moves."""
        new = self.values | self.checked(values)
        self.update(self.compute(**new))
        self.values = new

    def preset(self, name: str) -> dict[str, Any]:
        """All values of a preset; a name that is not among them raises `ValueError`."""
        check_choice(name, self.presets, name="preset")
        return self.start | self.checked(self.presets[name])

    @property
    def start(self) -> dict[str, Any]:
        """Where the controls stand before anyone has moved them."""
        return {name: control.start for name, control in self.controls.items()}

    def png(self) -> bytes:
        """The picture as it stands, as a PNG file."""
        with matplotlib.rc_context(plots.STYLE):
            return self.canvas.png()

    def show(self) -> None:
        """Display the picture with its controls; the picture alone where widgets cannot run."""
        from IPython.display import display

        bundle, metadata = self._repr_mimebundle_()
        display(bundle, metadata=metadata, raw=True)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict, dict]:
        bundle, metadata = plots.image_bundle(self.png(), f"{self.title}. {self.alt}")
        del bundle["text/html"]  # it would hide the widgets from notebooks that prefer HTML
        return self.panel().view() | bundle, metadata

    def said(self) -> str:
        """What the picture shows now, in a line of words that stands below it; "" where there is none."""
        return ""

    def panel(self) -> Any:
        """Its widgets, new ones; overridden where some of them depend on others."""
        from lib.demos.kit.panel import Panel

        return Panel(self)

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in self.values.items())
        return f"{type(self).__name__}({values})"


def find_controls(cls: type) -> dict[str, Control]:
    """Name → control, in the order of their declaration, those of base classes first."""
    found: dict[str, Control] = {}
    for base in reversed(cls.__mro__):
        found |= {name: value for name, value in vars(base).items() if isinstance(value, Control)}
    return found


OF_THE_KIT = frozenset(vars(Demo)) | frozenset(Demo.__annotations__)  # no demo may assign to them
SET_BY_THE_KIT = frozenset({"values", "canvas"})
