"""Stochastic gradient descent, with momentum and with Nesterov's momentum."""

from __future__ import annotations

import numpy as np

from lib.optim.optimizer import Optimizer, Schedule


class SGD(Optimizer):
    """Gradient descent; with momentum α the step is m ← α m + λ ∂L/∂W, W ← W − m.

    learning_rate: λ, a number or a schedule; momentum: α, from 0 to below 1
    nesterov: the gradient as if seen one momentum step ahead: W ← W − (α m + λ ∂L/∂W) with the new m

    torch keeps m without λ and multiplies at the end. That is the same as long as λ is constant; where a
    schedule lowers λ, here the steps already under way keep the rate they started with.

    Source: Polyak, 1964; Nesterov, 1983; deck A1, "SGD with Momentum".

    >>> W = np.array([10.0])
    >>> SGD(learning_rate=0.1).step([W], [2 * W])    # L = W²
    >>> W
    array([8.])
    """

    def __init__(
        self,
        learning_rate: float | Schedule,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ):
        super().__init__(learning_rate, weight_decay)
        if not 0 <= momentum < 1:
            raise ValueError(f"momentum: got {momentum}, accepted are 0 to below 1")
        if nesterov and momentum == 0:
            raise ValueError("nesterov: needs a momentum above 0, such as momentum=0.9")
        self.momentum = momentum
        self.nesterov = nesterov

    def start(self, parameter):
        return {"m": np.zeros_like(parameter)} if self.momentum else {}

    def update(self, parameter, gradient, rate, state):
        step = rate * gradient
        if self.momentum:
            state["m"] *= self.momentum
            state["m"] += step
            step = self.momentum * state["m"] + step if self.nesterov else state["m"]
        parameter -= step
