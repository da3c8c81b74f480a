"""What the same seeds with and without a trick say about it."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "12.judge_trick",
    "Better, worse, or no evidence",
    defines=("judge_trick",),
    parts={"mean": 1, "half": 1, "word": 1},
    hints=(
        "Subtract first: one difference for each seed. All else is computed from these S differences.",
        "The deviation, differences.std(ddof=1), divides by S − 1. half is q times it, divided by √S.",
        'Where abs(mean) <= half, 0 lies in the interval: "no evidence". Else the sign of the mean decides.',
    ),
    minutes=7,
    tells=("q * ", "<= half", "std(ddof=1)"),
)


def judged(judge_trick: Any, rng: np.random.Generator, effect: float, scatter: float) -> tuple[Any, Any, Any]:
    """What is said of six seeds that scatter by 1; the mean of their differences is `effect`."""
    without = 80 + rng.normal(size=6)
    noise = rng.normal(size=6)
    differences = effect + scatter * (noise - noise.mean()) / noise.std()
    mean, half, word = judge_trick(without + differences, without.copy(), float(rng.uniform(2.4, 2.8)))
    return float(mean), float(half), str(word)


@task.check("mean", within=1e-9)
def mean_of_the_differences(judge_trick: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the first value"""
    return {"mean": judged(judge_trick, rng, float(rng.uniform(1, 2)), 0.5)[0]}


@task.check("half", within=1e-9)
def half_of_the_interval(judge_trick: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the second value"""
    return {"half": judged(judge_trick, rng, float(rng.uniform(1, 2)), float(rng.uniform(0.3, 0.6)))[1]}


@task.check("word")
def word_for_a_trick(judge_trick: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the third value: a trick that helps, one that hurts, and one that does nothing"""
    effects = {"helps by 20": 20.0, "hurts by 20": -20.0, "does nothing": 0.01}
    return {name: judged(judge_trick, rng, effect, 0.5)[2] for name, effect in effects.items()}


@task.reference
def judge_trick(with_trick, without, q):
    differences = with_trick - without
    mean = differences.mean()
    half = q * differences.std(ddof=1) / np.sqrt(len(differences))
    if abs(mean) <= half:
        return mean, half, "no evidence"
    return mean, half, "better" if mean > 0 else "worse"


@task.wrong(
    0, "Your standard deviation divides by S. With the mean from the same numbers, take S − 1: ddof=1.",
    breaks="half",
)  # fmt: skip
def divided_by_n(with_trick, without, q):
    mean, half, word = judge_trick(with_trick, without, q)
    return mean, half * np.sqrt(1 - 1 / len(without)), word


@task.wrong(0, "√S is missing: a mean of S differences scatters less than one of them does.", breaks="half")
def of_a_single_seed(with_trick, without, q):
    mean, half, word = judge_trick(with_trick, without, q)
    return mean, half * np.sqrt(len(without)), word


@task.wrong(0, "This is the standard error alone: multiply it by q.", breaks="half")
def standard_error_alone(with_trick, without, q):
    mean, half, word = judge_trick(with_trick, without, q)
    return mean, half / q, word


@task.wrong(
    0, "You compare two groups. The seeds belong together in pairs: subtract first, then take the deviation.",
    breaks="half",
)  # fmt: skip
def without_pairs(with_trick, without, q):
    mean, _, word = judge_trick(with_trick, without, q)
    half = q * np.sqrt((with_trick.var(ddof=1) + without.var(ddof=1)) / len(without))
    return mean, half, word


@task.wrong(
    0, "The sign is turned: take with the trick minus without it, so that more is better.",
    breaks=("mean", "word"),
)  # fmt: skip
def without_minus_with(with_trick, without, q):
    return judge_trick(without, with_trick, q)


@task.wrong(
    0, 'You never say "no evidence". Say it where 0 lies between mean − half and mean + half.', breaks="word"
)
def always_sure(with_trick, without, q):
    mean, half, _ = judge_trick(with_trick, without, q)
    return mean, half, "better" if mean > 0 else "worse"


@task.wrong(
    0, 'You never say "worse". Where mean + half is below 0, the seeds agree that the trick hurts.',
    breaks="word",
)  # fmt: skip
def never_worse(with_trick, without, q):
    mean, half, _ = judge_trick(with_trick, without, q)
    return mean, half, "better" if mean > half else "no evidence"


@task.wrong(0, "This is the whole width; return half of it, which stands behind ±.", breaks="half")
def whole_width(with_trick, without, q):
    mean, half, word = judge_trick(with_trick, without, q)
    return mean, 2 * half, word


@task.wrong(
    0,
    "S − 1 counts in the standard deviation (ddof=1); below it stands √S, with all S.",
    breaks="half",
)
def one_less_twice(with_trick, without, q):
    mean, half, word = judge_trick(with_trick, without, q)
    return mean, half / np.sqrt(1 - 1 / len(without)), word


@task.wrong(0, "This takes the variance of the differences: the deviation is its root.", breaks="half")
def with_the_variance(with_trick, without, q):
    mean, _, word = judge_trick(with_trick, without, q)
    return mean, q * (with_trick - without).var(ddof=1) / np.sqrt(len(without)), word


@task.wrong(0, "You divide by S; below the standard deviation stands √S.", breaks="half")
def by_all_seeds(with_trick, without, q):
    mean, half, word = judge_trick(with_trick, without, q)
    return mean, half / np.sqrt(len(without)), word


@task.wrong(
    0,
    "These are the ends of the interval: return its middle, then half of its width.",
    breaks=("mean", "half"),
)
def both_ends(with_trick, without, q):
    mean, half, word = judge_trick(with_trick, without, q)
    return mean - half, mean + half, word
