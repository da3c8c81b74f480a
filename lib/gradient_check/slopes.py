"""The slope of an output along each element, with an error bar, and a reason where no slope can be told.

Most elements need one step to the right and one to the left. Where these do not settle the matter (the
function bends too much, the step leaves the domain, rounding hides the change), ever smaller steps are tried,
each extrapolated from those before.

Source: C. Ridders, *Accurate computation of F'(x) and F'(x) F''(x)*, 1982.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from lib.gradient_check.subjects import Subject

EPS = float(np.finfo(np.float64).eps)
EPS_FLOAT32 = float(np.finfo(np.float32).eps)
RATIO = 7.3  # each step of the ladder is so much smaller; no whole number, or rounding repeats itself
SHARP = 1e-4  # an error bar of at most this share of the slope: then a slip of a thousandth is seen
UNSEEN = 1e-6  # an error bar of at most this share of the largest slope: the element hardly matters
ZERO = 1e-9  # the same, as a share of the output's size, where both gradients are zero as far as one can see
GARBAGE = 5e5  # rounding changes an output by less than so many eps; more comes from the function itself

KINK = "at a kink"
DOMAIN = "where a step leaves the domain"
UNSTABLE = "where no step gives a stable slope"


@dataclass(eq=False)
class Slopes:
    """What nudging found in one variable.

    numerical: float64, shaped like the variable
    bars: float64, how far off `numerical` may be in each element
    reasons: str, why an element cannot be judged: KINK, DOMAIN, UNSTABLE; "" where it can
    unseen: bool, elements too small beside the others, or beside rounding, to be seen
    """

    numerical: np.ndarray
    bars: np.ndarray
    reasons: np.ndarray
    unseen: np.ndarray


@dataclass(frozen=True)
class Step:
    """The slopes that one step of size h finds: nan where the step leaves the domain.

    central, right, left: the slope over both sides, over the right one and over the left one
    noise: how far rounding may have moved `central`
    terms: the size of what `central` sums up, all signs positive
    size: the size of the outputs that changed
    """

    h: float
    central: float
    right: float
    left: float
    noise: float
    terms: float
    size: float


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
    probe = _Probe(subject, name, upstream, eps)
    shape = probe.variable.shape
    found = Slopes(np.empty(shape), np.empty(shape), np.full(shape, "", object), np.zeros(shape, bool))
    first: dict[tuple[int, ...], Step] = {}
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
    for index in map(tuple, np.argwhere(~done)):
        judge = _Judge(probe, index, first[index], float(analytic[index]), tolerance, scale)
        verdict = judge.verdict()
        found.numerical[index], found.bars[index] = verdict.slope, verdict.bar
        found.reasons[index], found.unseen[index] = verdict.reason, verdict.unseen
    return found


def find_precision(subject: Subject, output: np.ndarray, h: float) -> float:
    """The relative rounding error of the output: that of float64, or that of float32."""
    kept = {name: subject.variables[name].copy() for name in subject.inputs}
    rng = np.random.default_rng(0)
    try:
        for name, value in kept.items():  # after this, an input is no longer a number that float32 has
            subject.variables[name][...] = value + h * rng.random(value.shape)
        with np.errstate(all="ignore"):
            moved = subject.forward()
    except (ValueError, ArithmeticError):  # the step leaves the domain
        return EPS
    finally:
        for name, value in kept.items():
            subject.variables[name][...] = value
    if moved.shape != output.shape:
        return EPS
    moved = moved[(moved != output) & np.isfinite(moved)]
    with np.errstate(all="ignore"):
        return EPS_FLOAT32 if moved.size and np.array_equal(moved, moved.astype(np.float32)) else EPS


class _Probe:
    """Nudges one element at a time, and puts it back."""

    def __init__(self, subject: Subject, name: str, upstream: np.ndarray, eps: float):
        self.subject = subject
        self.variable = subject.variables[name]
        self.upstream, self.eps = upstream, eps
        self.output = subject.forward()
        self.whole = float(np.abs(upstream * self.output).sum())

    def step(self, index: tuple[int, ...], h: float) -> Step:
        start = float(self.variable[index])
        right, left = start + h, start - h
        above, below = self._output(index, right), self._output(index, left)
        run = right - left  # not quite 2h: both ends were rounded
        with np.errstate(all="ignore"):
            change = above - below
            weighted = self.upstream * change
            changed = change != 0
            size = np.abs(self.upstream) * np.fmax(np.abs(above), np.abs(below))
            seen = float(size[changed].sum()) if changed.any() else self.whole
            return Step(
                h,
                float(weighted.sum()) / run,
                float((self.upstream * (above - self.output)).sum()) / (right - start),
                float((self.upstream * (self.output - below)).sum()) / (start - left),
                10 * self.eps * seen / run,
                float(np.abs(weighted).sum()) / run,
                seen,
            )

    def _output(self, index: tuple[int, ...], value: float) -> np.ndarray:
        """The output with one element changed; nan where the function is not defined there."""
        kept = self.variable[index]
        self.variable[index] = value
        try:
            with np.errstate(all="ignore"):
                output = self.subject.forward()
        except (ValueError, ArithmeticError):  # such as math.log(-1): the function is fine at x itself
            return np.full(self.output.shape, np.nan)
        finally:
            self.variable[index] = kept
        if not np.isfinite(output).all():
            return np.full(self.output.shape, np.nan)
        if output.shape != self.output.shape:
            raise ValueError(
                f"module_or_function: expected outputs of one shape, got {self.output.shape}, and "
                f"{output.shape} after a step of {value - float(kept):.1e} in one element"
            )
        return output


class _Estimate(NamedTuple):
    """A slope, its error bar, and the smallest step that went into it."""

    slope: float
    bar: float
    h: float


class _Verdict(NamedTuple):
    """What `Slopes` says of one element."""

    slope: float
    bar: float
    reason: str = ""
    unseen: bool = False


class _Judge:
    """One element whose first step did not settle the matter."""

    def __init__(
        self,
        probe: _Probe,
        index: tuple[int, ...],
        first: Step,
        expected: float,
        tolerance: float,
        scale: float,
    ):
        self.probe, self.index, self.first = probe, index, first
        self.expected, self.tolerance, self.scale = expected, tolerance, scale

    def verdict(self) -> _Verdict:
        second = self.probe.step(self.index, self.first.h / RATIO)
        if self._is_clear(second):
            return _Verdict(second.central, abs(second.central - self.first.central) + second.noise)
        steps: list[Step] = []
        estimates: list[_Estimate] = []
        row: list[float] = []
        for h in _ladder(float(self.probe.variable[self.index])):
            step = self.probe.step(self.index, h)
            row, new = _extrapolate(row, step, step.central, RATIO**2)
            steps.append(step)
            estimates += new
            for slope, bar, _ in new:
                if bar <= self.tolerance * abs(slope) and self._agrees(slope, bar):
                    return _Verdict(slope, bar)
        if not estimates:
            return self._one_sided(steps)
        slope = min(estimates, key=lambda estimate: estimate.bar).slope
        if _has_kink(steps, max(abs(slope), abs(self.expected)), self.probe):
            return _Verdict(slope, np.inf, KINK)
        while estimates:
            best = min(estimates, key=lambda estimate: estimate.bar)
            finer = [step for step in steps if step.h < best.h]
            if not self._contradicts(best, finer):
                return self._judge(best.slope, best.bar + self._rounding(steps, best.slope), steps)
            estimates = [estimate for estimate in estimates if estimate.h < best.h]
        return _Verdict(slope, np.inf, UNSTABLE)

    def _judge(self, slope: float, bar: float, steps: list[Step]) -> _Verdict:
        """Where the function has no corner, and a slope."""
        if not self._agrees(slope, bar):
            clear = not abs(slope - self.expected) <= 10 * bar
            return _Verdict(slope, bar, "" if clear else UNSTABLE)
        if bar <= SHARP * abs(slope):
            return _Verdict(slope, bar)
        zero = max(abs(slope), abs(self.expected)) <= 2 * bar and bar <= ZERO * self.probe.whole
        if zero or bar <= UNSEEN * max(self.scale, steps[-1].terms):
            return _Verdict(slope, bar, unseen=slope != 0 or self.expected != 0)
        return _Verdict(slope, bar, UNSTABLE)

    def _contradicts(self, best: _Estimate, finer: list[Step]) -> bool:
        """Whether smaller steps see another slope, so that this one belongs to the surroundings of x only."""
        gaps = [step.central - best.slope for step in finer]
        far = [
            abs(gap) > 1e-3 * abs(best.slope) + 10 * best.bar + step.noise
            for gap, step in zip(gaps, finer, strict=True)
        ]
        for i, step in enumerate(finer):
            if far[i] and abs(gaps[i]) * step.h > GARBAGE * self.probe.eps * step.size:
                return True  # more than rounding: the function has details that are finer still
            if far[i] and i + 1 < len(gaps) and abs(gaps[i + 1] - gaps[i]) < 0.1 * abs(gaps[i]):
                return True  # two steps agree on another slope
        return False

    def _one_sided(self, steps: list[Step]) -> _Verdict:
        """At the edge of the domain: from the side that is inside."""
        for side in ("right", "left"):
            row: list[float] = []
            estimates: list[_Estimate] = []
            for step in steps:
                row, new = _extrapolate(row, step, getattr(step, side), RATIO)
                estimates += new
            best = min(estimates, key=lambda estimate: estimate.bar, default=_Estimate(np.nan, np.inf, 0))
            if best.bar <= SHARP * abs(best.slope):
                return _Verdict(best.slope, best.bar)
        return _Verdict(np.nan, np.inf, DOMAIN)

    def _is_clear(self, second: Step) -> bool:
        """Whether two steps agree, show no corner, and are far from what is expected."""
        first, slope = self.first, second.central
        flat = not any((first.terms, first.right, second.terms, second.right))
        if flat and second.noise <= 1e-3 * abs(self.expected):
            return True  # nothing moves, on either side
        doubt = abs(slope - first.central) + second.noise
        if not np.isfinite(doubt) or doubt > 1e-5 * abs(slope):
            return False
        gaps = abs(first.right - first.left), abs(second.right - second.left)
        smooth = gaps[1] <= max(gaps[0] / 3, 1e-5 * abs(slope))
        return smooth and not abs(slope - self.expected) <= max(1e-4 * abs(slope), 100 * doubt)

    def _agrees(self, slope: float, bar: float) -> bool:
        size = max(abs(slope), abs(self.expected))
        return bool(np.isfinite(size)) and abs(slope - self.expected) <= self.tolerance * size + bar

    def _rounding(self, steps: list[Step], slope: float) -> float:
        """How far the analytic gradient may be off: it rounds as the function does, which fine steps show."""
        scatter = [abs(step.central - slope) * step.h for step in steps[-3:] if np.isfinite(step.central)]
        return max(scatter, default=0.0) / steps[0].h + 8 * self.probe.eps * steps[-1].terms


def _ladder(x: float) -> list[float]:
    """Steps for an element of value x, from a tenth down to where rounding takes over."""
    top = 0.1 * max(1.0, abs(x))
    bottom = 1e-11 * max(1.0, abs(x))
    if x:
        bottom = max(min(bottom, 1e-4 * abs(x)), 1e3 * EPS * abs(x))
    count = int(np.ceil(np.log(top / bottom) / np.log(RATIO)))
    return [float(top / RATIO**i) for i in range(count + 1)]


def _extrapolate(
    above: list[float], step: Step, value: float, ratio: float
) -> tuple[list[float], list[_Estimate]]:
    """The next row of Ridders' table, and what it estimates; `above` is the row before it."""
    if not np.isfinite(value):
        return [], []
    row, estimates, factor = [value], [], 1.0
    for coarser in above[:4]:
        factor *= ratio
        row.append(row[-1] + (row[-1] - coarser) / (factor - 1))
        doubt = max(abs(row[-1] - row[-2]), abs(row[-1] - coarser))
        estimates.append(_Estimate(row[-1], doubt + 2 * step.noise, step.h))
    return row, estimates


def _has_kink(steps: list[Step], size: float, probe: _Probe) -> bool:
    """Whether right and left slope differ at the smallest step that can show it, as at larger ones."""
    rounding = GARBAGE * probe.eps
    seen = [
        step
        for step in steps
        if np.isfinite(step.right - step.left)
        and 1e-3 * size * step.h > rounding * min(step.size, probe.whole)
    ]
    gaps = [step.right - step.left for step in seen[-3:]]
    return len(gaps) > 1 and all(
        abs(coarse) > 1e-3 * size and 0.5 < fine / coarse < 2 for coarse, fine in pairwise(gaps)
    )
