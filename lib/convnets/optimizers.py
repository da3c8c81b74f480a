"""The optimisers of a recipe: which weights decay, and which optimiser moves which parameter."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from lib.checks import mismatch
from lib.convnets.muon import Muon
from lib.convnets.recipe import Recipe


def make_optimizers(
    model: nn.Module, recipe: Recipe, *, muon_dtype: torch.dtype | None = None
) -> list[torch.optim.Optimizer]:
    """The optimisers that move the parameters which learn: one, or two where Muon is one of them.

    model: on the device where it stays
    recipe: its optimizer, momentum, nesterov and weight_decay count; the rate is set at each step
    muon_dtype: of Muon's products, None for that of the weights

    Raises `ValueError` where nothing can learn, and where Muon finds no filters.
    """
    parameters = [p for p in model.parameters() if p.requires_grad]
    if not parameters:
        raise mismatch("make_optimizers", "model", "a net with parameters that learn", "one without")
    if recipe.optimizer == "sgd":
        return [
            torch.optim.SGD(
                decay_groups(parameters, recipe.weight_decay),
                lr=recipe.learning_rate,
                momentum=recipe.momentum,
                nesterov=recipe.nesterov,
            )
        ]
    filters = [p for p in parameters if p.ndim == 4] if recipe.optimizer == "muon" else []
    if recipe.optimizer == "muon" and not filters:
        advice = "a net without filters learns with sgd or adamw"
        raise mismatch("make_optimizers", "model", "a net with filters for Muon", "none", advice)
    optimizers: list[torch.optim.Optimizer] = []
    if filters:
        optimizers.append(
            Muon(
                filters,
                recipe.learning_rate,
                momentum=recipe.momentum,
                nesterov=recipe.nesterov,
                weight_decay=recipe.weight_decay,
                dtype=muon_dtype,
            )
        )
    taken = set(map(id, filters))
    if rest := [p for p in parameters if id(p) not in taken]:
        beta = recipe.momentum if recipe.optimizer == "adamw" else 0.9
        groups = decay_groups(rest, recipe.weight_decay)
        fused = rest[0].device.type == "cuda" or None  # a few launches a step; not measured on a GPU yet
        optimizers.append(
            torch.optim.AdamW(groups, lr=recipe.learning_rate, betas=(beta, 0.999), fused=fused)
        )
    return optimizers


def decay_groups(parameters: list[Any], weight_decay: float) -> list[dict[str, Any]]:
    """Matrices and filters, which decay, and what has one dimension, which doesn't: biases and scales."""
    groups = [
        {"params": [p for p in parameters if p.ndim >= 2], "weight_decay": weight_decay},
        {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0},
    ]
    return [group for group in groups if group["params"]]
