"""`numerical_gradient` and `relative_error`: the right answers, and those that students give."""

from __future__ import annotations

import numpy as np

from lib.tasks.a2.gradient_check import task


@task.reference
def numerical_gradient(f, x, grad_output, h=1e-5):
    return nudged(f, x, grad_output, h)


@task.reference
def relative_error(a, b):
    off, size = np.abs(a - b), np.abs(a) + np.abs(b)
    return (off / np.where(size == 0, 1, size)).max()


def nudged(f, x, grad_output, h, dtype=np.float64):
    """The central difference for each number of x."""
    x = np.array(x, dtype=dtype)
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        gradient[i] = (level(f, x, i, h, grad_output) - level(f, x, i, -h, grad_output)) / (2 * h)
    return gradient


def level(f, x, i, h, grad_output):
    """Σ f · grad_output after one number is nudged by h."""
    moved = x.copy()
    moved[i] += h
    return np.sum(f(moved) * grad_output)


def wrong_slope(row, sentence, breaks="numerical"):
    return task.wrong(row, sentence, breaks=breaks, replaces="numerical_gradient")


def wrong_error(row, sentence, breaks="error"):
    return task.wrong(row, sentence, breaks=breaks, replaces="relative_error")


@wrong_slope(
    86, "Your difference is one-sided: (L(x + h) − L(x − h)) / 2h is a thousand times nearer and more."
)
def one_sided(f, x, grad_output, h=1e-5):
    x = np.array(x, dtype=np.float64)
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        gradient[i] = (level(f, x, i, h, grad_output) - level(f, x, i, 0, grad_output)) / h
    return gradient


@wrong_slope(86, "From x − h to x + h it is 2h: yours is divided by h.")
def by_h(f, x, grad_output, h=1e-5):
    return 2 * nudged(f, x, grad_output, h)


@wrong_slope(86, "The difference is L(x + h) − L(x − h); yours is the other way round.")
def turned_round(f, x, grad_output, h=1e-5):
    return -nudged(f, x, grad_output, h)


@wrong_slope(
    87,
    "After your check x has moved: put each number back before you nudge the next.",
    ("numerical", "contract"),
)
def not_restored(f, x, grad_output, h=1e-5):
    x = x if x.dtype == np.float64 else x.astype(np.float64)
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        x[i] += h
        above = np.sum(f(x) * grad_output)
        x[i] -= 2 * h
        gradient[i] = (above - np.sum(f(x) * grad_output)) / (2 * h)
    return gradient


@wrong_slope(
    87,
    "After your check x has moved a little: put back the number that you kept; x + h − h is another one.",
    "contract",
)
def restored_by_sums(f, x, grad_output, h=1e-5):
    if x.dtype != np.float64:
        return nudged(f, x, grad_output, h)
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        x[i] += h
        above = np.sum(f(x) * grad_output)
        x[i] -= 2 * h
        gradient[i] = (above - np.sum(f(x) * grad_output)) / (2 * h)
        x[i] += h
    return gradient


@wrong_slope(87, "Your second side is x itself, not x − h: take both x + h and x − h from the same x.")
def second_side_from_the_first(f, x, grad_output, h=1e-5):
    x = np.array(x, dtype=np.float64)
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        gradient[i] = (level(f, x, i, h, grad_output) - level(f, x, i, 0, grad_output)) / (2 * h)
    return gradient


ROUNDING = "Rounding beats so small a step: use the h that is given, and float64."


@wrong_slope(88, ROUNDING)
def tiny_step(f, x, grad_output, h=1e-5):
    return nudged(f, x, grad_output, 1e-12)


@wrong_slope(88, ROUNDING)
def in_single(f, x, grad_output, h=1e-5):
    return nudged(f, x, grad_output, h, np.float32)


@wrong_slope(
    88,
    "Where x holds whole numbers or float32, the nudge is lost: make a float64 array of it first.",
)
def in_the_type_of_x(f, x, grad_output, h=1e-5):
    return nudged(f, x, grad_output, h, x.dtype)


@wrong_slope(88, "The step that is given counts: yours has one of its own.")
def own_step(f, x, grad_output, h=1e-5):
    return nudged(f, x, grad_output, 1e-5)


@wrong_slope(90, "Each number of f(x) counts as much as grad_output says: multiply before you add up.")
def without_grad_output(f, x, grad_output, h=1e-5):
    return nudged(f, x, np.ones_like(grad_output), h)


@wrong_slope(90, "Multiply f(x) by grad_output before you add up, not the sums with each other.")
def sums_multiplied(f, x, grad_output, h=1e-5):
    return nudged(lambda x: np.sum(f(x)), x, np.sum(grad_output), h)


