"""The controls of a demo: what values they take, and the widget that shows them.

A control is declared as a class attribute of a `Demo` under the name of the parameter it moves.
`check(value)` returns the value in its own type or raises `ValueError`; `widget()` needs ipywidgets.
`accepted` says in words what it takes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from lib.checks import alternatives, check_choice, check_number, check_switch, shown

STYLE = {"description_width": "max-content"}  # labels are never cut; sliders get what is left


class Control:
    """One parameter of a demo. `name` is filled in by the class that declares it.

    accepted: what values it takes, in words
    start: its value at first
    label: what stands beside it; None takes the name
    live: False where the picture follows only when the handle is let go
    """

    name = ""
    accepted = "a value"

    def __init__(self, start: Any, label: str | None, live: bool = True):
        self.start, self._label, self.live = start, label, live

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @property
    def label(self) -> str:
        return self._label or self.name.replace("_", " ")

    def refuse(self, value: Any, accepted: str) -> ValueError:
        """The error for a value that is none of this control; accepted: what is, in words."""
        return ValueError(f"{self.name}: expected {accepted}, got {shown(value)}")

    def check(self, value: Any) -> Any:
        """The value in this control's own type; raises `ValueError` for any other."""
        raise NotImplementedError

    def nearest(self, value: float) -> Any:
        """The value that the control can take nearest to a number."""
        raise NotImplementedError

    def step_from(self, value: Any, by: int) -> Any:
        """The value so many steps of the arrow keys away, within its ends."""
        raise NotImplementedError

    def widget(self) -> Any:
        """A new widget of ipywidgets that starts at `start`; None where a hand in the picture moves it."""
        return None


class Slider(Control):
    """A number from `low` to `high` in steps; whole numbers where low, high and step are whole.

    low, high: the ends, which belong to it
    start: where the handle stands at first
    step: from one number to the next
    label: what stands beside it; None takes the name
    live: False where one update takes over 200 ms; the picture then follows when the handle is let go
    """

    def __init__(
        self,
        low: float,
        high: float,
        *,
        start: float,
        step: float = 1,
        label: str | None = None,
        live: bool = True,
    ):
        super().__init__(start, label, live)
        check_number(start, name="start", low=low, high=high)
        self.low, self.high, self.step = low, high, step
        self.whole = all(isinstance(number, int) for number in (low, high, step))
        self.accepted = f"a {'whole ' if self.whole else ''}number from {low} to {high}"

    def check(self, value: Any) -> float | int:
        try:
            number = check_number(value, name=self.name, low=self.low, high=self.high)
        except ValueError:
            raise self.refuse(value, self.accepted) from None
        if not self.whole:
            return number
        if not number.is_integer():
            raise self.refuse(value, self.accepted)
        return int(number)

    @property
    def decimals(self) -> int:
        """Digits behind the point that a step can change."""
        return max(0, -math.floor(math.log10(self.step) + 1e-9))

    def nearest(self, value: float) -> float | int:
        steps = round((min(max(value, self.low), self.high) - self.low) / self.step)
        number = min(self.low + steps * self.step, self.high)
        if self.whole:
            return int(number)
        return min(max(round(number, self.decimals + 3), self.low), self.high)  # ends may have more digits

    def step_from(self, value: float, by: int) -> float | int:
        return self.nearest(value + by * self.step)

    def widget(self) -> Any:
        import ipywidgets

        return (ipywidgets.IntSlider if self.whole else ipywidgets.FloatSlider)(
            value=self.start, min=self.low, max=self.high, step=self.step, description=self.label,
            readout_format="d" if self.whole else f".{self.decimals}f",
            continuous_update=self.live, style=STYLE,
        )  # fmt: skip


