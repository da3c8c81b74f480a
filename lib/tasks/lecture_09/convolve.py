"""A convolution of one grey image with one kernel."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "09.convolve",
    "A convolution",
    defines=("convolution",),
    parts={"a kernel of 3 × 3": 1, "a kernel of 2 × 2": 1},
    hints=(
        "k is len(w). At how many places does the kernel fit along the rows? Along the columns?",
        "It fits at H − k + 1 times W − k + 1 places. Begin with zeros of this shape, then two loops.",
        "The patch at place (i, j) has the rows i to i + k − 1, and the columns j to j + k − 1.",
        "Multiply this patch by w, cell by cell, and add up: that is the number at place (i, j).",
    ),
    minutes=5,
    tells=("H − k + 1", "i : i + k"),
)


def answer_for(convolution: Any, rng: np.random.Generator, k: int) -> dict[str, Any]:
    """What comes out for an image whose height and width differ."""
    x, w = rng.normal(size=(7, 9)), rng.normal(size=(k, k))
    return {f"an image of 7 × 9, a kernel of {k} × {k}": convolution(x, w)}


@task.check("a kernel of 3 × 3", within=1e-9)
def kernel_of_three(convolution: Any, rng: np.random.Generator) -> dict[str, Any]:
    """a kernel of 3 × 3"""
    return answer_for(convolution, rng, 3)


@task.check("a kernel of 2 × 2", within=1e-9)
def kernel_of_two(convolution: Any, rng: np.random.Generator) -> dict[str, Any]:
    """a kernel of 2 × 2"""
    return answer_for(convolution, rng, 2)


@task.reference
def convolution(x, w):
    k = len(w)
    y = np.zeros((x.shape[0] - k + 1, x.shape[1] - k + 1))
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            y[i, j] = (w * x[i : i + k, j : j + k]).sum()
    return y


BOTH = ("a kernel of 3 × 3", "a kernel of 2 × 2")


@task.wrong(
    0, "Your kernel is turned by 180°: its first cell belongs to the first pixel of the patch.", breaks=BOTH
)
def turned_kernel(x, w):
    return convolution(x, w[::-1, ::-1])


@task.wrong(
    0,
    "The last row and column are missing: the kernel fits at H − k + 1 times W − k + 1 places.",
    breaks=BOTH,
)
def one_place_short(x, w):
    return convolution(x[:-1, :-1], w)


@task.wrong(0, "This is the mean of the products; the convolution is their sum.", breaks=BOTH)
def mean_of_products(x, w):
    return convolution(x, w) / w.size


@task.wrong(
    0, "Height and width of the answer are alike here, but the image is wider than it is high.", breaks=BOTH
)
def always_square(x, w):
    return convolution(x[:, : len(x)], w)


@task.wrong(
    0, "Rows and columns of the kernel are exchanged: w[u, v] belongs to row u and column v.", breaks=BOTH
)
def transposed_kernel(x, w):
    return convolution(x, w.T)


@task.wrong(
    0,
    "The answer is too small for a kernel of 2 × 2: you have written a 2 that is right for k = 3 only.",
    breaks="a kernel of 2 × 2",
)
def three_for_ever(x, w):
    return convolution(x, w)[: len(x) - 2, : x.shape[1] - 2]


@task.wrong(
    0,
    "Your answer is as large as the image, but only windows inside of it count here: no zeros around it.",
    breaks=BOTH,
)
def as_large_as_the_image(x, w):
    k = len(w)
    return convolution(np.pad(x, ((k // 2, (k - 1) // 2),) * 2), w)


@task.wrong(0, "@ is the matrix product; here cell meets cell, which is written w * patch.", breaks=BOTH)
def matrix_product(x, w):
    k, y = len(w), convolution(x, w)
    for i, j in np.ndindex(*y.shape):
        y[i, j] = (w @ x[i : i + k, j : j + k]).sum()
    return y


@task.wrong(
    0, "Your last rows and columns are never filled: make y only as large as there are places.", breaks=BOTH
)
def empty_at_the_end(x, w):
    y, places = np.zeros_like(x), convolution(x, w)
    y[: places.shape[0], : places.shape[1]] = places
    return y


@task.wrong(
    0, "Only the last product of each window is left: begin with 0 and add each product with +=.", breaks=BOTH
)
def last_product_alone(x, w):
    k, y = len(w), convolution(x, w)
    return w[-1, -1] * x[k - 1 :, k - 1 :][: y.shape[0], : y.shape[1]]


@task.wrong(0, "Your windows stand side by side; the kernel moves on by one pixel at a time.", breaks=BOTH)
def side_by_side(x, w):
    return convolution(x, w)[:: len(w), :: len(w)]
