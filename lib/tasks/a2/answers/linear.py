"""`Linear`: the right answer, and those that students give."""

from __future__ import annotations

import numpy as np

from lib.tasks.a2.linear import task


@task.reference
class Linear:
    """y = x Wᵀ + b."""

    def __init__(self, in_features, out_features, seed=0):
        rng = np.random.default_rng(seed)
        self.weight = rng.normal(size=(out_features, in_features)) / np.sqrt(in_features)
        self.bias = np.zeros(out_features)
        self.zero_grad_parameters()

    def zero_grad_parameters(self):
        self.grad_weight = np.zeros_like(self.weight)
        self.grad_bias = np.zeros_like(self.bias)

    def forward(self, x):
        return x @ self.weight.T + self.bias

    def backward(self, x, grad_output, scale=1.0):
        self.grad_weight += scale * grad_output.T @ x
        self.grad_bias += scale * grad_output.sum(axis=0)
        return grad_output @ self.weight


@task.wrong(
    68,
    "Right numbers, transposed: grad_weight has the shape of weight, (out_features, in_features).",
    breaks="grad_weight",
)
class Transposed(Linear):
    def backward(self, x, grad_output, scale=1.0):
        self.grad_weight = self.grad_weight.reshape(self.weight.T.shape) + scale * x.T @ grad_output
        self.grad_bias += scale * grad_output.sum(axis=0)
        return grad_output @ self.weight


@task.wrong(
    70,
    "The gradients add up until zero_grad_parameters; yours start anew with each backward.",
    breaks=("grad_weight", "grad_bias"),
)
class Overwritten(Linear):
    def backward(self, x, grad_output, scale=1.0):
        self.grad_weight = scale * grad_output.T @ x
        self.grad_bias = scale * grad_output.sum(axis=0)
        return grad_output @ self.weight
