"""Learning rates that change: a schedule is a function of the step (0, 1, …), given as the learning rate.

>>> rate = step_decay(0.1, every=30)
>>> [round(rate(step), 4) for step in (0, 29, 30, 60)]
[0.1, 0.1, 0.01, 0.001]
"""

from __future__ import annotations

import math

from lib.checks import check_number, check_whole, mismatch
from lib.optim.optimizer import Schedule


def constant(rate: float) -> Schedule:
    """Always `rate`, a number > 0."""
    check_number(rate, name="rate", owner="constant", low=0, open_low=True)
    return lambda step: rate


def step_decay(rate: float, *, every: int, factor: float = 0.1) -> Schedule:
    """`rate`, times `factor` after each `every` steps.

    rate: of the first steps, > 0
    every: so many steps, a whole number
    factor: > 0
    """
    _check("step_decay", rate=rate, factor=factor)
    check_whole(every, name="every", owner="step_decay", low=1)
    return lambda step: rate * factor ** (step // every)


def exponential(rate: float, *, factor: float) -> Schedule:
    """`rate`, times `factor` after every step; both are > 0."""
    _check("exponential", rate=rate, factor=factor)
    return lambda step: rate * factor**step


def cosine(rate: float, *, steps: int, final: float = 0.0) -> Schedule:
    """Half a cosine from `rate` down to `final`.

    rate: of the first step, > 0
    steps: how many it takes
    final: the rate from then on, ≥ 0

    Source: Loshchilov and Hutter, 2017.
    """
    _check("cosine", rate=rate)
    check_whole(steps, name="steps", owner="cosine", low=1)
    check_number(final, name="final", owner="cosine", low=0)
    return lambda step: _glide(rate, final, step / steps)


def warmup(schedule: Schedule | float, *, steps: int, start: float = 0.1) -> Schedule:
    """A schedule whose first steps rise linearly to what it says.

    schedule: or a constant rate, > 0
    steps: how many rise
    start: the first rate, as a fraction of what the schedule says, ≥ 0
    """
    if not callable(schedule):
        check_number(
            schedule, name="schedule", owner="warmup", low=0, open_low=True, otherwise=", or a schedule"
        )
    check_whole(steps, name="steps", owner="warmup", low=1)
    check_number(start, name="start", owner="warmup", low=0)
    after = schedule if callable(schedule) else constant(schedule)
    return lambda step: after(step) * min(start + (1 - start) * step / steps, 1.0)


def one_cycle(
    peak: float, *, steps: int, rise: float = 0.3, start: float = 0.04, final: float = 4e-6
) -> Schedule:
    """Up to a peak and down again, both as half a cosine.

    peak: the highest rate, > 0
    steps: how many in all
    rise: the share of them that goes up, between 0 and 1
    start, final: the first and the last rate, as fractions of the peak, ≥ 0

    Source: Smith and Topin, 2017; the shape is that of torch's OneCycleLR.
    """
    _check("one_cycle", peak=peak)
    check_whole(steps, name="steps", owner="one_cycle", low=1)
    for name, value in (("rise", rise), ("start", start), ("final", final)):
        check_number(value, name=name, owner="one_cycle", low=0)
    if not 0 < rise * steps - 1 < steps - 1:
        got = f"{rise} of {steps} steps"
        raise mismatch("one_cycle", "rise", "a share with at least one step up and one step down", got)
    top, last = rise * steps - 1, steps - 1

    def rate(step: int) -> float:
        if step <= top:
            return _glide(start * peak, peak, step / top)
        return _glide(peak, final * peak, (step - top) / (last - top))

    return rate


def triangular(
    peak: float, *, steps: int, rise: float = 0.2, start: float = 0.1, final: float = 0.01
) -> Schedule:
    """Up to a peak and down again, both in a straight line.

    peak: the highest rate, > 0
    steps: how many in all
    rise: the share of them that goes up, from 0 to below 1
    start, final: the first and the last rate, as fractions of the peak, ≥ 0

    >>> rate = triangular(1.0, steps=5, rise=0.5, start=0.0, final=0.0)
    >>> [rate(step) for step in range(5)]
    [0.0, 0.5, 1.0, 0.5, 0.0]
    """
    _check("triangular", peak=peak)
    check_whole(steps, name="steps", owner="triangular", low=1)
    check_number(rise, name="rise", owner="triangular", low=0, high=1, open_high=True)
    for name, value in (("start", start), ("final", final)):
        check_number(value, name=name, owner="triangular", low=0)
    last = max(steps - 1, 1)
    top = rise * last

    def rate(step: int) -> float:
        if step < top:
            return peak * (start + (1 - start) * step / top)
        return peak * (1 + (final - 1) * min((step - top) / (last - top), 1.0))

    return rate


def _glide(start: float, end: float, progress: float) -> float:
    """Half a cosine from start to end as progress goes from 0 to 1, and end from there on."""
    return end + (start - end) * (1 + math.cos(math.pi * min(progress, 1.0))) / 2


def _check(schedule: str, **rates: float) -> None:
    for name, rate in rates.items():
        check_number(rate, name=name, owner=schedule, low=0, open_low=True)
