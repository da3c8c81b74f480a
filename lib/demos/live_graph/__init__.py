"""Any expression as a graph, stepped forward and backward: at each gate, upstream × local = gradient."""

from __future__ import annotations

from typing import Any

from lib.checks import alternatives, check_choice, check_switch, shown
from lib.demos.live_graph.live_graph_demo import START, LiveGraphDemo
from lib.demos.live_graph.state import compute

__all__ = ["LiveGraphDemo", "compute", "show"]


def show(
    expression: str = START, *more: Any, full: bool = False, preset: str | None = None, **values: Any
) -> None:
    """Display the demo for an expression.

    expression: such as "x*y + max(z, w)": names, numbers, + − * / ** and functions
    inputs: name → number from −10 to 10; names that are missing start at 1
    step: how many steps have been made, 0 is none
    zoom: how many times its readable size the graph is drawn
    at: the place (x, y) of a graph that is larger than its field in the middle of that, in points
    full: True fills the window with it
    preset: the name of a preset to start from; a value that is given comes before its own

    Raises `ValueError` for anything else.
    """
    if more:
        raise ValueError(
            f"show: expected one expression, and the rest by name, such as step=2, got {shown(more[0])}"
        )
    check_switch(full, name="full")
    if preset is not None:
        values = LiveGraphDemo.presets[check_choice(preset, LiveGraphDemo.presets, name="preset")] | values
        begun = values.pop("expression")
        expression = begun if expression == START else expression
    demo = LiveGraphDemo(expression=expression, **values)
    unknown = sorted(values.get("inputs", {}).keys() - demo.values["inputs"].keys())
    if unknown:
        raise ValueError(
            f"inputs: expected names that occur in {expression}, {alternatives(demo.values['inputs'])}, "
            f"got {unknown[0]!r}"
        )
    demo.show(full=full)
