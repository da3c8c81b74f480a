"""Softmax with a temperature, which large scores do not break."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "03.temperature",
    "Softmax with a temperature",
    defines=("tempered_softmax",),
    parts={"probabilities": 1, "large scores": 1},
    hints=(
        "Divide the scores by the temperature, exponentiate, and divide by the sum.",
        "A number that is added to all scores cancels. Which one keeps np.exp from overflowing?",
        "Subtract scores.max() from all scores first: then the largest power is e⁰ = 1.",
    ),
    minutes=4,
    tells=("scores.max()", "largest subtracted", "largest score first"),
)


@task.check("probabilities", within=1e-9)
def shares_of_scores(tempered_softmax: Any, rng: np.random.Generator) -> dict[str, Any]:
    """usual scores, a high and a low temperature"""
    scores = rng.normal(size=4)
    return {f"temperature {tau}": tempered_softmax(scores, tau) for tau in (2.5, 0.4)}


@task.check("large scores", within=1e-9)
def shares_of_large_scores(tempered_softmax: Any, rng: np.random.Generator) -> dict[str, Any]:
    """scores near 1000"""
    with np.errstate(all="ignore"):
        return {"scores near 1000": tempered_softmax(1000 + rng.normal(size=4), 0.5)}


@task.reference
def tempered_softmax(scores, temperature):
    powers = np.exp((scores - scores.max()) / temperature)
    return powers / powers.sum()


@task.wrong(
    0,
    "Right as a formula, but np.exp(1000) is inf: subtract the largest score from all scores first.",
    breaks="large scores",
)
def nothing_subtracted(scores, temperature):
    powers = np.exp(scores / temperature)
    return powers / powers.sum()


@task.wrong(
    0,
    "You multiply by the temperature: a high one must make the shares more alike, so divide.",
    breaks=("probabilities", "large scores"),
)
def times_the_temperature(scores, temperature):
    powers = np.exp((scores - scores.max()) * temperature)
    return powers / powers.sum()


@task.wrong(
    0,
    "The shares do not add up to 1: divide the scores by the temperature, not the result.",
    breaks=("probabilities", "large scores"),
)
def result_divided(scores, temperature):
    return tempered_softmax(scores, 1.0) / temperature


@task.wrong(
    0,
    "The temperature is not in here: divide the scores by it before you exponentiate.",
    breaks=("probabilities", "large scores"),
)
def temperature_ignored(scores, temperature):
    return tempered_softmax(scores, 1.0)


@task.wrong(
    0,
    "Each power is divided by the largest one; probabilities need the sum of all powers.",
    breaks=("probabilities", "large scores"),
)
def largest_share_is_one(scores, temperature):
    return np.exp((scores - scores.max()) / temperature)


@task.wrong(
    0,
    "Divided by the largest score, all others change their distances too: subtract it.",
    breaks=("probabilities", "large scores"),
)
def divided_by_the_largest(scores, temperature):
    powers = np.exp(scores / scores.max() / temperature)
    return powers / powers.sum()
