"""Batch normalisation, in training and in evaluation, of examples (N, C) and of images (N, C, H, W)."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np

from lib.tasks.a3.drawn import alike
from lib.tasks.facts import any_nonzero, are_same
from lib.tasks.task import Task
from lib.tasks.values import plain_array as copy

task = Task(
    "a3.batch_norm",
    "Batch normalisation",
    defines=("BatchNorm",),
    parts={
        "output": 4,
        "eps": 2,
        "running statistics": 4,
        "evaluation": 2,
        "grad_input": 5,
        "grad_weight and grad_bias": 2,
        "backward in evaluation": 2,
        "images": 2,
        "contract": 1,
    },
)

EPS, MOMENTUM = 1e-6, 0.1


def made(BatchNorm: Any, rng: np.random.Generator, eps: float = EPS, momentum: float = MOMENTUM) -> Any:
    """A layer for 3 to 5 channels, with drawn weights, none of them near 1, and biases."""
    channels = int(rng.integers(3, 6))
    layer = BatchNorm(channels, eps, momentum)
    layer.weight[...] = rng.uniform(1.5, 3, channels) * rng.choice([-1, 1], channels)
    layer.bias[...] = rng.normal(size=channels)
    return layer


def examples(layer: Any, rng: np.random.Generator, count: int = 7) -> np.ndarray:
    """Examples (count, C) whose channels have means and spreads of their own."""
    channels = len(layer.weight)
    return rng.normal(rng.uniform(-3, 3, channels), rng.uniform(0.5, 4, channels), (count, channels))


@task.check("output")
def forward_in_training(BatchNorm: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward in training mode"""
    layer = made(BatchNorm, rng)
    x, large = examples(layer, rng), 1000 * examples(layer, rng, 4)
    pair = examples(layer, rng, 1) + [[0], [1]] * rng.uniform(1, 4, len(layer.weight))
    return {
        "forward(x)": copy(layer.forward(x)),
        "forward of two examples": copy(layer.forward(pair)),
        "forward of large numbers": copy(layer.forward(large)),
        "forward(x) in float32": copy(layer.forward(x.astype(np.float32))),
    }


@task.check("eps")
def small_variances(BatchNorm: Any, rng: np.random.Generator) -> dict[str, Any]:
    """eps=0.01 in training mode, and variances that are 0 or far below it"""
    layer = made(BatchNorm, rng, eps=0.01)
    layer.weight[...] = 1
    x = 1e-4 * examples(layer, rng)
    x[:, 0] = 3
    output = copy(layer.forward(x))
    channel = np.array(layer.backward(x, rng.normal(size=x.shape)))[:, 0].tolist()
    spread = max(channel) - min(channel) + 0 * sum(channel)  # of what is not a number, that
    return {
        "forward(x)": output,
        "backward of a channel with variance 0: largest less smallest number": spread,
    }


@task.check("running statistics")
def running_in_training(BatchNorm: Any, rng: np.random.Generator) -> dict[str, Any]:
    """three forwards in training mode, the first with 4 examples, then one in evaluation mode"""
    layer = made(BatchNorm, rng, momentum=float(rng.choice([0.1, 0.2, 0.3])))
    found = {
        "running_mean at the start": copy(layer.running_mean),
        "running_var at the start": copy(layer.running_var),
    }
    for name, count in (("one", 4), ("two", 2), ("three", 9)):
        layer.forward(examples(layer, rng, count))
        found[f"running_mean after {name}"] = copy(layer.running_mean)
        found[f"running_var after {name}"] = copy(layer.running_var)
    layer.training = False
    layer.forward(examples(layer, rng))
    found["running_mean after an evaluation"] = copy(layer.running_mean)
    found["running_var after an evaluation"] = copy(layer.running_var)
    return found


def made_for_evaluation(BatchNorm: Any, rng: np.random.Generator) -> Any:
    """A layer in evaluation mode, whose running statistics are drawn."""
    layer = made(BatchNorm, rng)
    layer.forward(examples(layer, rng))
    layer.training = False
    layer.running_mean[...] = rng.normal(size=len(layer.weight))
    layer.running_var[...] = rng.uniform(0.5, 4, len(layer.weight))
    return layer


