"""Dropout, in training and in evaluation; what is random is looked at as facts with wide bounds."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task
from lib.tasks.values import plain_array as copy

task = Task(
    "a3.dropout",
    "Dropout",
    defines=("Dropout",),
    parts={"training": 5, "backward": 4, "evaluation": 2, "randomness": 2, "p = 0 and 1": 1, "contract": 1},
)


def made(Dropout: Any, rng: np.random.Generator, p: float | None = None) -> Any:
    """A layer with a generator of its own; p is drawn where it is None."""
    p = float(rng.choice([0.1, 0.2, 0.3, 0.6])) if p is None else p
    return Dropout(p, np.random.default_rng(rng.integers(1 << 32)))


def numbers(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """From 1 to 2 or from −2 to −1: none of them 0."""
    return rng.uniform(1, 2, shape) * rng.choice([-1, 1], shape)


def factors(result: Any, x: np.ndarray) -> np.ndarray:
    """By what the numbers are multiplied that did not become 0: the least and the largest factor."""
    kept = np.not_equal(result, 0)
    found = np.divide(result, x)[kept]
    ends = [found.min(initial=np.inf), found.max(initial=-np.inf)] if kept.any() else [0.0, 0.0]
    return np.round(ends, 9)  # which numbers are kept does not show in the last digit


def tenths(zeros: np.ndarray) -> float:
    """The share of True, to one decimal."""
    return round(float(np.mean(zeros)), 1)


@task.check("training")
def forward_in_training(Dropout: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward of 20,000 numbers in training mode"""
    layer = made(Dropout, rng)
    x, images = numbers(rng, 5, 4000), numbers(rng, 4, 3, 5, 6)
    output = copy(layer.forward(x.copy()))
    of_images = copy(layer.forward(images.copy()))
    return {
        "shape of forward(x)": np.array(np.shape(output)),
        "share of zeros in forward(x), to a tenth": tenths(np.equal(output, 0)),
        "least and largest forward(x) / x of those kept": factors(output, x),
        "shape of forward(images)": np.array(np.shape(of_images)),
        "least and largest forward(images) / images of those kept": factors(of_images, images),
    }


@task.check("backward")
def same_mask(Dropout: Any, rng: np.random.Generator) -> dict[str, Any]:
    """backward in training mode, after two forwards"""
    layer = made(Dropout, rng)
    x, grad_output = numbers(rng, 50, 80), numbers(rng, 50, 80)
    layer.forward(numbers(rng, 9, 80))
    output = copy(layer.forward(x.copy()))
    grad_input = copy(layer.backward(x.copy(), grad_output.copy()))
    again = copy(layer.backward(x.copy(), grad_output.copy()))
    dropped = np.equal(grad_input, 0)
    return {
        "shape of backward(x, grad_output)": np.array(np.shape(grad_input)),
        "its zeros stand where forward's do": np.array_equal(dropped, np.equal(output, 0)),
        "factor in backward / factor in forward": factors(grad_input, grad_output) / factors(output, x),
        "a second backward gives the same": np.array_equal(grad_input, again),
        "some gradients are 0": bool(dropped.any()),
        "some are not": bool(not dropped.all()),
    }


@task.check("backward")
def mask_where_x_is_zero(Dropout: Any, rng: np.random.Generator) -> dict[str, Any]:
    """backward in training mode, where x is 0: some of these zeros were kept"""
    layer = made(Dropout, rng)
    layer.forward(np.zeros((50, 80)))
    dropped = np.equal(layer.backward(np.zeros((50, 80)), numbers(rng, 50, 80)), 0)
    return {"some gradients are 0": bool(dropped.any()), "some are not": bool(not dropped.all())}


@task.check("evaluation")
def in_evaluation(Dropout: Any, rng: np.random.Generator) -> dict[str, Any]:
    """training, evaluation, training"""
    layer = made(Dropout, rng)
    x, grad_output = numbers(rng, 6, 9), numbers(rng, 6, 9)
    layer.forward(x.copy())
    layer.training = False
    output = copy(layer.forward(x.copy()))
    grad_input = copy(layer.backward(x.copy(), grad_output.copy()))
    layer.training = True
    again = layer.forward(numbers(rng, 50, 80))
    return {
        "forward(x) in evaluation": output,
        "backward(x, grad_output) in evaluation": grad_input,
        "some numbers are 0 in training again": bool(np.equal(again, 0).any()),
    }


@task.check("randomness")
def independent_masks(Dropout: Any, rng: np.random.Generator) -> dict[str, Any]:
    """which numbers become 0, in training mode"""
    seed = int(rng.integers(1 << 32))
    one, twin, other = (Dropout(0.3, np.random.default_rng(s)) for s in (seed, seed, seed + 1))
    table, images = np.ones((40, 60)), np.ones((6, 5, 7, 8))
    first, second, same, another = (
        np.equal(layer.forward(table.copy()), 0) for layer in (one, one, twin, other)
    )
    maps = np.equal(one.forward(images.copy()), 0)
    counts = {int(np.equal(one.forward(table.copy()), 0).sum()) for _ in range(8)}
    return {
        "two calls drop the same": np.array_equal(first, second),
        "all rows lose the same": bool((first == first[:1]).all()),
        "all columns lose the same": bool((first == first[:, :1]).all()),
        "all images lose the same": bool((maps == maps[:1]).all()),
        "all channels lose the same": bool((maps == maps[:, :1]).all()),
        "the same number is lost each time": len(counts) == 1,
        "a channel is lost as a whole": bool(maps.all(axis=(2, 3)).any()),
        "generators of one seed drop the same": np.array_equal(first, same),
        "generators of two seeds drop the same": np.array_equal(first, another),
    }


@task.check("randomness")
def generators_of_others(Dropout: Any, rng: np.random.Generator) -> dict[str, Any]:
    """numpy's global generator, before and after a forward"""
    layer = made(Dropout, rng)
    before = np.random.get_state()[1].tolist()  # type: ignore[index, union-attr]  # noqa: NPY002
    output = layer.forward(np.ones((7, 90)))
    after = np.random.get_state()[1].tolist()  # type: ignore[index, union-attr]  # noqa: NPY002
    return {"it is as before": before == after, "some numbers are 0": bool(np.equal(output, 0).any())}


@task.check("p = 0 and 1")
def extremes(Dropout: Any, rng: np.random.Generator) -> dict[str, Any]:
    """p = 0 keeps all, p = 1 drops all, in training mode"""
    x, grad_output = numbers(rng, 4, 7), numbers(rng, 4, 7)
    found = {}
    for p in (0.0, 1.0):
        layer = made(Dropout, rng, p)
        found[f"forward(x), p = {p:g}"] = copy(layer.forward(x.copy()))
        found[f"backward(x, grad_output), p = {p:g}"] = copy(layer.backward(x.copy(), grad_output.copy()))
    return found


@task.check("contract")
def untouched(Dropout: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward and backward in training mode, beside copies made before"""
    layer = made(Dropout, rng)
    x, grad_output = numbers(rng, 50, 80), numbers(rng, 50, 80)
    before = x.copy(), grad_output.copy()
    output = copy(layer.forward(x))
    layer.backward(x, grad_output)
    return {
        "x is as before": np.array_equal(x, before[0]),
        "grad_output is as before": np.array_equal(grad_output, before[1]),
        "forward(x) holds other numbers than 0": bool(np.any(output)),
    }
