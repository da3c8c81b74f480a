"""Checks a gradient in every element, and explains what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lib.gradient_check.causes import guess_cause, guess_shape_cause
from lib.gradient_check.numerical import is_kink, numerical_gradient, one_sided_slopes, slope
from lib.gradient_check.report import Comparison, GradientReport
from lib.gradient_check.subjects import Module, Subject, make_subject


def check_gradients(
    module_or_function: Any,
    x: np.ndarray,
    *,
    gradient: Callable | None = None,
    grad_output: np.ndarray | None = None,
    h: float = 1e-5,
    tolerance: float = 1e-6,
    seed: int = 0,
) -> GradientReport:
    """Compares the analytic gradient with the numerical one, element by element, in float64.

    module_or_function, one of
        a function x → (loss, gradient),
        a function x → output, with gradient= a function (x) → gradient where the output is one number, and
            (x, grad_output) → gradient where it is an array,
        a module with forward(x) and backward(x, grad_output), and, where it learns, parameters() → two lists
            and zero_grad_parameters(); a copy is checked, the module itself stays as it is
    x: numbers, any shape; taken as float64
    grad_output: the upstream gradient, shaped like the output; random where not given, so that no error
        cancels in a sum
    h: the step of the central difference; tolerance: the largest accepted relative error

    Elements that differ where the function has a kink (ReLU at 0, ties in a maximum) are skipped and counted.
    A wrong gradient is reported: see `GradientReport`. Raises `ValueError` where there is nothing to check.

    >>> check_gradients(lambda w: ((w**2).sum(), w), np.array([3.0]))
    gradient in x: WRONG
      1 of 1 elements differ; worst at [0]: numerical 6, analytic 3, relative error 5.0e-01 (accepted 1e-06)
      likely cause: half the expected gradient
    """
    x = np.asarray(x)
    if x.dtype.kind not in "uif" or not x.size or not np.isfinite(x).all():
        raise ValueError(f"x: expected at least one number, all finite, got {x.dtype} of shape {x.shape}")
    subject = make_subject(module_or_function, gradient, np.array(x, dtype=np.float64, order="C"))
    output = subject.forward()
    if output.dtype.kind not in "uif" or not output.size:
        raise ValueError(f"module_or_function: expected numbers as output, got {output.dtype} {output.shape}")
    if not np.isfinite(output).all():
        return GradientReport((), ("the output is not finite, so it has no gradient: choose another x",))
    if not np.array_equal(output, subject.forward()):
        return GradientReport((), ("two calls with the same x give different outputs: fix the randomness",))
    upstream = _upstream(output, grad_output, seed)

    analytic = subject.backward(upstream)
    comparisons = [
        _compare(subject, name, analytic[name], upstream, h, tolerance) for name in subject.variables
    ]
    problems = _contract(subject, analytic, upstream)
    notes = []
    if not all(part.ok for part in comparisons):
        notes = _hints(subject, analytic, upstream, h)
    return GradientReport(tuple(comparisons), tuple(problems), tuple(notes))


def _upstream(output: np.ndarray, grad_output: np.ndarray | None, seed: int) -> np.ndarray:
    """The gradient from above: 1 for a loss, random for an array, so that no error cancels in a sum."""
    if grad_output is None:
        return np.random.default_rng(seed).standard_normal(output.shape) if output.ndim else np.ones(())
    if np.shape(grad_output) != output.shape:
        raise ValueError(
            f"grad_output: expected the output's shape {output.shape}, got {np.shape(grad_output)}"
        )
    return np.array(grad_output, dtype=np.float64)


def _compare(
    subject: Subject, name: str, analytic: np.ndarray, upstream: np.ndarray, h: float, tolerance: float
) -> Comparison:
    """Both gradients in one variable, and what their difference looks like."""
    variable = subject.variables[name]
    start = variable.copy()

    def f(values: np.ndarray) -> float:
        variable[...] = values
        return float((upstream * subject.forward()).sum())

    # Rounding costs f a few bits of the terms it adds up, and a slope that, divided by h.
    noise = 10 * np.finfo(np.float64).eps * float(np.abs(upstream * subject.forward()).sum())
    numerical = np.asarray(numerical_gradient(f, start, h))
    errors, skipped = np.empty(0), np.zeros(start.shape, bool)
    if analytic.shape != start.shape:
        cause = guess_shape_cause(numerical, analytic)
    else:
        smallest = max(1e-3 * float(np.abs(numerical).max()), noise / h / tolerance)
        errors = np.asarray(_relative_error(numerical, analytic, smallest))
        for index in map(tuple, np.argwhere(errors > tolerance)):
            if is_kink(f, start, index, h, noise):
                errors[index], skipped[index] = 0.0, True
                continue
            # f may have a kink near x, on one side of it, or bend more than the step allows.
            closer = [slope(f, start, index, h / 10), *one_sided_slopes(f, start, index, h / 10)]
            error = _relative_error(
                np.array(closer), analytic[index], max(smallest, 10 * noise / h / tolerance)
            )
            if error.min() <= tolerance:
                numerical[index], errors[index] = closer[error.argmin()], error.min()
        wrong = errors > tolerance
        cause = guess_cause(numerical, analytic, start, wrong) if wrong.any() else ""
    variable[...] = start
    return Comparison(name, numerical, analytic, errors, skipped, tolerance, cause)


def _relative_error(numerical, analytic, smallest: float):
    """|numerical − analytic| relative to the larger of both, or to `smallest` where both are below it."""
    size = np.maximum(
        np.maximum(np.abs(numerical), np.abs(analytic)), max(smallest, np.finfo(np.float64).tiny)
    )
    with np.errstate(invalid="ignore"):
        return np.nan_to_num(np.abs(numerical - analytic) / size, nan=np.inf, posinf=np.inf)


def _contract(subject: Subject, analytic: dict[str, np.ndarray], upstream: np.ndarray) -> list[str]:
    """What is wrong besides the numbers: changed arguments, and gradients that depend on earlier calls."""
    problems = []
    again = subject.backward(upstream)
    for name in analytic:
        if not np.array_equal(again[name], analytic[name], equal_nan=True):
            why = "it accumulates over calls" if name == "x" else "zero_grad_parameters leaves something"
            problems.append(f"the gradient in {name} differs from one call to the next: {why}")
    if isinstance(subject, Module) and not problems:
        twice = subject.accumulate(upstream)
        for name in list(analytic)[1:]:
            if not np.allclose(twice[name], 2 * analytic[name], rtol=1e-9, atol=0, equal_nan=True):
                problems.append(
                    f"backward overwrites the gradient in {name}: add to it, so that batches sum up"
                )
    for name in sorted(subject.mutated):
        problems.append(f"{name} was changed in place: it belongs to the caller, work on a copy")
    return problems


def _hints(subject: Subject, analytic: dict[str, np.ndarray], upstream: np.ndarray, h: float) -> list[str]:
    """What else may explain a wrong gradient."""
    hints = []
    doubled = subject.backward(2 * upstream)
    same = [
        name for name in analytic if analytic[name].any() and np.array_equal(analytic[name], doubled[name])
    ]
    if same and upstream.ndim:
        hints.append(
            f"the gradient in {', '.join(same)} ignores grad_output: multiply by the upstream gradient"
        )
    subject.x += h * np.random.default_rng(0).random(subject.x.shape)  # no longer a number that float32 has
    output = subject.forward()
    if output.any() and np.array_equal(output, output.astype(np.float32)):
        hints.append("the output has the precision of float32, too coarse for such steps: compute in float64")
    return hints
