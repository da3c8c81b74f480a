"""Batch normalisation by unusual means that is right: full marks; and the numbers of the worked example."""

import numpy as np
import pytest
from full_marks_in_a3 import assert_full_marks


class Start:
    dtype = np.float64

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.eps, self.momentum, self.training = eps, momentum, True
        self.weight, self.bias = np.ones(num_features, self.dtype), np.zeros(num_features, self.dtype)
        self.grad_weight, self.grad_bias = np.zeros((2, num_features), self.dtype)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)


class StepByStep(Start):
    """The graph of lecture 05, node by node, in rows."""

    def rows(self, x):
        return x if x.ndim == 2 else x.transpose(0, 2, 3, 1).reshape(-1, x.shape[1])

    def back(self, rows, x):
        if x.ndim == 2:
            return rows
        N, C, H, W = x.shape
        return rows.reshape(N, H, W, C).transpose(0, 3, 1, 2)

    def forward(self, x):
        r = self.rows(x)
        n = r.shape[0]
        self.n = n if self.training else 0
        if self.training:
            self.mean = r.sum(0) / n
            self.var = ((r - self.mean) ** 2).sum(0) / n
            m = self.momentum
            self.running_mean = self.running_mean * (1 - m) + self.mean * m
            self.running_var = self.running_var * (1 - m) + self.var * (n / (n - 1)) * m
        else:
            self.mean, self.var = self.running_mean.copy(), self.running_var.copy()
        self.centred = r - self.mean
        self.inverse = (self.var + self.eps) ** -0.5
        return self.back(self.centred * self.inverse * self.weight + self.bias, x)

    def backward(self, x, grad_output, scale=1.0):
        g, n = self.rows(grad_output), self.n
        x_hat = self.centred * self.inverse
        self.grad_bias = self.grad_bias + scale * g.sum(axis=0)
        self.grad_weight = self.grad_weight + scale * np.sum(g * x_hat, axis=0)
        d_hat = g * self.weight
        if n == 0:
            return self.back(d_hat * self.inverse, x)
        d_inverse = (d_hat * self.centred).sum(0)
        d_centred = d_hat * self.inverse
        d_var = d_inverse * -0.5 * (self.var + self.eps) ** -1.5
        d_centred = d_centred + 2 * self.centred / n * d_var
        return self.back(d_centred - d_centred.sum(0) / n, x)


class MeanOfSquares(StepByStep):
    """The variance as the mean of squares less the square of the mean; the gradient in one formula."""

    def forward(self, x):
        r = self.rows(x)
        self.n = len(r) * self.training
        mean, var = self.running_mean, self.running_var
        if self.training:
            mean = r.mean(axis=0)
            var = (r * r).mean(axis=0) - mean**2
            unbiased = var * len(r) / (len(r) - 1)
            self.running_mean[...] = (1 - self.momentum) * self.running_mean + self.momentum * mean
            self.running_var[...] = (1 - self.momentum) * self.running_var + self.momentum * unbiased
        self.std = np.sqrt(np.maximum(var, 0) + self.eps)
        self.x_hat = (r - mean) / self.std
        return self.back(np.multiply(self.x_hat, self.weight) + self.bias, x)

    def backward(self, x, grad_output, scale=1.0):
        g = self.rows(grad_output)
        gamma, beta = np.einsum("nc,nc->c", g, self.x_hat), np.einsum("nc->c", g)
        np.add(self.grad_weight, scale * gamma, out=self.grad_weight)
        np.add(self.grad_bias, scale * beta, out=self.grad_bias)
        if not self.n:
            return self.back(g * (self.weight / self.std), x)
        return self.back(self.weight / (self.n * self.std) * (self.n * g - beta - self.x_hat * gamma), x)


class InFloat32(MeanOfSquares):
    dtype = np.float32

    def rows(self, x):
        return super().rows(x).astype(np.float32)


class ChannelByChannel(Start):
    """A loop over the channels; the Jacobian of each is written out."""

    def forward(self, x):
        self.by_batch, out = self.training, np.empty(x.shape)
        self.hats, self.roots = np.empty(x.shape), np.empty(x.shape[1])
        for c in range(x.shape[1]):
            values = x[:, c]
            if self.training:
                mean, var = np.mean(values), np.var(values)
                self.running_mean[c] += self.momentum * (mean - self.running_mean[c])
                self.running_var[c] += self.momentum * (np.var(values, ddof=1) - self.running_var[c])
            else:
                mean, var = self.running_mean[c], self.running_var[c]
            self.roots[c] = np.sqrt(var + self.eps)
            self.hats[:, c] = (values - mean) / self.roots[c]
            out[:, c] = self.weight[c] * self.hats[:, c] + self.bias[c]
        return out

    def backward(self, x, grad_output, scale=1.0):
        grad_input = np.empty(x.shape)
        for c in range(x.shape[1]):
            g, hat = grad_output[:, c].ravel(), self.hats[:, c].ravel()
            self.grad_weight[c] += scale * (g @ hat)
            self.grad_bias[c] += scale * g.sum()
            slope = np.eye(len(g))
            if self.by_batch:
                slope = slope - 1 / len(g) - np.outer(hat, hat) / len(g)
            grad_input[:, c] = (self.weight[c] / self.roots[c] * slope @ g).reshape(x[:, c].shape)
        return grad_input


class FourAxes(MeanOfSquares):
    """Examples become images of one pixel; it prints."""

    def forward(self, x):
        print("batch of", len(x))
        out = super().forward(x.reshape(*x.shape, *[1] * (4 - x.ndim)))
        return out.reshape(x.shape)

    def backward(self, x, grad_output, scale=1.0):
        wide = (*x.shape, *[1] * (4 - x.ndim))
        return super().backward(x.reshape(wide), grad_output.reshape(wide), scale=scale).reshape(x.shape)


@pytest.mark.parametrize(
    "layer", [StepByStep, MeanOfSquares, InFloat32, ChannelByChannel, FourAxes], ids=lambda c: c.__name__
)
def test_a_right_batch_norm_has_full_marks(layer):
    assert_full_marks("a3.batch_norm", layer)


def test_the_numbers_of_the_worked_example():
    layer, x = StepByStep(1, eps=1e-12), np.array([[1.0], [3], [5], [7]])
    layer.weight[...], layer.bias[...] = 2, 1
    np.testing.assert_allclose(layer.forward(x)[:, 0], [-1.683, 0.106, 1.894, 3.683], atol=5e-4)
    grad_input = layer.backward(x, np.array([[1.0], [0], [0], [0]]))
    np.testing.assert_allclose(grad_input[:, 0], [0.268, -0.358, -0.089, 0.179], atol=5e-4)
    np.testing.assert_allclose([layer.grad_weight[0], layer.grad_bias[0]], [-1.342, 1], atol=5e-4)
    np.testing.assert_allclose([layer.running_mean[0], layer.running_var[0]], [0.4, 1.567], atol=5e-4)
