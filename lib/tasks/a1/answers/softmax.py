"""`softmax_naive` and `softmax_vectorized`: the right answers, and those that students give."""

from __future__ import annotations

import numpy as np

from lib.tasks.a1.answers.of_a_loss import BOTH, Slips
from lib.tasks.a1.softmax import task

slips = Slips(task, rows=False)


@task.reference
def softmax_naive(W, X, y, reg):
    """Loss and gradient, one example and one class at a time."""
    loss, gradient = 0.0, np.zeros(W.shape)
    for x, right in zip(X, y, strict=True):
        scores = W @ x
        shifted = scores - max(scores)
        log_sum = np.log(sum(np.exp(shifted)))
        loss += log_sum - shifted[right]
        for j in range(len(W)):
            gradient[j] += (np.exp(shifted[j] - log_sum) - (j == right)) * x
    return loss / len(X) + reg * np.sum(W**2), gradient / len(X) + 2 * reg * W


@task.reference
def softmax_vectorized(W, X, y, reg):
    """The same for all examples and classes at once."""
    scores = X @ W.T
    return put_together(W, X, y, reg, losses_of(scores, y), probabilities(scores))


def losses_of(scores, y):
    """−log p of the right classes, (N,)."""
    shifted = scores - scores.max(axis=1, keepdims=True)
    return np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(y)), y]


def probabilities(scores, shift=None):
    """Softmax of each row, (N, C)."""
    powers = np.exp(scores - (scores.max(axis=1, keepdims=True) if shift is None else shift))
    return powers / powers.sum(axis=1, keepdims=True)


def put_together(W, X, y, reg, losses, p):
    """Loss and gradient."""
    slopes = p.copy()
    slopes[np.arange(len(y)), y] -= 1
    return with_slopes(W, X, reg, losses, slopes)


def with_slopes(W, X, reg, losses, slopes):
    """Loss and gradient, from N times the gradient in the scores."""
    return np.mean(losses) + reg * np.sum(W**2), slopes.T @ X / len(X) + 2 * reg * W


def shifted_by(shift, W, X, y, reg):
    """Loss and gradient where something else than the row's maximum is subtracted."""
    scores = X @ W.T
    powers = np.exp(scores - shift(scores))
    p = powers / powers.sum(axis=1, keepdims=True)
    losses = np.log(powers.sum(axis=1)) - (scores - shift(scores))[np.arange(len(y)), y]
    return put_together(W, X, y, reg, losses, p)


@slips.wrong(
    34,
    "The exponential of 1000 is infinite: subtract the row's largest score first, it changes nothing else.",
    breaks=BOTH,
)
def no_shift(W, X, y, reg):
    return shifted_by(lambda scores: 0, W, X, y, reg)


@slips.wrong(
    35,
    "With one image at 1000 and one at −1000 the second row becomes 0/0: subtract each row's own maximum.",
    breaks=BOTH,
)
def one_maximum_for_all(W, X, y, reg):
    return shifted_by(lambda scores: scores.max(), W, X, y, reg)


@slips.wrong(
    36,
    "For scores of −10,000 everything underflows: subtract the true maximum, also when it is negative.",
    breaks=BOTH,
)
def positive_maximum(W, X, y, reg):
    return shifted_by(lambda scores: np.maximum(scores.max(axis=1, keepdims=True), 0), W, X, y, reg)


@slips.wrong(
    0,
    "You subtract the maximum of each class: one image's scores need one shift, so take the maximum along "
    "axis 1.",
    breaks=BOTH,
)
def maximum_of_columns(W, X, y, reg):
    return shifted_by(lambda scores: scores.max(axis=0), W, X, y, reg)


@slips.wrong(
    0,
    "Your p of one image don't add up to 1: divide by the sum over the classes, along axis 1, not over the "
    "images.",
    breaks=BOTH,
)
def over_the_images(W, X, y, reg):
    scores = X @ W.T
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = powers / powers.sum(axis=0)
    return put_together(W, X, y, reg, -np.log(p[np.arange(len(y)), y]), p)


@slips.wrong(
    0,
    "You subtract the row's mean, above which a score can still be 1000: subtract its maximum.",
    breaks=BOTH,
)
def mean_subtracted(W, X, y, reg):
    return shifted_by(lambda scores: scores.mean(axis=1, keepdims=True), W, X, y, reg)


@slips.wrong(
    0,
    "You add the row's maximum to the exponent, or subtract the minimum: exp overflows even sooner.",
    breaks=BOTH,
)
def minimum_subtracted(W, X, y, reg):
    return shifted_by(lambda scores: scores.min(axis=1, keepdims=True), W, X, y, reg)


