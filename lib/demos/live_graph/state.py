"""The arithmetic of the live graph: an expression, its graph and layout, and its state after some steps."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from lib.demos.live_graph.sizes import NARROW, WIDE, Sizes
from lib.graph import ComputationalGraph, Gate, Node, Step
from lib.graph.picture.captions import called
from lib.graph.picture.graph_artists import MARGIN, arrange_graph
from lib.graph.picture.layout import COLUMN_GAP, Layout
from lib.graph.typed.parse import parse
from lib.graph.vocabulary import typed_functions

MOST_NODES, MOST_INPUTS = 40, 8  # that fit on the picture, and on the panel
CLOSE = 18  # points, between columns where room is short
SMALL = 0.9  # of a graph's usual size: below it, its numbers may stand above the boxes, where that helps
NEW = 1.0  # what an input starts at whose name has not been used before


class Share(NamedTuple):
    """What a gate hands to one of its parents: upstream × local = gradient."""

    to: str  # how the parent is called
    upstream: float
    local: float
    gradient: float
    before: float | None  # what the parent has got from its other uses so far; None if nothing


class State(NamedTuple):
    """The graph after some steps: the values come gate by gate, then the gradients, from the output back."""

    expression: str
    layout: Layout
    step: int
    last: int  # step at which everything is computed
    values: dict[Node, float]  # those that are known by now
    gradients: dict[Node, float]  # likewise; where uses are still missing, the sum so far
    node: Node | None  # the gate at work
    phase: str  # "inputs", "forward", "start" (the output's own gradient) or "backward"
    shares: tuple[Share, ...]  # backward: one for each parent that is no constant
    zoom: float = 1.0  # how many times its readable size the graph is drawn
    at: tuple[float, float] | None = None  # the place of it in the middle; None follows the gate at work


def build(expression: str) -> tuple[ComputationalGraph, Layout]:
    """The graph of an expression, computed once at 1, and its layout.

    Raises `ValueError` where it cannot be read, has too many gates or inputs, or is no number.
    """
    return built_with(expression, tuple(typed_functions().items()))


@lru_cache(maxsize=64)
def built_with(
    expression: str, functions: tuple[tuple[str, type[Gate]], ...]
) -> tuple[ComputationalGraph, Layout]:
    """What `build` returns, remembered for as long as no gate is defined anew."""
    graph = ComputationalGraph(parse(expression, dict(functions)))
    if len(graph.inputs) > MOST_INPUTS:
        raise ValueError(f"this has {len(graph.inputs)} names; at most {MOST_INPUTS} get a slider")
    if len(graph.nodes) > MOST_NODES:
        raise ValueError(f"this graph has {len(graph.nodes)} nodes; at most {MOST_NODES} fit on the picture")
    if all(node.gate is None for node in graph.nodes):
        raise ValueError("there is nothing to compute: try x * y")
    graph.forward(**dict.fromkeys(graph.inputs, 1.0))
    graph.backward()

    return graph, laid_out(graph, WIDE)


def laid_out(graph: ComputationalGraph, sizes: Sizes) -> Layout:
    """The layout that lets the graph be largest in a figure of these sizes."""

    def enlargement(layout: Layout) -> float:
        """By how much a graph can be enlarged until it fills the room for it."""
        return min((sizes.width - MARGIN[0]) / layout.width, (sizes.graph - MARGIN[1]) / layout.height)

    def arranged(gap: float, above: bool = False) -> Layout:
        return arrange_graph(graph, {}, {}, least="−0.000", gap=gap, above=above)

    gap = COLUMN_GAP
    layout = arranged(gap)
    if enlargement(layout) < 1:
        gap = CLOSE
        layout = arranged(gap)
    if enlargement(layout) < SMALL:
        layout = max(layout, arranged(gap, above=True), key=enlargement)
    columns = len({round(place[0] + layout.widths[node] / 2) for node, place in layout.places.items()})
    # A tall graph leaves room for wider gaps.
    spare = sizes.width * layout.height / sizes.graph - layout.width
    if spare > 0 and columns > 1:
        layout = arranged(gap + min(60, 0.9 * spare / (columns - 1)), layout.above)
    return layout


@lru_cache(maxsize=64)
def narrow_layout(graph: ComputationalGraph) -> Layout:
    """The layout for a narrow window."""
    return laid_out(graph, NARROW)


def last_step(expression: str) -> int:
    """Steps that an expression takes: its gates forward, the output's gradient 1, its gates backward."""
    return 1 + 2 * sum(node.gate is not None for node in build(expression)[0].nodes)


def input_names(expression: str) -> list[str]:
    """The names in an expression that get a slider, each once."""
    return list(build(expression)[0].inputs)


def compute(
    expression: str,
    inputs: dict[str, float],
    step: int,
    zoom: float = 1.0,
    at: tuple[float, float] | None = None,
) -> State:
    """The graph of an expression after `step` steps; steps beyond the last one change nothing more.

    inputs: name → number; names that do not occur are ignored, those that are missing are 1
    zoom, at: of the drawing; they change no number

    Raises `ValueError` where the expression cannot be shown (see `build`), or step is below 0.
    """
    if step < 0:
        raise ValueError(f"step: expected 0, 1, 2, …, got {step}")
    graph, layout = build(expression)
    graph.forward(**{name: inputs.get(name, NEW) for name in graph.inputs})
    graph.backward()
    trace = graph.trace()
    gates = len(trace) // 2
    step = min(step, 2 * gates + 1)
    waiting = {s.node for s in trace[:gates][step:]}
    values = {node: float(value) for node, value in graph.values.items() if node not in waiting}
    output = graph.outputs[0]
    gradients = {output: 1.0} if step > gates else {}
    shares: tuple[Share, ...] = ()
    for past in trace[gates : step - 1] if step > gates + 1 else ():
        shares = pass_back(past, gradients)
    node, phase = None, "inputs"
    if 0 < step <= gates:
        node, phase = trace[step - 1].node, "forward"
    elif step == gates + 1:
        node, phase = output, "start"
    elif step > gates:
        node, phase = trace[step - 2].node, "backward"
    return State(expression, layout, step, 2 * gates + 1, values, gradients, node, phase, shares, zoom, at)


def steps_of(expression: str) -> dict[Node, tuple[int, int]]:
    """Gate → the step that computes its value, and the one that hands its gradient back."""
    trace = build(expression)[0].trace()
    gates = len(trace) // 2
    forward = {step.node: number + 1 for number, step in enumerate(trace[:gates])}
    backward = {step.node: number + 2 for number, step in enumerate(trace[gates:], gates)}
    return {node: (step, backward[node]) for node, step in forward.items()}


def pass_back(step: Step, gradients: dict[Node, float]) -> tuple[Share, ...]:
    """Adds what one gate hands to its parents to their gradients; returns it."""
    shares = []
    for parent, local, given in zip(step.node.parents, step.local or (), step.given, strict=True):
        if parent.constant is None:
            before = gradients.get(parent)
            gradients[parent] = float(given) if before is None else before + float(given)
            shares.append(Share(called(parent), float(step.taken[0]), float(local), float(given), before))
    return tuple(shares)
