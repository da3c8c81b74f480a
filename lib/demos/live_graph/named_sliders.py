"""A control for several numbers whose names change while the demo runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lib.demos.kit.controls import Control, Slider


class NamedSliders(Control):
    """A slider for each name; its value is a dictionary, name → number.

    low, high, step: of every slider
    start: the first names and numbers
    most: how many names there may be
    examples: other values, for those who try out every control
    label: what stands before the sliders
    """

    def __init__(
        self,
        low: float,
        high: float,
        *,
        start: dict[str, float],
        most: int,
        step: float = 1,
        examples: Sequence[dict[str, float]] = (),
        label: str | None = None,
    ):
        super().__init__(start, label)
        self.low, self.high, self.most = low, high, most
        self.sliders = [Slider(low, high, start=low, step=step) for _ in range(most)]
        self.examples = tuple(examples)

    def check(self, value: Any) -> dict[str, float]:
        if not isinstance(value, dict) or len(value) > self.most:
            raise self.refuse(value, f"a dictionary of at most {self.most} numbers")
        checked = {}
        for slider, (name, number) in zip(self.sliders, value.items(), strict=False):
            slider.name = f"{self.name}, {name}"
            checked[name] = slider.check(number)
        return checked

    def widget(self) -> Any:
        from lib.demos.live_graph.slider_box import SliderBox

        return SliderBox(self.sliders, self.start)
