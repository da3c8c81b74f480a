"""The gradient on its way back through many sigmoid layers."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "08.back_through",
    "Back through many layers",
    defines=("back_through",),
    parts={"one layer": 1, "three layers": 1},
    hints=(
        "Begin with the last layer: reversed(weights) and reversed(outputs), with zip.",
        "In each layer two things happen, in this order: times the slope of the sigmoid, then through the "
        "weights.",
        "The slope is a * (1 - a). The forward pass has W.T, so the way back has W.",
        "Append each gradient to a list that begins with grad, and return the list in reverse.",
    ),
    minutes=7,
    tells=("* (1 - a)) @", "grads[::-1]", "a * (1 - a) @"),
)


def sigmoid_layers(rng: np.random.Generator, count: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Weights of a few layers, of sizes that all differ, and outputs of five examples."""
    sizes = [3, 4, 2, 6][: count + 1]
    weights = [rng.normal(size=shape) for shape in zip(sizes[1:], sizes[:-1], strict=True)]
    outputs = [rng.uniform(0.1, 0.9, (5, size)) for size in sizes[1:]]
    return weights, outputs


def gradients_of(back_through: Any, rng: np.random.Generator, count: int) -> dict[str, Any]:
    """Each gradient of the list by its place."""
    weights, outputs = sigmoid_layers(rng, count)
    found = back_through(rng.normal(size=outputs[-1].shape), weights, outputs)
    values = {f"number {place} of the list": grad for place, grad in enumerate(found)}
    return {"gradients in the list": len(found)} | values


@task.check("one layer", within=1e-9)
def back_through_one(back_through: Any, rng: np.random.Generator) -> dict[str, Any]:
    """one layer, 3 inputs and 4 outputs"""
    return gradients_of(back_through, rng, 1)


@task.check("three layers", within=1e-9)
def back_through_three(back_through: Any, rng: np.random.Generator) -> dict[str, Any]:
    """three layers"""
    return gradients_of(back_through, rng, 3)


@task.reference
def back_through(grad, weights, outputs):
    grads = [grad]
    for W, a in zip(reversed(weights), reversed(outputs), strict=True):
        grad = (grad * a * (1 - a)) @ W
        grads.append(grad)
    return grads[::-1]


BOTH = ("one layer", "three layers")


@task.wrong(0, "The slope of the sigmoid is missing: multiply by it before W.", breaks=BOTH)
def weights_alone(grad, weights, outputs):
    grads = [grad]
    for W in reversed(weights):
        grads.append(grads[-1] @ W)
    return grads[::-1]


@task.wrong(0, "This is the slope of tanh; from its output a, the sigmoid has another one.", breaks=BOTH)
def with_the_slope_of_tanh(grad, weights, outputs):
    grads = [grad]
    for W, a in zip(reversed(weights), reversed(outputs), strict=True):
        grads.append((grads[-1] * (1 - a**2)) @ W)
    return grads[::-1]


@task.wrong(0, "a is the output already: sigmoid(a) would be a sigmoid of a sigmoid.", breaks=BOTH)
def sigmoid_of_the_output(grad, weights, outputs):
    return back_through(grad, weights, [1 / (1 + np.exp(-a)) for a in outputs])


@task.wrong(
    0, "The list begins at the loss: return it in the order of the layers, the input first.", breaks=BOTH
)
def from_the_loss_on(grad, weights, outputs):
    return back_through(grad, weights, outputs)[::-1]


@task.wrong(
    0, "grad itself is missing at the end of the list: it is the gradient in the last output.", breaks=BOTH
)
def without_the_last(grad, weights, outputs):
    return back_through(grad, weights, outputs)[:-1]


@task.wrong(
    0,
    "The gradients in your list are multiplied by the slope already: append each one before, and without *=, "
    "which would write into the list as well.",
    breaks=BOTH,
)
def written_over(grad, weights, outputs):
    grads = [grad]
    for W, a in zip(reversed(weights), reversed(outputs), strict=True):
        grad *= a * (1 - a)
        grad = grad @ W
        grads.append(grad)
    return grads[::-1]


@task.wrong(
    0,
    "The gradient in the input is missing: the first layer has weights, too, so go through all.",
    breaks=BOTH,
)
def without_the_input(grad, weights, outputs):
    return back_through(grad, weights, outputs)[1:]


@task.wrong(
    0,
    "The order is wrong: a layer ends with its sigmoid, so on the way back its slope comes before its W.",
    breaks=BOTH,
)
def weights_before_slope(grad, weights, outputs):
    grads = [grad]
    for place in reversed(range(len(weights))):
        grad = grad @ weights[place]
        if place > 0:
            grad = grad * outputs[place - 1] * (1 - outputs[place - 1])
        grads.append(grad)
    return grads[::-1]
