"""Decides on one element whose first step did not settle the matter.

Ever smaller steps are tried, each extrapolated from those before; how far the estimates differ is the
error bar.

Source: C. Ridders, *Accurate computation of F'(x) and F'(x) F''(x)*, 1982.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from lib.gradient_check.nudge import EPS, Nudge, Probe

RATIO = 7.3  # each step of the ladder is so much smaller; no whole number, or rounding repeats itself
SHARP = 1e-4  # an error bar of at most this share of the slope: then a slip of a thousandth is seen
UNSEEN = 1e-6  # an error bar of at most this share of the largest slope: the element hardly matters
ZERO = 1e-9  # the same, as a share of the output's size, where both gradients are zero as far as one can see
GARBAGE = 5e5  # rounding changes an output by less than so many eps; more comes from the function itself

NEARBY = 24  # points looked at around a kink, where a gradient lies outside the slopes on both sides
TINY = float(np.finfo(np.float64).tiny)

KINK = "at a kink"
DOMAIN = "where a step leaves the domain"
UNSTABLE = "where no step gives a stable slope"


class _Estimate(NamedTuple):
    """A slope, its error bar, and the smallest step that went into it."""

    slope: float
    bar: float
    h: float


class Verdict(NamedTuple):
    """What `Slopes` says of one element."""

    slope: float
    bar: float
    reason: str = ""
    unseen: bool = False
    sides: tuple[float, float] | None = None  # at a kink, the lowest and highest slope that may be taken


class Judge:
    """One element whose first step did not settle the matter.

    probe: what moves it
    index: its place
    first: what the first step found
    expected: the analytic gradient
    tolerance: the relative difference that counts as agreement
    scale: the largest slope in the same variable
    """

    def __init__(
        self,
        probe: Probe,
        index: tuple[int, ...],
        first: Nudge,
        expected: float,
        tolerance: float,
        scale: float,
    ):
        self.probe, self.index, self.first = probe, index, first
        self.expected, self.tolerance, self.scale = expected, tolerance, scale

    def verdict(self) -> Verdict:
        """The slope, its error bar, and whether it can be compared with what is expected."""
        second = self.probe.step(self.index, self.first.h / RATIO)
        vanished = not (self.first.terms or second.terms or self.probe.whole)
        if vanished and abs(self.expected) <= self.probe.eps * np.linalg.norm(self.probe.upstream):
            return Verdict(0.0, 0.0, unseen=True)  # an output too small for its own last digit
        if self._is_clear(second):
            return Verdict(second.central, abs(second.central - self.first.central) + second.noise)
        steps: list[Nudge] = []
        estimates: list[_Estimate] = []
        row: list[float] = []
        for h in _ladder(float(self.probe.variable[self.index])):
            step = self.probe.step(self.index, h)
            row, new = _extrapolate(row, step, step.central, RATIO**2)
            steps.append(step)
            estimates += new
            for slope, bar, _ in new:
                if bar <= self.tolerance * abs(slope) and self._agrees(slope, bar):
                    return Verdict(slope, bar)
        if not estimates:
            return self._one_sided(steps)
        slope = min(estimates, key=lambda estimate: estimate.bar).slope
        at_kink = steps_at_kink(steps, max(abs(slope), abs(self.expected)), self.probe)
        if at_kink:
            return self._at_kink(slope, at_kink[-1])
        while estimates:
            best = min(estimates, key=lambda estimate: estimate.bar)
            finer = [step for step in steps if step.h < best.h]
            if not self._contradicts(best, finer):
                return self._judge(best.slope, best.bar + self._rounding(steps, best.slope), steps)
            estimates = [estimate for estimate in estimates if estimate.h < best.h]
        return Verdict(slope, np.inf, UNSTABLE)

    def _at_kink(self, slope: float, step: Nudge) -> Verdict:
        """Any slope between those on both sides may be taken, and none beyond them.

        Where several kinks meet, in a network whose units are all at 0, their slopes may cancel, and a choice
        that is right for each lies outside: the slopes close by, where the kinks come apart, show that.
        """
        low, high = step.lowest, step.highest
        slack = 1e-3 * max(abs(low), abs(high)) + step.noise
        if not low - slack <= self.expected <= high + slack:
            nearby = self.probe.slopes_nearby(self.index, step.h, NEARBY)
            ends = step.left, step.right
            if any(min(abs(other - end) for end in ends) > slack for other in nearby):
                low, high = min(low, *nearby), max(high, *nearby)
                low, high = low - 2 * (high - low), high + 2 * (high - low)  # a few points see not all
            elif not self.probe.subject.learns:
                # Kinks that always meet, as in a network of one input, whose biases cannot be moved: with
                # 0 or 1 for the slope of each ReLU, the whole has the slope 0 or the sum of both sides.
                low, high = min(low, 0.0, low + high), max(high, 0.0, low + high)
        if low - slack <= self.expected <= high + slack:
            return Verdict(slope, np.inf, KINK)
        return Verdict(float(np.clip(self.expected, low, high)), slack, sides=(low, high))

    def _judge(self, slope: float, bar: float, steps: list[Nudge]) -> Verdict:
        """Where the function has no corner, and a slope."""
        if not self._agrees(slope, bar):
            if max(abs(slope), abs(self.expected)) <= ZERO * self.probe.whole:
                known = bar <= SHARP * abs(slope)
            else:
                known = bar <= max(0.1 * abs(slope), ZERO * self.probe.whole)
            clear = known and not abs(slope - self.expected) <= 10 * bar
            return Verdict(slope, bar, "" if clear else UNSTABLE)
        if bar <= SHARP * abs(slope):
            return Verdict(slope, bar)
        zero = max(abs(slope), abs(self.expected)) <= 2 * bar and bar <= ZERO * self.probe.whole
        if zero or bar <= UNSEEN * max(self.scale, steps[-1].terms):
            return Verdict(slope, bar, unseen=self.expected != 0 or (slope != 0 and not zero))
        return Verdict(slope, bar, UNSTABLE)

    def _contradicts(self, best: _Estimate, finer: list[Nudge]) -> bool:
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

    def _one_sided(self, steps: list[Nudge]) -> Verdict:
        """At the edge of the domain: from the side that is inside."""
        for side in ("right", "left"):
            row: list[float] = []
            estimates: list[_Estimate] = []
            for step in steps:
                row, new = _extrapolate(row, step, getattr(step, side), RATIO)
                estimates += new
            best = min(estimates, key=lambda estimate: estimate.bar, default=_Estimate(np.nan, np.inf, 0))
            if best.bar <= SHARP * abs(best.slope):
                return Verdict(best.slope, best.bar)
        return Verdict(np.nan, np.inf, DOMAIN)

    def _is_clear(self, second: Nudge) -> bool:
        """Whether two steps agree, show no corner, and are far from what is expected."""
        first, slope = self.first, second.central
        flat = not any((first.terms, first.right, second.terms, second.right))
        if flat and second.noise <= 1e-3 * abs(self.expected):
            return True  # nothing moves, on either side
        doubt = abs(slope - first.central) + second.noise
        if not np.isfinite(doubt) or doubt > 1e-5 * abs(slope):
            return False
        gaps = first.gap, second.gap
        smooth = gaps[1] <= max(gaps[0] / 3, 1e-5 * abs(slope), 10 * second.noise)
        return smooth and not abs(slope - self.expected) <= max(1e-4 * abs(slope), 100 * doubt)

    def _agrees(self, slope: float, bar: float) -> bool:
        size = max(abs(slope), abs(self.expected))
        return bool(np.isfinite(size)) and abs(slope - self.expected) <= self.tolerance * size + bar

    def _rounding(self, steps: list[Nudge], slope: float) -> float:
        """How far the analytic gradient may be off: it rounds as the function does, which fine steps show."""
        scatter = [abs(step.central - slope) * step.h for step in steps[-3:] if np.isfinite(step.central)]
        return max(scatter, default=0.0) / steps[0].h + 8 * self.probe.eps * steps[-1].terms


def _ladder(x: float) -> list[float]:
    """Steps for an element of value x, from a tenth down to where rounding takes over."""
    top = 0.1 * max(1.0, abs(x))
    bottom = 1e-11 * max(1.0, abs(x))
    if x:
        bottom = max(min(bottom, 1e-4 * abs(x)), 1e3 * EPS * abs(x), 1e-300)
    count = int(np.ceil(np.log(top / bottom) / np.log(RATIO)))
    return [float(top / RATIO**i) for i in range(count + 1)]


def _extrapolate(
    above: list[float], step: Nudge, value: float, ratio: float
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


def steps_at_kink(steps: list[Nudge], size: float, probe: Probe) -> list[Nudge]:
    """The smallest steps that can show a kink, where right and left slope differ at each; else none."""
    gaps = {step.h: step.gap for step in steps if np.isfinite(step.gap)}
    rounding = GARBAGE * probe.eps * probe.whole
    clear = [step for step in steps if step.h in gaps and 1e-3 * size * step.h > rounding]
    # Beside large outputs, a small kink stands out of plain rounding only.
    fine = [step for step in steps if step.h in gaps and gaps[step.h] > 30 * step.noise]
    for seen, least, near in ((clear[-3:], 2, 2.0), (fine[-4:], 4, 1.05)):
        found = [gaps[step.h] for step in seen]
        # The outputs bend to the same side at each step; beyond a pole they would not.
        sides = [(step.right - step.left) / max(step.gap, TINY) for step in seen]
        steady = max(sides, default=0) - min(sides, default=0) < 0.2
        if (steady and len(seen) >= least) and all(
            coarse > 1e-3 * size and 1 / near < finer / coarse < near for coarse, finer in pairwise(found)
        ):
            return seen
    return []
