"""`LinearClassifier`: the right answer, and those that students give."""

from __future__ import annotations

import numpy as np

from lib.tasks.a1.sgd import task


@task.reference
class LinearClassifier:
    """Scores X Wᵀ, trained by mini-batch gradient descent."""

    def __init__(self, loss, classes, features):
        self.loss = loss
        self.W = np.zeros((classes, features))

    def train(self, X, y, *, learning_rate, reg, steps, batch_size, rng):
        losses = []
        for rows in self.draws(rng, len(X), steps, batch_size):
            loss, gradient = self.loss(self.W, *self.batch(X, y, rows, rng), reg)
            self.step(learning_rate, gradient)
            losses.append(loss)
        return losses

    def draws(self, rng, examples, steps, batch_size):
        for _ in range(steps):
            yield rng.integers(examples, size=batch_size)

    def batch(self, X, y, rows, rng):
        return X[rows], y[rows]

    def step(self, learning_rate, gradient):
        self.W = self.W - learning_rate * gradient

    def predict(self, X):
        return np.argmax(X @ self.W.T, axis=1)


@task.wrong(49, "The loss rises at every step: go against the gradient.", breaks=("steps", "losses"))
class Uphill(LinearClassifier):
    def step(self, learning_rate, gradient):
        self.W = self.W + learning_rate * gradient


@task.wrong(
    50,
    "Your steps never see rows beyond the first batch: draw new rows in each step.",
    breaks="mini-batches",
)
class FirstRows(LinearClassifier):
    def draws(self, rng, examples, steps, batch_size):
        for _ in range(steps):
            yield np.arange(batch_size)


@task.wrong(
    50,
    "All your steps see the same batch, drawn once: draw new rows within the loop.",
    breaks="mini-batches",
)
class DrawnOnce(LinearClassifier):
    def draws(self, rng, examples, steps, batch_size):
        rows = rng.permutation(examples)[:batch_size]
        for _ in range(steps):
            yield rows


@task.wrong(
    50,
    "All your steps see the same batch: you make a new rng with the same seed in each; use the one that is "
    "handed in.",
    breaks="mini-batches",
)
class SeedInTheLoop(LinearClassifier):
    def draws(self, rng, examples, steps, batch_size):
        for _ in range(steps):
            yield np.random.default_rng(4).permutation(examples)[[0, 2, 4, 8]][:batch_size]


@task.wrong(
    0,
    "Your batches are the same whatever rng is handed in: use that one, and make none of your own.",
    breaks="mini-batches",
)
class OwnSeed(LinearClassifier):
    def draws(self, rng, examples, steps, batch_size):
        return super().draws(np.random.default_rng(0), examples, steps, batch_size)


@task.wrong(
    0,
    "Equal rngs give other batches each time: draw with the rng that is handed in, not with one of your own "
    "or numpy's global one.",
    breaks="mini-batches",
)
class GlobalDraws(LinearClassifier):
    def draws(self, rng, examples, steps, batch_size):
        return super().draws(np.random.default_rng(), examples, steps, batch_size)


@task.wrong(
    0,
    "Your batches go through the rows in order, the same way each time: shuffle, or draw with rng.",
    breaks="mini-batches",
)
class InOrder(LinearClassifier):
    def draws(self, rng, examples, steps, batch_size):
        for step in range(steps):
            start = step * batch_size % (examples - batch_size + 1) if batch_size > 1 else step
            yield np.arange(start, start + batch_size)


@task.wrong(
    0,
    "You shuffle once, and then the same few batches come again and again: draw anew in each step.",
    breaks="mini-batches",
)
class ShuffledOnce(LinearClassifier):
    def draws(self, rng, examples, steps, batch_size):
        order = rng.permutation(examples)
        for step in range(steps):
            yield np.roll(order, -batch_size * step)[:batch_size]


@task.wrong(
    0,
    "Your batches are rows that follow each other from a random start, so that the first and last rows "
    "come up too seldom: draw each row.",
    breaks="mini-batches",
)
class RandomWindow(LinearClassifier):
    def draws(self, rng, examples, steps, batch_size):
        for _ in range(steps):
            yield rng.integers(examples - batch_size + 1) + np.arange(batch_size)


@task.wrong(
    0,
    "Your batches are rows that follow each other, and the last row never comes up: draw each row.",
    breaks="mini-batches",
)
class ShortWindow(LinearClassifier):
    def draws(self, rng, examples, steps, batch_size):
        for _ in range(steps):
            yield rng.integers(examples - batch_size) + np.arange(batch_size)


@task.wrong(
    0,
    "One row never comes up: rng.integers(low, high) leaves out high, so the numbers go from 0 to N, not to "
    "N − 1.",
    breaks="mini-batches",
)
class LastRowNever(LinearClassifier):
    def draws(self, rng, examples, steps, batch_size):
        return super().draws(rng, examples - 1, steps, batch_size)


