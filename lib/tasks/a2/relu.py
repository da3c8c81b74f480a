"""max(0, x), element by element."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np

from lib.tasks.counting import steps
from lib.tasks.facts import any_nonzero, are_near, are_same
from lib.tasks.task import Task
from lib.tasks.values import plain_array as copy

task = Task(
    "a2.relu", "ReLU", defines=("ReLU",), parts={"output": 3, "grad_input": 4, "batches": 1, "contract": 2}
)


def signed(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Numbers of both signs, two of them tiny; every fourth or so is 0, and one of these −0."""
    x = rng.normal(size=shape) * (rng.random(shape) > 0.25)
    x.flat[:6] = 1.5, -0.5, 0.0, -0.0, 1e-12, -1e-12
    return x


def pass_forward(layer: Any, x: np.ndarray) -> None:
    """forward, for the sake of backward: an error in it costs the output, and nothing more."""
    with suppress(Exception):
        layer.forward(x)


@task.check("output")
def relu_forward(ReLU: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward"""
    layer = ReLU()
    rows, images = signed(rng, 5, 7), signed(rng, 2, 3, 5, 4)
    return {
        "forward(x) of rows": copy(layer.forward(rows.copy())),
        "forward(x) of images": copy(layer.forward(images.copy())),
        "forward(x) of numbers in a row, (7,)": copy(layer.forward(rows[0].copy())),
        "forward(x) of large numbers": copy(layer.forward(1000 * rows)),
        "forward(x) with x in float32": copy(layer.forward(rows.astype(np.float32))),
    }


@task.check("grad_input")
def relu_backward(ReLU: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward, then backward; x holds zeros"""
    found = {}
    for what, shape in {"rows": (5, 7), "images": (2, 3, 5, 4), "numbers, (7,)": (7,)}.items():
        layer, x, grad_output = ReLU(), signed(rng, *shape), rng.normal(size=shape)
        pass_forward(layer, x.copy())
        found[f"backward(x, grad_output) of {what}"] = copy(layer.backward(x, grad_output.copy()))
        found[f"the same of {what}, once more"] = copy(layer.backward(x, 3 * grad_output))
        found[f"the same of {what}, scale=0.5"] = copy(layer.backward(x, grad_output.copy(), scale=0.5))
    return found


@task.check("batches")
def batches_in_turn(ReLU: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward and backward of one batch, beside those of a layer that has had another before"""
    x, grad_output = rng.normal(size=(3, 4)), rng.uniform(1, 2, (3, 4))
    fresh, used, larger = ReLU(), ReLU(), rng.normal(size=(5, 4))
    pass_forward(fresh, x.copy())
    once = copy(fresh.backward(x.copy(), grad_output.copy()))
    pass_forward(used, larger)
    used.backward(larger, larger)
    pass_forward(used, -x)
    used.backward(-x, grad_output.copy())
    pass_forward(used, x.copy())
    then = used.backward(x.copy(), grad_output.copy())
    return {
        "it has the same answer as a new layer": are_near(once, then),
        "and not 0 alone": any_nonzero(once),
    }


@task.check("contract")
def relu_changes_nothing(ReLU: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward and backward, beside copies made before"""
    layer, x, grad_output = ReLU(), signed(rng, 5, 7), rng.normal(size=(5, 7))
    before = x.copy(), grad_output.copy()
    pass_forward(layer, x)
    forward_left = are_same(x, before[0])
    came = copy(layer.backward(before[0].copy(), grad_output))
    return {
        "forward leaves x as it was": forward_left,
        "backward leaves grad_output as it was": are_same(grad_output, before[1]),
        "backward gives something": any_nonzero(came),
    }


@task.check("contract")
def no_loop_in_relu(ReLU: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward and backward of 20 examples, and of 200"""

    def there_and_back(x: np.ndarray) -> None:
        layer = ReLU()
        pass_forward(layer, x)
        layer.backward(x, x)

    few, many = rng.normal(size=(20, 5)), rng.normal(size=(200, 5))
    there_and_back(few)
    bound = 2 * steps(there_and_back, few) + 50
    return {"ten times the examples take no more Python": steps(there_and_back, many) < bound}
