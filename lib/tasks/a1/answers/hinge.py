"""`hinge_naive` and `hinge_vectorized`: the right answers, and those that students give."""

from __future__ import annotations

import numpy as np

from lib.tasks.a1.answers.of_a_loss import BOTH, Slips
from lib.tasks.a1.hinge import task

slips = Slips(task, rows=True)


@task.reference
def hinge_naive(W, X, y, reg):
    """Loss and gradient, one example and one class at a time."""
    loss, gradient = 0.0, np.zeros(W.shape)
    for x, right in zip(X.astype(float), y, strict=True):
        scores = W @ x
        for j in range(len(W)):
            margin = scores[j] - scores[right] + 1
            if j != right and margin > 0:
                loss += margin
                gradient[j] += x
                gradient[right] -= x
    return loss / len(X) + reg * np.sum(W**2), gradient / len(X) + 2 * reg * W


@task.reference
def hinge_vectorized(W, X, y, reg):
    """The same for all examples and classes at once."""
    margins, rows = margins_of(W, X, y)
    return put_together(W, X, reg, margins, counted(margins, rows, y))


def margins_of(W, X, y):
    """What each class pays, (N, C), and the numbers of the rows."""
    rows = np.arange(len(X))
    scores = X @ W.T
    margins = np.maximum(scores - scores[rows, y][:, None] + 1, 0)
    margins[rows, y] = 0
    return margins, rows


def counted(margins, rows, y):
    """N times the gradient in the scores."""
    pays = (margins > 0).astype(float)
    pays[rows, y] = -pays.sum(axis=1)
    return pays


def put_together(W, X, reg, margins, pays):
    """Loss and gradient."""
    return (
        margins.sum() / len(X) + reg * np.sum(W**2),
        pays.T @ X / len(X) + 2 * reg * W,
    )


@slips.wrong(
    25,
    "Your loss exceeds the right one by exactly 1, the margin: leave the true class out of the sum.",
    breaks="loss",
)
def true_class_counted(W, X, y, reg):
    loss, gradient = hinge_vectorized(W, X, y, reg)
    return loss + 1, gradient


@slips.wrong(
    26,
    "Yours grows when the right class wins: a class j pays s_j − s_y + 1, with its own score first.",
    breaks=BOTH,
)
def sign_of_the_margin(W, X, y, reg):
    rows = np.arange(len(X))
    scores = X @ W.T
    margins = np.maximum(scores[rows, y][:, None] - scores + 1, 0)
    margins[rows, y] = 0
    return put_together(W, X, reg, margins, -counted(margins, rows, y))


@slips.wrong(27, "Twice the data gives twice your loss: divide by N.", breaks=BOTH)
def sum_for_mean(W, X, y, reg):
    loss, gradient = hinge_vectorized(W, X, y, 0)
    return len(X) * loss + reg * np.sum(W**2), len(X) * gradient + 2 * reg * W


@slips.wrong(
    0, "Your loss is the mean over all N · C numbers: add up the classes, and divide by N alone.", breaks=BOTH
)
def mean_over_classes(W, X, y, reg):
    loss, gradient = hinge_vectorized(W, X, y, 0)
    return loss / len(W) + reg * np.sum(W**2), gradient / len(W) + 2 * reg * W


@slips.wrong(
    0, "One loss came for each example: return their mean, a single number.", breaks=("loss", "penalty")
)
def one_loss_an_example(W, X, y, reg):
    margins, _ = margins_of(W, X, y)
    return margins.sum(axis=1) + reg * np.sum(W**2), hinge_vectorized(W, X, y, reg)[1]


@slips.wrong(
    28,
    "This is the loss of the worst class alone; here all classes that break the margin add up.",
    breaks=BOTH,
)
def worst_class_alone(W, X, y, reg):
    margins, rows = margins_of(W, X, y)
    worst = margins.argmax(axis=1)
    only = np.zeros_like(margins)
    only[rows, worst] = margins[rows, worst]
    return put_together(W, X, reg, only, counted(only, rows, y))


