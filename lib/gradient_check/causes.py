"""Guesses at what is wrong with a gradient, from the pattern of its error: a rule for each common mistake."""

from __future__ import annotations

import math
from functools import partial

import numpy as np


def guess_cause(
    numerical: np.ndarray,
    analytic: np.ndarray,
    x: np.ndarray,
    wrong: np.ndarray,
    name: str = "x",
    given: tuple[int, ...] | None = None,
) -> str:
    """The mistake that explains the whole difference, or "" where none of the known ones does.

    numerical, analytic, x: float64, all of one shape
    wrong: bool, of the same shape: the elements that differ too much
    name: what x is called
    given: the shape of the input, examples first; where x is no parameter, its own
    """
    if not np.isfinite(analytic).all():
        where = [int(i) for i in np.argwhere(~np.isfinite(analytic))[0]]
        value = analytic[tuple(where)]
        why = "a division 0/0" if np.isnan(value) else "a division by zero, an overflow or a log of zero"
        return f"{value}{f' at {where}' if where else ''}, though the output is finite: {why}?"
    if not analytic.any():
        return "all zeros: was the gradient computed, and stored where it is read?"
    factor = partial(_factor, given=x.shape if given is None else given)
    for rule in (_rounded, _transpose, factor, partial(_penalty, name=name), _offset, _zeros, _some):
        cause = rule(numerical, analytic, x, wrong)
        if cause:
            return cause
    return ""


def guess_kink_cause(
    sides: dict[tuple[int, ...], tuple[float, float]], wrong: np.ndarray, analytic: np.ndarray
) -> str:
    """What to say where nothing but values at kinks is wrong; "" elsewhere.

    sides: where the analytic gradient lies outside the slopes on both sides: index → these slopes
    """
    if not sides or wrong.sum() > len(sides):
        return ""
    worst = max(sides, key=lambda index: abs(analytic[index] - np.clip(analytic[index], *sides[index])))
    low, high = sides[worst]
    return f"at the kink at {list(worst)}, outside the slopes on both sides, {low:.6g} to {high:.6g}"


def guess_shape_cause(numerical: np.ndarray, analytic: np.ndarray) -> str:
    """The same where the shapes differ."""
    if analytic.shape == numerical.shape[::-1] and _close(analytic.T, numerical):
        return "the exact transpose of the expected gradient"
    for axis in range(analytic.ndim):
        for keep in (True, False):
            total = analytic.sum(axis=axis, keepdims=keep)
            if total.shape == numerical.shape and _close(total, numerical):
                return f"not summed over axis {axis}, along which the value was used many times"
    if analytic.size == numerical.size and _close(analytic.reshape(numerical.shape), numerical):
        return f"the right values in another shape: reshape to {numerical.shape}"
    return ""


def _close(a: np.ndarray, b: np.ndarray) -> bool:
    """Equal in every element, up to what a numerical gradient can tell."""
    scale = max(np.abs(a).max(initial=0), np.abs(b).max(initial=0))
    allowed = 1e-5 * np.maximum(np.abs(a), np.abs(b)) + 1e-8 * scale
    return bool((np.abs(a - b) <= allowed).all())


def _ratio(a: np.ndarray, b: np.ndarray) -> float:
    """The c for which c · b comes closest to a."""
    return float((a * b).sum() / max((b * b).sum(), np.finfo(float).tiny))


def _rounded(numerical: np.ndarray, analytic: np.ndarray, x: np.ndarray, wrong: np.ndarray) -> str:
    size = np.maximum(np.abs(numerical), np.abs(analytic))
    error = np.abs(numerical - analytic)
    small = (error <= 1e-4 * size).all() and error.max() <= 1e-6 * size.max()
    if not small or np.median(error) <= 1e-9 * np.median(size):
        return ""
    return "right to about seven digits: is a part of it computed in float32?"


def _transpose(numerical: np.ndarray, analytic: np.ndarray, x: np.ndarray, wrong: np.ndarray) -> str:
    if x.ndim != 2:
        return ""
    if x.shape[0] == x.shape[1] and _close(analytic.T, numerical):
        return "the exact transpose of the expected gradient"
    if _close(analytic.reshape(x.shape[::-1]).T, numerical):
        return "the exact transpose, reshaped to fit: reshape moves no element, .T does"
    return ""


