"""`l1_penalty`: the right answer, and those that students give."""

from __future__ import annotations

import numpy as np

from lib.tasks.a1.regularization import task


@task.reference
def l1_penalty(W, b, reg):
    """reg · Σ|W| with its gradients in W and in b."""
    return reg * np.abs(W).sum(), reg * np.sign(W), np.zeros(b.shape)


@task.wrong(
    47,
    "Here the bias is free: the penalty is on W alone, and its gradient in b is 0.",
    breaks=("penalty", "grad_b"),
)
def bias_penalised(W, b, reg):
    return reg * (np.abs(W).sum() + np.abs(b).sum()), reg * np.sign(W), reg * np.sign(b)


@task.wrong(
    48,
    "Yours pushes weights that are exactly 0: the gradient of reg·|w| is reg·sign(w), and 0 at 0.",
    breaks="grad_W",
)
def one_at_zero(W, b, reg):
    return reg * np.abs(W).sum(), reg * np.where(W >= 0, 1, -1), np.zeros(b.shape)


@task.wrong(
    48,
    "Yours pushes weights that are exactly 0, downwards: the gradient of reg·|w| is reg·sign(w), and 0 at 0.",
    breaks="grad_W",
)
def minus_one_at_zero(W, b, reg):
    return reg * np.abs(W).sum(), reg * np.where(W > 0, 1, -1), np.zeros(b.shape)


@task.wrong(
    48,
    "W/|W| is 0/0 where a weight is exactly 0: there the gradient is 0, as np.sign has it.",
    breaks="grad_W",
)
def divided_by_itself(W, b, reg):
    return reg * np.abs(W).sum(), reg * W / np.abs(W), np.zeros(b.shape)


@task.wrong(
    48,
    "The absolute value is the penalty, not its slope: the gradient of reg·|w| is reg·sign(w).",
    breaks="grad_W",
)
def absolute_value(W, b, reg):
    return reg * np.abs(W).sum(), reg * np.abs(W), np.zeros(b.shape)


@task.wrong(
    0,
    "Your gradient is that of L2: it fades with the weight, that of L1 has one size for all.",
    breaks="grad_W",
)
def gradient_of_l2(W, b, reg):
    return reg * np.abs(W).sum(), 2 * reg * W, np.zeros(b.shape)


@task.wrong(0, "That is L2, the sum of squares: L1 adds up absolute values.", breaks=("penalty", "grad_W"))
def l2(W, b, reg):
    return reg * (W**2).sum(), 2 * reg * W, np.zeros(b.shape)


@task.wrong(
    0, "Weights of opposite sign cancel in your sum: take the absolute value before adding.", breaks="penalty"
)
def absolute_of_the_sum(W, b, reg):
    return reg * np.abs(W.sum()), reg * np.sign(W), np.zeros(b.shape)


@task.wrong(0, "Your gradient lacks the factor reg.", breaks="grad_W")
def sign_alone(W, b, reg):
    return reg * np.abs(W).sum(), np.sign(W), np.zeros(b.shape)


@task.wrong(0, "Neither penalty nor gradient know of reg: multiply both by it.", breaks=("penalty", "grad_W"))
def without_reg(W, b, reg):
    return np.abs(W).sum(), np.sign(W), np.zeros(b.shape)


@task.wrong(
    0, "Your penalty is the mean of the absolute values: it is their sum.", breaks=("penalty", "grad_W")
)
def mean(W, b, reg):
    return reg * np.abs(W).mean(), reg * np.sign(W) / W.size, np.zeros(b.shape)


@task.wrong(
    0,
    "Your penalty is the largest sum of a row or column, as np.linalg.norm(W, 1) has it: add up all entries.",
    breaks="penalty",
)
def norm_of_a_matrix(W, b, reg):
    return reg * np.linalg.norm(W, 1), reg * np.sign(W), np.zeros(b.shape)


@task.wrong(
    0, "Your penalty has one number a class: add up all entries of W to a single number.", breaks="penalty"
)
def one_a_class(W, b, reg):
    return reg * np.abs(W).sum(axis=1), reg * np.sign(W), np.zeros(b.shape)


@task.wrong(
    0,
    "Your penalty is halved, as some do with L2: here it is reg·Σ|W|, without a factor ½.",
    breaks=("penalty", "grad_W"),
)
def halved(W, b, reg):
    return reg * np.abs(W).sum() / 2, reg * np.sign(W) / 2, np.zeros(b.shape)


@task.wrong(
    0, "The gradient in b is missing: b is free, so it is an array of zeros, shaped like b.", breaks="grad_b"
)
def no_gradient_of_the_bias(W, b, reg):
    return reg * np.abs(W).sum(), reg * np.sign(W), None


@task.wrong(0, "The gradient in b is an array of zeros, shaped like b; yours is a single 0.", breaks="grad_b")
def single_zero(W, b, reg):
    return reg * np.abs(W).sum(), reg * np.sign(W), 0.0


@task.wrong(0, "Your function changes its caller's W: work on a copy.", breaks="grad_W")
def weights_changed(W, b, reg):
    penalty = reg * np.abs(W).sum()
    return penalty, np.multiply(reg, np.sign(W, out=W)), np.zeros(b.shape)


@task.wrong(
    92,
    "All is 0: the shapes are right, but nothing is computed yet.",
    breaks=("penalty", "grad_W", "grad_b"),
)
def zeros(W, b, reg):
    return 0.0, np.zeros(W.shape), np.zeros(b.shape)


@task.wrong(
    0, "W / (|W| + a trifle) is no sign where weights are as small as the trifle: np.sign is exact.",
    breaks="grad_W",
)  # fmt: skip
def divided_by_a_bit_more(W, b, reg):
    return reg * np.abs(W).sum(), reg * W / (np.abs(W) + 1e-8), np.zeros_like(b)
