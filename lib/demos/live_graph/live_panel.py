"""The widgets of a demo with a text field: its sliders have the names that occur in the text."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

from lib.demos.kit.panel import Panel


class LivePanel(Panel):
    """The panel of a demo with controls `expression`, `inputs`, `step` and `zoom`.

    A name that comes back finds its slider where it was.

    demo: has `names(expression)`, those of the sliders, `last_step(expression)`, and `said()`, its step in
        words
    """

    def __init__(self, demo: Any, **options: Any):
        super().__init__(demo, **options)
        self.names, self.last_step = demo.names, demo.last_step
        self.remembered = dict(demo.values["inputs"])
        self._limit_steps(demo.values["expression"])
        if self.stage:
            self.stage.add_class("course-two-lines")  # so that the picture keeps its size from step to step

    def moved(self, change: Any = None) -> None:
        if change is not None and change.owner is self.widgets["expression"]:
            names = self.names(change.new)
            inputs = {name: self.remembered.get(name, 1.0) for name in names}
            self.jump({"expression": change.new, "inputs": inputs, "step": 0, "zoom": 1.0, "at": None})
            return
        self.remembered |= self.widgets["inputs"].value
        super().moved(change)

    def jump(self, values: dict[str, Any]) -> None:
        self.remembered |= values.get("inputs", {})
        self._limit_steps(values.get("expression", self.demo.values["expression"]))
        super().jump(values)
        self.widgets["expression"].restore()

    def _limit_steps(self, expression: str) -> None:
        """The slider of the steps ends at the last step.

        When a slider's range changes, its End key goes on meaning the old end until the browser makes the
        slider anew, which it does for another orientation (seen with ipywidgets 8.1).
        """
        slider, last = self.widgets["step"], self.last_step(expression)
        if slider.max == last:
            return
        with self.quiet():
            slider.max = last
            slider.orientation = "vertical"
            slider.orientation = "horizontal"

    def rows(self) -> list[widgets.Widget]:
        rows = dict(zip(self.widgets, super().rows(), strict=True))
        rows["expression"].add_class("course-wide")
        rows["inputs"].layout.display = "contents"  # its sliders stand among the others
        rows["step"].layout.flex_flow = "row wrap"
        rows["step"].children[0].layout.flex = "1 1 18em"
        fit = widgets.Button(description="fit", tooltip="all of the graph in sight; the key 0 over it")
        fit.layout.width = "auto"
        fit.on_click(lambda _: self.jump({"zoom": self.widgets["zoom"].min, "at": None}))
        rows["zoom"].layout.flex = "1 1 auto"
        return [rows["expression"], rows["step"], rows["inputs"], widgets.HBox([rows["zoom"], fit])]
