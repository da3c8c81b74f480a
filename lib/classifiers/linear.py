"""Linear classifiers s = W x + b, which differ in their loss only: least squares, linear SVM, softmax."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from tqdm.auto import tqdm

from lib.blas import one_thread
from lib.checks import (
    called_like,
    check_choice,
    check_examples,
    check_labels,
    check_number,
    check_switch,
    check_whole,
    shown,
)
from lib.classifiers.losses import cross_entropy, hinge
from lib.classifiers.regularization import PENALTIES, penalize
from lib.classifiers.scaling import ROWS, mean_and_scale, unscale
from lib.optim import SGD, Optimizer
from lib.optim.optimizer import Schedule
from lib.optim.schedules import cosine

MOMENTUM_SGD = partial(SGD, momentum=0.9)


class LinearClassifier:
    """Trains W and b by mini-batch gradient descent; a subclass names the loss.

    learning_rate: > 0, of the first step, from where it falls to 0 along half a cosine; or any schedule,
        such as `schedules.constant(0.1)`; None takes the class's own `default_rate`
    reg: λ ≥ 0 of the penalty reg · R(W)
    penalty: "l2", "l1" or "elastic", see `penalize`
    beta: β ≥ 0 of the elastic penalty
    epochs: how often every example is seen
    batch_size: how many examples a step averages over
    optimizer: takes the learning rate, returns an optimiser; such as `Adam`
    classes: how many, where the labels to train on may lack the last ones
    seed: of the order of the examples
    progress: True shows a progress bar

    Examples may be raw pixels. In training each feature is centred and divided by its standard deviation and
    by √D, so that examples have length 1 on average, and one learning rate suits 2 features as well as 3,072.
    The loss and its penalty (on W alone) are those of the scaled examples: with 3,072 pixels 1e-5 is a weak
    penalty and 1e-3 a strong one. `W` and `b` are scaled back: they belong to the examples as given.

    After training
        W: (classes, D), each row a template
        b: (classes,)
        history: {"loss", "train_accuracy", "validation_accuracy"}, each a list of one number an epoch; the
            first two are averages over the mini-batches of the epoch, the loss with its penalty
    """

    default_rate: float

    @called_like("{name}(learning_rate=0.1, epochs=10)")
    def __init__(
        self,
        *,
        learning_rate: float | Schedule | None = None,
        reg: float = 1e-5,
        penalty: str = "l2",
        beta: float = 1.0,
        epochs: int = 10,
        batch_size: int = 128,
        optimizer: Callable[[float | Schedule], Optimizer] = MOMENTUM_SGD,
        classes: int | None = None,
        seed: int = 0,
        progress: bool = False,
    ):
        rate = self.default_rate if learning_rate is None else learning_rate
        if not callable(rate):
            rate = check_number(rate, name="learning_rate", low=0, open_low=True)
        self.learning_rate = rate
        self.reg = check_number(reg, name="reg", low=0)
        self.penalty = check_choice(penalty, PENALTIES, name="penalty")
        self.beta = check_number(beta, name="beta", low=0)
        self.epochs = check_whole(epochs, name="epochs", low=1)
        self.batch_size = check_whole(batch_size, name="batch_size", low=1)
        self.optimizer = check_optimizer(optimizer, rate)
        self.classes = None if classes is None else check_whole(classes, name="classes", low=1)
        self.seed = check_whole(seed, name="seed")
        self.progress = check_switch(progress, name="progress")
        self.W: np.ndarray | None = None
        self.b: np.ndarray | None = None
        self.history: dict[str, list[float]] = {}

    def loss(self, scores: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
        """Mean loss of scores (N, classes) for the right classes y (N,), and its gradient in the scores."""
        raise NotImplementedError

    def train(
        self, X: np.ndarray, y: np.ndarray, *, validation: tuple[np.ndarray, np.ndarray] | None = None
    ) -> LinearClassifier:
        """Learns from X (N, D), numbers such as raw pixels, and y, int (N,); returns itself.

        validation: (X, y) that are only measured, after each epoch
        Raises `ValueError` where shapes or values do not fit, `FloatingPointError` where the loss diverges.
        """
        X, y, classes = self._check(X, y, validation)
        mean, scale = mean_and_scale(X)
        W, b = np.zeros((classes, X.shape[1]), mean.dtype), np.zeros(classes, mean.dtype)
        steps = self.epochs * -(-len(X) // self.batch_size)
        rate = self.learning_rate if callable(self.learning_rate) else cosine(self.learning_rate, steps=steps)
        optimizer = self.optimizer(rate)
        rng = np.random.default_rng(self.seed)
        self.history = {"loss": [], "train_accuracy": [], "validation_accuracy": []}

        with one_thread():
            for _ in (bar := tqdm(range(self.epochs), unit="epoch", disable=not self.progress)):
                order = rng.permutation(len(X))
                loss, train_accuracy = self._epoch(X, y, order, mean, scale, W, b, optimizer)
                self.W, self.b = unscale(W, b, mean, scale)
                self._record(loss, train_accuracy, validation)
                bar.set_postfix(
                    {name: f"{values[-1]:.3f}" for name, values in self.history.items() if values}
                )
        return self

    def scores(self, X: np.ndarray) -> np.ndarray:
        """X Wᵀ + b, float (N, classes), for X (N, D)."""
        if self.W is None:
            raise ValueError("model: expected a trained one; call train(X, y) first")
        X = check_examples(X, features=self.W.shape[1])
        chunks = (X[i : i + ROWS].astype(self.W.dtype, copy=False) for i in range(0, len(X), ROWS))
        return np.concatenate([chunk @ self.W.T + self.b for chunk in chunks])

    def predict(self, X: np.ndarray) -> np.ndarray:
        """The class with the highest score, int64 (N,), for X (N, D)."""
        return self.scores(X).argmax(axis=1)

    def _epoch(self, X, y, order, mean, scale, W, b, optimizer):
        """One pass over the examples in this order, moving W and b: mean loss and accuracy on the way."""
        total, hits = 0.0, 0
        for rows in np.split(order, range(self.batch_size, len(X), self.batch_size)):
            batch, labels = (X[rows] - mean) / scale, y[rows]
            loss, scores, gradients = self._loss_and_gradients(W, b, batch, labels)
            optimizer.step([W, b], gradients)
            total += loss * len(rows)
            hits += (scores.argmax(axis=1) == labels).sum()
        return total / len(X), hits / len(X)

    def _loss_and_gradients(self, W, b, X, y):
        """Of a batch of scaled examples: the loss with its penalty, the scores, the gradients in W and b."""
        with np.errstate(over="ignore", invalid="ignore"):
            scores = X @ W.T + b
            loss, grad_scores = self.loss(scores, y)
            size, grad_size = penalize(W, self.penalty, self.beta)
            loss += self.reg * size
        if not np.isfinite(loss):
            raise FloatingPointError(
                f"loss: expected a finite number, got {loss} in epoch {len(self.history['loss']) + 1}; lower "
                f"learning_rate (now {self.learning_rate}) or reg (now {self.reg})"
            )
        return loss, scores, [grad_scores.T @ X + self.reg * grad_size, grad_scores.sum(axis=0)]

    def _check(self, X, y, validation):
        X = check_examples(X)
        y = check_labels(y, len(X), classes=self.classes)
        classes = self.classes or int(y.max()) + 1
        if validation is not None:
            if not isinstance(validation, (tuple, list)) or len(validation) != 2:
                raise ValueError(f"validation: expected a pair (X, y), got {shown(validation)}")
            X_validation = check_examples(validation[0], name="validation X", features=X.shape[1])
            check_labels(validation[1], len(X_validation), name="validation y", classes=classes)
        return X, y, classes

    def _record(self, loss, train_accuracy, validation):
        self.history["loss"].append(float(loss))
        self.history["train_accuracy"].append(float(train_accuracy))
        if validation is not None:
            hits = self.predict(validation[0]) == validation[1]
            self.history["validation_accuracy"].append(float(hits.mean()))


def check_optimizer(
    make: Callable[[float | Schedule], Optimizer], rate: float | Schedule
) -> Callable[[float | Schedule], Optimizer]:
    """What takes a learning rate and returns an optimiser; anything else raises `ValueError`."""
    try:
        made = make(rate)
    except TypeError:
        made = None
    if not isinstance(made, Optimizer):
        hint = "give the class itself" if isinstance(make, Optimizer) else "such as Adam"
        raise ValueError(
            f"optimizer: expected what makes an optimiser of a learning rate, got {shown(make)}; {hint}"
        )
    return make


class SoftmaxClassifier(LinearClassifier):
    """Linear scores with the cross-entropy loss; parameters as in `LinearClassifier`. Source: deck A1.

    >>> SoftmaxClassifier().train(np.array([[0], [1], [9], [10]]), np.array([0, 0, 1, 1])).predict([[2], [8]])
    array([0, 1])
    """

    default_rate = 2.0

    def loss(self, scores, y):
        return cross_entropy(scores, y)


class LinearSVM(LinearClassifier):
    """Linear scores with the multiclass hinge loss; parameters as in `LinearClassifier`. Source: deck B.

    margin: Δ ≥ 0, by how much the right score must lead
    """

    default_rate = 0.5

    def __init__(self, *, margin: float = 1.0, **parameters):
        super().__init__(**parameters)
        self.margin = check_number(margin, name="margin", low=0)

    def loss(self, scores, y):
        return hinge(scores, y, self.margin)
