"""Linear regression as a classifier: scores as close as possible to one-hot targets."""

from __future__ import annotations

import numpy as np

from lib.checks import check_choice
from lib.classifiers.linear import LinearClassifier
from lib.classifiers.losses import squared_error
from lib.classifiers.regularization import penalize
from lib.classifiers.scaling import ROWS, mean_and_scale, unscale


class LeastSquares(LinearClassifier):
    """Linear scores that come closest to one-hot targets; parameters as in `LinearClassifier`.

    solver: "sgd" descends; "exact" solves the normal equations (XᵀX / N + reg · I) Wᵀ = XᵀT / N in float64,
        with the "l2" penalty, and ignores what concerns the descent

    With 3,072 pixels the exact solution needs a reg near 1e-4; a descent of few epochs is held back anyway.
    Source: deck D, "Linear Regression".
    """

    default_rate = 0.1

    def __init__(self, *, solver: str = "sgd", **parameters):
        super().__init__(**parameters)
        self.solver = check_choice(solver, ("sgd", "exact"), name="solver")
        if solver == "exact" and self.penalty != "l2":
            raise ValueError(
                f'penalty: expected "l2" with solver="exact", got {self.penalty!r}; use solver="sgd"'
            )

    def loss(self, scores, y):
        return squared_error(scores, y)

    def train(self, X, y, *, validation=None):
        if self.solver == "sgd":
            return super().train(X, y, validation=validation)
        X, y, classes = self._check(X, y, validation)
        mean, scale = mean_and_scale(X, np.float64)
        targets = np.eye(classes)[y]
        b = targets.mean(axis=0)  # the examples are centred, so the best b does not depend on W
        squares, products = np.zeros((X.shape[1], X.shape[1])), np.zeros((X.shape[1], classes))
        for i in range(0, len(X), ROWS):
            batch = (X[i : i + ROWS] - mean) / scale
            squares += batch.T @ batch / len(X)
            products += batch.T @ (targets[i : i + ROWS] - b) / len(X)
        squares += self.reg * np.eye(len(squares))
        # Without a penalty features may be redundant, and the shortest of many solutions is taken.
        solve = np.linalg.solve if self.reg else lambda A, B: np.linalg.lstsq(A, B)[0]
        W = solve(squares, products).T
        self.W, self.b = (array.astype(np.result_type(X, np.float32)) for array in unscale(W, b, mean, scale))
        self.history = {"loss": [], "train_accuracy": [], "validation_accuracy": []}
        scores = self.scores(X)
        loss = squared_error(scores, y)[0] + self.reg * penalize(W)[0]
        self._record(loss, (scores.argmax(axis=1) == y).mean(), validation)
        return self
