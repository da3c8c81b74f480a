"""Softmax losses that are right, each in a way of its own."""

import math

import numpy as np
import pytest
from earned import lost


def with_python_numbers(W, X, y, reg):
    loss, gradient = 0.0, np.zeros(W.shape)
    for x, right in zip(X.astype(float), y.tolist(), strict=True):
        scores = [float(w @ x) for w in W]
        top = max(scores)
        powers = [math.exp(s - top) for s in scores]
        total = math.fsum(powers)
        loss += math.log(total) - (scores[right] - top)
        for j, power in enumerate(powers):
            gradient[j] += (power / total - (1 if j == right else 0)) * x
    return loss / len(X) + reg * float((W * W).sum()), gradient / len(X) + 2 * reg * W


def with_logaddexp(W, X, y, reg):
    """numpy's own log-sum-exp of two numbers, reduced along the row."""
    scores = X @ W.T
    log_p = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
    slopes = np.exp(log_p) - np.eye(len(W))[y]
    loss = -np.take_along_axis(log_p, y[:, None].astype(np.int64), 1).mean()
    return loss + reg * np.vdot(W, W), slopes.T @ X / y.shape[0] + 2 * reg * W


def with_one_hot(W, X, y, reg):
    right = (y[:, None] == np.arange(W.shape[0])).astype(np.float64)
    scores = np.einsum("cd,nd->nc", W, X)
    scores = scores - np.max(scores, 1)[:, None]
    logs = np.log(np.sum(np.exp(scores), 1))
    loss = np.sum(logs - np.sum(scores * right, 1)) / len(X)
    p = np.exp(scores) / np.exp(logs)[:, None]
    gradient = np.einsum("nc,nd->cd", (p - right) / len(X), X) + reg * 2 * W
    return loss + reg * np.einsum("cd,cd->", W, W), gradient


def inside_in_float32(W, X, y, reg):
    W, X = W.astype(np.float32), X.astype(np.float32)
    rows, scores = np.arange(len(X)), X @ W.T
    scores -= scores.max(1, keepdims=True)
    powers = np.exp(scores)
    sums = powers.sum(1, keepdims=True)
    loss = np.mean(np.log(sums[:, 0]) - scores[rows, y])
    powers /= sums
    powers[rows, y] -= 1
    return loss + np.float32(reg) * np.sum(W**2), powers.T @ X / np.float32(len(X)) + np.float32(2 * reg) * W


def shifted_by_a_little_less(W, X, y, reg):
    """Any shift near the row's maximum is as good."""
    scores = X @ W.T
    shift = np.partition(scores, -1, axis=1)[:, -1:] - 3
    powers = np.exp(scores - shift)
    sums = powers.sum(axis=1)
    losses = np.log(sums) + shift[:, 0] - scores[np.arange(len(y)), y]
    p = powers / sums[:, None]
    return losses.mean() + reg * np.linalg.norm(W) ** 2, (X.T @ (p - np.eye(len(W))[y])).T / len(y) + (
        2 * reg * W
    )


def by_differences(W, X, y, reg):
    """p_j = 1 / Σ_k exp(s_k − s_j): an infinite sum gives 0, as it should."""
    scores = X @ W.T
    sums = np.exp(scores[:, None] - scores[:, :, None]).sum(axis=2)
    slopes = 1 / sums
    slopes[np.arange(len(y)), y] -= 1
    off = scores - scores[np.arange(len(y)), y][:, None]
    loss = np.mean(off.max(1) + np.log(np.exp(off - off.max(1)[:, None]).sum(1)))
    return loss + reg * np.sum(np.abs(W) ** 2), np.tensordot(slopes, X, (0, 0)) / len(y) + 2 * reg * W


def as_lists(W, X, y, reg):
    print("softmax", W.shape)
    loss, gradient = with_logaddexp(W, X, y, reg)
    return [np.array(loss), [list(row) for row in gradient.tolist()]]


def one_row_at_a_time(W, X, y, reg):
    """The mean of single losses, each with the whole penalty: that is the same."""
    found = [with_logaddexp(W, X[i : i + 1], y[i : i + 1], reg) for i in range(len(X))]
    losses, gradients = zip(*found, strict=True)
    return np.mean(losses), np.mean(gradients, axis=0)


VECTORIZED = [with_logaddexp, with_one_hot, inside_in_float32, shifted_by_a_little_less, by_differences]


@pytest.mark.parametrize("answer", VECTORIZED, ids=lambda answer: answer.__name__)
def test_an_unusual_softmax_loss_has_full_marks(answer):
    assert lost("a1.softmax", answer, answer) == {}


@pytest.mark.parametrize(
    "naive", [with_python_numbers, as_lists, one_row_at_a_time], ids=lambda naive: naive.__name__
)
def test_an_unusual_naive_softmax_loss_has_full_marks(naive):
    assert lost("a1.softmax", naive, with_one_hot) == {}
