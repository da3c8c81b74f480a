"""Adam: momentum, and a step for each weight of its own; AdamW: the same, with weights that really decay."""

from __future__ import annotations

import numpy as np

from lib.checks import called_like, check_number, mismatch, shown
from lib.optim.optimizer import Optimizer, Schedule


class Adam(Optimizer):
    """m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², W ← W − η m̂ / (√v̂ + eps), with g = ∂L/∂W.

    m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ) undo that both averages start at zero; t counts the steps from 1.

    learning_rate: η, a number or a schedule
    betas: (β₁, β₂), each from 0 to below 1
    eps: keeps the division finite
    weight_decay: adds weight_decay · W to the gradient; `AdamW` takes it off the weight itself

    Source: Kingma and Ba, 2015.
    """

    @called_like("Adam(learning_rate=0.001), then step(*layer.parameters())")
    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ):
        super().__init__(learning_rate, weight_decay)
        if not isinstance(betas, (tuple, list)) or len(betas) != 2:
            raise mismatch(self, "betas", "two numbers, such as (0.9, 0.999)", shown(betas))
        beta1, beta2 = (
            check_number(beta, name=f"betas[{i}]", owner=self, low=0, high=1, open_high=True)
            for i, beta in enumerate(betas)
        )
        self.betas = beta1, beta2
        self.eps = check_number(eps, name="eps", owner=self, low=0, open_low=True)

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


class AdamW(Adam):
    """Adam whose weight decay is decoupled: W ← W − η · weight_decay · W, and then Adam's step, without it.

    Adam divides by the size of the gradients. A penalty inside the gradient is divided too, so that the
    weights with the largest gradients decay the least; here all decay at one rate, whatever their gradients.

    learning_rate: η, a number or a schedule
    betas: (β₁, β₂), each from 0 to below 1
    eps: keeps the division finite
    weight_decay: which share of a weight goes with each step, times η

    Source: Loshchilov and Hutter, 2019.

    >>> W = np.array([10.0])
    >>> AdamW(learning_rate=0.1, weight_decay=0.5).step([W], [np.array([0.0])])
    >>> W
    array([9.5])
    """

    @called_like("AdamW(learning_rate=0.001), then step(*layer.parameters())")
    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ):
        super().__init__(learning_rate, betas, eps, weight_decay)

    def decayed(self, parameter, gradient, rate):
        parameter *= 1 - rate * self.weight_decay
        return gradient
