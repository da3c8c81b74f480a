"""A learning rate that warms up and falls along a cosine."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "04.rate_at",
    "Warm-up and cosine",
    defines=("rate_at",),
    parts={"warm-up": 1, "fall": 1},
    hints=(
        "Two cases: step < warmup, and all others.",
        "The warm-up is a straight line: step 0 gets 1/warmup of the top, step warmup - 1 all of it.",
        "After it, let p run from 0 to 1: (step - warmup) / (steps - warmup).",
        "np.cos(np.pi * p) falls from 1 to −1. Lift it by 1, and halve it.",
    ),
    minutes=4,
    tells=("np.cos(", "/ warmup"),
)


@task.check("warm-up", within=1e-9)
def rates_of_the_warmup(rate_at: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the steps of the warm-up, of 30 steps"""
    top, warmup = float(rng.uniform(2, 9)), int(rng.integers(4, 8))
    rates = [rate_at(step, 30, top, warmup) for step in range(warmup)]
    return {f"rate_at(0 … {warmup - 1}, steps=30, top={top:.3g}, warmup={warmup})": rates}


@task.check("fall", within=1e-9)
def rates_of_the_fall(rate_at: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the steps after the warm-up, of 30 steps"""
    top, warmup = float(rng.uniform(2, 9)), int(rng.integers(4, 8))
    rates = [rate_at(step, 30, top, warmup) for step in range(warmup, 31)]
    return {f"rate_at({warmup} … 30, steps=30, top={top:.3g}, warmup={warmup})": rates}


@task.reference
def rate_at(step, steps, top, warmup):
    if step < warmup:
        return top * (step + 1) / warmup
    p = (step - warmup) / (steps - warmup)  # from 0 to 1
    return top * (1 + np.cos(np.pi * p)) / 2


@task.wrong(
    0,
    "The first step has rate 0 and does nothing: let it begin at 1/warmup of the top.",
    breaks="warm-up",
)
def first_step_wasted(step, steps, top, warmup):
    return top * step / warmup if step < warmup else rate_at(step, steps, top, warmup)


@task.wrong(
    0,
    "The fall does not begin at the top: count its share from the end of the warm-up, not from step 0.",
    breaks="fall",
)
def fall_counted_from_zero(step, steps, top, warmup):
    return rate_at(step, steps, top, warmup) if step < warmup else rate_at(step, steps, top, 0)


@task.wrong(
    0,
    "The rate becomes negative, and then the steps go uphill: lift the cosine by 1, and halve it.",
    breaks="fall",
)
def cosine_not_lifted(step, steps, top, warmup):
    fall = rate_at(step, steps, top, warmup)
    return fall if step < warmup else 2 * fall - top


@task.wrong(
    0,
    "This is a quarter of the cosine's turn; half a turn, up to π, ends flat as well.",
    breaks="fall",
)
def quarter_of_a_turn(step, steps, top, warmup):
    p = (step - warmup) / (steps - warmup)
    return rate_at(step, steps, top, warmup) if step < warmup else top * np.cos(np.pi * p / 2)


@task.wrong(0, "np.cos takes radians: half a turn is π, not 180.", breaks="fall")
def in_degrees(step, steps, top, warmup):
    p = (step - warmup) / (steps - warmup)
    return rate_at(step, steps, top, warmup) if step < warmup else top * (1 + np.cos(180 * p)) / 2
