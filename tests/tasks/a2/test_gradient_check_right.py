"""Gradient checks by unusual means that are right: full marks."""

import numpy as np
import pytest
from full_marks_in_a2 import assert_full_marks


def restores(f, x, grad_output, h=1e-5):
    """Nudges a copy, one number after another, and puts each back."""
    x = np.array(x, np.float64)
    gradient = np.empty_like(x)
    places = np.nditer(x, flags=["multi_index"])
    for _ in places:
        i = places.multi_index
        kept = x[i]
        x[i] = kept + h
        above = np.array(f(x), float)
        x[i] = kept - h
        below = np.array(f(x), float)
        x[i] = kept
        gradient[i] = ((above - below) * grad_output).sum() / (2 * h)
    return gradient


def in_the_callers(f, x, grad_output, h=1e-5):
    """Nudges x itself where it holds float64, and puts every number back."""
    work = x if x.dtype == np.float64 else x.astype(np.float64)
    flat, slopes = work.reshape(-1), []
    for i, number in enumerate(flat.copy()):
        sides = []
        for side in (number + h, number - h):
            flat[i] = side
            sides.append(np.sum(np.multiply(f(work), grad_output)))
        flat[i] = number
        slopes.append((sides[0] - sides[1]) / (2 * h))
    return np.reshape(slopes, x.shape)


def by_unit_steps(f, x, grad_output, h=1e-5):
    steps = h * np.eye(x.size).reshape(-1, *x.shape)

    def level(at):
        return np.vdot(f(at), grad_output)

    return np.array([(level(x + s) - level(x - s)) / (2 * h) for s in steps]).reshape(x.shape)


def with_the_true_run(f, x, grad_output, h=1e-5):
    """Divides by the step that rounding has left."""
    x = np.asarray(x, dtype=float)
    gradient = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        right, left = x.copy(), x.copy()
        right[i] += h
        left[i] -= h
        rise = np.sum((f(right) - f(left)) * grad_output)
        gradient[i] = rise / (right[i] - left[i])
    return gradient


def by_number(f, x, grad_output, h=1e-5):
    """A slope for each flat index, in nested functions."""
    x = np.asarray(x).astype("float64")

    def slope(k):
        def loss(side):
            moved = x.flatten()
            moved[k] += side
            return float((np.asarray(f(moved.reshape(x.shape))) * grad_output).sum())

        return (loss(h) - loss(-h)) / h / 2

    print("nudging", x.size, "numbers")
    return np.array(list(map(slope, range(x.size)))).reshape(x.shape)


def plain(a, b):
    worst = 0.0
    for one, other in zip(np.ravel(a).tolist(), np.ravel(b).tolist(), strict=True):
        size = abs(one) + abs(other)
        if size:
            worst = max(worst, abs(one - other) / size)
    return worst


def divided_where(a, b):
    size = np.abs(a) + np.abs(b)
    return np.max(np.divide(np.abs(a - b), size, out=np.zeros(a.shape), where=size > 0))


def without_nan(a, b):
    with np.errstate(invalid="ignore"):
        return np.nan_to_num(np.abs(np.subtract(a, b)) / np.add(np.abs(a), np.abs(b))).max()


def with_a_tiny_number(a, b):
    """What is added below is far smaller than any gradient."""
    return np.max(abs(a - b) / (abs(a) + abs(b) + np.finfo(float).tiny))


def of_the_places(a, b):
    some = (a != 0) | (b != 0)
    if not some.any():
        return 0
    return np.amax(np.abs(b - a)[some] / (np.abs(a) + np.abs(b))[some])


@pytest.mark.parametrize(
    ("slope", "error"),
    [
        (restores, plain),
        (in_the_callers, divided_where),
        (by_unit_steps, without_nan),
        (with_the_true_run, of_the_places),
        (by_number, with_a_tiny_number),
    ],
)
def test_an_unusual_check_has_full_marks(slope, error):
    assert_full_marks("a2.gradient_check", slope, error)
