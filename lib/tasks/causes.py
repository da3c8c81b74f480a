"""What is likely behind a wrong value, read from the numbers alone."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import shorten

import numpy as np

from lib.tasks.compare import NUMBERS, Difference, comparable
from lib.tasks.numpy_errors import numpy_meaning
from lib.tasks.values import Plain, number_text

SAID = 60  # characters of a long message of numpy: what it means has to fit into two lines behind it


def cause(difference: Difference) -> str:
    """A sentence on what went wrong, "" where the numbers don't tell."""
    expected, got = difference.expected, difference.got
    if got is None:
        return f"No value came for {difference.name}."
    if got.kind == "error":
        if got.dtype == "NotImplementedError":
            return "This part is not written yet."
        meaning = numpy_meaning(got.words.strip())
        said = f"It raised {got.dtype}: {got.words.strip()}"
        return (
            f"{shorten(said.rstrip('.'), SAID, placeholder=' …').rstrip('.')}. {meaning}" if meaning else said
        )
    if not comparable(expected, got):
        return (
            _other_shape(difference)
            if got.kind in NUMBERS and expected.kind in NUMBERS
            else _other_kind(difference)
        )
    if expected.kind not in NUMBERS:
        return ""
    right, found = _numbers(expected), _numbers(got)
    if not np.isfinite(found).all() and np.isfinite(right).all():
        what = "nan" if np.isnan(found).any() else "infinite"
        return f"Some numbers are {what}: look for a division by 0, or for exp or log of an extreme number."
    if not (np.isfinite(found).all() and np.isfinite(right).all()) or not right.size:
        return ""
    with np.errstate(all="ignore"):
        if _alike(found, right):
            off = np.abs(found - right).max() / np.abs(right).max()
            return f"Nearly right: off by a share of {off:.0e}, and {difference.check.within:.0e} is allowed."
        return next((text for look in LOOKS if (text := look(right, found))), "")


def _other_kind(difference: Difference) -> str:
    expected, got = difference.expected, difference.got
    assert got is not None
    came = {
        "none": "nothing (is there a return?)",
        "other": f"an object of type {got.dtype}",
        "text": "a text",
    }
    words = {"bool": "True or False", "text": "a text", "none": "nothing", "error": f"a {expected.dtype}"}
    wanted = "an array" if expected.shape else words.get(expected.kind, "a number")
    return f"Expected {wanted}, got {came.get(got.kind, f'{got.dtype} numbers')}."


def _other_shape(difference: Difference) -> str:
    assert difference.got is not None
    right, found = difference.expected.shape, difference.got.shape
    if not found:
        return "This is one number alone; several are expected, in an array, a list or a tuple."
    if not right:
        return "One number is expected here, and no array."
    wanted, came = _numbers(difference.expected), _numbers(difference.got)
    if _without_ones(found) == _without_ones(right) and _alike(came.reshape(right), wanted):
        lengths = ", ".join(map(str, right))
        return f"The numbers are right; only their shape is not: reshape({lengths}) makes it so."
    if len(right) == 2 and _alike(came.T, wanted):
        return "The numbers are right, but transposed."
    return ""


def _without_ones(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(length for length in shape if length != 1)


def _numbers(value: Plain) -> np.ndarray:
    return np.asarray(value.array, dtype=np.float64)


def _zeros(right: np.ndarray, found: np.ndarray) -> str:
    return (
        ""
        if found.any() or not right.any() or right.size < 2
        else "The shape is right, but all numbers are 0."
    )


def _multiple(right: np.ndarray, found: np.ndarray) -> str:
    largest = np.abs(right).argmax()
    ratio = found.ravel()[largest] / right.ravel()[largest]
    if (
        not np.isfinite(ratio)
        or right.size < 2
        or not _alike(found, ratio * right)
        or np.isclose(ratio, 1, rtol=1e-3)
    ):
        return ""
    if np.isclose(ratio, -1, rtol=1e-6):
        return "Every number has the wrong sign."
    if ratio == 0:
        return ""
    if abs(ratio) > 1:
        factor = number_text(float(ratio))
        return f"Every number is {factor} times the right one: is something added or multiplied too often?"
    factor = number_text(float(1 / ratio))
    return f"Every number is the right one divided by {factor}: is something divided once too often?"


def _transposed(right: np.ndarray, found: np.ndarray) -> str:
    square = right.ndim == 2 and right.shape[0] == right.shape[1] and right.size > 1
    return "The numbers are right, but transposed." if square and _alike(found.T, right) else ""


def _signs(right: np.ndarray, found: np.ndarray) -> str:
    wrong = right.any() and _alike(np.abs(found), np.abs(right))
    return "The sizes are right, but some signs are wrong." if wrong else ""


def _shifted(right: np.ndarray, found: np.ndarray) -> str:
    off = found - right
    if right.size > 1 and _alike(off, np.full_like(off, off.flat[0])):
        return f"Every number is off by the same amount, {number_text(float(off.flat[0]))}."
    by_row = right.ndim == 2 and right.shape[1] > 1 and off[:, 0].all()
    if by_row and _alike(off, np.repeat(off[:, :1], right.shape[1], 1)):
        return "Each row is off by an amount of its own: is something of the whole row added or left out?"
    return ""


def _order(right: np.ndarray, found: np.ndarray) -> str:
    if len(np.unique(right)) < 3 or not _alike(np.sort(found, axis=None), np.sort(right, axis=None)):
        return ""
    return "These are the right numbers in other places: is an index, or an axis, exchanged?"


def _alike(one: np.ndarray, other: np.ndarray) -> bool:
    return one.shape == other.shape and bool(
        np.allclose(one, other, rtol=1e-5, atol=1e-8 * np.abs(other).max(initial=0))
    )


LOOKS: tuple[Callable[[np.ndarray, np.ndarray], str], ...] = (
    _zeros,
    _multiple,
    _transposed,
    _signs,
    _shifted,
    _order,
)
