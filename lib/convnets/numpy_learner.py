"""A numpy net in the training loop of the torch nets: what both learn is the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from lib import nn
from lib.checks import mismatch, shown
from lib.convnets.recipe import Recipe
from lib.optim import SGD, AdamW, Optimizer


class NumpyLearner:
    """A net of `lib.nn` that learns by a recipe; in float64 its losses are those of its torch twin.

    model: takes (N, C, H, W), returns scores (N, classes)
    recipe: its optimiser ("sgd" or "adamw"), momentum, decay and label smoothing are used here

    Raises `ValueError` where the net or the recipe is none for numpy.
    """

    rank, world = 0, 1
    classes = 0
    device = torch.device("cpu")

    def __init__(self, model: nn.Module, recipe: Recipe):
        if not isinstance(model, nn.Module):
            raise mismatch(self, "model", "a net of lib.nn, such as nn.Linear(3072, 10)", shown(model))
        if not isinstance(recipe, Recipe):
            raise mismatch(self, "recipe", "a Recipe, such as RECIPES['small']", shown(recipe))
        self.model = model
        self.criterion = nn.CrossEntropyLoss(label_smoothing=recipe.label_smoothing)
        self.optimizers = [_optimizer(self, recipe, recipe.weight_decay), _optimizer(self, recipe, 0.0)]
        self.dtype = next(iter(model.parameters()[0]), np.empty(0, np.float32)).dtype
        self.hits = self.count = 0

    def begin(self, seed: int, epoch: int) -> None:
        for number, module in enumerate(self.model.walk()):
            if isinstance(getattr(module, "rng", None), np.random.Generator):  # of dropout
                module.rng = np.random.default_rng([seed, epoch, number])  # type: ignore[attr-defined]

    def step(self, images: Any, labels: Any, rate: float) -> float:
        x, y = np.asarray(images).astype(self.dtype, copy=False), np.asarray(labels)
        model = self.model.train()
        scores = model.forward(x)
        loss = self.criterion.forward(scores, y)
        if np.isfinite(loss):  # else the loop says which step it was
            model.zero_grad_parameters()
            model.backward(x, self.criterion.backward(scores, y), need_grad_input=False)
            if all(np.isfinite(gradient).all() for gradient in model.parameters()[1]):
                self.update(rate)
            else:
                loss = np.nan
        self.hits, self.count = int((scores.argmax(1) == y).sum()), len(y)
        return float(loss)

    def update(self, rate: float) -> None:
        """Moves every parameter along its gradient; those with one dimension do not decay, as in torch."""
        pairs = list(zip(*self.model.parameters(), strict=True))
        for optimizer, decays in zip(self.optimizers, (True, False), strict=True):
            if chosen := [(p, g) for p, g in pairs if (p.ndim >= 2) is decays]:
                _set_rate(optimizer, rate)
                optimizer.step(*map(list, zip(*chosen, strict=True)))  # type: ignore[arg-type]

    def end(self) -> None:
        self.model.eval()

    def scores(self, images: Any) -> Tensor:
        x = np.asarray(images).astype(self.dtype, copy=False)
        return torch.from_numpy(self.model.eval().forward(x))

    def state_dict(self) -> dict[str, Any]:
        return {
            "model": _tensors(self.model.state()),
            "optimizers": [
                {"steps": o.steps, "rate": o.rate, "state": [_tensors(memory) for memory in o.state]}
                for o in self.optimizers
            ],
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        for name, array in self.model.state().items():
            array[...] = state["model"][name].numpy()
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.steps, optimizer.learning_rate = saved["steps"], saved["rate"]
            optimizer.state = [
                {name: tensor.numpy().copy() for name, tensor in memory.items()} for memory in saved["state"]
            ]


def _optimizer(learner: NumpyLearner, recipe: Recipe, weight_decay: float) -> Optimizer:
    rate, momentum = recipe.learning_rate, recipe.momentum
    if recipe.optimizer == "sgd":
        return SGD(rate, momentum, nesterov=recipe.nesterov, weight_decay=weight_decay)
    if recipe.optimizer == "adamw":
        return AdamW(rate, (momentum, 0.999), weight_decay=weight_decay)
    raise mismatch(learner, "recipe.optimizer", "'sgd' or 'adamw' for a numpy net", shown(recipe.optimizer))


def _set_rate(optimizer: Optimizer, rate: float) -> None:
    """The rate of the next step. Ours keeps λ inside of SGD's momentum, torch doesn't: m changes with λ."""
    for memory in optimizer.state if isinstance(optimizer, SGD) else ():
        for m in memory.values():
            m *= rate / optimizer.rate
    optimizer.learning_rate = rate


def _tensors(arrays: dict[str, np.ndarray]) -> dict[str, Tensor]:
    return {name: torch.from_numpy(array.copy()) for name, array in arrays.items()}
