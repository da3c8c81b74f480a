"""A residual block with tanh inside: forward, and the gradient in its input."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.lecture_08.tanh_slope import tanh_slope
from lib.tasks.task import Task

task = Task(
    "08.residual",
    "Residual block",
    defines=("residual",),
    parts={"forward": 1, "backward": 1},
    hints=(
        "forward: the block adds its input to what its body makes of it.",
        "x is used twice, so two gradients come back to it, and they add (lecture 05: at a branch).",
        "One of them is grad itself. The other goes through the slope of tanh, then through W.",
    ),
    minutes=5,
    tells=("return x + a", "grad + ", "1 - a**2"),
)


def there_and_back_again(residual: Any, rng: np.random.Generator) -> tuple[Any, Any]:
    """Five examples of four numbers."""
    x, W, grad = rng.normal(size=(5, 4)), rng.normal(size=(4, 4)), rng.normal(size=(5, 4))
    y, grad_x = residual(x, W, grad)
    return y, grad_x


@task.check("forward", within=1e-9)
def residual_forward(residual: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the first of the two, y"""
    return {"y": there_and_back_again(residual, rng)[0]}


@task.check("backward", within=1e-9)
def residual_backward(residual: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the second of the two, the gradient in x"""
    return {"the gradient in x": there_and_back_again(residual, rng)[1]}


@task.reference
def residual(x, W, grad):
    a = np.tanh(x @ W.T)
    return x + a, grad + (grad * tanh_slope(a)) @ W


@task.wrong(0, "The way around is missing on the way back: grad itself has to be added.", breaks="backward")
def only_through_tanh(x, W, grad):
    a = np.tanh(x @ W.T)
    return x + a, (grad * tanh_slope(a)) @ W


@task.wrong(0, "The way through the body is missing: you hand on grad unchanged.", breaks="backward")
def only_the_way_around(x, W, grad):
    return residual(x, W, grad)[0], grad


@task.wrong(
    0, "The slope of tanh is taken at y; it belongs to the output of tanh, without x.", breaks="backward"
)
def slope_at_y(x, W, grad):
    y = x + np.tanh(x @ W.T)
    return y, grad + (grad * tanh_slope(y)) @ W


@task.wrong(0, "The slope of tanh is missing: the way through the body is not linear.", breaks="backward")
def without_the_slope(x, W, grad):
    return residual(x, W, grad)[0], grad + grad @ W


@task.wrong(0, "Back it goes by W, not by W.T: the forward pass has the transpose.", breaks="backward")
def transposed_again(x, W, grad):
    a = np.tanh(x @ W.T)
    return x + a, grad + (grad * tanh_slope(a)) @ W.T


@task.wrong(0, "x is missing in y: a residual block adds its input.", breaks="forward")
def without_x(x, W, grad):
    return np.tanh(x @ W.T), residual(x, W, grad)[1]


@task.wrong(
    0,
    "Examples are rows, so the body is tanh of x W.T, as the text says, and not of x W.",
    breaks=("forward", "backward"),
)
def not_transposed(x, W, grad):
    return residual(x, W.T, grad)


@task.wrong(0, "The way around hands on grad, not 1: each slope is multiplied by grad.", breaks="backward")
def one_around(x, W, grad):
    y, grad_x = residual(x, W, grad)
    return y, grad_x - grad + 1


@task.wrong(
    0, "grad is missing on the way through the body: multiply it by the slope before W.", breaks="backward"
)
def slope_alone(x, W, grad):
    a = np.tanh(x @ W.T)
    return x + a, grad + tanh_slope(a) @ W


@task.wrong(0, "The slope of tanh is taken at x; it belongs to the output of tanh.", breaks="backward")
def slope_at_x(x, W, grad):
    return residual(x, W, grad)[0], grad + (grad * tanh_slope(x)) @ W


@task.wrong(0, "tanh_slope takes an output of tanh; you give it what goes into tanh.", breaks="backward")
def slope_before_tanh(x, W, grad):
    return residual(x, W, grad)[0], grad + (grad * tanh_slope(x @ W.T)) @ W


@task.wrong(
    0, "The order is wrong: on the way back the slope of tanh comes first, then W.", breaks="backward"
)
def weights_before_slope(x, W, grad):
    a = np.tanh(x @ W.T)
    return x + a, grad + (grad @ W) * tanh_slope(a)
