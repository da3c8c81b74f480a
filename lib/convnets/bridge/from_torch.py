"""From torch to lib.nn."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from lib import nn
from lib.checks import mismatch, shown
from lib.convnets.bridge.arrays import Copies, check_alike, one_line, own_arrays, parts, seen_by_numpy
from lib.convnets.bridge.counterparts import FROM_TORCH, build, counterpart
from lib.nn.constructors import REASONS
from lib.nn.containers import Container

OTHERWISE = "docs/layers.md lists what lib.nn has; a forward of your own becomes a lib.nn.Module of your own"
ADVICE: dict[type, str] = {
    torch.nn.MultiMarginLoss: "lib.nn.MultiMarginLoss is this loss times the number of classes",
    torch.nn.Unflatten: "put a lib.convnets.bridge.modules.TorchReshape there, which keeps the batch axis",
    torch.nn.ModuleList: "a Sequential says in which order its parts follow",
}
# Arguments of torch that have none here, and the only values that go over.
ONLY: dict[str, tuple[Any, ...]] = {
    "padding_mode": ("zeros",),
    "return_indices": (False,),
    "recompute_scale_factor": (None, False),
}


def from_torch(module: torch.nn.Module, *, seed: int | np.random.Generator = 0) -> Any:
    """The twin of a layer, a network or a criterion in lib.nn: the same output, from the same numbers.

    module: made of layers that lib.nn has too, in Sequential and in the containers that `to_torch` makes, on
        any device; each part goes over in its own mode, train or eval
    seed: of the dropout layers' random numbers, an int or a Generator

    Returns a `lib.nn.Module`, or a `lib.nn.Criterion`. Parameters and running averages are copied, in
    float32 or float64 as they are; layers that share a parameter share its copy. Gradients start at 0, and
    what torch holds fixed (`requires_grad=False`) is learnt here as everything is.

    Raises `ValueError` that names the place where lib.nn has no such layer or setting.

    >>> from_torch(torch.nn.Sequential(torch.nn.Linear(5, 4), torch.nn.Hardtanh()))
    Sequential(
      (0): Linear(5 -> 4)
      (1): HardTanh(min_val=-1, max_val=1)
    )
    """
    if not isinstance(module, torch.nn.Module):
        advice = "it is one of lib.nn already" if isinstance(module, (nn.Module, nn.Criterion)) else ""
        raise mismatch("from_torch", "module", "a module of torch", shown(module), advice)
    return _convert(module, "module", Copies("from_torch"), np.random.default_rng(seed))


def _convert(module: torch.nn.Module, place: str, copies: Copies, rng: np.random.Generator) -> Any:
    """The twin of a module; place: where it stands in the network, such as "module[3]"."""
    found = counterpart(module, FROM_TORCH)
    if found is None:
        advice = ADVICE.get(type(module), OTHERWISE)
        raise mismatch("from_torch", place, "a layer that lib.nn has too", one_line(module), advice)
    for name, values in ONLY.items():
        if (value := getattr(module, name, values[0])) not in values:
            raise mismatch("from_torch", f"{place}.{name}", repr(values[0]), repr(value), REASONS[name])
    kind, arguments = found
    try:
        twin = build(kind, [(name, _argument(module, name, place)) for name in arguments])
    except ValueError as error:
        error.add_note(f"in {place}: {one_line(module)}")
        raise
    if isinstance(twin, nn.Criterion):
        return twin
    inside = parts(module)
    if isinstance(twin, Container):
        twin.modules[:] = [
            _convert(part, f"{place}[{i}]", copies, rng) for i, part in enumerate(inside.values())
        ]
    elif inside:
        raise mismatch("from_torch", place, "a layer without parts", f"parts {', '.join(inside)}", OTHERWISE)
    check_alike("from_torch", place, module, twin)
    for name, numbers in own_arrays(module).items():
        array, gradient = copies.copy(numbers, f"{place}.{name}", _with_gradient)
        setattr(twin, name, array)
        if name in twin.parameter_names:
            setattr(twin, f"grad_{name}", gradient)
    if isinstance(twin, nn.Dropout):
        twin.reset(rng)
    twin.training = module.training
    return twin


def _argument(module: Any, name: str, place: str) -> Any:
    """The value with which lib.nn builds the twin of a module."""
    value = getattr(module, name.removeprefix("*"))
    if name == "bias":
        return value is not None
    if name == "dim" and value is None:
        advice = "torch guesses it from the shape of x: say it, 1 for the classes of (N, C)"
        raise mismatch("from_torch", f"{place}.dim", "an axis", "None", advice)
    if isinstance(value, torch.Tensor):  # the weights of a criterion
        return seen_by_numpy(value, f"from_torch: {place}.{name}")  # which copies them
    return value


def _with_gradient(array: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return array, np.zeros_like(array)
