"""Adam: momentum, and a step for each weight of its own."""

from __future__ import annotations

import numpy as np

from lib.optim.optimizer import Optimizer, Schedule


class Adam(Optimizer):
    """m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², W ← W − λ m̂ / (√v̂ + eps), with g = ∂L/∂W.

    m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ) undo that both averages start at zero; t counts the steps from 1.

    learning_rate: λ, a number or a schedule; betas: (β₁, β₂), each from 0 to below 1
    Source: Kingma and Ba, 2015.
    """

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ):
        super().__init__(learning_rate, weight_decay)
        if len(betas) != 2 or not all(0 <= beta < 1 for beta in betas):
            raise ValueError(f"betas: got {betas}, accepted are two numbers from 0 to below 1")
        if not 0 < eps < np.inf:
            raise ValueError(f"eps: got {eps}, accepted are numbers > 0")
        self.betas = betas
        self.eps = eps

    def start(self, parameter):
        return {"m": np.zeros_like(parameter), "v": np.zeros_like(parameter)}

    def update(self, parameter, gradient, rate, state):
        (beta1, beta2), m, v = self.betas, state["m"], state["v"]
        m *= beta1
        m += (1 - beta1) * gradient
        v *= beta2
        v += (1 - beta2) * gradient**2
        mean = m / (1 - beta1**self.steps)
        square = v / (1 - beta2**self.steps)
        parameter -= rate * mean / (np.sqrt(square) + self.eps)
