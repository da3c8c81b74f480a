"""Slopes by nudging, and how far two gradients are apart."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.facts import any_nonzero, are_same
from lib.tasks.task import Task

task = Task(
    "a2.gradient_check",
    "Gradient check",
    defines=("numerical_gradient", "relative_error"),
    parts={"numerical": 5, "error": 3, "contract": 2},
)


def cubic(x: np.ndarray) -> np.ndarray:
    """A function of the check's own: (3, 4) → (2, 3)."""
    return np.array([(x**3).sum(axis=1), (x[:, 0] * x[:, 1] * x[:, 2] + 2 * x[:, 3])])


def kept_apart(f: Any) -> Any:
    """f, on a copy: what is done to x afterwards does not reach it."""
    return lambda x: f(np.array(x, dtype=np.float64).reshape(3, 4))


@task.check("numerical", within=1e-7)
def slopes(numerical_gradient: Any, relative_error: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the numerical gradient of a cubic function (3, 4) → (2, 3)"""
    x, grad_output = rng.uniform(1, 2, (3, 4)), rng.normal(size=(2, 3))
    return {
        "numerical_gradient(f, x, grad_output)": numerical_gradient(kept_apart(cubic), x, grad_output),
        "the same with −grad_output": numerical_gradient(kept_apart(cubic), x, -grad_output),
    }


@task.check("numerical", within=1e-7)
def slopes_of_a_number(
    numerical_gradient: Any, relative_error: Any, rng: np.random.Generator
) -> dict[str, Any]:
    """the numerical gradient of a function that returns one number, and of one that is flat"""
    x = rng.uniform(1, 2, 5)
    return {
        "f(x) is one number, grad_output 2.5": numerical_gradient(lambda x: float((x**3).sum()), x, 2.5),
        "f does not depend on x": numerical_gradient(lambda x: np.ones(3), x, np.ones(3)),
    }


@task.check("numerical", within=1e-6)
def slopes_at_other_numbers(
    numerical_gradient: Any, relative_error: Any, rng: np.random.Generator
) -> dict[str, Any]:
    """the numerical gradient where x holds whole numbers, or float32"""
    whole, grad_output = rng.integers(1, 5, (3, 4)), rng.normal(size=(2, 3))
    single = rng.uniform(1, 2, (3, 4)).astype(np.float32)
    return {
        "x holds whole numbers": numerical_gradient(kept_apart(cubic), whole, grad_output),
        "x is float32": numerical_gradient(kept_apart(cubic), single, grad_output),
    }


@task.check("numerical", within=1e-6)
def slopes_with_another_step(
    numerical_gradient: Any, relative_error: Any, rng: np.random.Generator
) -> dict[str, Any]:
    """the numerical gradient with h=0.1, where it is off by what the formula says"""
    x, grad_output = rng.uniform(1, 2, (3, 4)), rng.normal(size=(2, 3))
    return {"with h=0.1": numerical_gradient(kept_apart(cubic), x, grad_output, h=0.1)}


@task.check("error", within=1e-6)
def errors(numerical_gradient: Any, relative_error: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the relative error of two arrays"""
    a = rng.uniform(1, 2, (3, 4)) * rng.choice([-1, 1], (3, 4))
    b = a * rng.uniform(0.9, 1.1, (3, 4))
    return {
        "relative_error(a, b)": relative_error(a.copy(), b.copy()),
        "relative_error(b, a)": relative_error(b.copy(), a.copy()),
        "relative_error(a, a)": relative_error(a.copy(), a.copy()),
        "relative_error(a, −a)": relative_error(a.copy(), -a),
        "relative_error of tiny numbers": relative_error(1e-12 * a, 1e-12 * b),
        "relative_error of numbers near 1e-200": relative_error(1e-200 * a, 1e-200 * b),
    }


@task.check("error", within=1e-6)
def errors_at_zero(numerical_gradient: Any, relative_error: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the relative error of arrays with zeros"""
    a = rng.uniform(1, 2, 6)
    b = 1.25 * a
    a[0] = b[0] = 0
    return {
        "both are 0 at one place": relative_error(a.copy(), b.copy()),
        "both are 0 everywhere": relative_error(np.zeros(3), np.zeros(3)),
        "one is 0 at one place": relative_error(np.array([0.0, 1.0]), np.array([1e-3, 1.0])),
    }


@task.check("error", within=1e-6)
def errors_that_cancel(
    numerical_gradient: Any, relative_error: Any, rng: np.random.Generator
) -> dict[str, Any]:
    """the relative error of arrays whose sums are equal"""
    a = rng.uniform(1, 2, 6)
    return {"relative_error(a, a in another order)": relative_error(a.copy(), np.roll(a, 1))}


@task.check("contract")
def x_is_restored(numerical_gradient: Any, relative_error: Any, rng: np.random.Generator) -> dict[str, Any]:
    """beside copies made before"""
    x, grad_output = rng.uniform(1, 2, (3, 4)), rng.normal(size=(2, 3))
    before = x.copy(), grad_output.copy()
    places: list[np.ndarray] = []

    def f(at: np.ndarray) -> np.ndarray:
        places.append(np.array(at, dtype=np.float64).reshape(3, 4))
        return cubic(places[-1])

    came = np.array(numerical_gradient(f, x, grad_output), dtype=float)
    nudged = [sum(abs(step) > 1e-6 for step in (place - before[0]).ravel().tolist()) for place in places]
    return {
        "it gives something": any_nonzero(came),
        "x is as before": are_same(x, before[0]),
        "grad_output is as before": are_same(grad_output, before[1]),
        "at most one number is nudged at a time": max(nudged) <= 1,
    }


@task.check("contract")
def arrays_stay(numerical_gradient: Any, relative_error: Any, rng: np.random.Generator) -> dict[str, Any]:
    """relative_error, beside copies made before"""
    a, b = rng.uniform(1, 2, 6), rng.uniform(1, 2, 6)
    before = a.copy(), b.copy()
    relative_error(a, b)
    return {
        "a is as before": are_same(a, before[0]),
        "b is as before": are_same(b, before[1]),
    }
