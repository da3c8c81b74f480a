"""Losses of a linear classifier s = W x: how wrong are the scores, and which way is downhill?

Each loss comes in two forms. The short one, `hinge`, `cross_entropy`, `squared_error`, takes the scores and
returns the loss with its gradient in the scores. The long one, `hinge_loss`, `softmax_loss`, `squared_loss`,
takes W and the examples, adds a penalty on W, and returns the gradient in W: the chain rule is one product.

All are means over the N examples: L = 1/N Σ L_i + reg · R(W), as in deck A1, "Optimization".
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lib.checks import as_numbers, check_examples, check_finite, check_labels, check_number
from lib.classifiers.regularization import penalize


def softmax(scores: np.ndarray) -> np.ndarray:
    """Probabilities e^s_j / Σ_l e^s_l along the last axis; scores and result (..., classes).

    The largest score is subtracted first: the result is the same, and e^s cannot overflow.

    >>> softmax(np.array([3.2, 5.1, -1.7])).round(2)
    array([0.13, 0.87, 0.  ])
    """
    scores = as_numbers(scores, name="scores")
    if scores.ndim == 0 or scores.size == 0:
        raise ValueError(f"scores: expected at least one number, shape (..., classes), got {scores.shape}")
    scores = scores.astype(np.result_type(scores, np.float32), copy=False)  # bytes would wrap around at 0
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def cross_entropy(scores: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    """The softmax classifier's loss L_i = −log P(y_i), in nats: mean loss and its gradient (N, classes).

    scores: (N, classes)
    y: int (N,), the right classes
    Source: deck A1, "Softmax Classifier".

    >>> loss, gradient = cross_entropy(np.array([[3.2, 5.1, -1.7]]), np.array([0]))
    >>> round(loss, 2), gradient.round(2)
    (2.04, array([[-0.87,  0.87,  0.  ]]))
    """
    scores, y, right = _check_scores(scores, y)
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(shifted).sum(axis=1))
    gradient = np.exp(shifted - log_sum[:, None])
    gradient[right] -= 1
    return float((log_sum - shifted[right]).mean()), gradient / len(y)


def hinge(scores: np.ndarray, y: np.ndarray, margin: float = 1.0) -> tuple[float, np.ndarray]:
    """The multiclass SVM's loss L_i = Σ_{j≠y_i} max(0, s_j − s_{y_i} + margin): mean loss and its gradient.

    scores, gradient: (N, classes)
    y: int (N,), the right classes
    margin: Δ ≥ 0, in units of the scores
    Source: Weston and Watkins, 1999; deck B, "Hinge loss".

    >>> hinge(np.array([[3.2, 5.1, -1.7]]), np.array([0]))
    (2.8999999999999995, array([[-1.,  1.,  0.]]))
    """
    margin = check_number(margin, name="margin", low=0)
    scores, y, right = _check_scores(scores, y)
    excess = np.maximum(scores - scores[right][:, None] + margin, 0)
    excess[right] = 0
    gradient = (excess > 0).astype(scores.dtype)
    gradient[right] = -gradient.sum(axis=1)
    return float(excess.sum(axis=1).mean()), gradient / len(y)


def squared_error(scores: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    """Least squares, L_i = Σ_j (s_j − t_j)² with t one-hot: mean loss and its gradient (N, classes).

    scores: (N, classes)
    y: int (N,), the right classes
    torch's MSELoss also divides by the number of classes.

    >>> squared_error(np.array([[0.5, 0.5]]), np.array([0]))
    (0.5, array([[-1.,  1.]]))
    """
    scores, y, right = _check_scores(scores, y)
    difference = scores.copy()
    difference[right] -= 1
    return float((difference**2).sum(axis=1).mean()), 2 * difference / len(y)


def softmax_loss(
    W: np.ndarray, X: np.ndarray, y: np.ndarray, reg: float = 0.0, *, penalty: str = "l2", beta: float = 1.0
) -> tuple[float, np.ndarray]:
    """Cross-entropy of the scores X Wᵀ plus reg · R(W), and its gradient in W, as in `hinge_loss`."""
    return _linear_loss(cross_entropy, W, X, y, reg, penalty, beta)


def hinge_loss(
    W: np.ndarray,
    X: np.ndarray,
    y: np.ndarray,
    reg: float = 0.0,
    *,
    margin: float = 1.0,
    penalty: str = "l2",
    beta: float = 1.0,
) -> tuple[float, np.ndarray]:
    """Hinge loss of the scores X Wᵀ plus reg · R(W), and its gradient in W, shaped like W.

    W: (classes, D), weights
    X: (N, D), one example a row
    y: int (N,), the right classes
    reg: λ ≥ 0
    margin: Δ ≥ 0, by how much the right score must lead, in units of the scores
    penalty: "l2" ΣW², "l1" Σ|W| or "elastic" Σ(β W² + |W|), of every entry of W
    beta: β ≥ 0 of the elastic penalty

    For scores with a bias append a 1 to every example (the bias trick: the last column of W is b, and is
    penalised too), or call `hinge` on X Wᵀ + b.

    Raises `ValueError` where shapes or labels do not fit.

    >>> hinge_loss(np.zeros((3, 2)), np.array([[1.0, 2.0]]), np.array([0]))
    (2.0, array([[-2., -4.],
           [ 1.,  2.],
           [ 1.,  2.]]))
    """
    return _linear_loss(lambda scores, y: hinge(scores, y, margin), W, X, y, reg, penalty, beta)


def squared_loss(
    W: np.ndarray, X: np.ndarray, y: np.ndarray, reg: float = 0.0, *, penalty: str = "l2", beta: float = 1.0
) -> tuple[float, np.ndarray]:
    """Squared error of the scores X Wᵀ plus reg · R(W), and its gradient in W, as in `hinge_loss`."""
    return _linear_loss(squared_error, W, X, y, reg, penalty, beta)


def _linear_loss(loss_of_scores: Callable, W, X, y, reg, penalty, beta):
    reg = check_number(reg, name="reg", low=0)
    X = check_examples(X)
    W = _check_weights(W, X.shape[1])
    data_loss, grad_scores = loss_of_scores(X @ W.T, y)
    penalty_loss, grad_penalty = penalize(W, penalty, beta)
    return data_loss + reg * penalty_loss, grad_scores.T @ X + reg * grad_penalty


def _check_weights(W: np.ndarray, features: int) -> np.ndarray:
    """W, finite numbers (classes, features)."""
    W = as_numbers(W, name="W")
    if W.ndim != 2 or len(W) == 0 or W.shape[1] != features:
        hint = ""
        if W.ndim == 2 and len(W) == features:
            hint = "; where each column is a class, W.T"
        elif W.ndim == 2 and W.shape[1] == features + 1:
            hint = "; for the bias trick append a 1 to each example, np.c_[X, np.ones(len(X))]"
        elif W.ndim == 1:
            hint = "; weights of one class are W[None]"
        raise ValueError(f"W: expected (classes, D) = (classes, {features}), got {W.shape}{hint}")
    check_finite(W, name="W")
    return W


def _check_scores(scores, y):
    """Scores as floats, labels, and the index of each example's right score."""
    scores = as_numbers(scores, name="scores")
    if scores.ndim != 2 or scores.size == 0:
        raise ValueError(f"scores: expected one example a row, shape (N, classes), got shape {scores.shape}")
    scores = scores.astype(np.result_type(scores, np.float32), copy=False)
    y = check_labels(y, len(scores), classes=scores.shape[1])
    return scores, y, (np.arange(len(y)), y)
