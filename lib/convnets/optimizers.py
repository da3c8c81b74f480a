"""The optimisers of a recipe: which weights decay, and which optimiser each parameter has."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from lib.convnets.recipe import Recipe


def make_optimizers(model: nn.Module, recipe: Recipe) -> list[torch.optim.Optimizer]:
    """One optimiser, or two with Muon, for the parameters that learn; their rate is set at each step."""
    parameters = [p for p in model.parameters() if p.requires_grad]
    return [_sgd(parameters, recipe)]


def _groups(parameters: list[Any], decay: float) -> list[dict[str, Any]]:
    """Those with two dimensions or more decay: matrices and filters, but not biases and scales."""
    parts = ([p for p in parameters if p.ndim >= 2], decay), ([p for p in parameters if p.ndim < 2], 0.0)
    return [{"params": part, "weight_decay": decay} for part, decay in parts if part]


def _sgd(parameters: list[Any], recipe: Recipe) -> torch.optim.Optimizer:
    return torch.optim.SGD(
        _groups(parameters, recipe.weight_decay),
        lr=recipe.learning_rate, momentum=recipe.momentum, nesterov=recipe.nesterov,
    )  # fmt: skip