@task.wrong(
    0,
    "Your batches are not all of one size: where fewer than batch_size rows are left, shuffle anew.",
    breaks="mini-batches",
)
class SmallerLastBatch(LinearClassifier):
    def draws(self, rng, examples, steps, batch_size):
        left: list = []
        for _ in range(steps):
            left = left or rng.permutation(examples).tolist()
            yield left[:batch_size]
            left = left[batch_size:]


@task.wrong(
    0,
    "Your batches have one row, whatever batch_size is: draw that many.",
    breaks="mini-batches",
)
class SingleRows(LinearClassifier):
    def draws(self, rng, examples, steps, batch_size):
        return super().draws(rng, examples, steps, 1)


@task.wrong(
    0,
    "Your steps remember those before, as with momentum: here each is learning_rate times its own gradient.",
    breaks=("steps", "losses"),
)
class Momentum(LinearClassifier):
    before = 0.0

    def step(self, learning_rate, gradient):
        self.before = 0.9 * self.before + learning_rate * gradient
        self.W = self.W - self.before


@task.wrong(
    51,
    "Accuracy would stay at chance: index X and y with the same draw.",
    breaks="mini-batches",
)
class PairsBroken(LinearClassifier):
    def batch(self, X, y, rows, rng):
        return X[rows], y[rng.integers(len(X), size=len(rows))]


@task.wrong(
    51,
    "X comes in batches, y whole: the first labels are not those of the rows drawn, so index both alike.",
    breaks="mini-batches",
)
class LabelsWhole(LinearClassifier):
    def batch(self, X, y, rows, rng):
        return X[rows], y


@task.wrong(
    0,
    "You shuffle X and y themselves, and your caller's arrays are in another order afterwards: shuffle row "
    "numbers.",
    breaks="mini-batches",
)
class ShufflesTheCallers(LinearClassifier):
    def batch(self, X, y, rows, rng):
        found = X[rows], y[rows]
        order = rng.permutation(len(X))
        X[...], y[...] = X[order], y[order]
        return found


@task.wrong(
    52,
    "After train the weights are unchanged: assign to self.W.",
    breaks="steps",
)
class NotStored(LinearClassifier):
    def train(self, X, y, **settings):
        kept = self.W
        try:
            return super().train(X, y, **settings)
        finally:
            self.W = kept


@task.wrong(
    0,
    "Each step starts from the first W again: the loss must be given the W of the step before.",
    breaks=("steps", "losses"),
)
class AlwaysFromTheStart(LinearClassifier):
    def train(self, X, y, *, learning_rate, reg, steps, batch_size, rng):
        losses, start = [], self.W.copy()
        for rows in self.draws(rng, len(X), steps, batch_size):
            loss, gradient = self.loss(start, X[rows], y[rows], reg)
            self.W = np.subtract(start, learning_rate * gradient)
            losses.append(loss)
        return losses


@task.wrong(
    0,
    "Your train begins with a new W: it goes on from the one that it finds in self.W.",
    breaks=("steps", "losses"),
)
class StartsAnew(LinearClassifier):
    def train(self, X, y, **settings):
        self.W = np.zeros_like(self.W)
        return super().train(X, y, **settings)


@task.wrong(
    0,
    "A new classifier's W is drawn at random; here it starts at zeros, (classes, features).",
    breaks="steps",
)
class RandomStart(LinearClassifier):
    def __init__(self, loss, classes, features):
        super().__init__(loss, classes, features)
        self.W += 0.001 * np.random.default_rng(0).normal(size=self.W.shape)


@task.wrong(
    0,
    "W has a row for each class, (classes, features); yours begins transposed.",
    breaks="steps",
)
class TransposedStart(LinearClassifier):
    def __init__(self, loss, classes, features):
        super().__init__(loss, features, classes)


@task.wrong(
    53,
    "Right, but each step touches all rows: hand the loss the rows of the batch alone.",
    breaks="mini-batches",
)
class AllRows(LinearClassifier):
    def batch(self, X, y, rows, rng):
        return X, y


@task.wrong(
    0,
    "Your steps are too small: the loss is a mean already, so don't divide the gradient by the batch size.",
    breaks=("steps", "losses"),
)
class DividedOnceMore(LinearClassifier):
    def train(self, X, y, *, learning_rate, batch_size, **settings):
        return super().train(
            X, y, learning_rate=learning_rate / batch_size, batch_size=batch_size, **settings
        )


@task.wrong(
    0,
    "The learning rate is not used: step by learning_rate times the gradient.",
    breaks=("steps", "losses"),
)
class NoLearningRate(LinearClassifier):
    def step(self, learning_rate, gradient):
        self.W = self.W - gradient


