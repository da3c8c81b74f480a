"""Gradient descent with the engine of lecture 05."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.graph.node import inputs
from lib.tasks.lecture_05._engine import forward, sort
from lib.tasks.lecture_05._gates import GATES, Plus, Times, drawn
from lib.tasks.lecture_05.backward import backward
from lib.tasks.task import Task

task = Task(
    "05.train",
    "Training",
    defines=("train",),
    parts={"one step": 1, "steps": 1, "losses": 1},
    allows=GATES,
    hints=(
        "Each step has three lines: values forward, gradients backward, and a loop over the weights.",
        "A weight moves against its gradient: its value minus rate times gradient.",
        "The gradient of a weight has one number for each example. The weight is used by all: take np.sum.",
    ),
    minutes=7,
    tells=("rate * np.sum",),
)


def line(rng: np.random.Generator) -> tuple[Any, dict[Any, Any], list[Any]]:
    """The error (w x + b + t)² of three examples: its node, the values, and the weights."""
    w, x, b, t = inputs("w x b t")
    error = Plus()(Plus()(Times()(w, x), b), t)
    values = {w: drawn(rng), b: drawn(rng), x: drawn(rng, 3), t: drawn(rng, 3)}
    return Times()(error, error), values, [w, b]


def weights_after(train: Any, rng: np.random.Generator, steps: int) -> dict[str, Any]:
    """What becomes of the weights and of the examples."""
    loss, values, weights = line(rng)
    x = next(node for node in values if node.name == "x")
    before = values[x].copy()
    train(loss, values, weights, 0.01, steps)
    found = {f"{node.name} after {steps} steps": np.float64(values[node]) for node in weights}
    return found | {"x stays as it is": bool(np.array_equal(values[x], before))}


@task.check("one step", within=1e-9)
def weights_after_one_step(train: Any, rng: np.random.Generator) -> dict[str, Any]:
    """one step of rate 0.01"""
    return weights_after(train, rng, 1)


@task.check("steps", within=1e-9)
def weights_after_some_steps(train: Any, rng: np.random.Generator) -> dict[str, Any]:
    """seven steps of rate 0.01"""
    return weights_after(train, rng, 7)


@task.check("losses", within=1e-9)
def losses_on_the_way(train: Any, rng: np.random.Generator) -> dict[str, Any]:
    """what train returns after five steps"""
    loss, values, weights = line(rng)
    return {"the losses, each before its step": train(loss, values, weights, 0.01, 5)}


@task.reference
def train(loss, values, weights, rate, steps):
    order, losses = sort(loss, []), []
    for _ in range(steps):
        forward(order, values)
        losses.append(np.sum(values[loss]))
        gradients = backward(loss, order)
        for weight in weights:
            values[weight] = values[weight] - rate * np.sum(gradients[weight])
    return losses


EVERYTHING = ("one step", "steps", "losses")


@task.wrong(0, "The loss grows: a weight moves against its gradient, so subtract.", breaks=EVERYTHING)
def uphill(loss, values, weights, rate, steps):
    return train(loss, values, weights, -rate, steps)


@task.wrong(0, "The rate is missing: the weights move by the whole gradient.", breaks=EVERYTHING)
def without_rate(loss, values, weights, rate, steps):
    return train(loss, values, weights, 1.0, steps)


@task.wrong(
    0,
    "Each step sees the first one's numbers: put both passes into the loop, and new weights into `values`.",
    breaks=("steps", "losses"),
)
def stale_gradients(loss, values, weights, rate, steps):
    order, losses = sort(loss, []), []
    forward(order, values)
    gradients = backward(loss, order)
    for _ in range(steps):
        losses.append(np.sum(values[loss]))
        for weight in weights:
            values[weight] = values[weight] - rate * np.sum(gradients[weight])
    return losses


@task.wrong(
    0,
    "One weight for each example came out: it is one weight, used by all, so sum its gradient.",
    breaks=EVERYTHING,
)
def one_for_each_example(loss, values, weights, rate, steps):
    order, losses = sort(loss, []), []
    for _ in range(steps):
        forward(order, values)
        losses.append(values[loss])
        gradients = backward(loss, order)
        for weight in weights:
            values[weight] = values[weight] - rate * gradients[weight]
    return losses


@task.wrong(
    0, "All inputs were moved, the examples and their targets too: move the weights alone.", breaks=EVERYTHING
)
def moves_the_data(loss, values, weights, rate, steps):
    every = [node for node in values if node.gate is None]
    order, losses = sort(loss, []), []
    for _ in range(steps):
        forward(order, values)
        losses.append(np.sum(values[loss]))
        gradients = backward(loss, order)
        for node in every:
            step = rate * gradients[node]
            values[node] = values[node] - (np.sum(step) if node in weights else step)
    return losses


@task.wrong(
    0, "The losses did not come, and the plot needs them: append one before each step.", breaks="losses"
)
def nothing_returned(loss, values, weights, rate, steps):
    train(loss, values, weights, rate, steps)


@task.wrong(
    0,
    "This averages a weight's gradient; the loss is a sum over the points, so its gradient is a sum, too.",
    breaks=EVERYTHING,
)
def averages_gradients(loss, values, weights, rate, steps):
    examples = next(np.size(number) for node, number in values.items() if node not in weights)
    return train(loss, values, weights, rate / examples, steps)


@task.wrong(
    0,
    "The weights in `values` are as before: move them in this dictionary itself, not in a copy.",
    breaks=("one step", "steps"),
)
def moves_a_copy(loss, values, weights, rate, steps):
    return train(loss, dict(values), weights, rate, steps)


@task.wrong(0, "A loss for each example came out; note their sum, np.sum(values[loss]).", breaks="losses")
def losses_not_summed(loss, values, weights, rate, steps):
    order, losses = sort(loss, []), []
    for _ in range(steps):
        losses.append(forward(order, values)[loss])
        train(loss, values, weights, rate, 1)
    return losses


@task.wrong(0, "These are the means over the examples; note their sums.", breaks="losses")
def means_noted(loss, values, weights, rate, steps):
    examples = next(np.size(number) for node, number in values.items() if node not in weights)
    return [each / examples for each in train(loss, values, weights, rate, steps)]


@task.wrong(
    0, "These are the losses after each step; note the loss before the weights move.", breaks="losses"
)
def noted_after_the_step(loss, values, weights, rate, steps):
    losses = train(loss, values, weights, rate, steps)
    return [*losses[1:], np.sum(forward(sort(loss, []), values)[loss])]


@task.wrong(
    0,
    "values[loss] is there only after the pass forward: compute first, then note the loss.",
    breaks=EVERYTHING,
)
def noted_too_early(loss, values, weights, rate, steps):
    losses = [np.sum(values[loss])]
    return losses + train(loss, values, weights, rate, steps)
