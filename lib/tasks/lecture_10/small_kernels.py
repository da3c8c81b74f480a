"""Small kernels one behind the other, instead of a large one."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "10.small_kernels",
    "Small kernels",
    defines=("small_kernels",),
    parts={"layers": 1, "weights": 1, "of one": 1},
    hints=(
        "Two layers of 3 × 3 see 5 × 5, three see 7 × 7. How many do you need for k × k?",
        "Each layer adds 2 to what is seen, from 1 on: (k − 1) / 2 layers. A layer of 3 × 3 from C "
        "channels to C has 9 C² weights.",
        "Return (k − 1) // 2, that times 9 C², and k² C².",
    ),
    minutes=3,
    tells=("(k - 1)", "// 2", "9 * C"),
)


def kernel_and_channels(rng: np.random.Generator) -> tuple[int, int]:
    """An odd k of 7 or more, and C."""
    return int(rng.choice([7, 9, 11])), int(rng.integers(20, 60))


@task.check("layers", within=1e-9)
def how_many_small_ones(small_kernels: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the first of the three"""
    k, C = kernel_and_channels(rng)
    return {f"layers of 3 × 3 that see {k} × {k}": small_kernels(k, C)[0]}


@task.check("weights", within=1e-9)
def weights_of_the_small_ones(small_kernels: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the second of the three"""
    k, C = kernel_and_channels(rng)
    return {f"their weights, for {k} × {k} and {C} channels": small_kernels(k, C)[1]}


@task.check("of one", within=1e-9)
def weights_of_the_large_one(small_kernels: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the third of the three"""
    k, C = kernel_and_channels(rng)
    return {f"weights of one {k} × {k}, {C} channels": small_kernels(k, C)[2]}


@task.reference
def small_kernels(k, C):
    layers = (k - 1) // 2
    return layers, layers * 9 * C * C, k * k * C * C


@task.wrong(
    0,
    "Windows overlap: a layer of 3 × 3 adds 2 to what is seen, not 3.",
    breaks=("layers", "weights"),
)
def three_more_each(k, C):
    layers = k // 3
    return layers, layers * 9 * C * C, k * k * C * C


@task.wrong(
    0,
    "One layer of 3 × 3 sees 3 × 3 already; you have one too many.",
    breaks=("layers", "weights"),
)
def one_too_many(k, C):
    layers = (k + 1) // 2
    return layers, layers * 9 * C * C, k * k * C * C


@task.wrong(0, "These are the weights of one small layer; there are several.", breaks="weights")
def one_small_layer(k, C):
    return (k - 1) // 2, 9 * C * C, k * k * C * C


@task.wrong(
    0,
    "From C channels to C, a layer has C · C kernels: C comes in twice.",
    breaks=("weights", "of one"),
)
def channels_once(k, C):
    layers = (k - 1) // 2
    return layers, layers * 9 * C, k * k * C


@task.wrong(0, "A large kernel has k rows and k columns: k · k weights.", breaks="of one")
def a_large_row(k, C):
    layers = (k - 1) // 2
    return layers, layers * 9 * C * C, k * C * C


@task.wrong(
    0,
    "A layer of 3 × 3 adds one pixel on *each* side, so 2 in all: half as many layers are enough.",
    breaks=("layers", "weights"),
)
def one_more_each(k, C):
    layers = k - 1
    return layers, layers * 9 * C * C, k * k * C * C


@task.wrong(
    0,
    "One pixel needs no layer, and each layer adds 2: take 1 away before you halve.",
    breaks=("layers", "weights"),
)
def half_of_k(k, C):
    layers = k / 2
    return layers, layers * 9 * C * C, k * k * C * C
