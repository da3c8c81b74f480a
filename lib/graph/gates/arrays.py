"""Gates that mix the elements of arrays: matrix product, sum, mean."""

from __future__ import annotations

import numpy as np

from lib.graph.gate import Gate
from lib.graph.node import Node

__all__ = ["MatMulGate", "MeanGate", "SumGate", "mean", "summed"]


class MatMulGate(Gate, numpy=np.matmul):
    """The matrix product A B of (n, k) and (k, m); either may be a vector (k,), as for numpy's @."""

    symbol, infix, binds, ordered = "@", True, 2, True

    def forward(self, A, B):
        if not (1 <= A.ndim <= 2 and 1 <= B.ndim <= 2):
            raise ValueError(f"A, B: expected matrices or vectors, got {A.ndim} and {B.ndim} axes")
        self.A, self.B = A, B
        return A @ B

    def backward(self, grad):
        A, B = np.atleast_2d(self.A), np.atleast_2d(self.B.T).T  # a vector: a row on the left, a column right
        grad = grad.reshape(len(A), B.shape[1])
        return (grad @ B.T).reshape(self.A.shape), (A.T @ grad).reshape(self.B.shape)


class SumGate(Gate, function="sum", numpy=np.sum):
    """The sum of all elements: each gets the same gradient."""

    def forward(self, x):
        self.shape = x.shape
        return x.sum()

    def backward(self, grad):
        return np.full(self.shape, grad)


class MeanGate(Gate, function="mean", numpy=np.mean):
    """The mean of all N elements: each gets 1/N of the gradient."""

    def forward(self, x):
        self.shape, self.size = x.shape, x.size
        return x.sum() / x.size

    def backward(self, grad):
        return np.full(self.shape, grad / self.size)


def summed(x) -> Node:
    """A node for the sum of all elements."""
    return SumGate()(x)


def mean(x) -> Node:
    """A node for the mean of all elements."""
    return MeanGate()(x)