@slips.wrong(
    0, "Your margins are squared: here a class pays the margin itself, as the lecture has it.", breaks=BOTH
)
def squared(W, X, y, reg):
    margins, rows = margins_of(W, X, y)
    slopes = 2 * margins
    slopes[rows, y] = -slopes.sum(axis=1)
    return put_together(W, X, reg, margins**2, slopes)


@slips.wrong(
    0, "Yours is content as soon as the right class leads: it has to lead by 1, so add Δ = 1.", breaks=BOTH
)
def no_margin(W, X, y, reg):
    rows = np.arange(len(X))
    scores = X @ W.T
    margins = np.maximum(scores - scores[rows, y][:, None], 0)
    return put_together(W, X, reg, margins, counted(margins, rows, y))


@slips.wrong(
    0, "Your classes that keep the margin pay less than nothing: cut off at 0 before you add.", breaks=BOTH
)
def never_cut_off(W, X, y, reg):
    rows = np.arange(len(X))
    scores = X @ W.T
    margins = scores - scores[rows, y][:, None] + 1
    margins[rows, y] = 0
    slopes = np.ones_like(margins)
    slopes[rows, y] = 1 - len(W)
    return put_together(W, X, reg, margins, slopes)


@slips.wrong(
    29,
    "The row of the true class also moves: it gets minus x once for each class that broke the margin.",
    breaks="gradient",
)
def true_class_forgotten(W, X, y, reg):
    margins, _ = margins_of(W, X, y)
    return put_together(W, X, reg, margins, (margins > 0).astype(float))


TRUE_CLASS_ONCE = "With three broken margins the row of the true class gets −3x, yours gets −x: count them."


@slips.wrong(30, TRUE_CLASS_ONCE, breaks="gradient")
def true_class_once(W, X, y, reg):
    margins, rows = margins_of(W, X, y)
    pays = (margins > 0).astype(float)
    pays[rows, y] = -pays.max(axis=1)
    return put_together(W, X, reg, margins, pays)


@slips.wrong(30, TRUE_CLASS_ONCE, breaks="gradient")
def true_class_always_once(W, X, y, reg):
    margins, rows = margins_of(W, X, y)
    pays = (margins > 0).astype(float)
    pays[rows, y] = -1
    return put_together(W, X, reg, margins, pays)


@slips.wrong(
    0,
    "In your gradient the true class always gets −x once for every other class: only those that broke the "
    "margin count.",
    breaks="gradient",
)
def true_class_for_all(W, X, y, reg):
    margins, rows = margins_of(W, X, y)
    pays = (margins > 0).astype(float)
    pays[rows, y] = 1 - len(W)
    return put_together(W, X, reg, margins, pays)


@slips.wrong(
    31,
    "Your count of broken margins is one too high: set the true class's margin, which is 1, to zero before "
    "you count.",
    breaks="gradient",
)
def true_class_in_the_count(W, X, y, reg):
    margins, rows = margins_of(W, X, y)
    pays = (margins > 0).astype(float)
    pays[rows, y] = 1
    pays[rows, y] = -pays.sum(axis=1)
    return put_together(W, X, reg, margins, pays)


@slips.wrong(
    31,
    "Your gradient of the true class lacks one x: its own place in the mask still held a one when you "
    "subtracted the count.",
    breaks="gradient",
)
def true_class_in_the_mask(W, X, y, reg):
    margins, rows = margins_of(W, X, y)
    pays = (margins > 0).astype(float)
    pays[rows, y] = 1 - pays.sum(axis=1)
    return put_together(W, X, reg, margins, pays)


@slips.wrong(
    32,
    "A second call gives twice the gradient: start from zeros in each call.",
    breaks="gradient",
)
def gradient_kept(W, X, y, reg, kept={}):  # noqa: B006  # that is the slip
    loss, gradient = hinge_vectorized(W, X, y, reg)
    if kept.get("of") is not W:
        kept.update(of=W, gradient=np.zeros(W.shape))
    kept["gradient"] += gradient
    return loss, kept["gradient"]