@slips.wrong(
    37,
    "Your loss is off by the row's maximum: shift the true score and the logarithm's sum both, or neither.",
    breaks="loss",
)
def half_shifted(W, X, y, reg):
    scores = X @ W.T
    return put_together(W, X, y, reg, losses_of(scores, y) - scores.max(axis=1), probabilities(scores))


def in_base(base):
    """The loss in another logarithm."""

    def answer(W, X, y, reg):
        scores = X @ W.T
        return put_together(W, X, y, reg, losses_of(scores, y) / np.log(base), probabilities(scores))

    answer.__name__ = f"base_{base}"
    return answer


slips.wrong(
    38,
    "That is log₁₀, which gives the lecture's cat 0.89; losses are in nats, by the natural one: 2.04.",
    breaks="loss",
)(in_base(10))
slips.wrong(
    38,
    "That is log₂, which gives the lecture's cat 2.95; losses are in nats, by the natural one: 2.04.",
    breaks="loss",
)(in_base(2))


def with_constant(tiny):
    """The loss −log(p + tiny)."""

    def answer(W, X, y, reg):
        p = probabilities(X @ W.T)
        return put_together(W, X, y, reg, -np.log(p[np.arange(len(y)), y] + tiny), p)

    answer.__name__ = f"plus_{tiny:.0e}".replace("-", "_")
    return answer


for power in (6, 7, 8, 9, 10, 12, 15, 16, 20, 30, 300):
    slips.wrong(
        39,
        f"Your loss stops at {power * np.log(10):.1f} however wrong the answer: use log-sum-exp, and neither "
        "add to p nor clip it.",
        breaks="loss",
    )(with_constant(10.0**-power))


@slips.wrong(
    0,
    "Where the right class's probability has become 0 your loss is infinite: take log-sum-exp minus "
    "the score, not the logarithm of p.",
    breaks="loss",
)
def logarithm_of_p(W, X, y, reg):
    p = probabilities(X @ W.T)
    return put_together(W, X, y, reg, -np.log(p[np.arange(len(y)), y]), p)


@slips.wrong(
    40,
    "Each image's probabilities must add to 1; yours add to 1 per class.",
    breaks=BOTH,
)
def over_the_batch(W, X, y, reg):
    loss = softmax_of_columns(X @ W.T)
    losses = loss[np.arange(len(y)), y]
    return put_together(W, X, y, reg, losses, np.exp(-loss))


def softmax_of_columns(scores):
    """−log of probabilities that add to 1 in each column."""
    shifted = scores - scores.max(axis=0)
    return np.log(np.exp(shifted).sum(axis=0)) - shifted


@slips.wrong(
    41,
    "Your gradient pushes all scores down: subtract 1 at the true class.",
    breaks="gradient",
)
def probabilities_alone(W, X, y, reg):
    scores = X @ W.T
    return with_slopes(W, X, reg, losses_of(scores, y), probabilities(scores))


@slips.wrong(
    0,
    "Only the true class moves in your gradient: each other class gets p times x.",
    breaks="gradient",
)
def true_class_alone(W, X, y, reg):
    scores = X @ W.T
    right = np.eye(len(W))[y]
    return with_slopes(W, X, reg, losses_of(scores, y), right * (probabilities(scores) - 1))


@slips.wrong(
    0,
    "In your gradient 1 is subtracted at every class: subtract it at the true class alone.",
    breaks="gradient",
)
def one_everywhere(W, X, y, reg):
    scores = X @ W.T
    return with_slopes(W, X, reg, losses_of(scores, y), probabilities(scores) - 1)


@slips.wrong(
    0,
    "Your gradient has the wrong sign: it is p minus the one-hot of y, times x, and the step against it "
    "comes later.",
    breaks="gradient",
)
def downhill(W, X, y, reg):
    scores = X @ W.T
    return with_slopes(W, X, reg, losses_of(scores, y), np.eye(len(W))[y] - probabilities(scores))


@slips.wrong(
    0,
    "Your gradient has one factor too many, that of the softmax's own slope p(1 − p): in the scores it is p "
    "minus the one-hot, and nothing else.",
    breaks="gradient",
)
def slope_of_softmax_too(W, X, y, reg):
    scores = X @ W.T
    p = probabilities(scores)
    slopes = p * (1 - p) * (p - np.eye(len(W))[y])
    return with_slopes(W, X, reg, losses_of(scores, y), slopes)


@slips.wrong(
    42,
    "Your gradient is exactly N times the right one: the loss is a mean, so divide by N.",
    breaks="gradient",
)
def gradient_of_the_sum(W, X, y, reg):
    loss, gradient = softmax_vectorized(W, X, y, 0)
    return loss + reg * np.sum(W**2), len(X) * gradient + 2 * reg * W


