"""Dropout, in training and in evaluation; what is random is looked at as facts with wide bounds."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.facts import any_nonzero, are_same
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
    found = [factor for factor in (np.array(result) / x).ravel().tolist() if factor != 0] or [0.0]
    odd = [factor for factor in found if factor != factor]  # not a number, which has no place in an order
    ends = [odd[0], odd[0]] if odd else [min(found), max(found)]
    return np.array([round(end, 9) for end in ends])  # which are kept does not show in the last digit


def zeros_of(result: Any) -> np.ndarray:
    """Which numbers are 0."""
    return np.array(result) == 0


def tenths(zeros: np.ndarray) -> float:
    """The share of True, to one decimal."""
    return round(sum(zeros.ravel().tolist()) / zeros.size, 1)


@task.check("training")
def forward_in_training(Dropout: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward of 20,000 numbers in training mode"""
    layer = made(Dropout, rng)
    x, images = numbers(rng, 5, 4000), numbers(rng, 4, 3, 5, 6)
    output = copy(layer.forward(x.copy()))
    of_images = copy(layer.forward(images.copy()))
    return {
        "shape of forward(x)": np.array(np.shape(output)),
        "share of zeros in forward(x), to a tenth": tenths(zeros_of(output)),
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
    dropped = zeros_of(grad_input)
    return {
        "shape of backward(x, grad_output)": np.array(np.shape(grad_input)),
        "its zeros stand where forward's do": are_same(dropped, zeros_of(output)),
        "factor in backward / factor in forward": factors(grad_input, grad_output) / factors(output, x),
        "a second backward gives the same": are_same(grad_input, again),
        "some gradients are 0": any_nonzero(dropped),
        "some are not": any_nonzero(~dropped),
    }


@task.check("backward")
def mask_where_x_is_zero(Dropout: Any, rng: np.random.Generator) -> dict[str, Any]:
    """backward in training mode, where x is 0: some of these zeros were kept"""
    layer = made(Dropout, rng)
    layer.forward(np.zeros((50, 80)))
    dropped = zeros_of(layer.backward(np.zeros((50, 80)), numbers(rng, 50, 80)))
    return {"some gradients are 0": any_nonzero(dropped), "some are not": any_nonzero(~dropped)}


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
        "some numbers are 0 in training again": any_nonzero(zeros_of(again)),
    }


@task.check("randomness")
def independent_masks(Dropout: Any, rng: np.random.Generator) -> dict[str, Any]:
    """which numbers become 0, in training mode"""
    seed = int(rng.integers(1 << 32))
    one, twin, other = (Dropout(0.3, np.random.default_rng(s)) for s in (seed, seed, seed + 1))
    table, images = np.ones((40, 60)), np.ones((6, 5, 7, 8))
    first, second, same, another = (
        zeros_of(layer.forward(table.copy())) for layer in (one, one, twin, other)
    )
    maps = zeros_of(one.forward(images.copy()))
    counts = {sum(zeros_of(one.forward(table.copy())).ravel().tolist()) for _ in range(8)}
    return {
        "two calls drop the same": are_same(first, second),
        "all rows lose the same": ~any_nonzero(first ^ first[:1]),
        "all columns lose the same": ~any_nonzero(first ^ first[:, :1]),
        "all images lose the same": ~any_nonzero(maps ^ maps[:1]),
        "all channels lose the same": ~any_nonzero(maps ^ maps[:, :1]),
        "the same number is lost each time": len(counts) == 1,
        "a channel is lost as a whole": [True] * 56 in maps.reshape(30, 56).tolist(),
        "generators of one seed drop the same": are_same(first, same),
        "generators of two seeds drop the same": are_same(first, another),
    }


@task.check("randomness")
def generators_of_others(Dropout: Any, rng: np.random.Generator) -> dict[str, Any]:
    """numpy's global generator, before and after a forward"""
    layer = made(Dropout, rng)
    before = np.random.get_state()[1].tolist()  # type: ignore[index, union-attr]  # noqa: NPY002
    output = layer.forward(np.ones((7, 90)))
    after = np.random.get_state()[1].tolist()  # type: ignore[index, union-attr]  # noqa: NPY002
    return {"it is as before": before == after, "some numbers are 0": any_nonzero(zeros_of(output))}


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
        "x is as before": are_same(x, before[0]),
        "grad_output is as before": are_same(grad_output, before[1]),
        "forward(x) holds other numbers than 0": any_nonzero(output),
    }
