"""What a layer's own mistakes look like: causes that only the layer's methods and axes can show."""

from __future__ import annotations

import copy
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np

from lib.gradient_check import Comparison, GradientReport
from lib.nn.testing.properties import Case, copied
from lib.nn.testing.slips import exchanged, find_exchanged_arguments, names_are_gradients


def find_causes(case: Case, report: GradientReport) -> GradientReport:
    """The same report, with what the layer's methods and the batch's axes explain."""
    said = _try_exchanged(case, report) or find_exchanged_arguments(case.module)
    comparisons = tuple(
        part
        if part.verdict != "WRONG"
        else replace(part, cause=_wrong_axis(case, part) or _other(case, part) or part.cause)
        for part in report.comparisons
    )
    # Exchanged arguments make a gradient that ignores grad_output: the cause says more than its symptom.
    notes = said or report.notes
    return replace(report, comparisons=comparisons, notes=notes)


def _try_exchanged(case: Case, report: GradientReport) -> tuple[str, ...]:
    """Whether a method would be right if x and grad_output changed places.

    Where the names show the right order, x was taken for grad_output inside; that is another mistake.
    """
    if not isinstance(case.x, np.ndarray) or np.shape(case.x) != np.shape(case.grad_output):
        return ()
    found = []
    for_x, *others = report.comparisons
    if not for_x.ok and names_are_gradients(case.module, "update_grad_input") != [False, True]:
        module = _after_forward(case)
        if _alike(_attempt(module.update_grad_input, case), for_x.numerical):
            found.append(exchanged(module, "update_grad_input"))
    wrong = not all(part.ok for part in others)
    if wrong and names_are_gradients(case.module, "acc_grad_parameters") != [False, True]:
        module = _after_forward(case)
        module.zero_grad_parameters()
        _attempt(module.acc_grad_parameters, case)
        gradients = module.parameters()[1]
        if all(_alike(array, part.numerical) for array, part in zip(gradients, others, strict=True)):
            found.append(exchanged(module, "acc_grad_parameters"))
    return tuple(found)


def _wrong_axis(case: Case, part: Comparison) -> str:
    """Whether a parameter's gradient is grad_output summed over other axes than it should be."""
    grad_output = case.grad_output
    if part.name == "x" or not isinstance(grad_output, np.ndarray) or part.numerical.ndim != 1:
        return ""
    sums = {
        axes: grad_output.sum(axis=axes)
        for axes in combinations(range(grad_output.ndim), grad_output.ndim - 1)
        if grad_output.sum(axis=axes).shape == part.numerical.shape
    }
    everything = tuple(range(grad_output.ndim))
    sums[everything] = np.full(part.numerical.shape, grad_output.sum())
    came = [axes for axes, total in sums.items() if _alike(part.analytic, total)]
    right = [axes for axes, total in sums.items() if _alike(total, part.numerical)]
    if not came or not right:
        return ""
    over = "all axes" if came[0] == everything else _axes(came[0])
    return f"summed over {over} instead of {'the batch' if right[0] == (0,) else _axes(right[0])}"


def _other(case: Case, part: Comparison) -> str:
    """Whether update_grad_input would be right if x and the output changed places."""
    x, grad_output = case.x, case.grad_output
    if part.name != "x" or not isinstance(x, np.ndarray) or np.shape(x) != np.shape(grad_output):
        return ""
    for what, other in (
        ("x stands where the output belongs", lambda module: (module.output.copy(), module.output)),
        ("the output stands where x belongs", lambda module: (x.copy(), x.copy())),
    ):
        module = _after_forward(case)
        given, module.output = other(module)
        try:
            with np.errstate(all="ignore"):
                found = module.update_grad_input(given, grad_output.copy())
        except Exception:  # the layer's own code, called in a way it was not made for
            continue
        if _alike(found, part.numerical):
            return what
    return ""


def _axes(axes: tuple[int, ...]) -> str:
    return f"axis {axes[0]}" if len(axes) == 1 else f"axes {', '.join(map(str, axes))}"


def _after_forward(case: Case) -> Any:
    module = copied(case.module)
    module.forward(case.x)
    return module


def _attempt(method: Any, case: Case) -> Any:
    """What a method returns for exchanged arguments; None where it fails, as it may."""
    try:
        return method(case.grad_output.copy(), copy.deepcopy(case.x))
    except Exception:  # the layer's own code, called in a way it was not made for
        return None


def _alike(a: Any, b: np.ndarray) -> bool:
    """Whether two gradients, in whatever shape, are equal as far as a numerical gradient can tell."""
    if not isinstance(a, np.ndarray) or a.size != b.size:
        return False
    return bool(np.allclose(a.ravel(), b.ravel(), rtol=1e-5, atol=1e-8 * float(np.abs(b).max(initial=0))))
