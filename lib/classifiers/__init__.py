"""Classifiers with `train(X, y)` and `predict(X)`, their losses, and how to judge them."""

from lib.classifiers.least_squares import LeastSquares
from lib.classifiers.linear import LinearClassifier, LinearSVM, SoftmaxClassifier
from lib.classifiers.losses import (
    cross_entropy,
    hinge,
    hinge_loss,
    softmax,
    softmax_loss,
    squared_error,
    squared_loss,
)
from lib.classifiers.neighbors import KNearestNeighbors, NearestNeighbor, vote
from lib.classifiers.regularization import penalize
from lib.classifiers.validation import accuracy, cross_validate, grid, k_folds

__all__ = [
    "KNearestNeighbors",
    "LeastSquares",
    "LinearClassifier",
    "LinearSVM",
    "NearestNeighbor",
    "SoftmaxClassifier",
    "accuracy",
    "cross_entropy",
    "cross_validate",
    "grid",
    "hinge",
    "hinge_loss",
    "k_folds",
    "penalize",
    "softmax",
    "softmax_loss",
    "squared_error",
    "squared_loss",
    "vote",
]
