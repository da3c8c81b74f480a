"""Checks of what a layer is built with, and of an input of which it knows the kind."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.nn.errors import kind_of, mismatch

Pair = tuple[int, int]  # (height, width)


def check_number(
    owner: Any,
    name: str,
    value: Any,
    *,
    above: float = -np.inf,
    least: float = -np.inf,
    most: float = np.inf,
) -> float:
    """The value as a float.

    owner: the layer, whose class the error names
    name: of the argument
    value: what was given
    above, least, most: the value must be larger than above, least at least, and most at most

    Raises `ValueError` unless value is a finite number within these limits.
    """
    number = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    if not number or not np.isfinite(value) or not above < value or not least <= value <= most:
        limit = "" if above == -np.inf else f" above {above:g}"
        limit += "" if least == -np.inf else f" of at least {least:g}"
        limit += "" if most == np.inf else f" and at most {most:g}"
        raise mismatch(type(owner).__name__, name, f"a finite number{limit}", repr(value))
    return float(value)


def check_integer(owner: Any, name: str, value: Any, *, least: int | None = None) -> int:
    """The value as an int.

    owner: the layer, whose class the error names
    name: of the argument
    value: what was given
    least: the smallest number accepted; None accepts all

    Raises `ValueError` unless value is a whole number within this limit.
    """
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not whole or (least is not None and value < least):
        limit = "" if least is None else f" of at least {least}"
        raise mismatch(type(owner).__name__, name, f"a whole number{limit}", repr(value))
    return int(value)


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
        raise mismatch(type(owner).__name__, name, "one number or (height, width)", repr(value))
    height, width = (check_integer(owner, name, number, least=least) for number in both)
    return height, width


def short_pair(both: Pair) -> str:
    """A pair as one would write it: one number where both are alike."""
    return str(both[0] if both[0] == both[1] else both)


def check_choice(owner: Any, name: str, value: Any, choices: tuple) -> Any:
    """The value itself.

    owner: the layer, whose class the error names
    name: of the argument
    value: what was given
    choices: what is accepted

    Raises `ValueError` unless value is one of the choices, and of the same type: True is not 1.
    """
    if not any(value is choice or (type(value) is type(choice) and value == choice) for choice in choices):
        *others, last = map(repr, choices)
        raise mismatch(type(owner).__name__, name, f"{', '.join(others)} or {last}", repr(value))
    return value


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