@task.wrong(
    0,
    "One step is missing: W moves once for every step, the last one included.",
    breaks=("steps", "losses"),
)
class OneStepLess(LinearClassifier):
    def draws(self, rng, examples, steps, batch_size):
        return super().draws(rng, examples, steps - 1, batch_size)


@task.wrong(0, "Your reg doesn't reach the loss: hand it on in each step.", breaks="steps")
class RegForgotten(LinearClassifier):
    def train(self, X, y, *, reg, **settings):
        return super().train(X, y, reg=0.0, **settings)


@task.wrong(0, "Nothing is returned by train: return the list of losses.", breaks="losses")
class NothingReturned(LinearClassifier):
    def train(self, X, y, **settings):
        super().train(X, y, **settings)


@task.wrong(
    0, "Your train returns the last loss alone: return one for each step, in a list.", breaks="losses"
)
class LastLoss(LinearClassifier):
    def train(self, X, y, **settings):
        return super().train(X, y, **settings)[-1]


@task.wrong(
    0,
    "Your losses come one step late: each is that of the batch before W moves.",
    breaks="losses",
)
class LossesAfterwards(LinearClassifier):
    def train(self, X, y, *, learning_rate, reg, steps, batch_size, rng):
        losses = []
        for rows in self.draws(rng, len(X), steps, batch_size):
            self.step(learning_rate, self.loss(self.W, X[rows], y[rows], reg)[1])
            losses.append(self.loss(self.W, X[rows], y[rows], reg)[0])
        return losses


@task.wrong(
    0,
    "Right, but the loss is called twice in each step: one call returns loss and gradient both.",
    breaks="losses",
)
class CalledTwice(LinearClassifier):
    def step(self, learning_rate, gradient):
        super().step(learning_rate, gradient)

    def batch(self, X, y, rows, rng):
        self.loss(self.W, X[rows], y[rows], self.reg)
        return X[rows], y[rows]

    def train(self, X, y, *, reg, **settings):
        self.reg = reg
        return super().train(X, y, reg=reg, **settings)


@task.wrong(
    54,
    "Yours is the best image of each class: take the best class of each image, along axis 1.",
    breaks="predict",
)
class BestOfColumns(LinearClassifier):
    def predict(self, X):
        return np.argmax(X @ self.W.T, axis=0)


@task.wrong(
    54, "Scores are returned by predict; it should return one label an image, shape (N,).", breaks="predict"
)
class Scores(LinearClassifier):
    def predict(self, X):
        return X @ self.W.T


@task.wrong(
    54,
    "Your predict returns the best score of each image: it should return the label that has it.",
    breaks="predict",
)
class BestScores(LinearClassifier):
    def predict(self, X):
        return (X @ self.W.T).max(axis=1)


@task.wrong(
    54,
    "A single label came for all images: take the maximum along axis 1, one label an image.",
    breaks="predict",
)
class OneLabel(LinearClassifier):
    def predict(self, X):
        return np.argmax(X @ self.W.T)


@task.wrong(0, "Your predict takes the lowest score: the highest one wins.", breaks="predict")
class LowestScore(LinearClassifier):
    def predict(self, X):
        return np.argmin(X @ self.W.T, axis=1)


@task.wrong(
    0,
    "Your predict takes the score that is largest without its sign: the highest one wins.",
    breaks="predict",
)
class LargestWithoutSign(LinearClassifier):
    def predict(self, X):
        return np.abs(X @ self.W.T).argmax(axis=1)


@task.wrong(0, "At a tie the lower label wins; yours takes the higher one.", breaks="predict")
class HigherAtATie(LinearClassifier):
    def predict(self, X):
        return len(self.W) - 1 - np.argmax((X @ self.W.T)[:, ::-1], axis=1)


@task.wrong(0, "Your predict returns a column, (N, 1): the labels have the shape (N,).", breaks="predict")
class Column(LinearClassifier):
    def predict(self, X):
        return super().predict(X)[:, None]


@task.wrong(0, "Labels are 0 to C − 1 here; yours begin at 1.", breaks="predict")
class FromOne(LinearClassifier):
    def predict(self, X):
        return super().predict(X) + 1


@task.wrong(
    0,
    "Your train takes one step and returns: the return belongs below the loop, not into it.",
    breaks=("steps", "mini-batches", "losses"),
)
class ReturnsWithinTheLoop(LinearClassifier):
    def train(self, X, y, *, steps, **settings):
        return super().train(X, y, steps=1, **settings)


@task.wrong(0, "The learning rate is given and stays: yours shrinks on the way.", breaks="steps")
class RateShrinks(LinearClassifier):
    def train(self, X, y, *, learning_rate, reg, steps, batch_size, rng):
        losses = []
        while steps > 0:
            settings = {"learning_rate": learning_rate, "reg": reg, "batch_size": batch_size, "rng": rng}
            losses += super().train(X, y, steps=min(steps, 100), **settings)
            steps, learning_rate = steps - 100, 0.95 * learning_rate
        return losses
