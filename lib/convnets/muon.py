"""Muon: momentum whose matrix is made orthogonal before each step, so that all its directions count alike."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

import torch
from torch import Tensor

A, B, C = 3.4445, -4.7750, 2.0315  # of the polynomial: steep at 0, and close to 1 wherever it ends


def orthogonal(matrices: Tensor, *, steps: int = 5) -> Tensor:
    """U Vᵀ of each matrix U S Vᵀ, nearly: its singular values become numbers from 0.7 to 1.2.

    matrices: (N, rows, columns)
    steps: of Newton–Schulz: each puts every singular value s into A s + B s³ + C s⁵

    Source: Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024.
    """
    x = matrices.mT if matrices.shape[1] > matrices.shape[2] else matrices
    x = x / x.norm(dim=(1, 2), keepdim=True).clamp(min=1e-7)  # no singular value is above 1
    for _ in range(steps):
        square = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(square, square, square, beta=B, alpha=C), x, beta=A)
    return x.mT if matrices.shape[1] > matrices.shape[2] else x


class Muon(torch.optim.Optimizer):
    """m ← μ m + (1 − μ) g, W ← (1 − λ · weight_decay) W − λ · 0.2 √(larger side) · orthogonal(m).

    A filter bank (out, in, height, width) counts as the matrix (out, in · height · width); those of one
    shape are made orthogonal together. The factor gives a step the size of Adam's, so that both can have one
    learning rate.

    parameters: tensors with two dimensions or more, or groups of them
    lr: λ
    momentum: μ, from 0 to below 1
    nesterov: True takes g (1 − μ) + μ m for m
    weight_decay: which share of a weight goes with each step, times λ
    dtype: of the products; None takes that of the weights, torch.bfloat16 is quicker on a GPU

    Source: Jordan et al., 2024; the factor: Liu et al., "Muon is Scalable for LLM Training", 2025.
    """

    def __init__(
        self,
        parameters: Any,
        lr: float = 0.01,
        *,
        momentum: float = 0.95,
        nesterov: bool = True,
        weight_decay: float = 0.1,
        dtype: torch.dtype | None = None,
    ):
        usual = {"lr": lr, "momentum": momentum, "nesterov": nesterov, "weight_decay": weight_decay}
        super().__init__(parameters, usual)
        self.dtype = dtype

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]  # no loss to return
        for group in self.param_groups:
            alike = defaultdict(list)
            for weight in group["params"]:
                if weight.grad is not None:
                    alike[weight.shape].append(weight)
            for weights in alike.values():
                self._step_alike(weights, group)

    def _step_alike(self, weights: list[Tensor], group: dict[str, Any]) -> None:
        """One step of weights that have one shape."""
        momentum, rate = group["momentum"], group["lr"]
        moves = []
        for weight in weights:
            gradient: Any = weight.grad
            if not self.state[weight]:
                self.state[weight]["momentum_buffer"] = torch.zeros_like(weight)
            mean = self.state[weight]["momentum_buffer"].lerp_(gradient, 1 - momentum)
            moves.append((gradient.lerp(mean, momentum) if group["nesterov"] else mean).flatten(1))
        matrices = torch.stack(moves)
        turned = orthogonal(matrices.to(self.dtype or matrices.dtype)).to(matrices.dtype)
        size = 0.2 * math.sqrt(max(matrices.shape[1:]))
        torch._foreach_mul_(weights, 1 - rate * group["weight_decay"])
        torch._foreach_add_(weights, [move.view_as(weights[0]) for move in turned], alpha=-rate * size)
