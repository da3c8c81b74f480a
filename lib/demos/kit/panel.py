"""The card of a demo: title, question, picture, a sentence, presets, and its controls below.

ipywidgets keeps one message of a slider under way and merges what comes meanwhile, and stage.js does the same
for the hand, so the latest value wins and dragging never queues up; nothing here needs to slow it down.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from lib.demos.kit.controls import LogSlider, Slider, Time
from lib.demos.kit.hand import fields, hovered, marks, meaning
from lib.demos.kit.lock import one_at_a_time
from lib.demos.kit.windows import heed

if TYPE_CHECKING:
    from lib.demos.kit.demo import Demo

TO_LIFE = "run this cell to bring it to life"  # where widgets cannot run
NARROWEST = 16  # em of a column where a demo says how many there are at most
MOST, WIDEST = 200_000, 1900  # bytes and dots across of a moving picture: a class sits behind one server
COLUMN = 20  # em that a column of controls has at least: a label, a track and a number
BESIDE, LETTER = 12.5, 0.5  # em of a track and a number, and of each letter of the label before them


class Panel:
    """The view of one demo. An error in its arithmetic is shown below; the picture stands still.

    full: in the whole window at first
    """

    def __init__(self, demo: Demo, *, full: bool = False):
        self.demo, self.ratio = demo, 1.0
        self.share, self.light = 1.0, False  # dots of a moving picture for a CSS pixel; whether it is light
        self.picture = widgets.Image(format="png")
        self.message = widgets.HTML()
        self.stage = make_stage(
            title=demo.title, alt=demo.alt, ask=demo.ask, presets=list(demo.presets), full=full
        )
        self.presets = {name: demo.preset(name) for name in demo.presets}
        self.error = ""
        self.players: list[widgets.Play] = []
        made = {name: control.widget() for name, control in demo.controls.items()}
        self.widgets = {name: widget for name, widget in made.items() if widget is not None}
        for name, widget in self.widgets.items():
            widget.value = demo.values[name]
            widget.observe(self.moved, names="value")
        self.show()
        if self.stage:
            self.stage.on_msg(self.told)
            self.picture.value = self.stage.picture  # where the stage cannot be loaded

    @one_at_a_time
    def moved(self, change: Any = None) -> None:
        """A control has a new value: compute, draw, send."""
        self.set({name: widget.value for name, widget in self.widgets.items()})

    def set(self, values: dict[str, Any]) -> None:
        """Move the demo and show it. What is wrong is shown to the person who moved it, not in a log.

        What a hand has made goes where one of its makers moves, be it by a slider or by a handle.
        """
        made = {
            name: None
            for name, control in self.demo.controls.items()
            for maker in getattr(control, "made_by", ())
            if values.get(maker, self.demo.values[maker]) != self.demo.values[maker]
        }
        try:
            self.demo.set(**(made | values))
            self.error = ""
        except Exception as error:
            self.error = f"{type(error).__name__}: {error}"
        self.show()

    def show(self) -> None:
        """Send the picture, its marks and its words as they are now."""
        if not self.stage:
            self.picture.value = self.demo.png()
            self.message.value = html.escape(self.error or self.demo.said())
            return
        with self.stage.hold_sync():
            if not self.error:
                self.stage.picture = self.moving()
                self.stage.sharp = self.ratio <= self.share and not self.light
            self.stage.marks, self.stage.fields = marks(self.demo), fields(self.demo)
            self.stage.said, self.stage.error = self.demo.said(), self.error
            self.stage.preset = self.preset()
            self.stage.answers += 1

    def moving(self) -> bytes:
        """The picture while it moves: of few colours where it is too heavy, and then of fewer dots."""
        if len(self.stage.picture) < MOST / 5:
            self.afresh()
        picture = self.demo.png(self.share, light=self.light)
        while len(picture) > MOST:
            self.share, self.light = self.share * (0.8 if self.light else 1), True
            picture = self.demo.png(self.share, light=True)
        return picture

    def afresh(self) -> None:
        """The next moving picture has all colours, and a dot for each CSS pixel, but on very wide screens."""
        self.share, self.light = min(1.0, WIDEST / self.stage.shown[0]), False

    def preset(self) -> str:
        """The name of the preset in force, or ""; a slider in the browser may round the last digits."""
        now = self.demo.values
        return next(
            (name for name, values in self.presets.items() if all(alike(values[n], now[n]) for n in now)),
            "",
        )

    # ---- What the hand does.

    @one_at_a_time
    def told(self, _: Any, message: dict[str, Any], __: Any = None) -> None:
        """A message of the stage: what the hand did, or how much room there is."""
        try:
            self.answer(message)
        except Exception as error:
            self.error = f"{type(error).__name__}: {error}"
            self.show()

    def answer(self, message: dict[str, Any]) -> None:
        match message["to"]:
            case "window":
                heed(message["name"])
                self.stage.answers += 1
            case "size":
                self.ratio = message["ratio"]
                looks = {"dark": message["dark"], "full": message["full"]}
                self.stage.shown = self.demo.fit(message["width"], message["height"], **looks)
                self.afresh()
                self.show()
            case "rest":
                with self.stage.hold_sync():
                    self.stage.picture, self.stage.sharp = self.demo.png(self.ratio), True
            case "preset":
                self.restart(self.presets[message["name"]])
            case "reset":
                self.restart(self.demo.start)
            case "hover" if not hovered(self.demo, message):
                self.stage.answers += 1
            case "hover":
                self.jump({})
            case _:
                self.jump(meaning(self.demo, message))

    # ---- The controls.

    def jump(self, values: dict[str, Any]) -> None:
        """Several controls at once, one new picture."""
        values = {name: self.demo.controls[name].check(value) for name, value in values.items()}
        with self.quiet():
            for name, widget in self.widgets.items():
                widget.value = values.get(name, widget.value)
        self.set(values)

    def restart(self, values: dict[str, Any]) -> None:
        """The same, and nothing plays on from there."""
        for player in self.players:
            player.playing = False
        self.jump(values)

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """While this lasts, widgets may change without a new picture."""
        for widget in self.widgets.values():
            widget.unobserve(self.moved, names="value")
        try:
            yield
        finally:
            for widget in self.widgets.values():
                widget.observe(self.moved, names="value")

    def buttons(self) -> list[widgets.Button]:
        """Presets and Reset as plain buttons, for where there is no stage."""
        buttons = []
        for name, values in {**self.presets, "Reset": self.demo.start}.items():
            button = widgets.Button(description=name, layout=widgets.Layout(width="auto", flex="0 0 auto"))
            button.on_click(lambda _, values=values: self.restart(values))
            buttons.append(button)
        return buttons

    def rows(self) -> list[widgets.Widget]:
        """Each control in a cell that is wide enough for its label, slider and readout."""
        rows = []
        for name, widget in self.widgets.items():
            control = self.demo.controls[name]
            widget.layout.width = "auto"
            if isinstance(widget, widgets.ToggleButtons):  # which would put their label above themselves
                label = widgets.Label(widget.description)
                widget.description = ""
                rows.append(widgets.HBox([label, widget]))
            elif isinstance(control, Time):
                self.players.append(control.player(widget))
                rows.append(widgets.HBox([widget, self.players[-1]]))
                widget.layout.flex = "1 1 auto"
                rows[-1].add_class("course-wide")
            else:
                rows.append(widget)
            if hasattr(widget, "style"):  # a box of several widgets has none
                widget.style.description_width = "max-content"
        return rows

    def view(self) -> dict[str, Any]:
        """The MIME bundle of the widget view."""
        bundle = self.box()._repr_mimebundle_()
        return bundle | {"text/plain": f"{self.demo.title}: {TO_LIFE}"}

    def box(self) -> widgets.VBox:
        """Everything, in the order in which it stands on the card."""
        most = self.demo.columns
        sliders = [it for it in self.demo.controls.values() if isinstance(it, Slider | LogSlider)]
        labels = [len(it.label) for it in sliders if not isinstance(it, Time)]
        wide = max(NARROWEST if most else COLUMN, BESIDE + LETTER * max(labels, default=0))
        column = f"min(100%, {wide:g}em)"
        least = f"max({column}, (100% - {24 * most}px) / {most})" if most else column
        layout = widgets.Layout(grid_template_columns=f"repeat(auto-fit, minmax({least}, 1fr))")
        controls = widgets.GridBox(self.rows(), layout=layout)
        controls.add_class("course-controls")
        hints = dict.fromkeys(touch.hint for touch in self.demo.touches.values() if touch.hint)
        hint = widgets.HTML(f'<div class="course-hint">{html.escape(" · ".join(hints))}</div>')
        plain = widgets.VBox(
            [
                widgets.HTML(f"<b>{html.escape(self.demo.title)}</b><br>{html.escape(self.demo.ask)}"),
                self.picture,
                self.message,
                widgets.HBox(self.buttons(), layout=widgets.Layout(flex_flow="row wrap")),
            ]
        )
        plain.add_class("course-fallback")
        stage = [self.stage] if self.stage else []
        box = widgets.VBox([*stage, plain, controls, *([hint] if hints and stage else [])])
        box.add_class("course-demo")
        return box


def alike(a: Any, b: Any) -> bool:
    """Whether two values of a control are the same, but for the last digits of numbers."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(alike(a[name], b[name]) for name in a)
    return math.isclose(a, b, rel_tol=1e-6) if isinstance(a, float) and isinstance(b, float) else a == b


def make_stage(**words: Any) -> Any:
    """The widget of the picture, or None where anywidget is missing."""
    try:
        from lib.demos.kit.stage import Stage
    except ImportError:
        return None
    return Stage(**words)
