"""Checks a gradient in every element, and explains what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from lib.checks import as_numbers, check_finite, check_number, check_whole
from lib.gradient_check.causes import guess_cause, guess_kink_cause, guess_shape_cause
from lib.gradient_check.hints import (
    find_contract_problems,
    find_exchanged,
    find_forgotten_upstream,
    find_hints,
    find_output_for_x,
    find_parts,
    find_transposed_weight,
)
from lib.gradient_check.judge import UNSEEN, UNSTABLE, ZERO
from lib.gradient_check.nudge import EPS_FLOAT32, find_precision
from lib.gradient_check.report import Comparison, GradientReport
from lib.gradient_check.slopes import measure_slopes
from lib.gradient_check.subjects import Subject, make_subject


def check_gradients(
    module_or_function: Any,
    x: np.ndarray,
    *,
    gradient: Callable | None = None,
    grad_output: np.ndarray | None = None,
    h: float = 1e-5,
    tolerance: float = 1e-6,
    seed: int = 0,
    name: str | None = None,
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
    h: the first step of the central difference; where it does not settle the matter, larger and smaller ones
        follow, see `judge.py`
    tolerance: the largest accepted relative error
    seed: of the random grad_output
    name: what x is called in the report; where not given, as the function calls its argument

    What is seen: a slip of a thousandth in any element that is compared; a gradient that is nan or inf where
    the output is finite, which is wrong everywhere; at a kink (ReLU at 0, ties in a maximum), a value outside
    the slopes on both sides, unless these differ by less than a thousandth: then it is no kink. What is not
    seen, and counted: which of the values between these slopes is meant, and elements where no step gives a
    stable slope, which are undecided; elements too small beside the others, such as exp(-20) beside exp(20),
    whose size alone is compared. Where these are more than a tenth, the report says "right as far as one can
    see"; where more than half, it is undecided, and `.ok` is False.
    A wrong gradient is reported: see `GradientReport`.
    Raises `ValueError` where there is nothing to check.

    >>> check_gradients(lambda w: ((w**2).sum(), w), np.array([3.0]))
    gradient in w: WRONG, shape (1,)
      1 of 1 elements differ; worst at [0]: numerical 6, analytic 3, relative error 5.0e-01 (accepted 1e-06)
      likely cause: half the expected gradient
    """
    x = np.asarray(x)
    if x.dtype.kind not in "uif" or not x.size:
        raise ValueError(f"x: expected at least one number, all finite, got {x.dtype} of shape {x.shape}")
    check_finite(np.atleast_1d(x), name="x")
    subject = make_subject(module_or_function, gradient, np.array(x, dtype=np.float64, order="C"), name)
    return check_subject(subject, grad_output=grad_output, h=h, tolerance=tolerance, seed=seed)


def check_subject(
    subject: Subject,
    *,
    grad_output: np.ndarray | None = None,
    h: float = 1e-5,
    tolerance: float = 1e-6,
    seed: int = 0,
) -> GradientReport:
    """The same for anything that has variables, an output, and gradients in the variables."""
    h = check_number(h, name="h", low=0, open_low=True, otherwise=", such as 1e-5")
    tolerance = check_number(tolerance, name="tolerance", low=0, otherwise=", such as 1e-6")
    seed = check_whole(seed, name="seed")
    before = {name: value.copy() for name, value in subject.variables.items()}
    output = subject.forward()
    changed = [name for name, kept in before.items() if not np.array_equal(subject.variables[name], kept)]
    if changed:
        return GradientReport((), (f"forward changed {changed[0]} itself: compute, and leave it as it is",))
    if output.dtype.kind not in "uif" or not output.size:
        raise ValueError(f"module_or_function: expected numbers as output, got {output.dtype} {output.shape}")
    if not np.isfinite(output).all():
        place = [int(i) for i in np.argwhere(~np.isfinite(output))[0]]
        where = f" at {place}" if place else ""
        what = f"the output is not finite, {output[tuple(place)]}{where}, so it has no gradient"
        return GradientReport((), notes=(f"{what}: choose another x",))
    if not np.array_equal(output, subject.forward()):
        what = "two calls with the same x give different outputs: fix the randomness"
        return GradientReport((), notes=(f"{what}, such as by a generator that the layer keeps",))
    upstream = _upstream(output, grad_output, seed)

    eps = find_precision(subject, output, h)
    analytic = subject.backward(upstream)
    comparisons = [
        _compare(subject, name, analytic[name], upstream, h, tolerance, eps) for name in subject.variables
    ]
    comparisons = _with_vanishing(comparisons)
    problems = find_contract_problems(subject, analytic, upstream)
    if eps == EPS_FLOAT32:
        problems.append(
            "the output has the precision of float32, too coarse for such steps: compute in float64"
        )
    notes: list[str] = []
    if not all(part.ok for part in comparisons):
        causes = find_forgotten_upstream(comparisons, upstream) | find_exchanged(comparisons)
        causes |= find_transposed_weight(subject, comparisons, upstream)
        causes |= find_parts(subject, comparisons, upstream) | find_output_for_x(
            subject, comparisons, upstream
        )
        comparisons = [replace(part, cause=causes.get(part.name, part.cause)) for part in comparisons]
        notes = [] if problems else find_hints(subject, analytic, upstream)
    return GradientReport(tuple(comparisons), tuple(problems), tuple(notes))