class LogSlider(Control):
    """A positive number on a logarithmic scale: 10**low to 10**high.

    low, high, start, step: exponents of ten, so `LogSlider(-4, 0, start=-2)` starts at 0.01
    label, live: as in `Slider`
    """

    def __init__(
        self,
        low: float,
        high: float,
        *,
        start: float,
        step: float = 0.1,
        label: str | None = None,
        live: bool = True,
    ):
        super().__init__(10.0**start, label, live)
        check_number(start, name="start", low=low, high=high)
        self.low, self.high, self.step = low, high, step
        self.accepted = f"a number from {10.0**low:g} to {10.0**high:g}"

    def check(self, value: Any) -> float:
        slack = 1 + 1e-9  # 10**x of an exponent that was stepped to the end of the scale
        try:
            return check_number(
                value, name=self.name, low=10.0**self.low / slack, high=10.0**self.high * slack
            )
        except ValueError:
            raise self.refuse(value, self.accepted) from None

    def nearest(self, value: float) -> float:
        exponent = math.log10(value) if value > 0 else self.low
        steps = round((min(max(exponent, self.low), self.high) - self.low) / self.step)
        return 10.0 ** min(self.low + steps * self.step, self.high)

    def step_from(self, value: float, by: int) -> float:
        return self.nearest(value * 10.0 ** (by * self.step))

    def widget(self) -> Any:
        import ipywidgets

        return ipywidgets.FloatLogSlider(
            value=self.start, base=10, min=self.low, max=self.high, step=self.step, description=self.label,
            readout_format=f".{max(2, math.ceil(self.high) + 1)}g",  # else 100 reads 1.0e+2
            continuous_update=self.live, style=STYLE,
        )  # fmt: skip


class Choice(Control):
    """One of a few named options, shown as buttons (up to four) or as a list.

    options: their names, at least one
    start: the one at first; None takes the first
    label: what stands beside it; None takes the name
    """

    def __init__(self, options: Sequence[str], *, start: str | None = None, label: str | None = None):
        super().__init__(options[0] if start is None else start, label)
        self.options = tuple(options)
        self.accepted = alternatives(self.options)
        check_choice(self.start, self.options, name="start")

    def check(self, value: Any) -> str:
        return check_choice(value, self.options, name=self.name)

    def widget(self) -> Any:
        import ipywidgets

        kind = ipywidgets.ToggleButtons if len(self.options) <= 4 else ipywidgets.Dropdown
        style = {**STYLE, "button_width": "auto"} if kind is ipywidgets.ToggleButtons else STYLE
        return kind(options=self.options, value=self.start, description=self.label, style=style)


class Switch(Control):
    """On or off.

    start: True where it is on at first
    label: what stands beside it; None takes the name
    """

    def __init__(self, *, start: bool = False, label: str | None = None):
        super().__init__(start, label)
        self.accepted = "True or False"

    def check(self, value: Any) -> bool:
        return check_switch(value, name=self.name)

    def widget(self) -> Any:
        import ipywidgets

        return ipywidgets.Checkbox(value=self.start, description=self.label, style=STYLE)


class Time(Slider):
    """A step number with play, pause and stop buttons beside its slider.

    last: the last step; the first is 0
    start: where it stands at first
    interval: milliseconds from one step to the next while it plays
    label: what stands beside it; None takes the name
    """

    def __init__(self, last: int, *, start: int = 0, interval: int = 60, label: str | None = None):
        super().__init__(0, last, start=start, label=label)
        self.interval = interval

    def player(self, slider: Any) -> Any:
        """Play, pause and stop.

        Play is a metronome: each of its beats moves the slider on from where it stands. Linked in the browser
        instead, slider and metronome would both send every move, which costs a fifth of the pictures.
        """
        import ipywidgets

        play = ipywidgets.Play(value=1, min=0, max=10**9, interval=self.interval, show_repeat=False)

        def beat(change: Any) -> None:
            if change.new == 0:  # stop
                slider.value, play.value = slider.min, 1  # 1, so that the next stop is a change too
            elif change.old != 0 and play.playing:  # else it is that 1, or a beat too late
                on = slider.value + change.new - change.old
                slider.value = slider.min if slider.value == slider.max else min(on, slider.max)
                play.playing = slider.value < slider.max

        play.observe(beat, "value")
        return play
