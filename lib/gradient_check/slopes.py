"""The slope of an output along each element, with an error bar, and a reason where no slope can be told.

Most elements need one step to the right and one to the left. Where these do not settle the matter (the
function bends too much, the step leaves the domain, rounding hides the change), `judge.py` tries others.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from lib.gradient_check.judge import KINK, RATIO, SHARP, UNSEEN, Judge, steps_at_kink
from lib.gradient_check.nudge import Nudge, Probe
from lib.gradient_check.subjects import Subject


@dataclass(eq=False)
class Slopes:
    """What nudging found in one variable.

    numerical: float64, shaped like the variable
    bars: float64, how far off `numerical` may be in each element
    reasons: str, why an element cannot be judged: KINK, DOMAIN, UNSTABLE; "" where it can
    unseen: bool, elements too small beside the others, or beside rounding, to be seen
    sides: where the analytic gradient lies outside the slopes on both sides of a kink: index → these slopes
    """

    numerical: np.ndarray
    bars: np.ndarray
    reasons: np.ndarray
    unseen: np.ndarray
    sides: dict[tuple[int, ...], tuple[float, float]] = field(default_factory=dict)


def measure_slopes(
    subject: Subject,
    name: str,
    upstream: np.ndarray,
    analytic: np.ndarray | None,
    h: float,
    tolerance: float,
    eps: float,
) -> Slopes:
    """The slope of (upstream · output) in every element of the variable `name`.

    upstream: shaped like the output
    analytic: a slope that agrees with it needs no second step; None where there is nothing to compare with
    h: the first step, times |x| where that is above 1
    tolerance: the relative difference that counts as agreement
    eps: the relative rounding error of the output, see `find_precision`
    """
    probe = Probe(subject, name, upstream, eps)
    shape = probe.variable.shape
    found = Slopes(np.empty(shape), np.empty(shape), np.full(shape, "", object), np.zeros(shape, bool))
    first: dict[tuple[int, ...], Nudge] = {}
    for index in np.ndindex(shape):
        step = first[index] = probe.step(index, h * max(1.0, abs(float(probe.variable[index]))))
        found.numerical[index], found.bars[index] = step.central, step.noise
    if analytic is None:
        return found
    with np.errstate(invalid="ignore", over="ignore"):
        size = np.maximum(np.abs(found.numerical), np.abs(analytic))
        scale = float(np.max(np.abs(found.numerical), initial=0, where=np.isfinite(found.numerical)))
        agrees = (np.abs(found.numerical - analytic) <= tolerance * size) & np.isfinite(analytic)
        nothing = (size == 0) & (found.bars <= UNSEEN * scale)
        done = agrees & (nothing | (found.bars <= SHARP * size))
    for index in map(tuple, np.argwhere(done)):
        found.reasons[index] = KINK if _is_at_kink(probe, index, first[index], size[index]) else ""
    # Where the output is finite, a gradient that is not is wrong, whatever the slope.
    for index in map(tuple, np.argwhere(~done & np.isfinite(analytic))):
        judge = Judge(probe, index, first[index], float(analytic[index]), tolerance, scale)
        verdict = judge.verdict()
        found.numerical[index], found.bars[index] = verdict.slope, verdict.bar
        found.reasons[index], found.unseen[index] = verdict.reason, verdict.unseen
        if verdict.sides is not None:
            found.sides[tuple(int(i) for i in index)] = verdict.sides
    return found


def _is_at_kink(probe: Probe, index: tuple[int, ...], first: Nudge, size: float) -> bool:
    """Whether right and left slope differ, although the middle between them agrees with what is expected.

    That middle is one of the slopes that may be taken, and no more certain than the others.
    """
    if not first.gap > max(1e-3 * size, 10 * first.noise):
        return False
    coarse = [probe.step(index, first.h * RATIO**power) for power in (2, 1)]
    steps = [*coarse, first, probe.step(index, first.h / RATIO)]
    return bool(steps_at_kink(steps, max(size, first.gap), probe))
