"""From lib.nn to torch."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from lib import nn
from lib.checks import mismatch, name_of, shown
from lib.convnets.bridge.arrays import Copies, check_alike, own_arrays, parts
from lib.convnets.bridge.counterparts import TO_TORCH, build, counterpart

OTHERWISE = "write it as a torch.nn.Module with a forward, and convert what stands before and behind it"
ADVICE: dict[type, str] = {
    nn.MultiMarginLoss: "torch.nn.MultiMarginLoss is this loss divided by the number of classes"
}


def to_torch(module: nn.Module | nn.Criterion, *, dtype: torch.dtype | None = None) -> torch.nn.Module:
    """The twin of a layer, a network or a criterion in torch: the same output, from the same numbers.

    module: any of lib.nn; what is inside it goes over too, each part in its own mode, train or eval
    dtype: of all floats; None keeps that of each parameter and buffer. Class weights of a criterion, which
        are float64 here, then become torch's default, mostly float32

    Parameters and running averages are copied: training one twin leaves the other as it is. Layers that
    share an array share its copy. Gradients stay behind, and dropout draws other numbers.
    The twin lies in the computer's memory; `.to(device)` moves it. torch's random numbers are not touched.

    Raises `ValueError` that names the place where torch has no such layer, or where arrays overlap.

    >>> to_torch(nn.Sequential(nn.Linear(5, 4), nn.ReLU()))
    Sequential(
      (0): Linear(in_features=5, out_features=4, bias=True)
      (1): ReLU()
    )
    """
    if not isinstance(module, (nn.Module, nn.Criterion)):
        advice = "it is one of torch already" if isinstance(module, torch.nn.Module) else ""
        raise mismatch("to_torch", "module", "a layer or a criterion of lib.nn", shown(module), advice)
    twin = _convert(module, "module", Copies("to_torch"))
    if dtype is None and isinstance(module, nn.Criterion):
        dtype = torch.get_default_dtype()
    return twin if dtype is None else twin.to(dtype)


def _convert(module: nn.Module | nn.Criterion, place: str, copies: Copies) -> torch.nn.Module:
    """The twin of a module; place: where it stands in the network, such as "module[3]"."""
    found, inside = counterpart(module, TO_TORCH), list(parts(module).values())
    if found is None or (isinstance(module, nn.Module) and list(module.children().values()) != inside):
        advice = ADVICE.get(type(module), OTHERWISE)
        raise mismatch("to_torch", place, "a layer that torch has too", name_of(module), advice)
    kind, arguments = found
    with torch.device("meta"):  # no memory, no random numbers: all numbers come from here
        twin: torch.nn.Module = build(kind, [(name, _argument(module, name)) for name in arguments])
    if isinstance(module, nn.Criterion):
        return twin
    check_alike("to_torch", place, module, twin)
    for i, part in enumerate(inside):
        twin.add_module(str(i), _convert(part, f"{place}[{i}]", copies))
    for name, numbers in own_arrays(module).items():
        make = torch.from_numpy if name in twin._buffers else _parameter
        setattr(twin, name, copies.copy(numbers, f"{place}.{name}", make))
    twin.training = module.training
    return twin


def _argument(module: Any, name: str) -> Any:
    """The value with which torch builds the twin of a module."""
    value = getattr(module, name.removeprefix("*"))
    if name == "bias":
        return value is not None
    if name == "ignore_index" and value is None:
        return -100  # as torch has it, and no class
    if name == "align_corners" and module.mode == "nearest":
        return None
    if name in ("weight", "pos_weight") and value is not None:  # of a criterion: 1 counts all alike
        return None if np.array_equal(value, 1) else torch.from_numpy(np.array(value))
    return value


def _parameter(array: np.ndarray) -> torch.nn.Parameter:
    return torch.nn.Parameter(torch.from_numpy(array))
