"""Box regression: from the features of a proposal to where the object really is."""

from __future__ import annotations

import math

import numpy as np

from lib.checks import as_numbers, check_examples, check_finite, check_number, mismatch
from lib.detection.boxes import check_boxes

LARGEST = math.log(1000)  # the change of size at which a prediction stops, before exp overflows


def regression_targets(proposals: np.ndarray, objects: np.ndarray) -> np.ndarray:
    """How to move and stretch each proposal to its object, (N, 4): (dx/w, dy/h, log(w*/w), log(h*/h)).

    proposals, objects: boxes (N, 4), pair by pair; dx and dy lead from centre to centre, w and h are the
        proposal's width and height, w* and h* the object's: so the targets do not depend on how large it is

    Source: Girshick et al. 2014, appendix C.

    >>> regression_targets(np.array([[0, 0, 10, 20]]), np.array([[1, 0, 11, 40]])).round(3)
    array([[0.1  , 0.5  , 0.   , 0.693]])
    """
    centre, size = _centre_size(proposals, "proposals")
    true_centre, true_size = _centre_size(objects, "objects")
    if len(centre) != len(true_centre):
        raise ValueError(f"objects: expected {len(centre)} boxes, one a proposal, got {len(true_centre)}")
    return np.concatenate([(true_centre - centre) / size, np.log(true_size / size)], axis=1)


def regressed(proposals: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """The boxes to which the targets lead, (N, 4): the inverse of `regression_targets`.

    targets: (N, 4); changes of size are limited to a factor of 1,000

    >>> regressed(np.array([[0, 0, 10, 20]]), np.array([[0.1, 0.5, 0.0, np.log(2)]]))
    array([[ 1.,  0., 11., 40.]])
    """
    centre, size = _centre_size(proposals, "proposals")
    targets = as_numbers(targets, name="targets")
    if targets.shape != (len(centre), 4):
        raise mismatch("", "targets", f"shape ({len(centre)}, 4), one row a proposal", f"{targets.shape}")
    check_finite(targets, name="targets")
    centre = centre + targets[:, :2] * size
    half = size * np.exp(np.clip(targets[:, 2:], -LARGEST, LARGEST)) / 2
    return np.concatenate([centre - half, centre + half], axis=1)


def _centre_size(boxes: np.ndarray, name: str) -> tuple[np.ndarray, np.ndarray]:
    boxes = check_boxes(boxes, name=name)
    return (boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]


class BoxRegressor:
    """Ridge regression from features to the four targets, in closed form.

    reg: λ > 0 of the penalty λ‖W‖² on features of mean 0 and deviation 1, a mean over the examples

    After `train`
        W: (D, 4), b: (4,); they belong to the features as given
    """

    def __init__(self, reg: float = 0.1):
        self.reg = check_number(reg, name="reg", low=0, open_low=True)
        self.W: np.ndarray | None = None
        self.b: np.ndarray | None = None

    def train(self, X: np.ndarray, targets: np.ndarray) -> BoxRegressor:
        """Solves (XᵀX + λI) W = Xᵀ T for features X (N, D) and targets T (N, 4); returns itself."""
        X = check_examples(X).astype(np.float64)
        targets = check_examples(targets, name="targets").astype(np.float64)
        if targets.shape[1] != 4:
            raise mismatch("BoxRegressor", "targets", "shape (N, 4)", f"{targets.shape}")
        if len(targets) != len(X):
            raise ValueError(f"targets: expected {len(X)} rows, one an example, got {len(targets)}")
        mean, deviation = X.mean(axis=0), X.std(axis=0)
        deviation[deviation <= 1e-12 * np.abs(mean)] = 1  # constant, but for rounding
        Z, middle = (X - mean) / deviation, targets.mean(axis=0)
        gram = Z.T @ Z / len(Z) + self.reg * np.eye(Z.shape[1])
        self.W = np.linalg.solve(gram, Z.T @ (targets - middle) / len(Z)) / deviation[:, None]
        self.b = middle - mean @ self.W
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """The targets of features X (N, D): (N, 4); N may be 0."""
        if self.W is None or self.b is None:
            raise RuntimeError("BoxRegressor: it has learnt nothing yet; call train(X, targets) first")
        X = as_numbers(X, name="X")
        if X.ndim != 2 or X.shape[1] != len(self.W):
            raise mismatch("", "X", f"features of shape (N, {len(self.W)})", f"shape {X.shape}")
        check_finite(X, name="X")
        return X @ self.W + self.b
