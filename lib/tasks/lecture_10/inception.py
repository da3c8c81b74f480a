"""Channels and weights of an inception module."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "10.inception",
    "An inception module",
    defines=("inception",),
    parts={"channels": 1, "weights": 1},
    hints=(
        "Concat puts the maps of the four branches on top of each other. What leaves each branch?",
        "one, three[1], five[1] and pooled maps come out. The weights of a layer are k · k · channels in · "
        "channels out.",
        "The second branch has two layers: C · three[0] weights of 1 × 1, then 9 · three[0] · three[1].",
        "The fourth branch: a pooling has no weights and leaves C maps; its 1 × 1 has C · pooled.",
    ),
    minutes=5,
    tells=("9 * three", "three[1] +", "+ five[1]"),
)


def branches(rng: np.random.Generator) -> tuple[int, int, tuple[int, int], tuple[int, int], int]:
    """C, one, three, five, pooled."""
    sizes = [int(size) for size in rng.permutation([4, 5, 6, 7, 9, 11])]
    return int(rng.integers(30, 50)), sizes[0], (sizes[1], sizes[2]), (sizes[3], sizes[4]), sizes[5]


@task.check("channels", within=1e-9)
def channels_of_the_module(inception: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the first of the two"""
    C, one, three, five, pooled = branches(rng)
    name = f"C = {C}, one = {one}, three = {three}, five = {five}, pooled = {pooled}: maps"
    return {name: inception(C, one, three, five, pooled)[0]}


@task.check("weights", within=1e-9)
def weights_of_the_module(inception: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the second of the two"""
    C, one, three, five, pooled = branches(rng)
    name = f"C = {C}, one = {one}, three = {three}, five = {five}, pooled = {pooled}: weights"
    return {name: inception(C, one, three, five, pooled)[1]}


@task.reference
def inception(C, one, three, five, pooled):
    maps = one + three[1] + five[1] + pooled
    weights = C * one
    weights += C * three[0] + 9 * three[0] * three[1]
    weights += C * five[0] + 25 * five[0] * five[1]
    weights += C * pooled
    return maps, weights


@task.wrong(
    0,
    "The maps between the two layers of a branch do not come out: only three[1] and five[1] do.",
    breaks="channels",
)
def inner_maps_come_out(C, one, three, five, pooled):
    return one + sum(three) + sum(five) + pooled, inception(C, one, three, five, pooled)[1]


@task.wrong(
    0,
    "Only the largest branch counts here; concat puts the maps of all four on top of each other.",
    breaks="channels",
)
def the_largest_branch(C, one, three, five, pooled):
    return max(one, three[1], five[1], pooled), inception(C, one, three, five, pooled)[1]


@task.wrong(
    0,
    "The 3 × 3 and the 5 × 5 start from what the 1 × 1 before them makes, not from all C maps.",
    breaks="weights",
)
def large_ones_start_from_all(C, one, three, five, pooled):
    maps = one + three[1] + five[1] + pooled
    weights = C * (one + three[0] + five[0] + pooled) + C * (9 * three[1] + 25 * five[1])
    return maps, weights


@task.wrong(0, "The 1 × 1 layers in front of the 3 × 3 and the 5 × 5 have weights, too.", breaks="weights")
def front_layers_forgotten(C, one, three, five, pooled):
    maps = one + three[1] + five[1] + pooled
    weights = C * (one + pooled) + 9 * three[0] * three[1] + 25 * five[0] * five[1]
    return maps, weights


@task.wrong(
    0,
    "A kernel has rows and columns: 9 weights for 3 × 3, and 25 for 5 × 5.",
    breaks="weights",
)
def kernels_of_a_row(C, one, three, five, pooled):
    maps = one + three[1] + five[1] + pooled
    weights = C * (one + three[0] + five[0] + pooled) + 3 * three[0] * three[1] + 5 * five[0] * five[1]
    return maps, weights


@task.wrong(0, "The pooling has no weights, but the 1 × 1 behind it does: C · pooled.", breaks="weights")
def pooled_for_nothing(C, one, three, five, pooled):
    maps, weights = inception(C, one, three, five, pooled)
    return maps, weights - C * pooled


@task.wrong(
    0,
    "The pooling leaves C maps, but the 1 × 1 behind it makes `pooled` of them: these come out.",
    breaks="channels",
)
def all_pooled_maps_come_out(C, one, three, five, pooled):
    return one + three[1] + five[1] + C, inception(C, one, three, five, pooled)[1]


@task.wrong(0, "A 1 × 1 has a weight for each map that it sums: C · one, and so on.", breaks="weights")
def one_weight_a_map(C, one, three, five, pooled):
    maps = one + three[1] + five[1] + pooled
    weights = one + three[0] + five[0] + pooled + 9 * three[0] * three[1] + 25 * five[0] * five[1]
    return maps, weights


@task.wrong(
    0, "The 3 × 3 of the pooling has no weights. Only the 1 × 1 behind it has: C · pooled.", breaks="weights"
)
def pooling_has_weights(C, one, three, five, pooled):
    maps, weights = inception(C, one, three, five, pooled)
    return maps, weights + 8 * C * pooled
