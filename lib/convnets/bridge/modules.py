"""Modules of lib.nn for which torch has no class: there, one writes them into a forward of one's own."""

from __future__ import annotations

import torch
from torch import Tensor


class TorchResidual(torch.nn.ModuleList):
    """The branch and the shortcut, in this order: shortcut(x) + branch(x)."""

    def forward(self, x: Tensor) -> Tensor:
        branch, shortcut = self
        return branch(x) + shortcut(x)


class TorchConcat(torch.nn.ModuleList):
    """The outputs of several modules, one behind the other along the axis `dim`."""

    def __init__(self, dim: int):
        super().__init__()
        self.dim = dim

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([module(x) for module in self], self.dim)


class TorchConcatTable(torch.nn.ModuleList):
    """The list of what several modules make of one input."""

    def forward(self, x: Tensor) -> list[Tensor]:
        return [module(x) for module in self]


class TorchCAddTable(torch.nn.Module):
    """The sum of a list of tensors of one shape."""

    def forward(self, parts: list[Tensor]) -> Tensor:
        total, *others = parts
        for part in others:
            total = total + part
        return total


class TorchMulConstant(torch.nn.Module):
    """constant · x."""

    def __init__(self, constant: float):
        super().__init__()
        self.constant = constant

    def forward(self, x: Tensor) -> Tensor:
        return self.constant * x


class TorchAddConstant(torch.nn.Module):
    """x + constant."""

    def __init__(self, constant: float):
        super().__init__()
        self.constant = constant

    def forward(self, x: Tensor) -> Tensor:
        return x + self.constant


class TorchMul(torch.nn.Module):
    """weight · x, one learnt factor for all."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        return self.weight.squeeze() * x


class TorchAdd(torch.nn.Module):
    """x + bias, a learnt number for each element of an example."""

    def __init__(self, shape: int | tuple[int, ...]):
        super().__init__()
        self.shape = shape
        self.bias = torch.nn.Parameter(torch.zeros(shape))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.bias


class TorchShuffle(torch.nn.Module):
    """The features, or channels, in another order, which is `order`."""

    order: Tensor

    def __init__(self, size: int):
        super().__init__()
        self.size = size
        self.register_buffer("order", torch.arange(size))

    def forward(self, x: Tensor) -> Tensor:
        return x[:, self.order]


class TorchReshape(torch.nn.Module):
    """Every example gets another shape; the batch axis stays, and one size may be −1."""

    def __init__(self, *shape: int):
        super().__init__()
        self.shape = shape

    def forward(self, x: Tensor) -> Tensor:
        return x.reshape(len(x), *self.shape)
