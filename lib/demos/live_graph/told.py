"""What the live graph says of a step: its headline, its calculation, and all of it in one line.

Numbers have three significant digits. Where those that are shown multiply or add up to the one that is shown,
an = stands between them; where rounding comes between, an ≈.
"""

from __future__ import annotations

import math
from copy import copy
from typing import Any

import numpy as np

from lib.demos.live_graph.state import Share, State
from lib.graph import Node
from lib.graph.picture.captions import called, short_number, symbol_of, written_sum


def headline(state: State) -> str:
    """What the step does."""
    has_inputs = any(node.is_input for node in state.values)
    what = "the inputs have their values" if has_inputs else "there is no input, only numbers"
    if state.phase == "start":
        what = "backward begins at the output"
    elif state.node is not None:
        what = f"{state.phase} through {called(state.node)}"
    return f"Step {state.step} of {state.last}: {what}"


def read(text: str) -> float:
    """A number as `short_number` wrote it.

    >>> read("−1.2e−5")
    -1.2e-05
    """
    return float(text.replace("−", "-").replace("∞", "inf"))


def equals(of_shown: Any, result: str) -> str:
    """The sign between a calculation and its result: = where what is shown gives what is shown, else ≈."""
    return "=" if short_number(of_shown) == result else "≈"


def calculation(node: Node | None, values: dict[Node, float]) -> str:
    """What a gate computes: "−2 + 5 = 3"."""
    if node is None or node.gate is None:
        return ""
    sign, result = symbol_of(node), short_number(values[node])
    taken = [short_number(values[parent]) for parent in node.parents]
    with np.errstate(all="ignore"):
        of_shown = copy(node.gate).forward(*(np.array(read(text)) for text in taken))
    if node.gate.infix:
        taken = [taken[0], *(f"({text})" if text.startswith("−") else text for text in taken[1:])]
        left = f" {sign} ".join(taken) if len(taken) > 1 else f"{sign}({taken[0]})"
    else:
        left = f"{sign}({', '.join(taken)})"
    return f"{left} {equals(of_shown, result)} {result}"


def product(share: Share) -> tuple[str, str, str, str, str]:
    """The gradient that a gate hands to a parent, in words: upstream, ×, local, = or ≈, gradient."""
    upstream, local, gradient = map(short_number, share[1:4])
    return upstream, "×", local, equals(read(upstream) * read(local), gradient), gradient


def branch_sum(share: Share) -> str:
    """How the gradients of several uses add: "−4 + 3 = −1"."""
    terms = [share.before, share.gradient]
    result = short_number(sum(terms))
    of_shown = sum(read(short_number(term)) for term in terms)
    return f"{written_sum(terms)} {equals(of_shown, result)} {result}"


def trouble(state: State) -> str:
    """Where the first number that is not finite comes from, in a sentence; "" where all are finite."""
    for node, value in state.values.items():  # in the order of computing
        if not math.isfinite(value):
            line = calculation(node, state.values)
            if math.isnan(value):
                return f"{line}: there is no such number (nan), and what is computed from it is nan too"
            return f"{line}: beyond every number of the computer (∞), so that gradients may become 0 or nan"
    for node, gradient in state.gradients.items():  # from the output back
        if not math.isfinite(gradient):
            return (
                f"The gradient of {called(node)} is {short_number(gradient)}: "
                "where a gate stands now, its curve has no finite slope"
            )
    return ""


def said(state: State) -> str:
    """The step in one line of text, numbers included."""
    text = headline(state)
    if state.phase == "inputs":
        inputs = [f"{node.name} = {short_number(x)}" for node, x in state.values.items() if node.is_input]
        text += f"{', ' * bool(inputs)}{', '.join(inputs)}; no gate has worked yet"
    if state.phase in ("forward", "start"):
        line = calculation(state.node, state.values) if state.phase == "forward" else "∂f/∂f = 1"
        text += f": {line}"
    for number, share in enumerate(state.shares):
        upstream, times, local, equal, gradient = product(share)
        text += (
            f"{'; ' if number else ': '}upstream {upstream} {times} local {local} "
            f"{equal} {gradient} to {share.to}"
        )
        text += "" if share.before is None else f", which now has {branch_sum(share)}"
    if state.step == state.last:
        ends = [f"{n.name} {short_number(g)}" for n, g in state.gradients.items() if n.is_input]
        text += f". Gradients: {', '.join(sorted(ends))}" if ends else ". No input, so no gradient to read"
    wrong = trouble(state)
    return f"{text}.{' ' if wrong else ''}{wrong}{'.' if wrong else ''}"
