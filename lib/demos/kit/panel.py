"""The widgets of a demo: picture above, controls below, presets and Reset beside them.

ipywidgets keeps one message under way and merges what comes meanwhile, so the latest value wins
and dragging never queues up; nothing here needs to slow it down.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from lib.demos.kit.controls import Time

if TYPE_CHECKING:
    from lib.demos.kit.demo import Demo

CSS = """<style>
.course-demo { max-width: 1000px; }
.course-demo .course-picture { max-width: 100%; height: auto; align-self: flex-start; }
.course-demo .course-title { font-size: 1.25em; font-weight: 600; }
.course-demo .course-error { color: #b00020; font-weight: 600; }
.course-demo .widget-label, .course-demo .widget-readout, .course-demo .widget-text input { font-size: 15px; }
.course-demo .course-alt, .course-demo .course-step { line-height: 1.4; }
.course-demo .course-wide { grid-column: 1 / -1; }
.course-demo pre.course-error { margin: 0; }
</style>"""


class Panel:
    """The view of one demo. An error in its arithmetic is shown below; the picture stands still."""

    def __init__(self, demo: Demo):
        self.demo = demo
        self.picture = widgets.Image(value=demo.png(), format="png")
        self.picture.add_class("course-picture")
        self.message = widgets.HTML(self.said())
        self.widgets = {name: control.widget() for name, control in demo.controls.items()}
        for name, widget in self.widgets.items():
            widget.value = demo.values[name]
            widget.observe(self.moved, names="value")

    def moved(self, change: Any = None) -> None:
        """A control has a new value: compute, draw, send."""
        try:
            self.demo.set(**{name: widget.value for name, widget in self.widgets.items()})
            self.picture.value = self.demo.png()
            self.message.value = self.said()
        except Exception as error:  # shown to the person who moved the slider: a log would hide it
            text = html.escape(f"{type(error).__name__}: {error}")
            self.message.value = f'<div class="course-error" role="alert">{text}</div>'

    def said(self) -> str:
        """What stands below the picture while nothing is wrong, as HTML: the demo's own words, if it has any.

        It is no live region: while time runs, a screen reader would never be done with it.
        """
        text = html.escape(self.demo.said())
        return f'<div class="course-step">{text}</div>' if text else ""

    def jump(self, values: dict[str, Any]) -> None:
        """Several controls at once, one new picture."""
        with self.quiet():
            for name, value in values.items():
                self.widgets[name].value = value
        self.moved()

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
        presets = {name: self.demo.preset(name) for name in self.demo.presets}
        buttons = []
        for name, values in {**presets, "Reset": self.demo.start}.items():
            button = widgets.Button(description=name, layout=widgets.Layout(width="auto", flex="0 0 auto"))
            button.on_click(lambda _, values=values: self.jump(values))
            buttons.append(button)
        return buttons

    def rows(self) -> list[widgets.Widget]:
        """Each control in a cell that is wide enough for its label, slider and readout."""
        rows = []
        for name, control in self.demo.controls.items():
            widget = self.widgets[name]
            widget.layout.width = "auto"
            if hasattr(widget, "style"):  # a box of several widgets has none
                widget.style.description_width = self.demo.label_width
            if isinstance(widget, widgets.ToggleButtons):  # which would put their label above themselves
                right = widgets.Layout(
                    width=self.demo.label_width, display="flex", justify_content="flex-end"
                )
                label = widgets.Label(widget.description, layout=right)
                widget.description = ""
                rows.append(widgets.HBox([label, widget]))
            elif isinstance(control, Time):
                rows.append(widgets.VBox([widget, control.player(widget)]))
                if self.demo.columns > 2:  # a whole row for its many steps; ipywidgets drops grid_column
                    rows[-1].layout.grid_area = "auto / 1 / auto / -1"
            else:
                rows.append(widget)
        return rows

    def view(self) -> dict[str, Any]:
        """The MIME bundle of the widget view."""
        return self.box()._repr_mimebundle_()

    def box(self) -> widgets.VBox:
        """Everything: title, picture, words below it, controls, buttons, and the picture in words."""
        title = widgets.HTML(f'{CSS}<div class="course-title">{html.escape(self.demo.title)}</div>')
        columns = f"repeat({self.demo.columns}, minmax(0, 1fr))"
        layout = widgets.Layout(grid_template_columns=columns, grid_gap="2px 16px")
        controls = widgets.GridBox(self.rows(), layout=layout)
        alt = widgets.HTML(f'<div class="course-alt">{html.escape(self.demo.alt)}</div>')
        buttons = widgets.HBox(self.buttons(), layout=widgets.Layout(flex_flow="row wrap"))
        box = widgets.VBox([title, self.picture, self.message, controls, buttons, alt])
        box.add_class("course-demo")
        return box
