"""How many windows fit: the size of an output."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "09.output_size",
    "The size of the output",
    defines=("count_windows",),
    parts={"padding": 1, "stride": 1, "dilation": 1},
    hints=(
        "How many pixels are there with the padding on both sides? Over how many does the kernel reach?",
        "n + 2 · padding pixels are there. The kernel's first and last cells are dilation · (k − 1) apart.",
        "The first window takes dilation · (k − 1) + 1 pixels. Of the rest, each further one takes a stride.",
    ),
    minutes=4,
    tells=("* (k - 1)", "2 * padding", "// stride", "2\\,\\text{padding}"),
)


@task.check("padding")
def size_with_padding(count_windows: Any, rng: np.random.Generator) -> dict[str, Any]:
    """padding, with stride and dilation 1"""
    n, (k, p) = int(rng.integers(20, 40)), (int(number) for number in rng.choice([[7, 2], [9, 3], [8, 5]]))
    return {f"n = {n}, k = {k}, padding = {p}, stride = 1, dilation = 1": count_windows(n, k, p, 1, 1)}


@task.check("stride")
def size_with_stride(count_windows: Any, rng: np.random.Generator) -> dict[str, Any]:
    """a stride that does not divide what is left"""
    k, s, windows = (int(number) for number in rng.choice([[9, 5, 4], [9, 5, 6], [8, 5, 7]]))
    n = k + s * (windows - 1) + s - 2
    return {f"n = {n}, k = {k}, padding = 0, stride = {s}, dilation = 1": count_windows(n, k, 0, s, 1)}


@task.check("dilation")
def size_with_dilation(count_windows: Any, rng: np.random.Generator) -> dict[str, Any]:
    """dilation, with stride 1"""
    n, (k, d) = int(rng.integers(30, 50)), (int(number) for number in rng.choice([[5, 2], [4, 3], [7, 3]]))
    return {f"n = {n}, k = {k}, padding = 0, stride = 1, dilation = {d}": count_windows(n, k, 0, 1, d)}


@task.reference
def count_windows(n, k, padding, stride, dilation):
    reach = dilation * (k - 1) + 1
    return (n + 2 * padding - reach) // stride + 1


ALL = ("padding", "stride", "dilation")


@task.wrong(0, "The zeros stand on both sides: n + 2 · padding pixels are there.", breaks="padding")
def padding_once(n, k, padding, stride, dilation):
    return count_windows(n + padding, k, 0, stride, dilation)


@task.wrong(0, "You count a window that does not fit as a whole: round down.", breaks="stride")
def rounds_up(n, k, padding, stride, dilation):
    return -((dilation * (k - 1) + 1 - n - 2 * padding) // stride) + 1


@task.wrong(
    0,
    "k cells have k − 1 steps between them: the kernel reaches over dilation · (k − 1) + 1.",
    breaks="dilation",
)
def reach_of_d_times_k(n, k, padding, stride, dilation):
    return (n + 2 * padding - dilation * k) // stride + 1


@task.wrong(0, "The first window is not counted: it fits before the first step, so add 1.", breaks=ALL)
def first_window_forgotten(n, k, padding, stride, dilation):
    return count_windows(n, k, padding, stride, dilation) - 1


@task.wrong(0, "Only a whole number of windows fits: divide with //, which rounds down.", breaks="stride")
def fraction_of_a_window(n, k, padding, stride, dilation):
    return (n + 2 * padding - dilation * (k - 1) - 1) / stride + 1


@task.wrong(
    0, "All n places count here, as if the kernel were one pixel: near the end it does not fit.", breaks=ALL
)
def every_pixel_starts(n, k, padding, stride, dilation):
    return -(-n // stride)


@task.wrong(
    0,
    "dilation is not used: the cells of the kernel stand that far apart, so it reaches further.",
    breaks="dilation",
)
def dilation_forgotten(n, k, padding, stride, dilation):
    return count_windows(n, k, padding, stride, 1)


@task.wrong(
    0,
    "One window too many: the kernel reaches over one pixel more than dilation · (k − 1).",
    breaks=("padding", "dilation"),
)
def reach_one_short(n, k, padding, stride, dilation):
    return (n + 2 * padding - dilation * (k - 1)) // stride + 1


@task.wrong(0, "padding is not used: so many zeros stand on each of the two sides.", breaks="padding")
def padding_forgotten(n, k, padding, stride, dilation):
    return count_windows(n, k, 0, stride, dilation)


@task.wrong(0, "stride is not used: the next window begins that many pixels further on.", breaks="stride")
def stride_forgotten(n, k, padding, stride, dilation):
    return count_windows(n, k, padding, 1, dilation)


@task.wrong(
    0,
    "With dilation 1 the cells are side by side: only dilation − 1 pixels lie between two cells.",
    breaks=ALL,
)
def dilation_between_the_cells(n, k, padding, stride, dilation):
    return count_windows(n, k, padding, stride, dilation + 1)
