"""The widgets of a demo with a text field: its sliders have the names that occur in the text."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

from lib.demos.kit.panel import Panel


class LivePanel(Panel):
    """The panel of a demo with controls `expression`, `inputs` and `step`.

    A name that comes back finds its slider where it was.

    demo: has `names(expression)`, those of the sliders, `last_step(expression)`, and `said()`, its step in
        words
    """

    def __init__(self, demo: Any, **options: Any):
        super().__init__(demo, **options)
        self.names, self.last_step = demo.names, demo.last_step
        self.remembered = dict(demo.values["inputs"])
        self._limit_steps(demo.values["expression"])

    def moved(self, change: Any = None) -> None:
        if change is not None and change.owner is self.widgets["expression"]:
            names = self.names(change.new)
            inputs = {name: self.remembered.get(name, 1.0) for name in names}
            self.jump({"expression": change.new, "inputs": inputs, "step": 0})
            return
        self.remembered |= self.widgets["inputs"].value
        super().moved(change)

    def jump(self, values: dict[str, Any]) -> None:
        self._limit_steps(values["expression"])
        super().jump(values)
        self.widgets["expression"].restore()

    def _limit_steps(self, expression: str) -> None:
        with self.quiet():
            self.widgets["step"].max = self.last_step(expression)

    def rows(self) -> list[widgets.Widget]:
        expression, (slider, player), inputs = (
            row.children if name == "step" else row
            for name, row in zip(self.widgets, super().rows(), strict=True)
        )
        for row in (expression, inputs):
            row.add_class("course-wide")
        return [expression, slider, player, inputs]
