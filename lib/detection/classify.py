"""From features to scores of each class: a linear SVM a class, or a softmax with a background class."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from lib.checks import as_numbers, check_whole, mismatch
from lib.classifiers import LinearSVM, SoftmaxClassifier
from lib.detection.examples import ALIKE, APART, Examples

FIRST = 500  # negatives that an SVM begins with
ROUNDS = 3  # in which hard negatives join


class Classifier(Protocol):
    """Learns from examples, and then gives each box a score of each class."""

    def train(self, examples: Examples) -> Classifier: ...

    def scores(self, X: np.ndarray) -> np.ndarray: ...


class SVMs:
    """A linear SVM for each class, which separates its true boxes from boxes that hardly touch one.

    rounds: how often negatives that are not at a safe distance join those it learns from; 0: never
    seed: of the first negatives, and of the order of examples

    Source: Girshick et al. 2014, section 2.3 and appendix B.

    After `train`
        W: (classes, D), b: (classes,); a score above 0 says: there is one
        examples: how many each SVM has learnt from at last, a list
    """

    def __init__(self, *, rounds: int = ROUNDS, seed: int = 0):
        self.rounds, self.seed = check_whole(rounds, name="rounds"), check_whole(seed, name="seed")
        self.W: np.ndarray | None = None
        self.b: np.ndarray | None = None
        self.examples: list[int] = []

    def train(self, examples: Examples) -> SVMs:
        """Learns from `pooled`; a class without a true box gets the score −∞ everywhere. Returns itself."""
        X, classes = examples.pooled, examples.overlaps.shape[1]
        self.W = W = np.zeros((classes, X.shape[1]), np.float32)
        self.b = b = np.full(classes, -np.inf, np.float32)
        self.examples = [0] * classes
        for label, overlaps in enumerate(examples.overlaps.T):
            positive = X[examples.true & (overlaps == 1)]
            if len(positive):
                W[label], b[label], self.examples[label] = self._one(positive, X[overlaps < APART], label)
        return self

    def _one(self, positive: np.ndarray, negative: np.ndarray, label: int) -> tuple[np.ndarray, float, int]:
        """The template and the bias of one class, and the number of its examples."""
        rng = np.random.default_rng([self.seed, label])
        used = np.zeros(len(negative), bool)
        used[rng.permutation(len(negative))[:FIRST]] = True
        for _ in range(self.rounds + 1):
            X = np.concatenate([positive, negative[used]])
            y = np.repeat([1, 0], [len(positive), used.sum()])
            svm = LinearSVM(classes=2, seed=self.seed, epochs=30).train(X, y)
            (no, yes), (no_bias, yes_bias) = np.asarray(svm.W), np.asarray(svm.b)
            W, b = yes - no, float(yes_bias - no_bias)
            hard = ~used & (negative @ W + b > -1)
            used |= hard
            if not hard.any():
                break
        return W, b, len(y)

    def scores(self, X: np.ndarray) -> np.ndarray:
        """X Wᵀ + b, (N, classes), for features X (N, D); N may be 0."""
        return _linear(self, X)


class SoftmaxWithBackground:
    """A softmax over the classes and one more, the background, which is all that fits no object.

    seed: of the order of examples

    After `train`
        W: (classes + 1, D), b: (classes + 1,)
    """

    def __init__(self, *, seed: int = 0):
        self.seed = check_whole(seed, name="seed")
        self.W: np.ndarray | None = None
        self.b: np.ndarray | None = None

    def train(self, examples: Examples) -> SoftmaxWithBackground:
        """Learns from `pooled`: a box with IoU ≥ ½ is of its object's class. Returns itself."""
        classes = examples.overlaps.shape[1]
        y = np.where(examples.overlaps.max(axis=1) >= ALIKE, examples.labels, classes)
        model = SoftmaxClassifier(classes=classes + 1, seed=self.seed, epochs=30).train(examples.pooled, y)
        self.W, self.b = np.asarray(model.W), np.asarray(model.b)
        return self

    def scores(self, X: np.ndarray) -> np.ndarray:
        """The log-probability of each class but the background, (N, classes), for features X (N, D)."""
        scores = _linear(self, X)
        highest = scores.max(axis=1, keepdims=True, initial=-np.inf)
        return (scores - highest - np.log(np.exp(scores - highest).sum(axis=1, keepdims=True)))[:, :-1]


def _linear(model: SVMs | SoftmaxWithBackground, X: np.ndarray) -> np.ndarray:
    if model.W is None or model.b is None:
        raise RuntimeError(f"{type(model).__name__}: it has learnt nothing yet; call train(examples) first")
    X = as_numbers(X, name="X")
    if X.ndim != 2 or X.shape[1] != model.W.shape[1]:
        raise mismatch("", "X", f"features of shape (N, {model.W.shape[1]})", f"shape {X.shape}")
    return X @ model.W.T + model.b
