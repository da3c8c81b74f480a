"""A control for going through something step by step."""

from __future__ import annotations

from typing import Any

from lib.demos.kit.controls import Time


class Steps(Time):
    """Time with two more buttons, one step back and one on; its slider may be given another last step."""

    def player(self, slider: Any) -> Any:
        import ipywidgets

        play = super().player(slider)
        look = {"layout": ipywidgets.Layout(width="auto")}
        back = ipywidgets.Button(description="◀ back", tooltip="one step back", **look)
        on = ipywidgets.Button(description="step ▶", tooltip="one step on", **look)

        def move(by: int) -> None:
            slider.value = min(max(slider.value + by, slider.min), slider.max)

        back.on_click(lambda _: move(-1))
        on.on_click(lambda _: move(1))
        return ipywidgets.HBox([back, on, play])
