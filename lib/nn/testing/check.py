"""The checks themselves: each runs its properties one after another, and reports the first that fails."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import numpy as np

from lib.checks import check_finite, name_of
from lib.gradient_check import GradientReport
from lib.gradient_check.failures import comes_from_user, explain_failure
from lib.nn.criterion import Criterion
from lib.nn.errors import check_arrays, holds_numbers
from lib.nn.module import Module
from lib.nn.testing.arrays import ArrayOrArrays, leaves, map_arrays
from lib.nn.testing.criteria import CriterionCase, compare_criterion, float32, returns, too_early, written
from lib.nn.testing.mistakes import find_causes
from lib.nn.testing.properties import IN_EACH_MODE, ONCE, Case, compare_gradients, copied
from lib.nn.testing.slips import find_exchanged_arguments, find_slips, find_unwritten

MODES = ("training", "evaluation")
ONLY = "only in evaluation mode"


def check_module(
    module: Module, x: ArrayOrArrays, *, seed: int = 0, tolerance: float = 1e-6
) -> GradientReport:
    """Checks the whole contract of a layer, or of a network, on one input; the module stays as it is.

    module: the layer, such as Linear(3, 2)
    x: a float array of a shape that the layer takes, or a list of such; small, since each element is moved
        on its own; away from kinks and ties, such as 0 for ReLU
    seed: of the random gradients sent backward
    tolerance: the largest relative error against finite differences

    In training and in evaluation mode: every gradient against finite differences in float64, gradients that
    add up over calls and follow `scale`, arguments left as they were, `output` and `grad_input` kept, float32
    in and out, float64 in and out, any memory layout, `need_grad_input=False`; besides, `backward` before
    `forward` refused, parameters matching their gradients, and saving and loading.

    Returns a report that says which property fails and how, or lists what was checked; `.ok` is true where
    all is right, `.raise_if_wrong()` raises. Raises `ValueError` or `TypeError` where x is not for the layer,
    or the module is none.

    >>> from lib import nn
    >>> check_module(nn.Linear(3, 2), np.array([[0.5, -1.0, 2.0]])).lines[0]
    '3 gradients agree with finite differences'
    """
    if not isinstance(module, Module):
        is_class = isinstance(module, type)
        came = f"the class {module.__name__}; make one: {module.__name__}(…)" if is_class else repr(module)
        raise TypeError(f"module: expected a module, got {came}")
    check_arrays(module, "x", x)
    for part in leaves(x):
        check_finite(np.atleast_1d(part), name=f"{name_of(module)}: x")
    subject = repr(module)
    slips = find_slips(module)
    if slips:
        return GradientReport((), slips, subject=subject)
    comparisons: tuple[Any, ...] = ()
    lines: list[str] = []
    place = ""
    x = map_arrays(lambda part: np.array(part, np.float64), x)
    try:
        module.parameters()  # complains where a gradient is missing
        module = copy.deepcopy(module)
        _check_output(module, x)
        cases = {mode: Case.of(module, x, mode == "training", seed, tolerance) for mode in MODES}
        for mode, case in cases.items():
            place = f" (in {mode} mode)"
            report = compare_gradients(case)
            if not report.ok:
                problems = tuple(problem + place for problem in report.problems)
                report = replace(report, problems=problems, subject=subject)
                report = find_causes(case, report) if report.comparisons else report
                return report if mode == "training" else replace(report, notes=(*report.notes, ONLY))
            comparisons = comparisons or report.comparisons
        count = len(comparisons)
        dim = "; ".join(f"{part.name}{part.limited}" for part in comparisons if part.limited)
        lines.append(
            f"{count} gradient{'s agree' if count > 1 else ' agrees'} with finite differences"
            + (f", {dim}" if dim else "")
        )
        for check in IN_EACH_MODE:
            for mode, case in cases.items():
                place = f" (in {mode} mode)"
                line = check(case)
            lines.append(line)
        place = ""
        for check in ONCE:
            lines.append(check(replace(cases["training"], module=copied(module, dtype=np.float64))))
    except Exception as error:
        if isinstance(error, _NotForTheLayer) and error.__cause__ is not None:
            raise error.__cause__ from None
        exchanged = find_exchanged_arguments(module) if comes_from_user(error) else ()
        problem = _problem(error, place)
        if exchanged:  # no matrix needs turning then
            problem = problem.partition("\n  likely cause:")[0]
        return GradientReport(comparisons, (problem,), exchanged, subject=subject)
    return GradientReport(comparisons, subject=subject, lines=tuple(lines))


def check_criterion(
    criterion: Criterion, x: np.ndarray, target: Any, *, tolerance: float = 1e-6
) -> GradientReport:
    """Checks a criterion's contract on one output and its target; the criterion stays as it is.

    criterion: the criterion, such as MSELoss()
    x: the output of a network, a float array of a shape that the criterion takes
    target: what the criterion takes beside it
    tolerance: the largest relative error against finite differences

    Returns a report, as `check_module` does.
    """
    if not isinstance(criterion, Criterion):
        is_class = isinstance(criterion, type)
        name = criterion.__name__ if is_class else ""
        came = f"the class {name}; make one: {name}()" if is_class else repr(criterion)
        raise TypeError(f"criterion: expected a criterion, got {came}")
    if isinstance(x, np.ndarray):
        check_finite(np.atleast_1d(x), name=f"{name_of(criterion)}: x")
    subject = repr(criterion)
    slips = tuple(find_unwritten(type(criterion), Criterion))
    if slips:
        return GradientReport((), slips, subject=subject)
    comparisons: tuple[Any, ...] = ()
    try:
        case = CriterionCase.of(criterion, x, target, tolerance)
        written(case)
        lines = [check(case) for check in (too_early, returns)]
        report = compare_criterion(case)
        comparisons = report.comparisons
        if not report.ok:
            return replace(report, subject=subject)
        lines += ["the gradient agrees with finite differences", float32(case)]
    except Exception as error:
        if isinstance(error, TypeError) and "converted to Python scalars" in str(error):
            problem = "update_output: expected one number, the loss, got an array; sum it, or take its mean"
            return GradientReport((), (problem,), subject=subject)
        if not isinstance(error, AssertionError) and not comes_from_user(error):
            raise
        return GradientReport(comparisons, (_problem(error, ""),), subject=subject)
    return GradientReport(comparisons, subject=subject, lines=tuple(lines))


class _NotForTheLayer(Exception):
    """x is of a shape that the layer does not take: the caller's mistake, not the layer's."""


def _check_output(module: Module, x: ArrayOrArrays) -> None:
    """Whether the layer gives an array at all for this x."""
    try:
        output = copied(module, dtype=np.float64).forward(x)
    except ValueError as error:
        if comes_from_user(error):
            raise
        raise _NotForTheLayer from error
    batched = any(np.ndim(part) for part in leaves(x))
    for part in leaves(output):
        if isinstance(output, (list, tuple)) and holds_numbers(output):
            raise AssertionError(
                "update_output: expected an array as output, such as (N, …), "
                f"got a {type(output).__name__} of numbers; return np.array(…)"
            )
        if not isinstance(part, (np.ndarray, np.generic)) or (batched and part.ndim == 0):
            number = isinstance(part, (int, float, np.generic, np.ndarray))
            what = "one number" if number else f"a {type(part).__name__}"
            what = f"a {type(output).__name__} that holds {what}" if part is not output else what
            raise AssertionError(
                f"update_output: expected an array as output, such as (N, …), got {what}; "
                "a layer keeps the batch's axis; for a loss, write a Criterion"
            )


def _problem(error: Exception, place: str) -> str:
    """What a property found, or what the layer's own code raised."""
    if isinstance(error, AssertionError) and not comes_from_user(error):
        return f"{error}{place}"
    notes = "".join(f"\n  {note}" for note in getattr(error, "__notes__", ()))
    return (explain_failure(error) if comes_from_user(error) else str(error)) + notes