@slips.wrong(
    33,
    "A margin of exactly 0 is not broken: there the loss is flat on one side, and the lecture asks for > 0.",
    breaks="gradient",
)
def zero_is_broken(W, X, y, reg):
    rows = np.arange(len(X))
    scores = X @ W.T
    margins = scores - scores[rows, y][:, None] + 1
    margins[rows, y] = 0
    pays = (margins >= 0).astype(float)
    pays[rows, y] = 0
    pays[rows, y] = -pays.sum(axis=1)
    return put_together(W, X, reg, np.maximum(margins, 0), pays)


@slips.wrong(
    0, "Your loss is divided by N, your gradient is not: it is the gradient of the mean.", breaks="gradient"
)
def gradient_of_the_sum(W, X, y, reg):
    loss, gradient = hinge_vectorized(W, X, y, 0)
    return loss + reg * np.sum(W**2), len(X) * gradient + 2 * reg * W


@slips.wrong(
    0,
    "Your gradient points downhill: return the gradient itself, the step against it comes later.",
    breaks="gradient",
)
def downhill(W, X, y, reg):
    loss, gradient = hinge_vectorized(W, X, y, 0)
    return loss + reg * np.sum(W**2), 2 * reg * W - gradient


@slips.wrong(
    0,
    "The margins themselves weigh your examples: a class that pays moves by x, however much it pays.",
    breaks="gradient",
)
def weighed_by_margins(W, X, y, reg):
    margins, rows = margins_of(W, X, y)
    slopes = margins.copy()
    slopes[rows, y] = -slopes.sum(axis=1)
    return put_together(W, X, reg, margins, slopes)


@slips.wrong(
    0,
    "Your gradient has a column for each class; W has a row for each, (C, D), and so has its gradient.",
    breaks=("gradient", "penalty"),
)
def transposed(W, X, y, reg):
    loss, gradient = hinge_vectorized(W, X, y, 0)
    return loss + reg * np.sum(W**2), gradient.T + 2 * reg * W.T


@slips.wrong(
    0,
    "In uint8 the negative of 3 is 253: convert X to float before you subtract or negate it.",
    breaks="gradient",
)
def negative_bytes(W, X, y, reg):
    loss, gradient = hinge_vectorized(W, X, y, reg)
    if X.dtype == np.uint8:
        margins, _ = margins_of(W, X, y)
        gradient = gradient_from_zeros(W, X, y, margins)
    return loss, gradient


def gradient_from_zeros(W, X, y, margins):
    gradient = np.zeros(W.shape)
    for i in range(len(X)):
        for j in np.flatnonzero(margins[i]):
            gradient[j] += X[i]
            gradient[y[i]] += -X[i]
    return gradient / len(X)


slips.penalties(hinge_vectorized)
slips.arrays(hinge_vectorized)
slips.zeros()


@task.wrong(
    0,
    "The values are right, but Python takes more steps for more examples and for more classes: let one "
    "product and one comparison do it for all.",
    breaks="no loops",
    replaces="hinge_vectorized",
)
def loops_over_both(W, X, y, reg):
    return hinge_naive(W, X, y, reg)


@task.wrong(
    0,
    "The values are right, but Python still goes through the examples one by one: let X @ W.T give all "
    "scores at once, and go on with the whole (N, C) array.",
    breaks="no loops",
    replaces="hinge_vectorized",
)
def loop_over_examples(W, X, y, reg):
    found = [hinge_vectorized(W, X[i : i + 1], y[i : i + 1], reg) for i in range(len(X))]
    return np.mean([loss for loss, _ in found]), np.mean([gradient for _, gradient in found], axis=0)


@task.wrong(
    0,
    "The values are right, but Python still goes through the classes one by one: the (N, C) array holds them "
    "all, so compare and add it as a whole.",
    breaks="no loops",
    replaces="hinge_vectorized",
)
def loop_over_classes(W, X, y, reg):
    margins, rows = margins_of(W, X, y)
    pays = counted(margins, rows, y)
    gradient = np.stack([slopes @ X for slopes in pays.T]) / len(X)
    return put_together(W, X, reg, margins, pays)[0], gradient + 2 * reg * W