@task.check("evaluation")
def forward_in_evaluation(BatchNorm: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward in evaluation mode, with running_mean and running_var set by hand"""
    layer, other = made_for_evaluation(BatchNorm, rng), made_for_evaluation(BatchNorm, rng)
    x, one = examples(layer, rng), examples(other, rng, 1)
    return {"forward(x)": copy(layer.forward(x)), "forward of one example": copy(other.forward(one))}


@task.check("grad_input")
def gradient_of_the_input(BatchNorm: Any, rng: np.random.Generator) -> dict[str, Any]:
    """backward in training mode, after forwards of two batches"""
    layer = made(BatchNorm, rng)
    layer.forward(examples(layer, rng, 5))
    x, grad_output = examples(layer, rng), rng.normal(1, 1, (7, len(layer.weight)))
    layer.forward(x)
    once = copy(layer.backward(x.copy(), grad_output.copy()))
    again = copy(layer.backward(x.copy(), grad_output.copy(), scale=0.5))
    return {"backward(x, grad_output)": once, "backward(x, grad_output, scale=0.5)": again}


@task.check("grad_weight and grad_bias")
def gradients_of_the_parameters(BatchNorm: Any, rng: np.random.Generator) -> dict[str, Any]:
    """two backwards in training mode, the second with scale=0.5"""
    layer = made(BatchNorm, rng)
    x, grad_output = examples(layer, rng), rng.normal(1, 1, (7, len(layer.weight)))
    layer.forward(x)
    layer.backward(x.copy(), grad_output.copy())
    once = copy(layer.grad_weight), copy(layer.grad_bias)
    layer.backward(x.copy(), grad_output.copy(), scale=0.5)
    return {
        "grad_weight after one": once[0],
        "grad_bias after one": once[1],
        "grad_weight after both": copy(layer.grad_weight),
        "grad_bias after both": copy(layer.grad_bias),
    }


@task.check("backward in evaluation")
def gradients_in_evaluation(BatchNorm: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward and backward in evaluation mode, with running_mean and running_var set by hand"""
    layer = made_for_evaluation(BatchNorm, rng)
    x, grad_output = examples(layer, rng), rng.normal(1, 1, (7, len(layer.weight)))
    layer.forward(x)
    grad_input = copy(layer.backward(x.copy(), grad_output.copy()))
    return {
        "backward(x, grad_output)": grad_input,
        "grad_weight": copy(layer.grad_weight),
        "grad_bias": copy(layer.grad_bias),
    }


@task.check("grad_input")
def mode_of_the_forward(BatchNorm: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward in training mode, then the switch to evaluation, then backward, beside backward at once"""
    layer = made(BatchNorm, rng)
    x, grad_output = examples(layer, rng), rng.normal(1, 1, (7, len(layer.weight)))
    layer.forward(x)
    once = copy(layer.backward(x.copy(), grad_output.copy()))
    layer.training = False
    return {"it is the same": alike(once, layer.backward(x.copy(), grad_output.copy()))}


@task.check("images")
def images_and_their_pixels(BatchNorm: Any, rng: np.random.Generator) -> dict[str, Any]:
    """images (N, C, H, W), beside all of their pixels as examples (N · H · W, C)"""
    layer = made(BatchNorm, rng)
    other = deepcopy(layer)
    size = 2, 5, 6
    pixels = examples(layer, rng, 60)
    grad_pixels = rng.normal(1, 1, pixels.shape)
    x, grad_output = (array.reshape(*size, -1).transpose(0, 3, 1, 2) for array in (pixels, grad_pixels))
    found = {}
    for mode in ("training", "evaluation"):
        layer.training = other.training = mode == "training"
        results = []
        for given, images, gradient in ((layer, x, grad_output), (other, pixels, grad_pixels)):
            output = copy(given.forward(images.copy()))
            grad_input = copy(given.backward(images.copy(), gradient.copy()))
            own = [copy(getattr(given, name)) for name in ("running_mean", "running_var")]
            results.append([output, grad_input, given.grad_weight, given.grad_bias, *own])
        names = ("forward", "backward", "grad_weight", "grad_bias", "running_mean", "running_var")
        for name, one, two in zip(names, *results, strict=True):
            one = np.moveaxis(one, 1, -1).reshape(60, -1) if np.ndim(one) == 4 else one
            found[f"{name} is that of the pixels, in {mode}"] = alike(one, two)
        if mode == "training":
            images = np.array(results[0][0])
            of_images = images.reshape(*images.shape[:2], -1) @ np.full(30, 1 / 30)
            of_places = (images[0] + images[1]) / 2
            found["all images have the same mean"] = alike(of_images, of_images[:1] + 0 * of_images)
            found["all places have the same mean"] = alike(of_places, of_places[:, :1, :1] + 0 * of_places)
    return found


@task.check("contract")
def untouched(BatchNorm: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward and backward in training mode, beside copies made before"""
    layer = made(BatchNorm, rng)
    x, grad_output = examples(layer, rng), rng.normal(size=(7, len(layer.weight)))
    before = [copy(array) for array in (x, grad_output, layer.weight, layer.bias)]
    output = copy(layer.forward(x))
    layer.backward(x, grad_output)
    after = {"x": x, "grad_output": grad_output, "weight": layer.weight, "bias": layer.bias}
    same = {
        f"{name} is as before": are_same(array, old)
        for (name, array), old in zip(after.items(), before, strict=True)
    }
    return {**same, "forward(x) holds other numbers than 0": any_nonzero(output)}