@slips.wrong(
    43,
    "The loss came from p after you had subtracted 1: copy p first, or take the loss before.",
    breaks=("loss", "penalty"),  # its loss is not a number
)
def read_too_late(W, X, y, reg):
    p = probabilities(X @ W.T)
    slopes = p
    slopes[np.arange(len(y)), y] -= 1
    return with_slopes(W, X, reg, -np.log(p[np.arange(len(y)), y]), slopes)


@slips.wrong(0, "Twice the data gives twice your loss: divide by N.", breaks=BOTH)
def sum_for_mean(W, X, y, reg):
    loss, gradient = softmax_vectorized(W, X, y, 0)
    return len(X) * loss + reg * np.sum(W**2), len(X) * gradient + 2 * reg * W


@slips.wrong(
    0,
    "Your loss is the mean over all N · C numbers: there is one loss an example, so divide by N alone.",
    breaks=BOTH,
)
def mean_over_classes(W, X, y, reg):
    loss, gradient = softmax_vectorized(W, X, y, 0)
    return loss / len(W) + reg * np.sum(W**2), gradient / len(W) + 2 * reg * W


@slips.wrong(
    0, "One loss came for each example: return their mean, a single number.", breaks=("loss", "penalty")
)
def one_loss_an_example(W, X, y, reg):
    _, gradient = softmax_vectorized(W, X, y, reg)
    return losses_of(X @ W.T, y) + reg * np.sum(W**2), gradient


@slips.wrong(
    0, "Your loss is negative: a logarithm of a probability is, so put a minus in front.", breaks="loss"
)
def minus_forgotten(W, X, y, reg):
    loss, gradient = softmax_vectorized(W, X, y, 0)
    return reg * np.sum(W**2) - loss, gradient + 2 * reg * W


@slips.wrong(0, "Your loss is 1 − p of the true class: it is −log p.", breaks="loss")
def one_minus_p(W, X, y, reg):
    scores = X @ W.T
    p = probabilities(scores)
    return put_together(W, X, y, reg, 1 - p[np.arange(len(y)), y], p)


@slips.wrong(
    0,
    "Your loss adds the wrong classes' −log(1 − p) too: here only the true class's −log p counts.",
    breaks=BOTH,
)
def binary(W, X, y, reg):
    scores = X @ W.T
    right = np.eye(len(W))[y]
    p = 1 / (1 + np.exp(-scores))
    losses = -(right * np.log(p) + (1 - right) * np.log(1 - p)).sum(axis=1)
    return with_slopes(W, X, reg, losses, p - right)


@slips.wrong(
    0,
    "A second call gives twice the gradient: start from zeros in each call.",
    breaks="gradient",
)
def gradient_kept(W, X, y, reg, kept={}):  # noqa: B006  # that is the slip
    loss, gradient = softmax_vectorized(W, X, y, reg)
    if kept.get("of") is not W:
        kept.update(of=W, gradient=np.zeros(W.shape))
    kept["gradient"] += gradient
    return loss, kept["gradient"]


@slips.wrong(
    0,
    "Your gradient has a column for each class; W has a row for each, (C, D), and so has its gradient.",
    breaks=("gradient", "penalty"),
)
def transposed(W, X, y, reg):
    loss, gradient = softmax_vectorized(W, X, y, 0)
    return loss + reg * np.sum(W**2), gradient.T + 2 * reg * W.T


slips.penalties(softmax_vectorized)
slips.arrays(softmax_vectorized)
slips.zeros()


@task.wrong(
    0,
    "The values are right, but Python takes more steps for more examples and for more classes: let one "
    "product and one exponential do it for all.",
    breaks="no loops",
    replaces="softmax_vectorized",
)
def loops_over_both(W, X, y, reg):
    return softmax_naive(W, X, y, reg)


@task.wrong(
    0,
    "The values are right, but Python still goes through the examples one by one: let X @ W.T give all "
    "scores at once, and go on with the whole (N, C) array.",
    breaks="no loops",
    replaces="softmax_vectorized",
)
def loop_over_examples(W, X, y, reg):
    found = [softmax_vectorized(W, X[i : i + 1], y[i : i + 1], reg) for i in range(len(X))]
    return np.mean([loss for loss, _ in found]), np.mean([gradient for _, gradient in found], axis=0)


@task.wrong(
    0,
    "The values are right, but Python still goes through the classes one by one: the (N, C) array holds them "
    "all, so treat it as a whole.",
    breaks="no loops",
    replaces="softmax_vectorized",
)
def loop_over_classes(W, X, y, reg):
    loss, _ = softmax_vectorized(W, X, y, reg)
    slopes = probabilities(X @ W.T) - np.eye(len(W))[y]
    return loss, np.stack([column @ X for column in slopes.T]) / len(X) + 2 * reg * W
