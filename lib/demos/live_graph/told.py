"""What the live graph says of a step: its headline, its calculation, and all of it in one line."""

from __future__ import annotations

from lib.demos.live_graph.state import Share, State
from lib.graph.picture.captions import called, short_number, symbol_of, written_sum


def headline(state: State) -> str:
    """What the step does."""
    what = "the inputs have their values"
    if state.phase == "start":
        what = "backward begins at the output"
    elif state.node is not None:
        what = f"{state.phase} through {called(state.node)}"
    return f"Step {state.step} of {state.last}: {what}"


def calculation(state: State) -> str:
    """What the gate at work computes forward: "−2 + 5 = 3"."""
    node = state.node
    if node is None or node.gate is None:
        return ""
    sign = symbol_of(node)
    taken = [short_number(state.values[parent]) for parent in node.parents]
    if node.gate.infix:
        taken = [taken[0], *(f"({text})" if text.startswith("−") else text for text in taken[1:])]
        left = f" {sign} ".join(taken) if len(taken) > 1 else f"{sign}({taken[0]})"
    else:
        left = f"{sign}({', '.join(taken)})"
    return f"{left} = {short_number(state.values[node])}"


def branch_sum(share: Share) -> str:
    """How the gradients of several uses add: "−4 + 3 = −1"."""
    terms = [share.before, share.gradient]
    return f"{written_sum(terms)} = {short_number(sum(terms))}"


def said(state: State) -> str:
    """The step in one line of text, numbers included: for those who cannot see the picture."""
    text = headline(state)
    if state.phase in ("forward", "start"):
        text += f": {calculation(state) if state.phase == 'forward' else '∂f/∂f = 1'}"
    for share in state.shares:
        text += (
            f"; upstream {short_number(share.upstream)} × local {short_number(share.local)} "
            f"= {short_number(share.gradient)} to {share.to}"
        )
        text += "" if share.before is None else f", which now has {branch_sum(share)}"
    if state.step == state.last:
        ends = [f"{n.name} {short_number(g)}" for n, g in state.gradients.items() if n.is_input]
        text += f". Gradients: {', '.join(sorted(ends))}"
    return text + "."
