"""A text field and the line below it as one widget: to the panel it has one `value`."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets
import traitlets

from lib.demos.kit.controls import STYLE


class TextBox(widgets.VBox):
    """A text field, with a line below it for what is wrong. value: the last text that was accepted.

    start: the first text
    label: what stands before the field
    accept: raises `ValueError` with a sentence for the person who typed
    """

    value = traitlets.Unicode()

    def __init__(self, start: str, label: str, accept: Callable[[str], Any]):
        self.accept = accept
        self.text = widgets.Text(
            start, description=label, continuous_update=False, style=STYLE,
            layout=widgets.Layout(width="auto"),
        )  # fmt: skip
        self.message = widgets.HTML()
        super().__init__([self.text, self.message], value=start)
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
