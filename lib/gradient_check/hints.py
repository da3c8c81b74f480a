"""What else may be wrong with a gradient, found by calling again in other ways."""

from __future__ import annotations

import numpy as np

from lib.gradient_check.report import Comparison
from lib.gradient_check.subjects import ModuleSubject, Subject

MOST = 60  # larger variables are not searched for the outputs that count: it takes a step for each element


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
    for name in sorted(subject.overwritten):
        problems.append(f"backward changed {name} itself: add to its gradient, and leave {name} as it is")
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


def find_forgotten_upstream(comparisons: list[Comparison], upstream: np.ndarray) -> dict[str, str]:
    """Gradients that would be right if they were multiplied by the upstream one: variable → the cause."""
    return {
        part.name: "the upstream gradient is missing"
        for part in comparisons
        if part.verdict == "WRONG"
        and upstream.size in (1, part.analytic.size)
        and _alike((part.analytic.ravel() * upstream.ravel()).reshape(part.analytic.shape), part.numerical)
    }


def find_output_for_x(
    subject: Subject, comparisons: list[Comparison], upstream: np.ndarray
) -> dict[str, str]:
    """Whether backward would be right with the output in the place of x, as s(1 − s) for x(1 − x)."""
    if not any(part.verdict == "WRONG" and part.name in subject.inputs for part in comparisons):
        return {}
    try:
        with np.errstate(all="ignore"):
            tried = subject.backward_at_output(upstream)
    except Exception:  # the user's code, called in a way it was not made for
        return {}
    return {
        part.name: f"{part.name} stands where the output belongs"
        for part in comparisons
        if part.verdict == "WRONG" and _alike(tried.get(part.name), part.numerical)
    }


def find_parts(subject: Subject, comparisons: list[Comparison], upstream: np.ndarray) -> dict[str, str]:
    """Gradients that count some of the outputs only: variable → the cause."""
    causes: dict[str, str] = {}
    for part in comparisons:
        size = part.numerical.size
        unexplained = part.verdict == "WRONG" and part.analytic.shape == part.numerical.shape
        if not unexplained or part.cause or not upstream.ndim or size > MOST:
            continue
        try:
            slopes = _slopes_of_each_output(subject, part.name, upstream)
        except (ValueError, ArithmeticError):  # the step leaves the domain
            continue
        found, expected = part.analytic.ravel(), part.numerical.ravel()
        if size == upstream.size and _roughly(found, slopes.diagonal(), expected):
            causes[part.name] = "only the diagonal: each output depends on the other elements too"
        rows = len(upstream)
        examples = slopes.reshape(size, rows, -1).sum(axis=2).T
        only = [i for i, example in enumerate(examples) if _roughly(found, example, expected)]
        if upstream.ndim > 1 and rows > 1 and only:
            causes[part.name] = f"only example {only[0]} of the {rows} counts: sum over all"
    return causes


def _slopes_of_each_output(subject: Subject, name: str, upstream: np.ndarray) -> np.ndarray:
    """The slope of every (upstream · output) along every element, to some digits: one step each."""
    variable, output = subject.variables[name], subject.forward()
    slopes = np.empty((variable.size, output.size))
    for i, index in enumerate(np.ndindex(variable.shape)):
        kept = float(variable[index])
        variable[index] = kept + 1e-6 * max(1.0, abs(kept))
        try:
            with np.errstate(all="ignore"):
                slopes[i] = (upstream * (subject.forward() - output)).ravel() / (variable[index] - kept)
        finally:
            variable[index] = kept
    return slopes


def _roughly(found: np.ndarray, part: np.ndarray, whole: np.ndarray) -> bool:
    """Whether a gradient is this part of what it should be, and the part is not the whole."""

    def near(a: np.ndarray) -> bool:
        return bool(np.allclose(a, part, rtol=1e-3, atol=1e-5 * float(np.abs(part).max(initial=0))))

    return bool(part.any()) and near(found) and not near(whole)


def find_hints(subject: Subject, analytic: dict[str, np.ndarray], upstream: np.ndarray) -> list[str]:
    """What else may explain a wrong gradient: how it answers to twice the upstream gradient."""
    if not upstream.ndim:
        return []
    doubled = subject.backward(2 * upstream)
    notes = []
    for name, gradient in analytic.items():
        if gradient.any() and np.array_equal(gradient, doubled[name]):
            notes.append(f"the gradient in {name} ignores grad_output: multiply by the upstream gradient")
        elif np.isfinite(gradient).all() and not _alike(doubled[name], 2 * gradient):
            notes.append(
                f"the gradient in {name} does not double with the upstream gradient: multiply by it, "
                "add nothing"
            )
    return notes


def _alike(a: np.ndarray | None, b: np.ndarray) -> bool:
    """Whether two gradients are equal as far as a numerical gradient can tell."""
    if a is None or a.shape != b.shape or not np.isfinite(a).all() or not np.isfinite(b).all():
        return False
    return bool(np.allclose(a, b, rtol=1e-5, atol=1e-8 * float(np.abs(b).max(initial=0))))
