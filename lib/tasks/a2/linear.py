"""A linear layer with Torch7's contract."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "a2.linear",
    "Linear",
    defines=("Linear",),
    parts={"output": 8, "grad_input": 6, "grad_weight": 6, "grad_bias": 3, "contract": 2},
)


def made(Linear: Any, rng: np.random.Generator) -> tuple[Any, np.ndarray, np.ndarray]:
    """A layer with drawn parameters, an input and a gradient from above; no two sizes are alike."""
    examples, inputs, outputs = rng.permutation(np.arange(3, 9))[:3]
    layer = Linear(int(inputs), int(outputs))
    layer.weight[...] = rng.normal(size=(outputs, inputs))
    layer.bias[...] = rng.normal(size=outputs)
    return layer, rng.normal(size=(examples, inputs)), rng.normal(size=(examples, outputs))


@task.check("output")
def forward(Linear: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward"""
    layer, x, _ = made(Linear, rng)
    return {"forward(x)": layer.forward(x), "forward(x[:1])": layer.forward(x[:1])}


@task.check("grad_input")
def backward(Linear: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward, then backward"""
    layer, x, grad_output = made(Linear, rng)
    layer.forward(x)
    return {"backward(x, grad_output)": layer.backward(x, grad_output)}


@task.check("grad_weight")
def gradient_of_the_weight(Linear: Any, rng: np.random.Generator) -> dict[str, Any]:
    """two backwards, the second with scale=0.5"""
    layer, x, grad_output = made(Linear, rng)
    layer.forward(x)
    layer.backward(x, grad_output)
    once = np.array(layer.grad_weight)
    layer.backward(x, grad_output, scale=0.5)
    return {"grad_weight after one": once, "grad_weight after both": layer.grad_weight}


@task.check("grad_bias")
def gradient_of_the_bias(Linear: Any, rng: np.random.Generator) -> dict[str, Any]:
    """two backwards, the second with scale=0.5"""
    layer, x, grad_output = made(Linear, rng)
    layer.forward(x)
    layer.backward(x, grad_output)
    once = np.array(layer.grad_bias)
    layer.backward(x, grad_output, scale=0.5)
    return {"grad_bias after one": once, "grad_bias after both": layer.grad_bias}


@task.check("contract")
def untouched(Linear: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward and backward, beside copies made before"""
    layer, x, grad_output = made(Linear, rng)
    before = x.copy(), grad_output.copy()
    layer.forward(x)
    layer.backward(x, grad_output)
    return {
        "x is as before": bool((x == before[0]).all()),
        "grad_output is as before": bool((grad_output == before[1]).all()),
    }
