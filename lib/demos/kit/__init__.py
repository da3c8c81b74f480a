"""The demo kit: pure arithmetic, a figure updated in place, and sliders. Start reading at demo.py."""

from lib.demos.kit.controls import Choice, LogSlider, Slider, Switch, Time
from lib.demos.kit.demo import Demo
from lib.demos.kit.draw import Draw, Undo
from lib.demos.kit.points import Points
from lib.demos.kit.show import shows
from lib.demos.kit.touch import Handle, Pick, Region

__all__ = [
    "Choice", "Demo", "Draw", "Handle", "LogSlider", "Pick", "Points", "Region",
    "Slider", "Switch", "Time", "Undo", "shows",
]  # fmt: skip
