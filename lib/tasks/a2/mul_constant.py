"""A layer that multiplies by a fixed number."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np

from lib.tasks.counting import steps
from lib.tasks.facts import any_nonzero, are_same
from lib.tasks.task import Task
from lib.tasks.values import plain_array as copy

task = Task(
    "a2.mul_constant",
    "MulConstant",
    defines=("MulConstant",),
    parts={"output": 3, "grad_input": 4, "contract": 3},
)


def drawn_constant(rng: np.random.Generator) -> float:
    """Neither 0 nor 1, of either sign."""
    return float(rng.choice([-1, 1]) * rng.uniform(1.5, 4))


@task.check("output")
def constant_forward(MulConstant: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward"""
    layer, zero = MulConstant(drawn_constant(rng)), MulConstant(0.0)
    rows, images = rng.normal(size=(5, 7)), rng.normal(size=(2, 3, 5, 4))
    pixels = rng.integers(100, 256, (3, 4), np.uint8)
    return {
        "forward(x) of rows": copy(layer.forward(rows.copy())),
        "forward(x) of images": copy(layer.forward(images)),
        "forward(x) with x in float32": copy(layer.forward(rows.astype(np.float32))),
        "forward(x) with x in uint8": copy(layer.forward(pixels)),
        "forward(x) where the constant is 0": zero.forward(rows),
    }


@task.check("grad_input")
def constant_backward(MulConstant: Any, rng: np.random.Generator) -> dict[str, Any]:
    """two layers: forward, then backward"""
    layer, other = MulConstant(drawn_constant(rng)), MulConstant(drawn_constant(rng))
    x, grad_output = rng.normal(size=(5, 7)), rng.normal(size=(5, 7))
    x[1, 2] = 0
    for one in (layer, other):
        try_forward(one, x.copy())
    found = {
        "backward(x, grad_output)": copy(layer.backward(x.copy(), grad_output.copy())),
        "the same with scale=0.5": copy(layer.backward(x.copy(), grad_output.copy(), scale=0.5)),
        "backward of the other": copy(other.backward(x.copy(), grad_output.copy())),
    }
    zero = MulConstant(0.0)
    try_forward(zero, x)
    return found | {"backward where the constant is 0": zero.backward(x, grad_output)}


def try_forward(layer: Any, x: np.ndarray) -> None:
    """forward, for the sake of backward: an error in it costs the output, and nothing more."""
    with suppress(Exception):
        layer.forward(x)


@task.check("contract")
def constant_stays(MulConstant: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward, backward, and forward again, beside copies made before"""
    constant = drawn_constant(rng)
    layer, x, grad_output = MulConstant(constant), rng.normal(size=(5, 7)), rng.normal(size=(5, 7))
    before = x.copy(), grad_output.copy()
    try_forward(layer, x)
    came = copy(layer.backward(before[0].copy(), grad_output))
    learnt = layer.parameters()[0] if hasattr(layer, "parameters") else []
    again = MulConstant(constant)
    return {
        "forward leaves x as it was": are_same(x, before[0]),
        "backward leaves grad_output as it was": are_same(grad_output, before[1]),
        "backward gives something": any_nonzero(came),
        "parameters that it learns": len(learnt),
        "it has a grad_weight": hasattr(layer, "grad_weight"),
        "backward a second time is as the first": are_same(
            came, layer.backward(before[0].copy(), before[1].copy())
        ),
        "a new layer gives the same": are_same(came, again_backward(again, *before)),
    }


def again_backward(layer: Any, x: np.ndarray, grad_output: np.ndarray) -> np.ndarray:
    """What a new layer hands back."""
    try_forward(layer, x)
    return np.array(layer.backward(x, grad_output))


@task.check("contract")
def no_loop_over_rows(MulConstant: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward and backward of 20 examples, and of 200"""
    layer = MulConstant(drawn_constant(rng))

    def there_and_back(x: np.ndarray) -> None:
        try_forward(layer, x)
        layer.backward(x, x)

    few, many = rng.normal(size=(20, 5)), rng.normal(size=(200, 5))
    there_and_back(few)
    bound = 2 * steps(there_and_back, few) + 50
    return {"ten times the examples take no more Python": steps(there_and_back, many) < bound}
