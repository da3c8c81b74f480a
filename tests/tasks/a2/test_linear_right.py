"""Linear layers by unusual means that are right: full marks."""

import numpy as np
import pytest
from full_marks_in_a2 import assert_full_marks


class Einsum:
    def __init__(self, in_features, out_features, seed=0):
        self.weight = np.random.default_rng(seed).normal(size=(out_features, in_features)) * 0.1
        self.bias = np.zeros(out_features)
        self.zero_grad_parameters()

    def forward(self, x):
        return np.einsum("nd,fd->nf", x, self.weight) + self.bias

    def backward(self, x, grad_output, scale=1.0):
        self.grad_weight = self.grad_weight + scale * np.einsum("nf,nd->fd", grad_output, x)
        self.grad_bias = self.grad_bias + scale * np.einsum("nf->f", grad_output)
        return np.einsum("nf,fd->nd", grad_output, self.weight)

    def zero_grad_parameters(self):
        self.grad_weight = np.zeros(self.weight.shape)
        self.grad_bias = np.zeros(self.bias.shape)


class Single(Einsum):
    """float32 inside."""

    def __init__(self, in_features, out_features):
        self.weight = np.ones((out_features, in_features), np.float32)
        self.bias = np.zeros(out_features, np.float32)
        self.grad_weight, self.grad_bias = np.zeros_like(self.weight), np.zeros_like(self.bias)

    def forward(self, x):
        return x.astype(np.float32) @ self.weight.T + self.bias

    def backward(self, x, grad_output, scale=1.0):
        x, g = x.astype(np.float32), scale * grad_output.astype(np.float32)
        self.grad_weight += g.T @ x
        self.grad_bias += g.sum(0)
        return grad_output.astype(np.float32) @ self.weight

    def zero_grad_parameters(self):
        for gradient in (self.grad_weight, self.grad_bias):
            gradient *= 0


class BiasInTheWeight(Einsum):
    """One matrix, with a column of ones beside x; weight and bias are views of it."""

    def __init__(self, in_features, out_features):
        self.all = np.zeros((out_features, in_features + 1))
        self.grads = np.zeros_like(self.all)
        self.weight, self.bias = self.all[:, :-1], self.all[:, -1]
        self.grad_weight, self.grad_bias = self.grads[:, :-1], self.grads[:, -1]

    def forward(self, x):
        return np.column_stack([x, np.ones(len(x))]) @ self.all.T

    def backward(self, x, grad_output, scale=1.0):
        self.grads += scale * grad_output.T @ np.column_stack([x, np.ones(len(x))])
        return (grad_output @ self.all)[:, :-1]

    def zero_grad_parameters(self):
        self.grads[...] = 0


class KeepsACopy(Einsum):
    def forward(self, x):
        self.x = np.array(x, float)
        return self.x.dot(self.weight.transpose()) + np.ones((len(x), 1)) * self.bias

    def backward(self, x, grad_output, scale=1.0):
        self.grad_weight += scale * np.tensordot(grad_output, self.x, axes=(0, 0))
        self.grad_bias += scale * np.ones(len(x)) @ grad_output
        return (self.weight.T @ grad_output.T).T


class OwnBuffers(Einsum):
    """The output is written into the same array each time."""

    buffer = None

    def forward(self, x):
        if self.buffer is None or len(self.buffer) < len(x):
            self.buffer = np.empty((len(x), len(self.bias)))
        out = self.buffer[: len(x)]
        np.matmul(x, self.weight.T, out=out)
        out += self.bias[None]
        return out


class OverOutputs(Einsum):
    """A loop over the outputs is no loop over the batch."""

    def forward(self, x):
        print("forward of", len(x))
        return np.stack(
            [(x * w).sum(axis=1) + b for w, b in zip(self.weight, self.bias, strict=True)], axis=1
        )

    def backward(self, x, grad_output, scale=1.0):
        for k, g in enumerate(np.asarray(grad_output).T):
            self.grad_weight[k] += scale * (g @ x)
            self.grad_bias[k] += scale * np.add.reduce(g)
        return np.array(grad_output) @ self.weight


class Annotated(Einsum):
    def forward(self, x: np.ndarray, /) -> np.ndarray:
        return np.add(self.bias, np.inner(x, self.weight))


@pytest.mark.parametrize(
    "layer", [Einsum, Single, BiasInTheWeight, KeepsACopy, OwnBuffers, OverOutputs, Annotated]
)
def test_an_unusual_linear_layer_has_full_marks(layer):
    assert_full_marks("a2.linear", layer)