@wrong_slope(90, "Add the numbers of f(x) · grad_output up; yours is their mean.")
def mean_of_all(f, x, grad_output, h=1e-5):
    return nudged(f, x, grad_output, h) / np.size(grad_output)


@wrong_slope(0, "Nudge one number at a time: each has a slope of its own.", ("numerical", "contract"))
def all_at_once(f, x, grad_output, h=1e-5):
    x = np.array(x, dtype=np.float64)
    up, down = (np.sum(f(x + s * h) * grad_output) for s in (1, -1))
    return np.full(x.shape, (up - down) / (2 * h))


@wrong_slope(92, "The shape is right, but all numbers are 0.", ("numerical", "contract"))
def zeros(f, x, grad_output, h=1e-5):
    return np.zeros(x.shape)


NAN = "Both gradients are 0 and your error is nan: where |a| + |b| is 0, the error is 0."


@wrong_error(89, NAN)
def zero_by_zero(a, b):
    return (np.abs(a - b) / (np.abs(a) + np.abs(b))).max()


@wrong_error(
    89,
    "Where both gradients are 0 the error is 0; a number that is always added below makes small "
    "errors look smaller.",
)
def added_below(a, b):
    return (np.abs(a - b) / (np.abs(a) + np.abs(b) + 1e-8)).max()


@wrong_error(
    89,
    "Where both gradients are 0 the error is 0; a floor under |a| + |b| makes tiny gradients look right.",
)
def floor_below(a, b):
    return (np.abs(a - b) / np.maximum(np.abs(a) + np.abs(b), 1e-8)).max()


@wrong_error(
    89,
    "Differences have signs: take their absolute value, or a large negative one counts as small.",
)
def without_abs(a, b):
    size = np.abs(a) + np.abs(b)
    return ((a - b) / np.where(size == 0, 1, size)).max()


@wrong_error(89, "Numbers of opposite sign cancel in your a + b: add their absolute values.")
def without_abs_below(a, b):
    size = np.abs(a + b)
    return (np.abs(a - b) / np.where(size == 0, 1, size)).max()


@wrong_error(89, "The error is a share of |a| + |b|; yours is not divided by anything.")
def absolute(a, b):
    return np.abs(a - b).max()


@wrong_error(89, "The error is a share of |a| + |b|; yours is divided by |a| alone.")
def of_the_first(a, b):
    return (np.abs(a - b) / np.where(a == 0, 1, np.abs(a))).max()


@wrong_error(89, "The error is a share of |a| + |b|; yours is a share of the larger of the two.")
def of_the_larger(a, b):
    size = np.maximum(np.abs(a), np.abs(b))
    return (np.abs(a - b) / np.where(size == 0, 1, size)).max()


@wrong_error(90, "A wrong gradient whose numbers add up right passes your check: compare them one by one.")
def of_the_sums(a, b):
    size = np.abs(a).sum() + np.abs(b).sum()
    return np.abs(a.sum() - b.sum()) / (size or 1)


@wrong_error(90, "The worst number counts; yours is the error of all of them together.")
def of_all_together(a, b):
    size = np.abs(a).sum() + np.abs(b).sum()
    return np.abs(a - b).sum() / (size or 1)


@wrong_error(90, "The worst number counts; yours is the mean.")
def mean_error(a, b):
    off, size = np.abs(a - b), np.abs(a) + np.abs(b)
    return (off / np.where(size == 0, 1, size)).mean()


@wrong_error(90, "The worst number counts: return the largest, one number.")
def one_each(a, b):
    off, size = np.abs(a - b), np.abs(a) + np.abs(b)
    return off / np.where(size == 0, 1, size)


@wrong_error(0, "Your function changed a, which belongs to its caller.", "contract")
def in_place(a, b):
    size = np.abs(a) + np.abs(b)
    a -= b
    return (np.abs(a) / np.where(size == 0, 1, size)).max()


@wrong_error(92, "Your error is 0 whatever comes: then everything passes.")
def always_right(a, b):
    return 0.0


@wrong_slope(
    0, "A flat view may be a copy, where x lies in memory in another order: the nudges do not reach x then."
)
def nudges_a_flat_copy(f, x, grad_output, h=1e-5):
    at, slopes = np.array(x, dtype=np.float64), np.zeros(x.size)
    flat = at.reshape(-1)
    for i, number in enumerate(flat.copy()):
        flat[i] = number + h
        above = np.sum(f(at) * grad_output)
        flat[i] = number - h
        below = np.sum(f(at) * grad_output)
        flat[i], slopes[i] = number, (above - below) / (2 * h)
    return slopes.reshape(x.shape)
