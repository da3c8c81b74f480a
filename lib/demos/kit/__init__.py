"""The demo kit: pure arithmetic, a figure updated in place, and sliders. Start reading at demo.py."""

from lib.demos.kit.controls import Choice, LogSlider, Slider, Switch, Time
from lib.demos.kit.demo import Demo
from lib.demos.kit.show import shows

__all__ = ["Choice", "Demo", "LogSlider", "Slider", "Switch", "Time", "shows"]
