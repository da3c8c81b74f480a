"""A net, a loss and an optimiser of the checks' own, in numpy, which answer as those of torch do."""

from __future__ import annotations

from typing import Any

import numpy as np


class Net:
    """Scores x · w, with the gradient that has been added up, and the mode at each call."""

    def __init__(self, weight: np.ndarray):
        self.weight, self.grad = weight.copy(), np.zeros_like(weight)
        self.training = False
        self.modes: list[bool] = []

    def train(self, mode: bool = True) -> Net:
        self.training = mode
        return self

    def eval(self) -> Net:
        return self.train(False)

    def __call__(self, images: Any) -> np.ndarray:
        self.modes.append(self.training)
        self.images = np.asarray(images, float)
        return self.images @ self.weight


class Loss(float):
    """The mean squared error of a batch; `backward` adds its gradient to that of the net."""

    net: Net
    gradient: np.ndarray

    def backward(self) -> None:
        self.net.grad += self.gradient

    def item(self) -> float:
        return float(self)

    def detach(self) -> float:
        return float(self)


class SquaredError:
    """A criterion: the loss of scores and targets."""

    def __init__(self, net: Net):
        self.net = net

    def __call__(self, scores: Any, targets: Any) -> Loss:
        error = np.asarray(scores) - np.asarray(targets)
        loss = Loss(np.mean(error**2))
        loss.net, loss.gradient = self.net, 2 * self.net.images.T @ error / len(error)
        return loss


class Descent:
    """An optimiser: gradient descent with one rate."""

    def __init__(self, net: Net, rate: float):
        self.net, self.rate = net, rate

    def zero_grad(self, set_to_none: bool = True) -> None:
        self.net.grad = np.zeros_like(self.net.weight)

    def step(self) -> None:
        self.net.weight = self.net.weight - self.rate * self.net.grad
