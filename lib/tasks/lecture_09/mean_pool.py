"""Mean pooling of one grey image, with windows of 2 × 2."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "09.mean_pool",
    "Mean pooling",
    defines=("MeanPool",),
    parts={"forward": 1, "backward": 1},
    hints=(
        "x[0::2, 0::2] has the upper left pixel of every window. Which slices have the three others?",
        "Forward: the sum of the four slices, divided by 4.",
        "Backward: nudge one of the four pixels. By which share of it does the mean move?",
        "Each pixel gets a quarter of its window's gradient: np.repeat along the rows, then the columns.",
    ),
    minutes=4,
    tells=("np.repeat", "[1::2", "g / 4"),
)


@task.check("forward", within=1e-9)
def mean_of_windows(MeanPool: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward"""
    return {"forward of an image of 4 × 6": MeanPool().forward(rng.normal(size=(4, 6)))}


@task.check("backward", within=1e-9)
def gradient_of_windows(MeanPool: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward, then backward"""
    pool = MeanPool()
    pool.forward(rng.normal(size=(4, 6)))
    return {"backward of gradients of 2 × 3": pool.backward(rng.normal(size=(2, 3)))}


@task.reference
class MeanPool:
    def forward(self, x):
        return (x[0::2, 0::2] + x[0::2, 1::2] + x[1::2, 0::2] + x[1::2, 1::2]) / 4

    def backward(self, g):
        return np.repeat(np.repeat(g / 4, 2, axis=0), 2, axis=1)


@task.wrong(
    0, "Each pixel gets the whole gradient here: it moves the mean by a quarter only.", breaks="backward"
)
class WholeToEach(MeanPool):
    def backward(self, g):
        return 4 * super().backward(g)


@task.wrong(0, "This is the sum of each window: divide it by 4.", breaks="forward")
class SumOfWindows(MeanPool):
    def forward(self, x):
        return 4 * super().forward(x)


@task.wrong(
    0, "All goes to the upper left pixel of each window; all four have the same share.", breaks="backward"
)
class UpperLeftPaid(MeanPool):
    def backward(self, g):
        dx = np.zeros((2 * g.shape[0], 2 * g.shape[1]))
        dx[0::2, 0::2] = g
        return dx


@task.wrong(
    0,
    "This keeps every second pixel and forgets the three others: take the mean of all four.",
    breaks="forward",
)
class EverySecond(MeanPool):
    def forward(self, x):
        return x[0::2, 0::2]


@task.wrong(0, "This is the largest of each window, not the mean.", breaks="forward")
class LargestOfWindows(MeanPool):
    def forward(self, x):
        H, W = x.shape
        return x.reshape(H // 2, 2, W // 2, 2).max(axis=(1, 3))


@task.wrong(
    0,
    "The whole of g is set side by side four times; each of its numbers belongs to one window.",
    breaks="backward",
)
class TiledGradient(MeanPool):
    def backward(self, g):
        return np.tile(g / 4, (2, 2))


@task.wrong(
    0,
    "These are four pixels that follow each other in one row; a window has two in each of two rows.",
    breaks="forward",
)
class FourInARow(MeanPool):
    def forward(self, x):
        H, W = x.shape
        return x.reshape(H // 2, W // 2, 4).mean(axis=2)


@task.wrong(
    0, "Your windows overlap: they stand side by side, so each begins two pixels further.", breaks="forward"
)
class OverlappingWindows(MeanPool):
    def forward(self, x):
        return (x[:-1, :-1] + x[1:, :-1] + x[:-1, 1:] + x[1:, 1:]) / 4


@task.wrong(
    0, "Each pixel gets a half here, but four pixels share: the mean divides by 4.", breaks="backward"
)
class HalfToEach(MeanPool):
    def backward(self, g):
        return 2 * super().backward(g)


@task.wrong(
    0,
    "You repeat along one axis only; a window has two rows and two columns, so repeat twice.",
    breaks="backward",
)
class RepeatedOnce(MeanPool):
    def backward(self, g):
        return np.repeat(g / 4, 2, axis=1)
