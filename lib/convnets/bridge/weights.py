"""Weights from one twin to the other, and how they are called on both sides."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from lib import nn
from lib.checks import mismatch, shown
from lib.convnets.bridge.arrays import AnyModule, all_arrays, seen_by_numpy
from lib.convnets.bridge.from_torch import from_torch
from lib.convnets.bridge.to_torch import to_torch


def copy_weights(source: AnyModule, target: AnyModule) -> None:
    """Copies parameters and buffers of one network into another of the same build, here or in torch.

    source, target: a `lib.nn.Module` or a `torch.nn.Module` each, with as many arrays in the same order, as
        twins have; the numbers are rounded to the target's dtype, and go to its device

    Raises `ValueError` where names or shapes differ; then nothing has changed.

    >>> import numpy as np
    >>> ours = nn.Linear(5, 4)
    >>> theirs = torch.nn.Linear(5, 4)
    >>> copy_weights(ours, theirs)
    >>> np.array_equal(ours.weight, theirs.weight.detach())
    True
    """
    for name, module in (("source", source), ("target", target)):
        if not isinstance(module, (nn.Module, torch.nn.Module)):
            raise mismatch("copy_weights", name, "a network of lib.nn or of torch", shown(module))
    given, taken = list(all_arrays(source)), list(all_arrays(target))
    if len(given) != len(taken):
        expected = f"{len(given)} parameters and buffers, as source has"
        raise mismatch(
            "copy_weights", "target", expected, str(len(taken)), "to_torch and from_torch make twins"
        )
    for a, b in zip(given, taken, strict=True):
        (name, shape), (other, has) = ((x.name.split(".")[-1], tuple(x.numbers.shape)) for x in (a, b))
        if (name, shape) != (other, has):
            expected = f"{name} {shape}, as source has in {a.name}"
            raise mismatch("copy_weights", f"target.{b.name}", expected, f"{other} {has}")
    copies = [seen_by_numpy(entry.numbers, f"copy_weights: source.{entry.name}").copy() for entry in given]
    for array, entry in zip(copies, taken, strict=True):
        if isinstance(entry.numbers, torch.Tensor):
            with torch.no_grad():
                entry.numbers.copy_(torch.from_numpy(array))
        else:
            entry.numbers[...] = array


@dataclass(frozen=True)
class Name:
    """How one parameter or buffer is called on both sides.

    layer: its class in lib.nn
    ours, theirs: its name in `state()` and in `state_dict()`, such as "3.weight"; ours is "–" for what lib.nn
        does not save
    shape: the same on both sides
    """

    layer: str
    ours: str
    theirs: str
    shape: tuple[int, ...]


class Names(tuple[Name, ...]):
    """The rows of `names`; they print as a table."""

    def __repr__(self) -> str:
        rows = [("layer", "lib.nn", "torch", "shape")]
        rows += [(row.layer, row.ours, row.theirs, str(row.shape)) for row in self]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        cells = ([cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in rows)
        return "\n".join("  ".join(row).rstrip() for row in cells)


def names(module: AnyModule) -> Names:
    """How every parameter and buffer of a network is called here and in torch: a table to print.

    module: a network of lib.nn, or of torch; its twin is made, and forgotten

    >>> names(nn.Sequential(nn.Conv2d(3, 8, 5), nn.BatchNorm2d(8)))
    layer        lib.nn          torch                  shape
    Conv2d       0.weight        0.weight               (8, 3, 5, 5)
    Conv2d       0.bias          0.bias                 (8,)
    BatchNorm2d  1.weight        1.weight               (8,)
    BatchNorm2d  1.bias          1.bias                 (8,)
    BatchNorm2d  1.running_mean  1.running_mean         (8,)
    BatchNorm2d  1.running_var   1.running_var          (8,)
    BatchNorm2d  –               1.num_batches_tracked  ()
    """
    if isinstance(module, torch.nn.Module):
        ours, theirs = from_torch(module), module
    else:
        ours, theirs = module, to_torch(module)
    saved = ours.state()
    both = zip(all_arrays(ours), all_arrays(theirs), strict=True)
    return Names(
        Name(type(a.module).__name__, a.name if a.name in saved else "–", b.name, tuple(b.numbers.shape))
        for a, b in both
    )
