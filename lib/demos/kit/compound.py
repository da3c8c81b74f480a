"""Widgets made of several: to the panel, each is one widget with one `value`."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import traitlets

from lib.demos.kit.controls import STYLE

if TYPE_CHECKING:
    from lib.demos.kit.named_sliders import NamedSliders
    from lib.demos.kit.text_field import TextField


class TextBox(widgets.VBox):
    """A text field, with a line below it for what is wrong. value: the last text that was accepted."""

    value = traitlets.Unicode()

    def __init__(self, control: TextField):
        self.accept = control.accept
        self.text = widgets.Text(
            control.start, description=control.label, continuous_update=False, style=STYLE,
            layout=widgets.Layout(width="auto"),
        )  # fmt: skip
        self.message = widgets.HTML()
        super().__init__([self.text, self.message], value=control.start)
        self.text.observe(self._typed, names="value")
        self.observe(lambda change: self.restore(), names="value")

    def _typed(self, change: Any) -> None:
        try:
            self.accept(self.text.value)
        except ValueError as error:
            lines = html.escape(str(error))  # a second and third line may point at a letter
            self.message.value = f'<pre class="course-error" role="alert">{lines}</pre>'
        else:
            self.message.value = ""
            self.value = self.text.value

    def restore(self) -> None:
        """Shows the last good text, and forgets what was wrong with a later one."""
        self.text.value = self.value
        self.message.value = ""


class SliderBox(widgets.GridBox):
    """Sliders in two columns, as many as there are names. value: name → number."""

    value = traitlets.Dict()

    def __init__(self, control: NamedSliders):
        layout = widgets.Layout(grid_template_columns="repeat(2, minmax(0, 1fr))", grid_gap="2px 16px")
        super().__init__(layout=layout)
        self.sliders = [slider.widget() for slider in control.sliders]
        for slider in self.sliders:
            slider.layout.width = "auto"
            slider.observe(self._moved, names="value")
        self.observe(lambda change: self._show(), names="value")
        self.value = dict(control.start)

    def _moved(self, change: Any) -> None:
        self.value = {slider.description: slider.value for slider in self.children}

    def _show(self) -> None:
        for slider, (name, number) in zip(self.sliders, self.value.items(), strict=False):
            slider.unobserve(self._moved, names="value")
            slider.description, slider.value = name, number
            slider.observe(self._moved, names="value")
        if len(self.children) != len(self.value):
            self.children = self.sliders[: len(self.value)]
