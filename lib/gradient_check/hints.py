"""What else may be wrong with a gradient, found by calling again in other ways."""

from __future__ import annotations

import numpy as np

from lib.gradient_check.report import Comparison
from lib.gradient_check.subjects import ModuleSubject, Subject


def find_contract_problems(
    subject: Subject, analytic: dict[str, np.ndarray], upstream: np.ndarray
) -> list[str]:
    """What is wrong besides the numbers: changed arguments, and gradients that depend on earlier calls."""
    problems = []
    again = subject.backward(upstream)
    for name in analytic:
        if not np.array_equal(again[name], analytic[name], equal_nan=True):
            inside = name in subject.inputs
            why = "it accumulates over calls" if inside else "zero_grad_parameters leaves something"
            problems.append(f"the gradient in {name} differs from one call to the next: {why}")
    if isinstance(subject, ModuleSubject) and not problems:
        twice = subject.accumulate(upstream)
        for name in analytic:
            added = np.allclose(twice[name], 2 * analytic[name], rtol=1e-9, atol=0, equal_nan=True)
            if name not in subject.inputs and not added:
                problems.append(
                    f"backward overwrites the gradient in {name}: add to it (+=), so that batches sum up"
                )
    for name in sorted(subject.mutated):
        problems.append(f"{name} was changed in place: it belongs to the caller, work on a copy")
    return problems


def find_exchanged(comparisons: list[Comparison]) -> dict[str, str]:
    """Gradients that stand in each other's place: the name of each → the cause."""
    wrong = [part for part in comparisons if part.verdict == "WRONG"]
    causes: dict[str, str] = {}
    for i, one in enumerate(wrong):
        for other in wrong[i + 1 :]:
            if _alike(one.analytic, other.numerical) and _alike(other.analytic, one.numerical):
                cause = f"the gradients in {one.name} and {other.name} are exchanged"
                causes |= {one.name: cause, other.name: cause}
    return causes


def find_transposed_weight(
    subject: Subject, comparisons: list[Comparison], upstream: np.ndarray
) -> dict[str, str]:
    """Whether backward would be right if a square matrix were transposed: variable → the cause.

    The other shapes raise an error when they are multiplied the wrong way round; a square one does not.
    """
    causes: dict[str, str] = {}
    for part in comparisons:
        if part.verdict != "WRONG" or not part.analytic.any():
            continue
        for name, matrix in subject.variables.items():
            square = matrix.ndim == 2 and len(matrix) == len(matrix.T) and name != part.name
            if square and _alike(
                subject.backward_with_transposed(name, upstream).get(part.name), part.numerical
            ):
                causes[part.name] = f"{name} and {name}.T exchanged: {name} is square, so both fit"
    return causes


def find_hints(subject: Subject, analytic: dict[str, np.ndarray], upstream: np.ndarray) -> list[str]:
    """What else may explain a wrong gradient."""
    doubled = subject.backward(2 * upstream)
    return [
        f"the gradient in {name} ignores grad_output: multiply by the upstream gradient"
        for name in analytic
        if upstream.ndim and analytic[name].any() and np.array_equal(analytic[name], doubled[name])
    ]


def _alike(a: np.ndarray | None, b: np.ndarray) -> bool:
    """Whether two gradients are equal as far as a numerical gradient can tell."""
    if a is None or a.shape != b.shape or not np.isfinite(a).all() or not np.isfinite(b).all():
        return False
    return bool(np.allclose(a, b, rtol=1e-5, atol=1e-8 * float(np.abs(b).max(initial=0))))
