"""Gates of a graph of numbers: forward, and the gradient handed on."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np

from lib.tasks.facts import are_same
from lib.tasks.task import Task

task = Task(
    "a2.gates",
    "Gates",
    defines=("Add", "Multiply", "Max", "Sigmoid"),
    parts={"add": 1, "multiply": 2, "max": 2, "sigmoid": 2, "cache": 1},
)


def drawn_numbers(rng: np.random.Generator, count: int) -> list[float]:
    """Drawn numbers between 0.5 and 3 with drawn signs: no two alike, none 0 or 1."""
    return [float(number) for number in rng.uniform(0.5, 3, count) * rng.choice([-1, 1], count)]


def answer(Gate: Any, inputs: list[float], upstream: float) -> dict[str, Any]:
    """What a gate says to some inputs, and to what comes from above."""
    gate, named = Gate(), ", ".join(f"{number:.4g}" for number in inputs)
    return {
        f"forward({named})": gate.forward(*inputs),
        f"backward({upstream:.4g}) after forward({named})": gate.backward(upstream),
    }


@task.check("add", within=1e-9)
def addition(Add: Any, Multiply: Any, Max: Any, Sigmoid: Any, rng: np.random.Generator) -> dict[str, Any]:
    """Add, of two inputs and of three"""
    two, three = drawn_numbers(rng, 2), drawn_numbers(rng, 3)
    return {
        **answer(Add, two, *drawn_numbers(rng, 1)),
        **answer(Add, three, *drawn_numbers(rng, 1)),
        **answer(Add, [*two, two[0]], *drawn_numbers(rng, 1)),
    }


@task.check("multiply", within=1e-9)
def product(Add: Any, Multiply: Any, Max: Any, Sigmoid: Any, rng: np.random.Generator) -> dict[str, Any]:
    """Multiply, of two inputs and of more"""
    two, four = drawn_numbers(rng, 2), drawn_numbers(rng, 4)
    twice = [two[0], four[0], two[0]]
    return {
        **answer(Multiply, two, *drawn_numbers(rng, 1)),
        **answer(Multiply, four, *drawn_numbers(rng, 1)),
        **answer(Multiply, twice, *drawn_numbers(rng, 1)),
    }


@task.check("multiply", within=1e-9)
def product_with_zeros(
    Add: Any, Multiply: Any, Max: Any, Sigmoid: Any, rng: np.random.Generator
) -> dict[str, Any]:
    """Multiply, where inputs are 0"""
    x, y, upstream = drawn_numbers(rng, 3)
    return answer(Multiply, [x, 0.0, y], upstream) | answer(Multiply, [0.0, y, 0.0], upstream)


@task.check("max", within=1e-9)
def largest(Add: Any, Multiply: Any, Max: Any, Sigmoid: Any, rng: np.random.Generator) -> dict[str, Any]:
    """Max, the largest input once in front and once behind"""
    two, three = sorted(drawn_numbers(rng, 2)), sorted(drawn_numbers(rng, 3))
    up, down, last = drawn_numbers(rng, 3)
    middle, below = [three[0], three[2], three[1]], [-abs(number) for number in two]
    return {
        **answer(Max, two, abs(up)),
        **answer(Max, two[::-1], -abs(down)),
        **answer(Max, middle, last),
        **answer(Max, below, last),
    }


@task.check("max", within=1e-9)
def largest_twice(
    Add: Any, Multiply: Any, Max: Any, Sigmoid: Any, rng: np.random.Generator
) -> dict[str, Any]:
    """Max, of equal inputs"""
    x, up, last = drawn_numbers(rng, 3)
    return {
        **answer(Max, [x, x], up),
        **answer(Max, [x, x - 1.5, x], last),
        **answer(Max, [x, x - 1.5, x, x], up),
        **answer(Max, [x, x - 1e-6], last),
    }


@task.check("sigmoid", within=1e-9)
def squashed(Add: Any, Multiply: Any, Max: Any, Sigmoid: Any, rng: np.random.Generator) -> dict[str, Any]:
    """Sigmoid"""
    x, y, up, down = drawn_numbers(rng, 4)
    return answer(Sigmoid, [x], up) | answer(Sigmoid, [y], down) | answer(Sigmoid, [0.0], up)


@task.check("sigmoid", within=1e-9)
def squashed_far_out(
    Add: Any, Multiply: Any, Max: Any, Sigmoid: Any, rng: np.random.Generator
) -> dict[str, Any]:
    """Sigmoid at −x, x and 1, with a large x"""
    far = float(rng.uniform(900, 1100))
    outputs, gradients = [], []
    for x in (-far, far, 1.0):
        gate = Sigmoid()
        outputs.append(gate.forward(x))
        gradients.append(np.ravel(gate.backward(2.5)))
    return {
        f"forward with x = {far:.4g}": np.array(outputs),
        f"backward(2.5) with x = {far:.4g}": np.concatenate(gradients),
    }


@task.check("cache")
def own_numbers(Add: Any, Multiply: Any, Max: Any, Sigmoid: Any, rng: np.random.Generator) -> dict[str, Any]:
    """two gates of a kind, and one gate used again"""
    x, y = sorted(drawn_numbers(rng, 2))
    found = {}
    for Gate, name, one, two in (
        (Multiply, "Multiply", (x, y), (y + 1, x)),
        (Max, "Max", (x, y), (y, x)),
        (Sigmoid, "Sigmoid", (x,), (x + 4,)),
    ):
        alone, first, second = Gate(), Gate(), Gate()
        alone.forward(*one)
        expected = np.array(alone.backward(2.5))
        first.forward(*one)
        second.forward(*two)
        found[f"{name}: backward belongs to the gate's own forward"] = are_same(first.backward(2.5), expected)
        first.forward(*two)
        found[f"{name}: backward belongs to the last forward"] = are_same(
            first.backward(2.5), second.backward(2.5)
        )
        found[f"{name}: backward may be called twice"] = are_same(second.backward(2.5), second.backward(2.5))
        if Gate is not Max:
            found[f"{name}: other inputs have another gradient"] = ~are_same(second.backward(2.5), expected)
    return found


@task.check("cache")
def own_count(Add: Any, Multiply: Any, Max: Any, Sigmoid: Any, rng: np.random.Generator) -> dict[str, Any]:
    """Add, of two inputs, beside and after another sum of three"""
    gate, other = Add(), Add()
    with suppress(Exception):  # of sums that have no more than two terms
        gate.forward(1.0, 2.0, 3.0)
    gate.forward(1.0, 2.0)
    with suppress(Exception):
        other.forward(1.0, 2.0, 3.0)
    return {"Add: gradients that backward hands back": np.array(gate.backward(2.5)).size}
