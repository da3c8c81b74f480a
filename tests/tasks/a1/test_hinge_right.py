"""Hinge losses that are right, each in a way of its own."""

import warnings

import numpy as np
import pytest
from earned import lost


def by_the_book(W, X, y, reg):
    gradient = np.zeros_like(W)
    loss = 0.0
    for i in range(X.shape[0]):
        scores = X[i].dot(W.T)
        for j in range(W.shape[0]):
            if j == y[i]:
                continue
            margin = scores[j] - scores[y[i]] + 1
            if margin > 0:
                loss += margin
                gradient[j, :] += X[i]
                gradient[y[i], :] -= X[i]
    loss /= X.shape[0]
    gradient /= X.shape[0]
    loss += reg * np.sum(W * W)
    gradient += 2 * reg * W
    return loss, gradient


def true_class_stays_in_the_mask(W, X, y, reg):
    """Its margin is 1, in the mask and in the count: both cancel."""
    scores = X @ W.T
    margins = np.clip(scores - np.take_along_axis(scores, y[:, None].astype(int), axis=1) + 1, 0, None)
    mask = np.where(margins > 0, 1.0, 0.0)
    mask[range(len(y)), y] -= mask.sum(axis=1)
    return (margins.sum() - len(y)) / len(y) + reg * np.vdot(W, W), (X.T @ mask / len(y)).T + 2 * reg * W


def with_einsum(W, X, y, reg):
    right = np.eye(len(W))[y]
    scores = np.einsum("nd,cd->nc", X, W)
    margins = scores - np.einsum("nc,nc->n", scores, right)[:, None] + 1 - right
    pays = (margins > 0) * (1 - right)
    slopes = pays - right * pays.sum(axis=1, keepdims=True)
    gradient = np.einsum("nc,nd->cd", slopes, X) / len(X)
    return np.einsum("nc,nc->", pays, margins) / len(X) + reg * np.einsum("cd,cd->", W, W), gradient + (
        reg * W + reg * W
    )


def inside_in_float32(W, X, y, reg):
    W, X = np.float32(W), np.float32(X)
    rows = np.arange(len(X))
    scores = X @ W.T
    margins = np.maximum(np.float32(0), scores - scores[rows, y].reshape(-1, 1) + np.float32(1))
    margins[rows, y] = 0
    slopes = np.sign(margins)
    slopes[rows, y] = -np.count_nonzero(margins, axis=1)
    return margins.sum(dtype=np.float32) / len(X) + np.float32(reg) * (W**2).sum(), (
        slopes.T @ X / np.float32(len(X)) + np.float32(2 * reg) * W
    )


def talkative(W, X, y, reg=0.0, delta=1.0, verbose=True):
    if verbose:
        print(f"N = {len(X)}")
        warnings.warn("look at me", stacklevel=1)
    loss, gradient = with_einsum(W, X, y, reg)
    return [np.array(loss), gradient.tolist()]


class Kept(np.ndarray):
    """An array of somebody's own."""


class WithBuffers:
    """The same array is returned again and again, filled anew."""

    def __init__(self):
        self.gradients = {}

    def __call__(self, W, X, y, reg):
        loss, gradient = by_the_book(W.astype(float), X.astype(float), y, reg)
        kept = self.gradients.setdefault(W.shape, np.empty(W.shape).view(Kept))
        kept[...] = gradient
        return loss, kept


def in_place_on_own_arrays(W, X, y, reg):
    scores = np.dot(X, W.T).astype(np.float64)
    rows = np.arange(y.size)
    scores -= scores[rows, y].copy()[:, np.newaxis]
    scores += 1
    scores[rows, y] = -np.inf
    np.maximum(scores, 0, out=scores)
    loss = np.average(scores.sum(1)) + reg * np.square(W).sum()
    scores[scores > 0] = 1
    gradient = scores.T @ X
    np.subtract.at(gradient, y, scores.sum(1)[:, None] * X)
    gradient *= 1 / y.size
    gradient += (2.0 * reg) * W
    return loss, gradient


def all_differences_at_once(W, X, y, reg):
    """(N, C, D): the gradient of each margin, then their sum."""
    rows = W[None] - W[y][:, None]
    margins = 1 + (rows * X[:, None]).sum(-1)
    pays = (margins > 0) & (np.arange(len(W)) != y[:, None])
    to_other = (pays[..., None] * X[:, None].astype(float)).mean(0)
    right = (np.arange(len(W))[:, None] == y)[..., None] * (pays.sum(1)[:, None] * X.astype(float))[None]
    return (pays * margins).sum(1).mean() + reg * np.linalg.norm(W) ** 2, (
        to_other - right.mean(1) + reg * 2 * W
    )


VECTORIZED = [
    true_class_stays_in_the_mask,
    with_einsum,
    inside_in_float32,
    talkative,
    in_place_on_own_arrays,
    all_differences_at_once,
]


@pytest.mark.parametrize("answer", VECTORIZED, ids=lambda answer: answer.__name__)
def test_an_unusual_hinge_loss_has_full_marks(answer):
    assert lost("a1.hinge", answer, answer) == {}


@pytest.mark.parametrize("naive", [by_the_book, WithBuffers()], ids=["by_the_book", "with_buffers"])
def test_an_unusual_naive_hinge_loss_has_full_marks(naive):
    assert lost("a1.hinge", naive, with_einsum) == {}


def test_the_fast_one_may_call_what_stands_in_another_cell():
    assert lost("a1.hinge", by_the_book, lambda *given: with_einsum(*given)) == {}


def test_one_function_alone_earns_its_own_parts():
    def unwritten(W, X, y, reg):
        raise NotImplementedError("write this part")

    of_vectorized = {"vectorized loss", "vectorized gradient", "vectorized penalty", "no loops"}
    assert lost("a1.hinge", by_the_book, unwritten).keys() == {*of_vectorized, "arrays unchanged"}
