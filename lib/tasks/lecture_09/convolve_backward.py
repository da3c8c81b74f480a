"""The gradients of a convolution of one grey image with one kernel."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "09.convolve_backward",
    "A convolution, backward",
    defines=("convolution_backward",),
    parts={"kernel": 1, "image": 1},
    hints=(
        "The same two loops as forward: place (i, j) has the gradient g[i, j], and the same patch as before.",
        "At one place the output is a sum of products w · patch. So the kernel gets g[i, j] times the patch.",
        "And the patch gets g[i, j] times the kernel. Add in both: all places share the kernel, and patches "
        "overlap.",
    ),
    minutes=8,
    tells=("g[i, j] *", "* g[i, j]"),
)


def gradients(convolution_backward: Any, rng: np.random.Generator) -> tuple[Any, Any]:
    """Those of the kernel and of the image."""
    x, w, g = rng.normal(size=(6, 8)), rng.normal(size=(3, 3)), rng.normal(size=(4, 6))
    first, second = convolution_backward(x, w, g)
    return first, second


@task.check("kernel", within=1e-9)
def gradient_of_the_kernel(convolution_backward: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the first of the two"""
    return {"the gradient of w, (3, 3)": gradients(convolution_backward, rng)[0]}


@task.check("image", within=1e-9)
def gradient_of_the_image(convolution_backward: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the second of the two"""
    return {"the gradient of x, (6, 8)": gradients(convolution_backward, rng)[1]}


@task.reference
def convolution_backward(x, w, g):
    k = len(w)
    dw, dx = np.zeros_like(w), np.zeros_like(x)
    for i in range(g.shape[0]):
        for j in range(g.shape[1]):
            dw += g[i, j] * x[i : i + k, j : j + k]
            dx[i : i + k, j : j + k] += g[i, j] * w
    return dw, dx


@task.wrong(
    0,
    "Where patches overlap, the later one wipes out the earlier: write += for = in the image.",
    breaks="image",
)
def overlap_wiped_out(x, w, g):
    k, dx = len(w), np.zeros_like(x)
    for i in range(g.shape[0]):
        for j in range(g.shape[1]):
            dx[i : i + k, j : j + k] = g[i, j] * w
    return convolution_backward(x, w, g)[0], dx


@task.wrong(0, "Only the last place reaches the kernel: all places share it, so add up.", breaks="kernel")
def last_place_alone(x, w, g):
    k = len(w)
    return g[-1, -1] * x[-k:, -k:], convolution_backward(x, w, g)[1]


@task.wrong(0, "Gradients of shared weights add up; you take their mean over the places.", breaks="kernel")
def mean_over_places(x, w, g):
    dw, dx = convolution_backward(x, w, g)
    return dw / g.size, dx


@task.wrong(
    0, "The kernel is turned by 180° for the image: each patch gets g[i, j] times w as it is.", breaks="image"
)
def turned_on_the_way_back(x, w, g):
    return convolution_backward(x, w, g)[0], convolution_backward(x, w[::-1, ::-1], g)[1]


@task.wrong(
    0, "g is missing: both gradients are the local ones times g at each place.", breaks=("kernel", "image")
)
def without_g(x, w, g):
    return convolution_backward(x, w, np.ones_like(g))


@task.wrong(
    0, "The two are exchanged: return the gradient of w first, then that of x.", breaks=("kernel", "image")
)
def image_first(x, w, g):
    dw, dx = convolution_backward(x, w, g)
    return dx, dw


@task.wrong(
    0,
    "In a product each factor gets g times the other one: the kernel gets the patch, the patch the kernel.",
    breaks=("kernel", "image"),
)
def own_factor(x, w, g):
    k, dx = len(w), np.zeros_like(x)
    for i, j in np.ndindex(*g.shape):
        dx[i : i + k, j : j + k] += g[i, j] * x[i : i + k, j : j + k]
    return g.sum() * w, dx


@task.wrong(
    0, "Only the first pixel of each patch gets something: all pixels of it were used.", breaks="image"
)
def first_pixel_alone(x, w, g):
    dx = np.zeros_like(x)
    dx[: g.shape[0], : g.shape[1]] = g * w.sum()
    return convolution_backward(x, w, g)[0], dx
