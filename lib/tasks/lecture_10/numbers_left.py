"""How many numbers a stack of convolutions and poolings leaves of an image."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "10.numbers_left",
    "What a stack leaves",
    defines=("numbers_left",),
    parts={"one layer": 1, "a stack": 1, "a pooling": 1},
    hints=(
        "Go through the layers with two numbers: the channels and the side. What does a layer do to each?",
        "The side is the size of an output, rounded down: n + 2p − k, divided by s, plus 1. The next layer "
        "starts from it.",
        "A pooling has F = None and leaves the channels as they are. At the end: channels · side · side.",
    ),
    minutes=6,
    tells=("256 · 6 · 6", "side * side", "// s + 1"),
)


def a_layer(rng: np.random.Generator, side: int) -> tuple[int, int, int, int]:
    """F, k, s, p of a convolution whose last window would be more than half on the image."""
    while True:
        k, s = (int(number) for number in rng.choice([[5, 3], [7, 3], [8, 4], [6, 5]]))
        p = int(rng.integers(2, k - 1))
        rest = (side + 2 * p - k) % s
        if 2 * rest > s and p > rest:  # so that rounding, or a border on one side, shows
            return int(rng.integers(5, 30)), k, s, p


@task.check("one layer", within=1e-9)
def left_by_one_layer(numbers_left: Any, rng: np.random.Generator) -> dict[str, Any]:
    """one convolution"""
    side = int(rng.integers(40, 60))
    layer = a_layer(rng, side)
    return {f"3 channels, side {side}, (F, k, s, p) = {layer}": numbers_left(3, side, [layer])}


@task.check("a stack", within=1e-9)
def left_by_a_stack(numbers_left: Any, rng: np.random.Generator) -> dict[str, Any]:
    """two convolutions with stride 1, one behind the other"""
    side, F, G = int(rng.integers(40, 60)), *(int(number) for number in rng.permutation([8, 12, 20])[:2])
    layers = [(F, 7, 1, 0), (G, 5, 1, 0)]
    return {f"3 channels, side {side}, layers {layers}": numbers_left(3, side, layers)}


@task.check("a pooling", within=1e-9)
def left_by_a_pooling(numbers_left: Any, rng: np.random.Generator) -> dict[str, Any]:
    """a pooling alone, whose windows overlap and leave no rest"""
    k, s = (int(number) for number in rng.choice([[3, 2], [5, 3], [5, 2]]))
    side = k + s * int(rng.integers(6, 10))
    layer = (None, k, s, 0)
    return {f"7 channels, side {side}, (F, k, s, p) = {layer}": numbers_left(7, side, [layer])}


@task.reference
def numbers_left(channels, side, layers):
    for F, k, s, p in layers:
        side = (side + 2 * p - k) // s + 1
        channels = channels if F is None else F
    return channels * side * side


@task.wrong(
    0, "Half a window doesn't fit: round the side down, with //, before you add 1.", breaks="one layer"
)
def half_windows_count(channels, side, layers):
    for F, k, s, p in layers:
        side = (side + 2 * p - k) / s + 1
        channels = channels if F is None else F
    return channels * side * side


@task.wrong(0, "The border of zeros stands on both sides: 2p more pixels, not p.", breaks="one layer")
def border_on_one_side(channels, side, layers):
    for F, k, s, p in layers:
        side = (side + p - k) // s + 1
        channels = channels if F is None else F
    return channels * side * side


@task.wrong(
    0, "Each layer starts from the image here; it gets what the layer before it has made.", breaks="a stack"
)
def each_from_the_image(channels, side, layers):
    for F, k, s, p in layers:
        left = (side + 2 * p - k) // s + 1
        channels = channels if F is None else F
    return channels * left * left


@task.wrong(
    0,
    "Channels do not multiply: each filter sums over all of them, so F channels come out.",
    breaks=("one layer", "a stack"),
)
def channels_multiplied(channels, side, layers):
    for F, k, s, p in layers:
        side = (side + 2 * p - k) // s + 1
        channels = channels * (1 if F is None else F)
    return channels * side * side


@task.wrong(
    0, "A pooling looks at each channel by itself: as many channels come out as went in.", breaks="a pooling"
)
def pooling_leaves_one_channel(channels, side, layers):
    for F, k, s, p in layers:
        side = (side + 2 * p - k) // s + 1
        channels = 1 if F is None else F
    return channels * side * side


@task.wrong(
    0,
    "This is one side, times the channels. A map has side · side numbers.",
    breaks=("one layer", "a stack", "a pooling"),
)
def one_side_alone(channels, side, layers):
    for F, k, s, p in layers:
        side = (side + 2 * p - k) // s + 1
        channels = channels if F is None else F
    return channels * side


@task.wrong(0, "Half a window doesn't fit: round down, with //, not to the nearest.", breaks="one layer")
def rounded_to_the_nearest(channels, side, layers):
    for F, k, s, p in layers:
        side = round((side + 2 * p - k) / s) + 1
        channels = channels if F is None else F
    return channels * side * side


@task.wrong(
    0,
    "The side after a pooling is not side // k: its windows may overlap. Its stride counts, as elsewhere.",
    breaks="a pooling",
)
def pooling_without_stride(channels, side, layers):
    for F, k, s, p in layers:
        side = side // k if F is None else (side + 2 * p - k) // s + 1
        channels = channels if F is None else F
    return channels * side * side


@task.wrong(
    0,
    "The first window counts, too: add 1 to the moves that fit.",
    breaks=("one layer", "a stack", "a pooling"),
)
def moves_alone(channels, side, layers):
    for F, k, s, p in layers:
        side = (side + 2 * p - k) // s
        channels = channels if F is None else F
    return channels * side * side


@task.wrong(
    0,
    "These are the numbers of one map; multiply by the channels.",
    breaks=("one layer", "a stack", "a pooling"),
)
def one_map(channels, side, layers):
    for _, k, s, p in layers:
        side = (side + 2 * p - k) // s + 1
    return side * side


@task.wrong(
    0, "In a pooling F is None, which is no number: keep the channels that came in.", breaks="a pooling"
)
def none_for_channels(channels, side, layers):
    for F, k, s, p in layers:
        side = (side + 2 * p - k) // s + 1
        channels = F
    return channels * side * side


@task.wrong(
    0,
    "Only the kernel is divided by the stride here: put n + 2p − k into brackets.",
    breaks=("one layer", "a pooling"),
)
def kernel_alone_divided(channels, side, layers):
    for F, k, s, p in layers:
        side = side + 2 * p - k // s + 1
        channels = channels if F is None else F
    return channels * side * side
