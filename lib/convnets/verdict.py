"""What several seeds say about a trick: paired differences, their confidence interval, and a verdict.

Numpy only, so that results can be looked at where there is no torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from lib.checks import check_choice, check_number, check_whole, mismatch, shown

# What was measured → how it is shown, its unit, by what it is multiplied, and whether more of it is better.
MEASURES: dict[str, tuple[str, str, float, bool]] = {
    "accuracy": ("accuracy on validation images", "points", 100.0, True),
    "loss": ("loss on validation images", "nats", 1.0, False),
    "seconds": ("seconds of training", "s", 1.0, False),
}
NO_EVIDENCE = "no evidence"


class Effect(NamedTuple):
    """What one trick does, over all seeds, in the measure's unit.

    trick, instead: what it is called, and what stands in its place without it
    present, absent: (seeds,), the measure with the trick and without it
    mean, half: the mean of their differences, and half the width of its 95 % confidence interval
    verdict: "better", "worse", or "no evidence" where the interval has 0 in it
    """

    trick: str
    instead: str
    present: np.ndarray
    absent: np.ndarray
    mean: float
    half: float
    verdict: str


def student(freedom: int, confidence: float = 0.95) -> float:
    """Student's t: of a mean, divided by its standard error, the share `confidence` lies between −t and t.

    freedom: one less than there are values, ≥ 1
    confidence: above 0 and below 1

    With t = √freedom · tan θ its density becomes cos θ to the power freedom − 1, which has an end, π/2.

    Source: "Student" (W. S. Gosset), "The probable error of a mean", 1908.

    >>> round(student(4), 2), round(student(1000), 2)
    (2.78, 1.96)
    """
    check_whole(freedom, name="freedom", low=1)
    check_number(confidence, name="confidence", low=0, high=1, open_low=True, open_high=True)
    angle = np.linspace(0, np.pi / 2, 100_001)
    density = np.cos(angle) ** (freedom - 1)
    area = np.concatenate([[0], np.cumsum((density[1:] + density[:-1]) / 2)])
    return float(np.sqrt(freedom) * np.tan(np.interp(confidence * area[-1], area, angle)))


def interval(values: Sequence[float] | np.ndarray) -> tuple[float, float]:
    """The mean of values (n,), n ≥ 2, and half the width of its 95 % confidence interval.

    >>> mean, half = interval([1.0, 2.0, 3.0])
    >>> f"{mean:.2f} ± {half:.2f}"
    '2.00 ± 2.48'
    """
    numbers = np.asarray(values, float)
    if numbers.ndim != 1 or len(numbers) < 2 or not np.isfinite(numbers).all():
        raise mismatch("", "values", "at least two finite numbers", shown(values))
    error = numbers.std(ddof=1) / np.sqrt(len(numbers))
    return float(numbers.mean()), student(len(numbers) - 1) * float(error)


def effects(study: dict[str, Any], measure: str = "accuracy") -> list[Effect]:
    """What each trick of a study does, in the order of the study; those without two seeds are left out.

    study: what `course ablate` writes
    measure: one of `MEASURES`
    """
    check_choice(measure, MEASURES, name="measure")
    _, _, factor, more = MEASURES[measure]
    found = []
    for name, trick in study["tricks"].items():
        runs, others = (study["runs"].get(key, {}) for key in (name, trick["beside"]))
        seeds = [seed for seed in runs if seed in others]
        if len(seeds) < 2:
            continue
        here, there = (factor * np.array([r[seed][measure] for seed in seeds]) for r in (runs, others))
        present, absent = (there, here) if trick["in_base"] else (here, there)
        mean, half = interval(present - absent)
        found.append(Effect(name, trick["instead"], present, absent, mean, half, judge(mean, half, more)))
    return found


def judge(mean: float, half: float, more: bool = True) -> str:
    """The verdict on a difference whose interval reaches from mean − half to mean + half.

    more: whether more of what was measured is better

    >>> judge(0.4, 0.5), judge(0.4, 0.3), judge(0.4, 0.3, more=False)
    ('no evidence', 'better', 'worse')
    """
    if abs(mean) <= half:
        return NO_EVIDENCE
    return "better" if (mean > 0) == more else "worse"


def table(study: dict[str, Any], measure: str = "accuracy") -> str:
    """A line a trick: its effect with the interval, the verdict, and the two means."""
    what, unit, _, _ = MEASURES[check_choice(measure, MEASURES, name="measure")]
    found = effects(study, measure)
    if not found:
        return "Too few runs for a table: a trick needs two seeds."
    wide = max(len(e.trick) for e in found)
    lines = [f"{'trick':{wide}}  {'effect (95 %), ' + unit:>21}  {'verdict':11}  {'with':>6}  {'without':>7}"]
    for e in found:
        effect = f"{e.mean:+.2f} ± {e.half:.2f}".replace("-", "−")
        lines.append(
            f"{e.trick:{wide}}  {effect:>21}  {e.verdict:11}  {e.present.mean():6.2f}  "
            f"{e.absent.mean():7.2f}  {e.instead}"
        )
    return f"{what}, {len(found[0].present)} seeds\n" + "\n".join(lines)
