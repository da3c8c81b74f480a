"""Gradients that go through half precision."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "12.through_half",
    "Through sixteen bits",
    defines=("through_half",),
    parts={"what is left": 1},
    hints=(
        "Multiply while the numbers are still float32, then convert: .astype(np.float16).",
        "Before you divide, go back to float32: in float16 the quotient would be lost again.",
    ),
    minutes=3,
    tells=("astype(np.float16)",),
)


@task.check("what is left", within=1e-5)
def small_gradients(through_half: Any, rng: np.random.Generator) -> dict[str, Any]:
    """gradients near 0.00000005"""
    gradient = (rng.uniform(0.3, 2, size=7) * rng.choice([-1, 1], size=7) * 1e-7).astype(np.float32)
    scale = float(2 ** rng.integers(9, 14))
    left = through_half(gradient.copy(), scale)
    return {f"scale {scale:.0f}": left if left is None else 1e7 * np.asarray(left, dtype=np.float64)}


@task.reference
def through_half(gradient, scale):
    half = (gradient * scale).astype(np.float16)
    return half.astype(np.float32) / scale


@task.wrong(
    0, "Your gradients are still multiplied by scale: divide by it afterwards.", breaks="what is left"
)
def still_scaled(gradient, scale):
    return through_half(gradient, scale) * scale


@task.wrong(
    0,
    "Small numbers were lost in float16: multiply before you go there, and be back in float32 to divide.",
    breaks="what is left",
)
def divided_too_early(gradient, scale):
    return ((gradient * scale).astype(np.float16) / np.float16(scale)).astype(np.float32)


@task.wrong(
    0, "Nothing was rounded: between the product and the quotient the numbers must be float16.",
    breaks="what is left",
)  # fmt: skip
def never_rounded(gradient, scale):
    return gradient * scale / scale


@task.wrong(
    0, "The other way round: multiply by scale before float16, and divide after it.", breaks="what is left"
)
def the_other_way_round(gradient, scale):
    return (gradient / scale).astype(np.float16).astype(np.float32) * scale
