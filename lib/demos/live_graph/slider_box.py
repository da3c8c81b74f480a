"""Several sliders as one widget: to the panel it has one `value`, a dictionary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ipywidgets as widgets
import traitlets

from lib.demos.kit.controls import Slider
from lib.graph.picture.captions import abbreviated

LONGEST = 14  # letters of a name that have room beside a track; the whole name comes up under the mouse


class SliderBox(widgets.Box):
    """As many sliders as there are names. value: name → number.

    controls: as many as there will ever be
    start: the first names and numbers
    """

    value = traitlets.Dict()
    children: tuple[Any, ...]

    def __init__(self, controls: Sequence[Slider], start: Mapping[str, float]):
        super().__init__()
        self.sliders = [control.widget() for control in controls]
        for slider in self.sliders:
            slider.layout.width = "auto"
            slider.observe(self._moved, names="value")
        self.observe(lambda change: self._show(), names="value")
        self.value = dict(start)

    def _moved(self, change: Any) -> None:
        self.value = {name: slider.value for name, slider in zip(self.value, self.children, strict=True)}

    def _show(self) -> None:
        for slider, (name, number) in zip(self.sliders, self.value.items(), strict=False):
            slider.unobserve(self._moved, names="value")
            slider.description, slider.tooltip, slider.value = abbreviated(name, LONGEST), name, number
            slider.observe(self._moved, names="value")
        if len(self.children) != len(self.value):
            self.children = tuple(self.sliders[: len(self.value)])
