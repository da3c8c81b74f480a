"""Checks of arguments that several parts share; errors read `NAME: expected WHAT, got WHAT; do THIS`."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any, NoReturn

import numpy as np

ROWS = 4096  # examples that are looked at together: the data set itself may stay on disk


def shown(value: object) -> str:
    """A value in an error message, in at most 60 characters: an array by its type and shape.

    >>> shown("10"), shown(np.float64(0.5)), shown(np.zeros((2, 3)))
    ("'10'", '0.5', 'float64 (2, 3)')
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {value.shape}"
    if isinstance(value, type):
        return f"the class {value.__name__}"
    try:
        text = repr(value)
    except Exception:  # somebody else's __repr__
        text = f"an object of type {type(value).__name__}"
    return text if len(text) <= 60 else f"{text[:57]}…"


def check_number(
    value: Any, *, name: str, low: float = -math.inf, high: float = math.inf, open_low: bool = False
) -> float:
    """A finite number from `low` to `high`, returned as a float; anything else raises `ValueError`.

    name: of the argument, for the error
    low, high: the ends, which belong to the range
    open_low: True where `low` itself is refused

    >>> check_number(np.float32(0.5), name="margin", low=0)
    0.5
    """
    if type(value) is not float and not _is_real(value):
        _refuse(value, name, f"a number{_span(low, high, open_low)}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not low <= number <= high or math.isinf(number) or (open_low and number == low):
        kind = "a number" if math.isfinite(number) else "a finite number"
        _refuse(value, name, f"{kind}{_span(low, high, open_low)}")
    return number


def check_whole(value: Any, *, name: str, low: int = 0, high: int | None = None, of: str = "") -> int:
    """A whole number from `low` to `high`, returned as an int; anything else raises `ValueError`.

    name: of the argument, for the error
    low, high: the ends, which belong to the range; None for no upper end
    of: what the upper end is, in words, for the error

    >>> check_whole(np.int64(3), name="k", low=1)
    3
    """
    good = type(value) is int or (isinstance(value, (int, np.integer)) and not isinstance(value, bool))
    if not good or value < low or (high is not None and value > high):
        span = f" from {low} up" if high is None else f" from {low} to {high}{', ' if of else ''}{of}"
        _refuse(value, name, f"a whole number{span}")
    return int(value)


def check_choice(value: Any, options: Collection[str], *, name: str) -> str:
    """One of a few words, returned; anything else raises `ValueError` that lists them.

    >>> check_choice("l1", ("l1", "l2"), name="metric")
    'l1'
    """
    if not isinstance(value, str) or value not in options:
        _refuse(value, name, alternatives(options))
    return value


def check_switch(value: Any, *, name: str) -> bool:
    """True or False, returned; anything else, 0 and 1 too, raises `ValueError`."""
    if not isinstance(value, (bool, np.bool_)):
        _refuse(value, name, "True or False")
    return bool(value)


def alternatives(options: Collection[str]) -> str:
    """Words to choose from, in an error message.

    >>> alternatives(["l1", "l2", "elastic"])
    "'l1', 'l2' or 'elastic'"
    """
    *others, last = map(repr, options)
    return f"{', '.join(others)} or {last}" if others else last


def check_examples(X: Any, *, name: str = "X", features: int | None = None) -> np.ndarray:
    """X as a matrix of examples, (N, D) with N, D ≥ 1, of finite numbers; an array is returned unchanged.

    name: of the argument, for the error
    features: the D it must have, where that is known, at prediction time
    """
    X = as_numbers(X, name=name)
    if X.ndim != 2:
        hint = "images become rows with data.train.vectors()"
        if X.ndim == 1:
            hint = f"one example is {name}[None]" if name.isidentifier() else "one example is X[None]"
        raise ValueError(f"{name}: expected one example a row, shape (N, D), got shape {X.shape}; {hint}")
    if X.size == 0:
        raise ValueError(f"{name}: expected at least one example, got shape {X.shape}")
    if features is not None and X.shape[1] != features:
        hint = f"; yours looks transposed: {name}.T" if X.shape[0] == features else ""
        raise ValueError(f"{name}: expected {features} features, as in training, got {X.shape[1]}{hint}")
    check_finite(X, name=name)
    return X


def check_labels(y: Any, count: int, *, name: str = "y", classes: int | None = None) -> np.ndarray:
    """y as labels, integers ≥ 0 of shape (count,), returned as int64.

    count: how many examples there are
    name: of the argument, for the error
    classes: how many there are, where that is known: labels are below it
    """
    y = _as_array(y, name)
    if y.shape != (count,):
        hint = ""
        if y.shape == (count, 1):
            hint = f"; {name.split()[-1]}.ravel() makes it so"
        elif y.ndim == 2 and len(y) == count:
            hint = f"; one-hot rows become labels with {name.split()[-1]}.argmax(axis=1)"
        raise ValueError(f"{name}: expected shape ({count},), one label an example, got {y.shape}{hint}")
    if y.dtype.kind not in "ui":
        check_finite(y, name=name)
        hint = f"; convert with {name.split()[-1]}.astype(np.int64)" if y.dtype.kind in "fb" else ""
        raise ValueError(f"{name}: expected integers, got dtype {y.dtype}{hint}")
    wrong = (y < 0) | (y >= (np.inf if classes is None else classes))
    if wrong.any():
        where = int(np.argmax(wrong))
        span = "0 and up" if classes is None else f"0 to {classes - 1}"
        raise ValueError(f"{name}: expected labels {span}, got {y[where]} at [{where}]")
    return y.astype(np.int64, copy=False)


def as_numbers(values: Any, *, name: str) -> np.ndarray:
    """An array of real numbers; booleans, words and what is no array raise `ValueError`."""
    array = _as_array(values, name)
    if array.dtype.kind not in "uif":
        hint = (
            f"; convert with np.asarray({name.split()[-1]}, np.float32)" if array.dtype.kind in "bOU" else ""
        )
        raise ValueError(f"{name}: expected numbers, got dtype {array.dtype}{hint}")
    return array


def check_finite(array: np.ndarray, *, name: str) -> None:
    """Raises `ValueError` that names the first element which is nan or infinite."""
    if array.dtype.kind != "f":
        return
    for start in range(0, len(array), ROWS):
        part = array[start : start + ROWS]
        finite = np.isfinite(part)
        if not finite.all():
            where = tuple(map(int, np.unravel_index(np.argmin(finite), part.shape)))
            place = [where[0] + start, *where[1:]]
            raise ValueError(f"{name}: expected finite numbers, got {part[where]} at {place}")


def _as_array(values: Any, name: str) -> np.ndarray:
    try:
        return np.asarray(values)
    except ValueError:  # rows of different lengths
        raise ValueError(
            f"{name}: expected rows of one length, got a ragged {type(values).__name__}"
        ) from None


def _is_real(value: Any) -> bool:
    if isinstance(value, (bool, np.bool_)):
        return False
    return isinstance(value, (int, float, np.integer, np.floating))


def _span(low: float, high: float, open_low: bool) -> str:
    if high < math.inf:
        return f" from {low:g} to {high:g}" if not open_low else f" above {low:g} and up to {high:g}"
    if low > -math.inf:
        return f" above {low:g}" if open_low else f" from {low:g} up"
    return ""


def _refuse(value: Any, name: str, expected: str) -> NoReturn:
    raise ValueError(f"{name}: expected {expected}, got {shown(value)}")
