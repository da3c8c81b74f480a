"""Classifiers with SGD that are right, each in a way of its own."""

import itertools

import numpy as np
import pytest
from earned import lost
from tqdm import tqdm


class Plain:
    """By the text; the others differ from it in something."""

    def __init__(self, loss, classes, features):
        self.loss = loss
        self.W = np.zeros((classes, features))

    def train(self, X, y, learning_rate, reg, steps, batch_size, rng):
        losses = []
        for rows in itertools.islice(self.rows(len(X), batch_size, rng), steps):
            loss, gradient = self.loss(self.W, X[rows], y[rows], reg)
            self.W -= learning_rate * gradient
            losses.append(loss)
        return losses

    def rows(self, count, size, rng):
        while True:
            yield rng.integers(count, size=size)

    def predict(self, X):
        return (X @ self.W.T).argmax(1)


class WithoutReplacement(Plain):
    def rows(self, count, size, rng):
        while True:
            yield rng.choice(count, size, replace=False).tolist()


class ByEpochs(Plain):
    """A shuffled order; rows that are left over wait for nobody."""

    def rows(self, count, size, rng):
        while True:
            order = rng.permutation(count)
            for start in range(0, count - size + 1, size):
                yield order[start : start + size]


class LeftoversFirst(Plain):
    """A shuffled order; rows that are left over begin the next one."""

    def rows(self, count, size, rng):
        order = np.arange(0)
        while True:
            while len(order) < size:
                order = np.append(order, rng.permutation(count))
            yield order[:size]
            order = order[size:]


class FromUniformNumbers(Plain):
    def rows(self, count, size, rng):
        while True:
            yield np.floor(rng.random(size) * count).astype(np.int32)


class OfACopy(Plain):
    """Shuffles X and y, copies of its own, and takes the first rows."""

    def train(self, X, y, *, learning_rate, reg, steps, batch_size, rng):
        X, y, W, losses = X.copy(), y.copy(), self.W, np.zeros(steps)
        for step in tqdm(range(steps)):
            order = rng.permutation(len(X))
            X, y = X[order], y[order]
            losses[step], gradient = self.loss(W=W, X=X[:batch_size], y=y[:batch_size], reg=reg)
            W = W - gradient * learning_rate
        self.W = W
        return losses


class AllDrawsAtOnce(Plain):
    """The numbers of all steps are drawn before the first; extra names, prints, and a history."""

    def train(self, X, y, learning_rate=0.1, reg=0.0, steps=10, batch_size=2, rng=None, verbose=True):
        rows = rng.integers(0, X.shape[0], (steps, batch_size))
        self.history = []
        for step in range(steps):
            loss, gradient = self.loss(self.W, X.take(rows[step], axis=0), y.take(rows[step]), reg)
            self.W = np.subtract(self.W, learning_rate * gradient)
            self.history += [loss]
            if verbose:
                print(f"step {step}: {loss:.3f}")
        return tuple(self.history)


class OneImageAtATime(Plain):
    def predict(self, X):
        labels = []
        for x in X:
            scores = [w @ x for w in self.W]
            labels.append(scores.index(max(scores)))
        return labels


class BySorting(Plain):
    def predict(self, X):
        scores = np.einsum("nd,cd->nc", X, self.W)
        return np.argsort(-scores, axis=1, kind="stable")[:, 0].astype(np.uint8)


class WithReusedLabels(Plain):
    """The same array is returned again, as long as the number of images is the same."""

    labels = np.zeros(0)

    def predict(self, X):
        if len(self.labels) != len(X):
            self.labels = np.zeros(len(X))
        self.labels[:] = super().predict(X)
        return self.labels


ANSWERS = [
    Plain,
    WithoutReplacement,
    ByEpochs,
    LeftoversFirst,
    FromUniformNumbers,
    OfACopy,
    AllDrawsAtOnce,
    OneImageAtATime,
    BySorting,
    WithReusedLabels,
]


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.__name__)
def test_an_unusual_classifier_has_full_marks(answer):
    assert lost("a1.sgd", answer) == {}
