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
from matplotlib.text import Text

from lib import plots
from lib.checks import alternatives, check_choice, shown
from lib.demos.kit.canvas import Canvas
from lib.demos.kit.controls import Control
from lib.demos.kit.lock import one_at_a_time
from lib.demos.kit.touch import Touch

NARROW = 600  # CSS pixels of width below which the panels of a picture stand one below the other
LOWEST = 230  # and of height that a picture always gets
SMALLEST, STACKED = 11.0, 15  # and of its smallest letters in a low window; the same in stacked panels
# Ink, paper and grid lines in the light and in the dark.
LIGHT, DARK = ("#20242a", "#ffffff", "#dfe3e8"), ("#e8eaed", "#1e2227", "#3a4048")
DOTS = 100  # an inch, at the size that a demo names


class Demo:
    """Base class of every demo; a subclass declares controls and writes `compute`, `draw` and `update`.

    title, alt: what it is, and what the picture shows, in one sentence for those who cannot see it
    ask: the question that it answers, which stands above the picture
    size: of the figure, in inches at 100 dots an inch; it is drawn as large as there is room for it
    tall_size: of the figure where the window is narrow and its panels stand one below the other; None where
        it stays as it is
    panels: how many axes stand side by side; `draw` gets one axes, or a tuple of them
    columns: how many columns the controls stand in at most; 0 for as many as fit
    presets: name → values of some controls; the others go back to their start
    values: where controls stand at first, by name; one that is refused raises `ValueError`
    """

    title: ClassVar[str]
    alt: ClassVar[str]
    ask: ClassVar[str] = ""
    size: ClassVar[tuple[float, float]] = (9, 4)
    tall_size: ClassVar[tuple[float, float] | None] = None
    panels: ClassVar[int] = 1
    columns: ClassVar[int] = 0
    presets: ClassVar[dict[str, dict[str, Any]]] = {}
    controls: ClassVar[dict[str, Control]] = {}  # filled in for each demo
    touches: ClassVar[dict[str, Touch]] = {}  # so is this
    tall: bool = False  # whether its panels stand one below the other now
    dark: bool = False  # whether it stands on a dark page
    ink, paper, faint = LIGHT  # the colours of words and lines, of the ground, and of a grid, for `draw`
    enlarged: float = 1.0  # CSS pixels on the page for each of its dots

    def __init_subclass__(cls, **options: Any):
        """A control may not be called like something of the kit: it would take its place."""
        super().__init_subclass__(**options)
        cls.controls, cls.touches = find(cls, Control), find(cls, Touch)
        for name in cls.controls | cls.touches:
            if name in OF_THE_KIT or name in SET_BY_THE_KIT:
                raise AttributeError(
                    f"{cls.__name__}: expected a free name for a control or handle, got {name}, "
                    "which is the kit's"
                )

    def __setattr__(self, name: str, value: Any) -> None:
        """No attribute of a demo may be called like a setting or a method of the kit, or like a control."""
        taken = name in OF_THE_KIT and name not in SET_BY_THE_KIT
        if taken or isinstance(getattr(type(self), name, None), Control | Touch):
            raise AttributeError(
                f"{type(self).__name__}: expected a free name, got self.{name} = {shown(value)}, "
                f"but {name} is {'of the kit' if taken else 'a control'}; choose another"
            )
        super().__setattr__(name, value)

    def __init__(self, **values: Any):
        self.values = self.start | self.checked(values)
        self.build()

    @one_at_a_time
    def build(self) -> None:
        """Make the figure and its artists, for the values as they are."""
        self.ink, self.paper, self.faint = DARK if self.dark else LIGHT
        with self.style():
            size = self.tall_size if self.tall and self.tall_size else self.size
            figure = Figure(figsize=size, dpi=DOTS, layout="constrained")
            self.draw(self.arrange(figure))
            state = self.compute(**self.values)
            self.update(state)  # before the layout is fixed: labels may need room
            self.canvas = Canvas(figure)
            self.update(state)  # once more, so that the canvas learns which artists move

    def style(self) -> Any:
        """A `with` block in which matplotlib draws in the demo's look."""
        settings: dict[Any, Any] = {**plots.STYLE, **plots.colors_of(ink=self.ink, paper=self.paper)}
        return matplotlib.rc_context(settings)

    def arrange(self, figure: Figure) -> Any:
        """The axes that `draw` gets; overridden where panels side by side, or stacked if `tall`, don't do."""
        axes = figure.subplots(*((self.panels, 1) if self.tall else (1, self.panels)))
        return tuple(axes) if self.panels > 1 else axes

    @one_at_a_time
    def fit(self, width: float, height: float, *, dark: bool = False, full: bool = False) -> tuple[int, int]:
        """Make the picture as large as a place of so many CSS pixels lets it be; returns its own size there.

        In a low place it is higher than that, as far as its letters need to be read: the page scrolls.
        dark: whether the page is
        full: whether it has the whole window, in which its controls should stay in sight
        """
        tall = self.tall_size is not None and width < NARROW
        if (tall, dark) != (self.tall, self.dark):
            self.tall, self.dark = tall, dark
            self.build()
        whole = self.canvas.figure.get_size_inches() * DOTS
        letters = STACKED if tall else 0 if full else SMALLEST
        least = max(LOWEST / whole[1], letters / self.letters())
        self.enlarged = float(min(width / whole[0], max(height / whole[1], least)))
        return round(whole[0] * self.enlarged), round(whole[1] * self.enlarged)

    def letters(self) -> float:
        """How large the smallest letters of the picture are, in dots at the size that it names."""
        words = [text for text in self.canvas.figure.findobj(Text) if text.get_visible()]
        sizes = [float(text.get_fontsize()) for text in words if text.get_text().strip()]
        return min(sizes, default=72.0) / 72 * DOTS

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

    @one_at_a_time
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

    @one_at_a_time
    def png(self, ratio: float = 1.0, *, light: bool = False) -> bytes:
        """The picture as it stands, as a PNG file with so many dots for a CSS pixel.

        light: with few colours, for the way to the browser
        """
        with self.style():
            self.canvas.resize(DOTS * self.enlarged * ratio)
            return self.canvas.png(light=light)

    def show(self, *, full: bool = False) -> None:
        """Display the picture, and below it the widgets, which hide it where they are alive.

        full: in the whole window
        """
        from IPython.display import display

        bundle, metadata = plots.image_bundle(self.png(), f"{self.title}. {self.alt}")
        display(bundle, metadata=metadata, raw=True)
        display(self.panel(full=full).view(), raw=True)

    def _ipython_display_(self) -> None:
        self.show()

    def said(self) -> str:
        """What the picture shows now, in a line of words that stands below it; "" where there is none."""
        return ""

    def panel(self, **options: Any) -> Any:
        """Its widgets, new ones; overridden where some of them depend on others."""
        from lib.demos.kit.panel import Panel

        return Panel(self, **options)

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in self.values.items())
        return f"{type(self).__name__}({values})"


def find(cls: type, kind: type) -> dict[str, Any]:
    """Name → control or handle, in the order of their declaration, those of base classes first."""
    found: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        found |= {name: value for name, value in vars(base).items() if isinstance(value, kind)}
    return found


OF_THE_KIT = frozenset(vars(Demo)) | frozenset(Demo.__annotations__)  # no demo may assign to them
SET_BY_THE_KIT = frozenset({"values", "canvas", "tall", "dark", "enlarged", "ink", "paper", "faint"})
