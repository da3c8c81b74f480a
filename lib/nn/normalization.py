"""Normalisation: numbers get mean 0 and variance 1, over the batch or within each example."""

from __future__ import annotations

import numpy as np

from lib.nn.module import Module


class BatchNorm(Module):
    """What BatchNorm1d and BatchNorm2d share: everything but the shape of x."""

    buffer_names = ("running_mean", "running_var")
    dimensions: dict[int, str] = {}

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1, affine: bool = True):
        self.num_features, self.eps, self.momentum, self.affine = num_features, eps, momentum, affine
        self.weight = np.ones(num_features, np.float32) if affine else None
        self.bias = np.zeros(num_features, np.float32) if affine else None
        self.grad_weight = np.zeros(num_features, np.float32) if affine else None
        self.grad_bias = np.zeros(num_features, np.float32) if affine else None
        self.running_mean = np.zeros(num_features, np.float32)
        self.running_var = np.ones(num_features, np.float32)

    def check_input(self, x):
        if not isinstance(x, np.ndarray) or x.ndim not in self.dimensions or x.shape[1] != self.num_features:
            takes = " or ".join(self.dimensions.values())
            raise self.wrong("x", x, takes.replace("C", str(self.num_features)))
        if self.training and x.size // max(1, self.num_features) < 2:
            raise ValueError(f"{self}: Expected more than 1 value per channel when training, got shape {x.shape}")

    def update_output(self, x):
        self.by_batch = self.training
        axes = (0, *range(2, x.ndim))
        if self.by_batch:
            mean, var = x.mean(axes), x.var(axes)
            count = x.size // self.num_features
            self.running_mean += self.momentum * (mean - self.running_mean)
            self.running_var += self.momentum * (var * count / (count - 1) - self.running_var)
        else:
            mean, var = self.running_mean, self.running_var
        self.mean, self.slope = mean.copy(), 1 / np.sqrt(var + self.eps)
        self.output = self.normalized(x)
        if self.affine:
            self.output = self.output * self.along(self.weight, x) + self.along(self.bias, x)
        return self.output

    def normalized(self, x):
        return (x - self.along(self.mean, x)) * self.along(self.slope, x)

    def update_grad_input(self, x, grad_output):
        grad = grad_output * self.along(self.weight, x) if self.affine else grad_output
        if self.by_batch:
            axes, normalized = (0, *range(2, x.ndim)), self.normalized(x)
            grad = grad - grad.mean(axes, keepdims=True)
            grad = grad - normalized * (grad * normalized).mean(axes, keepdims=True)
        self.grad_input = grad * self.along(self.slope, x)
        return self.grad_input

    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        if self.affine:
            axes = (0, *range(2, x.ndim))
            self.grad_weight += scale * (grad_output * self.normalized(x)).sum(axes)
            self.grad_bias += scale * grad_output.sum(axes)

    def along(self, values: np.ndarray, x: np.ndarray) -> np.ndarray:
        """One value a channel, shaped such that it broadcasts with x."""
        return values.reshape(-1, *[1] * (x.ndim - 2))

    def describe(self):
        return f"{self.num_features}"


class BatchNorm1d(BatchNorm):
    """x: (N, C) or (N, C, L)."""

    dimensions = {2: "(N, C)", 3: "(N, C, L)"}


class BatchNorm2d(BatchNorm):
    """x: (N, C, H, W)."""

    dimensions = {4: "(N, C, H, W)"}


class LayerNorm(Module):
    """Each example by itself."""

    def __init__(self, normalized_shape: int | tuple[int, ...], eps: float = 1e-5):
        shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.normalized_shape, self.eps = shape, eps
        self.weight, self.bias = np.ones(shape, np.float32), np.zeros(shape, np.float32)
        self.grad_weight, self.grad_bias = np.zeros_like(self.weight), np.zeros_like(self.bias)

    def check_input(self, x):
        if not isinstance(x, np.ndarray) or x.shape[-len(self.normalized_shape) :] != self.normalized_shape:
            raise self.wrong("x", x, f"(…, {', '.join(map(str, self.normalized_shape))})")

    def update_output(self, x):
        axes = tuple(range(-len(self.normalized_shape), 0))
        centred = x - x.mean(axes, keepdims=True)
        self.slope = 1 / np.sqrt((centred * centred).mean(axes, keepdims=True) + self.eps)
        self.normalized = centred * self.slope
        self.output = self.normalized * self.weight + self.bias
        return self.output

    def update_grad_input(self, x, grad_output):
        axes = tuple(range(-len(self.normalized_shape), 0))
        grad = grad_output * self.weight
        grad = grad - grad.mean(axes, keepdims=True)
        grad = grad - self.normalized * (grad * self.normalized).mean(axes, keepdims=True)
        self.grad_input = grad * self.slope
        return self.grad_input

    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        batch = tuple(range(x.ndim - len(self.normalized_shape)))
        self.grad_weight += scale * (grad_output * self.normalized).sum(batch)
        self.grad_bias += scale * grad_output.sum(batch)

    def describe(self):
        return ", ".join(map(str, self.normalized_shape))
