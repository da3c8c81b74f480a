"""Stochastic gradient descent, with momentum and with Nesterov's momentum."""

from __future__ import annotations

import numpy as np

from lib.checks import called_like, check_number, mismatch, shown
from lib.optim.optimizer import Optimizer, Schedule


class SGD(Optimizer):
    """Gradient descent; with momentum α the step is m ← α m + η ∂L/∂W, W ← W − m.

    learning_rate: η, a number or a schedule
    momentum: α, from 0 to below 1
    nesterov: the gradient as if seen one momentum step ahead: W ← W − (α m + η ∂L/∂W) with the new m
    weight_decay: adds weight_decay · W to the gradient: a penalty of weight_decay / 2 · ΣW²

    torch keeps m without η and multiplies at the end. That is the same as long as η is constant; where a
    schedule lowers η, here the steps already under way keep the rate they started with.

    Source: Polyak, 1964; Nesterov, 1983; deck A1, "SGD with Momentum".

    >>> W = np.array([10.0])
    >>> SGD(learning_rate=0.1).step([W], [2 * W])    # L = W²
    >>> W
    array([8.])
    """

    @called_like("SGD(learning_rate=0.1), then step(*layer.parameters())")
    def __init__(
        self,
        learning_rate: float | Schedule,
        momentum: float = 0.0,
        *,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ):
        super().__init__(learning_rate, weight_decay)
        self.momentum = check_number(momentum, name="momentum", owner=self, low=0, high=1, open_high=True)
        self.nesterov = bool(nesterov)
        if nesterov and momentum == 0:
            raise mismatch(self, "momentum", "more than 0 with nesterov=True, such as 0.9", shown(momentum))

    def start(self, parameter):
        return {"m": np.zeros_like(parameter)} if self.momentum else {}

    def update(self, parameter, gradient, rate, state):
        step = rate * gradient
        if self.momentum:
            state["m"] *= self.momentum
            state["m"] += step
            step = self.momentum * state["m"] + step if self.nesterov else state["m"]
        parameter -= step
