"""A linear layer with Torch7's contract."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np

from lib.tasks.counting import steps
from lib.tasks.facts import any_nonzero, are_near, are_same
from lib.tasks.task import Task
from lib.tasks.values import plain_array as copy

task = Task(
    "a2.linear",
    "Linear",
    defines=("Linear",),
    parts={"output": 8, "grad_input": 6, "grad_weight": 6, "grad_bias": 3, "contract": 2},
)


def drawn_layer(Linear: Any, rng: np.random.Generator) -> tuple[Any, np.ndarray, np.ndarray]:
    """A layer with drawn parameters, an input and a gradient from above; no two sizes are alike."""
    examples, inputs, outputs = (int(size) for size in rng.permutation(np.arange(3, 9))[:3])
    layer = with_drawn_parameters(Linear(inputs, outputs), rng)
    return layer, rng.normal(size=(examples, inputs)), rng.normal(size=(examples, outputs))


def with_drawn_parameters(layer: Any, rng: np.random.Generator) -> Any:
    """The layer; what it drew itself is overwritten."""
    layer.weight[...] = rng.normal(size=layer.weight.shape)
    layer.bias[...] = rng.normal(size=layer.bias.shape)
    return layer


def go_forward(layer: Any, x: np.ndarray) -> None:
    """forward, for the sake of backward: an error in it costs the output, and nothing more."""
    with suppress(Exception):
        layer.forward(x)


def go_back(layer: Any, x: np.ndarray, grad_output: np.ndarray, **scale: float) -> None:
    """backward, for what it adds: an error at its end costs grad_input, and nothing more."""
    try:
        layer.backward(x, grad_output, **scale)
    except NotImplementedError:
        raise
    except Exception:  # what it has added by then is looked at
        return


@task.check("output")
def linear_forward(Linear: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward, of batches of several sizes"""
    layer, x, _ = drawn_layer(Linear, rng)
    found = {
        "forward(x)": copy(layer.forward(x)),
        "forward(x[:1]), a single example": copy(layer.forward(x[:1])),
        "forward(x) once more": copy(layer.forward(x)),
    }
    layer.weight *= -0.5
    return found | {"forward(x) after a change of the weight": copy(layer.forward(x))}


@task.check("output")
def other_numbers(Linear: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward, of other types of numbers"""
    layer, x, _ = drawn_layer(Linear, rng)
    pixels = rng.integers(0, 256, x.shape, np.uint8)
    return {
        "forward(x) with x in float32": copy(layer.forward(x.astype(np.float32))),
        "forward(x) with x in uint8": copy(layer.forward(pixels)),
    }


@task.check("grad_input")
def linear_backward(Linear: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward, then backward"""
    layer, x, grad_output = drawn_layer(Linear, rng)
    go_forward(layer, x)
    found = {"backward(x, grad_output)": copy(layer.backward(x.copy(), grad_output.copy()))}
    scaled = layer.backward(x.copy(), grad_output.copy(), scale=0.5)
    found["the same with scale=0.5"] = copy(scaled)
    go_forward(layer, x[:1])
    return found | {"backward of a single example": layer.backward(x[:1], grad_output[:1])}


def parameter_gradients(Linear: Any, rng: np.random.Generator, name: str) -> dict[str, Any]:
    """A gradient of a parameter: after one backward, after two, and of another batch and type."""
    layer, x, grad_output = drawn_layer(Linear, rng)
    go_forward(layer, x)
    go_back(layer, x.copy(), grad_output.copy())
    found = {f"{name} after one": np.array(getattr(layer, name))}
    go_back(layer, x.copy(), grad_output.copy(), scale=0.5)
    found[f"{name} after both"] = np.array(getattr(layer, name))
    single, upstream = x[:1].astype(np.float32), grad_output[:1].astype(np.float32)
    go_forward(layer, single)
    go_back(layer, single, upstream)
    found[f"{name} after a third, of one example in float32"] = np.array(getattr(layer, name))
    for scale in (-1.5, 0.0):
        go_forward(layer, x)
        go_back(layer, x.copy(), grad_output.copy(), scale=scale)
        found[f"{name} after one more with scale={scale}"] = np.array(getattr(layer, name))
    return found


@task.check("grad_weight")
def added_to_the_weight(Linear: Any, rng: np.random.Generator) -> dict[str, Any]:
    """two backwards, the second with scale=0.5"""
    return parameter_gradients(Linear, rng, "grad_weight")


@task.check("grad_bias")
def added_to_the_bias(Linear: Any, rng: np.random.Generator) -> dict[str, Any]:
    """two backwards, the second with scale=0.5"""
    return parameter_gradients(Linear, rng, "grad_bias")


@task.check("contract")
def nothing_else_changes(Linear: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward and backward, beside copies made before"""
    layer, x, grad_output = drawn_layer(Linear, rng)
    before = [array.copy() for array in (x, grad_output, layer.weight, layer.bias)]
    go_forward(layer, x)
    go_back(layer, x, grad_output, scale=0.5)
    after = x, grad_output, layer.weight, layer.bias
    return {
        f"{name} is as before": are_same(one, other)
        for name, one, other in zip(("x", "grad_output", "weight", "bias"), before, after, strict=True)
    }


@task.check("contract")
def gradients_zeroed(Linear: Any, rng: np.random.Generator) -> dict[str, Any]:
    """backward, then zero_grad_parameters"""
    layer, x, grad_output = drawn_layer(Linear, rng)
    go_forward(layer, x)
    go_back(layer, x, grad_output)
    was = np.array(layer.grad_weight), np.array(layer.grad_bias)
    layer.zero_grad_parameters()
    return {
        "backward changes grad_weight and grad_bias": any_nonzero(*was),
        "grad_weight after it is 0": ~any_nonzero(layer.grad_weight),
        "grad_bias after it is 0": ~any_nonzero(layer.grad_bias),
        "they keep their shapes": [np.array(g).shape for g in (layer.grad_weight, layer.grad_bias)]
        == [g.shape for g in was],
    }


@task.check("contract")
def x_changed_by_its_owner(Linear: Any, rng: np.random.Generator) -> dict[str, Any]:
    """two layers alike; after its forward, the array that the second one was given is changed"""
    layer, x, grad_output = drawn_layer(Linear, rng)
    other = Linear(x.shape[1], grad_output.shape[1])
    other.weight[...], other.bias[...] = layer.weight, layer.bias
    go_forward(layer, x)
    go_back(layer, x, grad_output)
    once = np.array(layer.grad_weight)
    theirs = x.copy()
    go_forward(other, theirs)
    theirs *= 3
    go_back(other, x, grad_output)
    return {
        "backward(x, …) uses the x that it is given": are_near(other.grad_weight, once),
        "each layer has a grad_weight of its own": are_same(layer.grad_weight, once),
    }


@task.check("contract")
def no_loop_in_linear(Linear: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward and backward of 20 examples, and of 200"""
    layer = with_drawn_parameters(Linear(5, 3), rng)

    def there(x: np.ndarray) -> None:
        go_forward(layer, x)

    def back(x: np.ndarray) -> None:
        go_back(layer, x, x[:, :3])

    return {
        "ten times the examples take no more Python in forward": scales(there, rng),
        "ten times the examples take no more Python in backward": scales(back, rng),
    }


def scales(run: Callable[[np.ndarray], None], rng: np.random.Generator) -> bool:
    """Whether Python has less than twice as much to do for ten times the examples, of 5 numbers each."""
    few, many = rng.normal(size=(20, 5)), rng.normal(size=(200, 5))
    run(few)
    once = steps(run, few)
    run(many)
    return steps(run, many) < 2 * once + 50