def _factor(
    numerical: np.ndarray,
    analytic: np.ndarray,
    x: np.ndarray,
    wrong: np.ndarray,
    *,
    given: tuple[int, ...],
) -> str:
    factor = _ratio(analytic, numerical)
    if abs(factor - 1) < 1e-4 or not _close(analytic, factor * numerical):
        return ""
    named = {-1: "the sign is flipped", 2: "twice the expected gradient", 0.5: "half the expected gradient"}
    for value, sentence in named.items():
        if abs(factor - value) < 1e-5:
            return sentence
    if x.size == 1:  # for one number, every error is a factor
        return ""
    times = round(factor)
    if times > 2 and abs(factor - times) < 1e-5 * times:
        members = _members(times, given)
        mean = "the missing 1/N of a mean"
        cause = f"{mean} {members}" if members else f"a factor of {times} too many, such as {mean}"
        return f"{times} times the expected gradient: {cause}?"
    parts = round(1 / factor) if abs(factor) > 1e-9 else 0
    if parts > 2 and abs(factor * parts - 1) < 1e-5:
        known = "N = " if _members(parts, given) else ""
        cause = f"divided by {known}{parts} once too often, or a factor of {parts} forgotten?"
        return f"1/{parts} of the expected gradient: {cause}"
    return f"off by the constant factor {factor:.6g}"


def _members(count: int, shape: tuple[int, ...]) -> str:
    """What there are so many of, in an array of this shape; "" where nothing is."""
    if shape and count == shape[0]:
        return f"over N = {count} examples"
    if count in shape[1:]:
        return f"over axis {shape.index(count, 1)}, N = {count}"
    return f"over all N = {count} elements" if count == math.prod(shape) else ""


def _penalty(
    numerical: np.ndarray, analytic: np.ndarray, x: np.ndarray, wrong: np.ndarray, *, name: str
) -> str:
    missing = np.where(wrong, numerical - analytic, 0)  # beside it, rounding must not count
    for term, sentence in (
        (x, f"{name}, the gradient of an L2 penalty"),
        (np.sign(x), f"sign({name}), the gradient of an L1 penalty"),
    ):
        factor = _ratio(missing, term)
        seen = np.abs(missing).max() > 1e-9 * max(np.abs(numerical).max(), np.abs(analytic).max())
        many = np.count_nonzero(term) > 1  # for one number, every error is a factor
        if many and seen and abs(factor) > 1e-9 and _close(missing, factor * term):
            return f"the {'missing' if factor > 0 else 'extra'} term {abs(factor):.6g} · {sentence}"
    return ""


def _offset(numerical: np.ndarray, analytic: np.ndarray, x: np.ndarray, wrong: np.ndarray) -> str:
    offset = float((analytic - numerical).mean())
    if x.size > 1 and _close(analytic - numerical, np.full(x.shape, offset)):
        return (
            f"every element is too large by {offset:.6g}"
            if offset > 0
            else f"every element is too small by {-offset:.6g}"
        )
    return ""


def _zeros(numerical: np.ndarray, analytic: np.ndarray, x: np.ndarray, wrong: np.ndarray) -> str:
    if analytic[wrong].any():
        return ""
    what = (
        f"zero in {wrong.sum()} of {x.size} elements where it should not be: only some elements are computed"
    )
    if x.ndim > 1:
        rows = [i for i in range(len(x)) if analytic[i].any()]
        if len(rows) == 1 and len(x) > 1:
            return f"{what}, those at {rows[0]} along axis 0"
    return what


def _some(numerical: np.ndarray, analytic: np.ndarray, x: np.ndarray, wrong: np.ndarray) -> str:
    for axis in range(x.ndim):
        others = tuple(i for i in range(x.ndim) if i != axis)
        indices = np.flatnonzero(wrong.any(axis=others))
        if 2 * len(indices) <= x.shape[axis]:
            places = ", ".join(str(i) for i in indices[:6]) + (", …" if len(indices) > 6 else "")
            return f"wrong only at {places} along axis {axis}, right elsewhere"
    return ""
