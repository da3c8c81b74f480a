"""Learning rates that change: a schedule is a function of the step (0, 1, …), given as the learning rate.

>>> rate = step_decay(0.1, every=30)
>>> [round(rate(step), 4) for step in (0, 29, 30, 60)]
[0.1, 0.1, 0.01, 0.001]
"""

from __future__ import annotations

import math

from lib.optim.optimizer import Schedule


def constant(rate: float) -> Schedule:
    """Always `rate`."""
    return lambda step: rate


def step_decay(rate: float, *, every: int, factor: float = 0.1) -> Schedule:
    """`rate`, times `factor` after each `every` steps."""
    _at_least_one(every=every)
    return lambda step: rate * factor ** (step // every)


def exponential(rate: float, *, factor: float) -> Schedule:
    """`rate`, times `factor` after every step."""
    return lambda step: rate * factor**step


def cosine(rate: float, *, steps: int, final: float = 0.0) -> Schedule:
    """Half a cosine from `rate` down to `final` in `steps` steps. Source: Loshchilov and Hutter, 2017."""
    _at_least_one(steps=steps)
    return lambda step: _glide(rate, final, step / steps)


def warmup(schedule: Schedule | float, *, steps: int, start: float = 0.1) -> Schedule:
    """A schedule, or a constant rate, whose first `steps` steps rise linearly from `start` times its rate."""
    _at_least_one(steps=steps)
    after = schedule if callable(schedule) else constant(schedule)
    return lambda step: after(step) * min(start + (1 - start) * step / steps, 1.0)


def one_cycle(
    peak: float, *, steps: int, rise: float = 0.3, start: float = 0.04, final: float = 4e-6
) -> Schedule:
    """Up to `peak` during the first `rise` of the steps and down again, both as half a cosine.

    start, final: the first and the last rate, as fractions of the peak
    Source: Smith and Topin, 2017; the shape is that of torch's OneCycleLR.
    """
    _at_least_one(steps=steps)
    if not 0 < rise * steps - 1 < steps - 1:
        raise ValueError(
            f"rise: got {rise} of {steps} steps; both the rise and the fall need at least one step"
        )
    top, last = rise * steps - 1, steps - 1

    def rate(step: int) -> float:
        if step <= top:
            return _glide(start * peak, peak, step / top)
        return _glide(peak, final * peak, (step - top) / (last - top))

    return rate


def _glide(start: float, end: float, progress: float) -> float:
    """Half a cosine from start to end as progress goes from 0 to 1, and end from there on."""
    return end + (start - end) * (1 + math.cos(math.pi * min(progress, 1.0))) / 2


def _at_least_one(**counts: int) -> None:
    for name, count in counts.items():
        if count < 1:
            raise ValueError(f"{name}: got {count}, accepted are 1 and up")
