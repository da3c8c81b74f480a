"""The numbers of a module, of lib.nn or of torch, in one order; and how they are copied."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import torch

from lib import nn
from lib.checks import mismatch, shown
from lib.nn.batch_norm import BatchNorm
from lib.nn.containers import Container

Numbers = np.ndarray | torch.Tensor
AnyModule = nn.Module | torch.nn.Module


def parts(module: Any) -> dict[str, Any]:
    """The modules inside one, by name; a module that stands there twice counts twice."""
    if isinstance(module, Container):
        return {str(i): part for i, part in enumerate(module)}
    inside = module._modules if isinstance(module, torch.nn.Module) else {}
    return {name: part for name, part in inside.items() if part is not None}


def own_arrays(module: Any) -> dict[str, Numbers]:
    """Parameters and buffers of a single module, without those of its parts: name → numbers."""
    if isinstance(module, torch.nn.Module):
        both = {**module._parameters, **module._buffers}
    else:
        names = [*module.parameter_names, *module.buffer_names]
        if isinstance(module, BatchNorm) and module.track_running_stats:
            names.append("num_batches_tracked")  # torch has it whatever the momentum is
        both = {name: getattr(module, name, None) for name in names}
    return {name: numbers for name, numbers in both.items() if numbers is not None}


class NamedArray(NamedTuple):
    """One parameter or buffer of a network: its name, such as "3.weight", and the module it is in."""

    name: str
    module: AnyModule
    numbers: Numbers


def all_arrays(module: AnyModule, prefix: str = "") -> Iterator[NamedArray]:
    """Parameters and buffers of a network, from the input on; twins have as many, in the same order."""
    for name, numbers in own_arrays(module).items():
        yield NamedArray(f"{prefix}{name}", module, numbers)
    for name, part in parts(module).items():
        yield from all_arrays(part, f"{prefix}{name}.")


def seen_by_numpy(numbers: Numbers, place: str) -> np.ndarray:
    """The numbers themselves, or a copy where they lie on a GPU; raises where numpy cannot compute with them.

    place: where they stand, for the error, such as "from_torch: module[3].weight"
    """
    if isinstance(numbers, np.ndarray):
        return numbers
    if numbers.is_floating_point() and numbers.dtype not in (torch.float32, torch.float64):
        owner, _, name = place.partition(": ")
        advice = "convert the whole net before: net.float()"
        raise mismatch(owner, name, "float32 or float64", str(numbers.dtype).removeprefix("torch."), advice)
    return numbers.detach().cpu().numpy()


class Copies:
    """Copies of the arrays of one network: where two modules share an array, their twins share its copy."""

    def __init__(self, owner: str):
        self.owner = owner  # the function that the errors name
        self.met: dict[int, tuple[str, Numbers, np.ndarray, Any]] = {}

    def copy(self, numbers: Numbers, place: str, make: Callable[[np.ndarray], Any]) -> Any:
        """What `make` makes of a copy of the numbers; of the same numbers again, the same object.

        Raises where an array overlaps with another without being the same, such as W.T: copies would come
        apart in the first step of a training.
        """
        if id(numbers) not in self.met:
            seen = seen_by_numpy(numbers, f"{self.owner}: {place}")
            for other, _, before, _ in self.met.values():
                if np.may_share_memory(seen, before):
                    expected = "an array of its own, or one that is shared whole"
                    raise mismatch(self.owner, place, expected, f"one that overlaps with {other}")
            self.met[id(numbers)] = place, numbers, seen, make(np.array(seen, order="C"))
        return self.met[id(numbers)][3]


def check_alike(owner: str, place: str, given: Any, twin: Any) -> None:
    """Raises unless a module and its twin, just built, have the same parameters and buffers."""
    has, takes = (
        {name: tuple(numbers.shape) for name, numbers in own_arrays(module).items()}
        for module in (given, twin)
    )
    if has != takes:
        expected = f"what the twin, {type(twin).__name__}, has: {_listed(takes)}"
        raise mismatch(owner, place, expected, _listed(has))


def _listed(shapes: dict[str, tuple[int, ...]]) -> str:
    return ", ".join(f"{name} {shape}" for name, shape in shapes.items()) or "no numbers"


def one_line(module: Any) -> str:
    """A module of torch in an error message: its print, or only its class where that is no single line."""
    return shown(module) if "\n" not in repr(module) else type(module).__name__
