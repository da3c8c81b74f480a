"""How much faster the whole gets when one part does."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "12.speedup",
    "How much faster",
    defines=("speedup",),
    parts={"whole step": 1, "seconds stay": 1},
    hints=(
        "Add up all seconds: so long is a step before. How long does the one part take afterwards?",
        "Afterwards the part takes its seconds divided by times. The other parts take as long as before.",
        "before is sum(seconds.values()); take from it what the part saves, and return before / after.",
    ),
    minutes=3,
    tells=("seconds[part] /", "before / after"),
)


@task.check("whole step", within=1e-9)
def speedup_of_drawn_parts(speedup: Any, rng: np.random.Generator) -> dict[str, Any]:
    """four parts, one of them faster"""
    names = ("batch", "forward", "backward", "update")
    found = {}
    for _ in range(2):
        seconds = {name: float(rng.uniform(0.5, 4)) for name in names}
        part, times = names[rng.integers(4)], float(rng.uniform(2, 9))
        found[
            f"{part} {times:.3g} times as fast, of {seconds[part]:.3g} of {sum(seconds.values()):.3g} s"
        ] = float(speedup(dict(seconds), part, times))
    return found


@task.check("seconds stay", within=1e-9)
def seconds_as_before(speedup: Any, rng: np.random.Generator) -> dict[str, Any]:
    """what was given, after the call"""
    seconds = {"forward": float(rng.uniform(1, 4)), "update": float(rng.uniform(0.5, 0.9))}
    speedup(seconds, "update", 3.0)
    return {"seconds of forward and update": list(seconds.values())}


@task.reference
def speedup(seconds, part, times):
    before = sum(seconds.values())
    after = before - seconds[part] + seconds[part] / times
    return before / after


@task.wrong(
    0, "That is how much faster the part gets. The other parts take as long as before.", breaks="whole step"
)
def of_the_part_alone(seconds, part, times):
    return times


@task.wrong(
    0, "This is the share of the time that is left, or saved. Divide the time before by the time after.",
    breaks="whole step",
)  # fmt: skip
def share_that_is_saved(seconds, part, times):
    return 1 - 1 / speedup(seconds, part, times)


@task.wrong(0, "Turned round: divide the time before by the time after.", breaks="whole step")
def after_over_before(seconds, part, times):
    return 1 / speedup(seconds, part, times)


@task.wrong(
    0, "You take the part away altogether; it still takes its seconds divided by times.", breaks="whole step"
)
def part_is_gone(seconds, part, times):
    return sum(seconds.values()) / (sum(seconds.values()) - seconds[part])


@task.wrong(0, "A mean of the factors forgets how long each part takes: add up seconds.", breaks="whole step")
def mean_of_the_factors(seconds, part, times):
    return (times + len(seconds) - 1) / len(seconds)


@task.wrong(
    0,
    "You take away what the part needs afterwards. Take away what it *saves*, or add up what is left.",
    breaks="whole step",
)
def takes_away_what_is_left(seconds, part, times):
    before = sum(seconds.values())
    return before / (before - seconds[part] / times)


@task.wrong(
    0, "So many seconds does the step take afterwards. Divide the time before by it.", breaks="whole step"
)
def seconds_afterwards(seconds, part, times):
    return sum(seconds.values()) / speedup(seconds, part, times)


@task.wrong(
    0,
    "The part gets slower here: what is `times` as fast takes its seconds *divided* by times.",
    breaks="whole step",
)
def slower_by_times(seconds, part, times):
    before = sum(seconds.values())
    return before / (before - seconds[part] + seconds[part] * times)


@task.wrong(0, "So many seconds are saved. Divide the time before by the time after.", breaks="whole step")
def seconds_that_are_saved(seconds, part, times):
    return seconds[part] - seconds[part] / times


@task.wrong(
    0, "You write into seconds, which is needed again: compute the new time beside it.", breaks="seconds stay"
)
def writes_into_seconds(seconds, part, times):
    factor = speedup(seconds, part, times)
    seconds[part] /= times
    return factor
