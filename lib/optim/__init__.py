"""Optimisers and learning-rate schedules: `optimizer.step(parameters, gradients)` moves in place."""

from lib.optim import schedules
from lib.optim.adam import Adam, AdamW
from lib.optim.optimizer import Optimizer
from lib.optim.rmsprop import RMSProp
from lib.optim.sgd import SGD

__all__ = ["SGD", "Adam", "AdamW", "Optimizer", "RMSProp", "schedules"]
