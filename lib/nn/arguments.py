"""Checks of what a layer is built with, and of an input of which it knows the kind."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.checks import check_whole, mismatch, shown
from lib.nn.errors import kind_of

Pair = tuple[int, int]  # (height, width)


def check_pair(owner: Any, name: str, value: int | Pair, *, least: int) -> Pair:
    """The value as (height, width).

    owner: the layer, whose class the error names
    name: of the argument
    value: two whole numbers, or one that stands for both
    least: the smallest number accepted

    Raises `ValueError` unless both are whole numbers of at least `least`.
    """
    both = value if isinstance(value, (tuple, list)) else (value, value)
    if len(both) != 2:
        raise mismatch(type(owner).__name__, name, "one number or (height, width)", shown(value))
    height, width = (check_whole(number, name=name, owner=owner, low=least) for number in both)
    return height, width


def short_pair(both: Pair) -> str:
    """A pair as one would write it: one number where both are alike."""
    return str(both[0] if both[0] == both[1] else both)


def unusual(owner: Any, **usual: Any) -> list[str]:
    """Which attributes of a layer are not as usual, as its print shows them; of an array only the shape.

    owner: the layer
    usual: name and usual value of each attribute

    >>> from types import SimpleNamespace
    >>> unusual(SimpleNamespace(eps=0.1, affine=True, weight=np.ones(3)), eps=1e-5, affine=True, weight=None)
    ['eps=0.1', 'weight of shape (3,)']
    """
    values = {name: np.asarray(getattr(owner, name)) for name in usual}
    return [
        f"{name} of shape {value.shape}" if value.ndim else f"{name}={value.item()!r}"
        for name, value in values.items()
        if not np.array_equal(value, usual[name])
    ]


def check_one_array(module: Any, x: Any) -> None:
    """Raises `ValueError` where x is a list of arrays."""
    if not isinstance(x, np.ndarray):
        raise mismatch(module, "x", "one array", kind_of(x), "CAddTable adds them up")


def check_images(module: Any, x: Any, channels: int | None = None, *, least: Pair | None = None) -> None:
    """Raises `ValueError` unless x holds images, (N, C, H, W), with the hint that fits what came instead.

    channels: how many there must be; None accepts any number
    least: the smallest height and width, in pixels; None accepts images without a pixel

    >>> check_images("Conv2d(3 -> 8)", np.ones((3, 32, 32)), 3)
    Traceback (most recent call last):
    ValueError: Conv2d(3 -> 8): x: expected (N, 3, H, W), got shape (3, 32, 32); one image is x[None]
    """
    shape: tuple[int, ...] = x.shape if isinstance(x, np.ndarray) else ()
    height, width = least or (0, 0)
    fits = len(shape) == 4 and channels in (None, shape[1])
    if fits and shape[2] >= height and shape[3] >= width:
        return
    sizes = "H, W" if least is None else f"H ≥ {height}, W ≥ {width}"
    raise mismatch(module, "x", f"(N, {channels or 'C'}, {sizes})", kind_of(x), image_advice(shape, channels))


def image_advice(shape: tuple[int, ...], channels: int | None) -> str:
    """What makes images (N, C, H, W) of an array of this shape; "" where that is not known."""
    if len(shape) == 3:
        last = channels == shape[2] != shape[0]
        return "one image is x.transpose(2, 0, 1)[None]" if last else "one image is x[None]"
    if len(shape) == 4 and channels == shape[3] != shape[1]:
        return "channels come before rows and columns: x.transpose(0, 3, 1, 2)"
    return ""
