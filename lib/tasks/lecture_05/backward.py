"""The backward pass of an engine."""

from __future__ import annotations

from operator import is_
from typing import Any

import numpy as np

from lib.graph.node import inputs
from lib.tasks.lecture_05._engine import forward, sort
from lib.tasks.lecture_05._gates import GATES, Plus, Times, drawn
from lib.tasks.task import Task

task = Task(
    "05.backward",
    "The backward pass",
    defines=("backward",),
    parts={"a chain": 1, "a branch": 1, "twice": 1},
    allows=GATES,
    hints=(
        "gradients is a dictionary: every node starts with 0.0, the output with 1.0.",
        "Walk through reversed(order). A node without a gate has nothing to hand on.",
        "node.gate.backward(gradients[node]) gives one gradient for each of node.parents, in order.",
        "A parent may get several: gradients[parent] += grad.",
    ),
    minutes=9,
    tells=("reversed(order)", "gradients[parent] +="),
)


def slopes(backward: Any, output: Any, values: dict[Any, float]) -> dict[str, Any]:
    """The gradients that an engine finds for the inputs of a graph."""
    order = sort(output, [])
    forward(order, dict(values))
    gradients = backward(output, order)
    if gradients is None:
        return {f"∂f/∂{node.name}": None for node in values}
    return {f"∂f/∂{node.name}": np.float64(gradients[node]) for node in values}


@task.check("a chain", within=1e-9)
def gradients_of_a_chain(backward: Any, rng: np.random.Generator) -> dict[str, Any]:
    """f = (x + y) · z"""
    x, y, z = inputs("x y z")
    f = Times()(Plus()(x, y), z)
    return slopes(backward, f, {x: drawn(rng), y: drawn(rng), z: drawn(rng)})


@task.check("a branch", within=1e-9)
def gradients_at_a_branch(backward: Any, rng: np.random.Generator) -> dict[str, Any]:
    """a = x · x, b = a · y, f = b + a"""
    x, y = inputs("x y")
    a = Times()(x, x)
    f = Plus()(Times()(a, y), a)
    return slopes(backward, f, {x: drawn(rng), y: drawn(rng)})


@task.check("twice", within=1e-9)
def a_second_call(backward: Any, rng: np.random.Generator) -> dict[str, Any]:
    """backward called again, beside its first call"""
    x, y = inputs("x y")
    f = Plus()(Times()(x, y), x)
    order = sort(f, [])
    forward(order, {x: drawn(rng), y: drawn(rng)})
    before, calls, stays = list(order), [], True
    for _ in range(2):
        gradients = backward(f, order)
        if gradients is None:
            return {"the second call gives the same": None}
        calls.append([float(gradients[node]) for node in (x, y)])
        stays = stays and all(map(is_, order, before))
    same = calls[0] == calls[1]
    return {"the second call gives the same": same, "and not 0 alone": any(calls[0]), "order stays": stays}


@task.reference
def backward(output, order):
    gradients = dict.fromkeys(order, 0.0)
    gradients[output] = 1.0
    for node in reversed(order):
        if node.gate:
            grads = node.gate.backward(gradients[node])
            for parent, grad in zip(node.parents, grads, strict=True):
                gradients[parent] += grad
    return gradients


@task.wrong(
    0,
    "A node that is used twice keeps the share that came last: add to gradients[parent].",
    breaks="a branch",
)
def overwrites(output, order):
    gradients = dict.fromkeys(order, 0.0)
    gradients[output] = 1.0
    for node in reversed(order):
        if node.gate:
            grads = node.gate.backward(gradients[node])
            for parent, grad in zip(node.parents, grads, strict=True):
                gradients[parent] = grad
    return gradients


@task.wrong(
    0,
    "Only the last gate hands something on. Walk from the output back, and return after the loop, not in it.",
    breaks=("a chain", "a branch"),
)
def from_the_inputs_on(output, order):
    gradients = dict.fromkeys(order, 0.0)
    gradients[output] = 1.0
    for node in order:
        if node.gate:
            grads = node.gate.backward(gradients[node])
            for parent, grad in zip(node.parents, grads, strict=True):
                gradients[parent] += grad
    return gradients


@task.wrong(
    0,
    "The upstream gradient is always 1 here: give each gate that of its own node.",
    breaks=("a chain", "a branch"),
)
def upstream_of_one(output, order):
    gradients = dict.fromkeys(order, 0.0)
    gradients[output] = 1.0
    for node in reversed(order):
        if node.gate:
            for parent, grad in zip(node.parents, node.gate.backward(1.0), strict=True):
                gradients[parent] += grad
    return gradients


@task.wrong(
    0,
    "Every node starts with 1 here; only the output does, all others start with 0.",
    breaks=("a chain", "a branch"),
)
def ones_first(output, order):
    gradients = dict.fromkeys(order, 1.0)
    for node in reversed(order):
        if node.gate:
            grads = node.gate.backward(gradients[node])
            for parent, grad in zip(node.parents, grads, strict=True):
                gradients[parent] += grad
    return gradients


@task.wrong(
    0,
    "No gradient gets through: the output's own starts with 1, since ∂f/∂f = 1.",
    breaks=("a chain", "a branch", "twice"),
)
def no_start(output, order):
    return dict.fromkeys(order, 0.0)


@task.wrong(
    0, "The gradients of the first call are still there in the second: begin with zeros.", breaks="twice"
)
def never_zeroed(output, order):
    gradients = never_zeroed.__dict__.setdefault("kept", {})
    for node in order:
        gradients.setdefault(node, 0.0)
    gradients[output] = 1.0
    for node in reversed(order):
        if node.gate:
            grads = node.gate.backward(gradients[node])
            for parent, grad in zip(node.parents, grads, strict=True):
                gradients[parent] += grad
    return gradients


@task.wrong(
    0,
    "order.reverse() turns the caller's own list round for good: walk through reversed(order).",
    breaks="twice",
)
def turns_the_list_round(output, order):
    gradients = backward(output, order)
    order.reverse()
    return gradients


@task.wrong(
    0,
    "Is the node an input? It has no gate, and so no backward: leave it out where node.gate is None.",
    breaks=("a chain", "a branch", "twice"),
)
def inputs_have_no_gate(output, order):
    gradients = dict.fromkeys(order, 0.0)
    gradients[output] = 1.0
    for node in reversed(order):
        grads = node.gate.backward(gradients[node])
        for parent, grad in zip(node.parents, grads, strict=True):
            gradients[parent] += grad
    return gradients


@task.wrong(
    0,
    "A gate's backward returns a tuple, a gradient for each parent: take them apart, such as with zip.",
    breaks=("a chain", "a branch", "twice"),
)
def adds_the_tuple(output, order):
    gradients = dict.fromkeys(order, 0.0)
    gradients[output] = 1.0
    for node in reversed(order):
        if node.gate:
            grads = node.gate.backward(gradients[node])
            for parent in node.parents:
                gradients[parent] += grads
    return gradients


@task.wrong(
    0,
    "The upstream gradient is in there twice: the gate's backward has multiplied by it already.",
    breaks=("a chain", "a branch"),
)
def upstream_twice(output, order):
    gradients = dict.fromkeys(order, 0.0)
    gradients[output] = 1.0
    for node in reversed(order):
        if node.gate:
            grads = node.gate.backward(gradients[node])
            for parent, grad in zip(node.parents, grads, strict=True):
                gradients[parent] += grad * gradients[node]
    return gradients
