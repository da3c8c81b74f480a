"""The function `show` of a demo's file, made from its controls."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from lib.checks import alternatives, check_choice, check_switch, shown
from lib.demos.kit.demo import Demo


def shows(demo: type[Demo]) -> Callable[..., None]:
    """A function that displays the demo, and takes where its controls stand at first, by name.

    Where the demo is about data, they are its first argument, `data`, which may be left out. `preset` is the
    name of a preset to start from.
    Its signature and its help list the controls. It raises `ValueError` for every other argument.
    """
    controls = demo.controls
    about_data = "data" in inspect.signature(demo.__init__).parameters

    def show(*arguments: Any, **values: Any) -> None:
        full = check_switch(values.pop("full", False), name="full")
        by_place = list(arguments)
        if by_place and about_data and "data" not in values:
            values["data"] = by_place.pop(0)
        if by_place:
            example = ", ".join(f"{name}={control.start!r}" for name, control in controls.items())
            raise ValueError(f"show: expected values by name, {example}, got {shown(by_place[0])}")
        if not about_data and "data" in values and "data" not in controls:
            raise ValueError(
                f"data: expected nothing, as this demo makes its own, got {shown(values['data'])}"
            )
        if demo.presets and values.get("preset") is not None:
            values = demo.presets[check_choice(values["preset"], demo.presets, name="preset")] | values
        if demo.presets:
            values.pop("preset", None)
        demo.checked({name: value for name, value in values.items() if name != "data" or not about_data})
        demo(**values).show(full=full)

    by_name = inspect.Parameter.KEYWORD_ONLY
    parameters = [inspect.Parameter(name, by_name, default=c.start) for name, c in controls.items()]
    parameters.append(inspect.Parameter("full", by_name, default=False))
    if demo.presets:
        parameters.append(inspect.Parameter("preset", by_name, default=None))
    if about_data:
        parameters.insert(0, inspect.Parameter("data", inspect.Parameter.POSITIONAL_OR_KEYWORD, default=None))
    show.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # functions may have it
    show.__module__, show.__doc__ = demo.__module__, help_of(demo, about_data=about_data)
    return show


def help_of(demo: type[Demo], *, about_data: bool) -> str:
    """What `help` says: the arguments, one a line."""
    lines = [f"{name}: {control.accepted}" for name, control in demo.controls.items()]
    lines.append("full: True fills the window with it; the key F does the same, Esc leaves")
    if demo.presets:
        presets = alternatives(demo.presets)
        lines.append(f"preset: where to start from, {presets}; a value that is given comes before its own")
    if about_data:
        lines.insert(0, 'data: images of a data set; None takes those of `load_dataset("auto")`')
    return "\n".join(
        [f"Display the demo “{demo.title}”.", "", *lines, "", "Raises `ValueError` for anything else."]
    )