def _with_vanishing(comparisons: list[Comparison]) -> list[Comparison]:
    """Marks those that are zero beside what was seen in others, such as a bias before a batch norm.

    What was computed as 1e-17 there is rounding: its sign means nothing, and no step can see it.
    """
    seen = max((np.nanmax(np.abs(part.numerical)) for part in comparisons if part.ok), default=0.0)
    return [replace(part, vanishes=_vanishes(part, float(seen))) for part in comparisons]


def _vanishes(part: Comparison, seen: float) -> bool:
    return (
        part.verdict == "undecided"
        and set(part.reasons) <= {UNSTABLE}
        and float(np.abs(part.analytic).max()) <= ZERO * seen
        and float(np.abs(part.numerical).max()) <= UNSEEN * seen
    )


def _upstream(output: np.ndarray, grad_output: np.ndarray | None, seed: int) -> np.ndarray:
    """The gradient from above: 1 for a loss, random for an array, so that no error cancels in a sum."""
    if grad_output is None:
        return draw_upstream(output.shape, seed) if output.ndim else np.ones(())
    if np.shape(grad_output) != output.shape:
        raise ValueError(
            f"grad_output: expected the output's shape {output.shape}, got {np.shape(grad_output)}"
        )
    upstream = np.array(as_numbers(grad_output, name="grad_output"), dtype=np.float64)
    check_finite(np.atleast_1d(upstream), name="grad_output")
    return upstream


def draw_upstream(shape: tuple[int, ...], seed: int) -> np.ndarray:
    """A random upstream gradient of this shape.

    It is not what `default_rng(seed)` gives: x often comes from there, and beside an upstream gradient
    equal to x, a backward that mistakes one for the other seems right.
    """
    return np.random.default_rng([seed, 14]).standard_normal(shape)


def _compare(
    subject: Subject,
    name: str,
    analytic: np.ndarray,
    upstream: np.ndarray,
    h: float,
    tolerance: float,
    eps: float,
) -> Comparison:
    """Both gradients in one variable, and what their difference looks like."""
    variable = subject.variables[name]
    fits = analytic.shape == variable.shape
    slopes = measure_slopes(subject, name, upstream, analytic if fits else None, h, tolerance, eps)
    if not fits:
        nothing = np.zeros(variable.shape, bool)
        cause = guess_shape_cause(slopes.numerical, analytic)
        return Comparison(name, slopes.numerical, analytic, np.empty(0), nothing, tolerance, cause)
    skipped = slopes.reasons != ""
    errors = np.where(
        skipped | slopes.unseen, 0.0, _relative_error(slopes.numerical, analytic, slopes.bars, tolerance)
    )
    wrong = errors > tolerance
    cause = ""
    if wrong.any():
        # What cannot be compared must not hide the pattern in what can.
        numerical = np.where(skipped | slopes.unseen, analytic, slopes.numerical)
        given = variable if name in subject.inputs else subject.variables[subject.inputs[0]]
        cause = guess_kink_cause(slopes.sides, wrong, analytic) or guess_cause(
            numerical, analytic, variable, wrong, name, given.shape
        )
    reasons = {
        str(reason): int((slopes.reasons == reason).sum()) for reason in np.unique(slopes.reasons[skipped])
    }
    unseen = int(slopes.unseen.sum())
    return Comparison(name, slopes.numerical, analytic, errors, skipped, tolerance, cause, reasons, unseen)


def _relative_error(
    numerical: np.ndarray, analytic: np.ndarray, bars: np.ndarray, tolerance: float
) -> np.ndarray:
    """|numerical − analytic| relative to the larger of both; what lies within the error bar is no error."""
    size = np.maximum(np.maximum(np.abs(numerical), np.abs(analytic)), np.finfo(np.float64).tiny)
    with np.errstate(invalid="ignore"):
        error = np.nan_to_num(np.abs(numerical - analytic) / size, nan=np.inf, posinf=np.inf)
        accepted = np.abs(numerical - analytic) <= bars + tolerance * size
    return np.where(accepted & np.isfinite(analytic), np.minimum(error, tolerance), error)
