"""RMSProp: each weight has its own step, shorter where its gradients are large."""

from __future__ import annotations

import numpy as np

from lib.checks import called_like, check_number
from lib.optim.optimizer import Optimizer, Schedule


class RMSProp(Optimizer):
    """v ← α v + (1 − α) g², W ← W − η g / (√v + eps), element by element, with g = ∂L/∂W.

    learning_rate: η, a number or a schedule
    alpha: α, from 0 to below 1
    eps: keeps the division finite
    weight_decay: adds weight_decay · W to the gradient: a penalty of weight_decay / 2 · ΣW²

    Source: Tieleman and Hinton, 2012.
    """

    @called_like("RMSProp(learning_rate=0.01), then step(*layer.parameters())")
    def __init__(
        self,
        learning_rate: float | Schedule = 0.01,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ):
        super().__init__(learning_rate, weight_decay)
        self.alpha = check_number(alpha, name="alpha", owner=self, low=0, high=1, open_high=True)
        self.eps = check_number(eps, name="eps", owner=self, low=0, open_low=True)

    def start(self, parameter):
        return {"v": np.zeros_like(parameter)}

    def update(self, parameter, gradient, rate, state):
        v = state["v"]
        v *= self.alpha
        v += (1 - self.alpha) * gradient**2
        parameter -= rate * gradient / (np.sqrt(v) + self.eps)
