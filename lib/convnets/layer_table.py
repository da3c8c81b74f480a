"""The layers of a net, one a row: parameters, activations, memory and operations, for one image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from lib.checks import check_whole, mismatch, shown
from lib.convnets.layer_rows import LayerRow, LayerTable, by
from lib.convnets.operations import MULTIPLYING, hands_on, multiply_adds

__all__ = ["LayerRow", "LayerTable", "summarize"]

Call = tuple[nn.Module, torch.Tensor, torch.Tensor]  # a layer, its input, its output


def summarize(model: nn.Module, input_size: int | Sequence[int]) -> LayerTable:
    """The layer table of a net, from one image that has a shape but no numbers.

    model: any net that takes images (1, C, H, W); it stays as it is
    input_size: height and width, in pixels, of images in three colours; or (C, H, W)
    Raises `ValueError` where the net does not take such an image.

    What is no `nn.Module`, such as the + of a skip, has no row. Layers of unknown kinds count 0
    multiply–adds, and a note says so.

    >>> table = summarize(nn.Sequential(nn.Conv2d(3, 8, 5), nn.ReLU()), 32)
    >>> table.parameters, table.multiply_adds, table.operations
    (608, 470400, 940800)
    """
    if not isinstance(model, nn.Module):
        raise mismatch("summarize", "model", "a net of torch, such as build_model('small')", shown(model))
    shape = image_shape(input_size)
    names = {layer: name or type(layer).__name__ for name, layer in model.named_modules()}
    left = own_parameters(model)  # of the layers that have no row yet
    rows, unknown = [], set()
    for layer, x, y in calls_of(model, shape):
        if next(layer.children(), None) and not left.get(layer) and not isinstance(layer, MULTIPLYING):
            continue  # a container: the layers in it have rows
        products = multiply_adds(layer, x, y)
        if products is None:
            unknown.add(type(layer).__name__)
        rows.append(row_of(layer, names[layer], left.pop(layer, []), y, products or 0))
    idle = [row_of(layer, names[layer], own) for layer, own in left.items() if own]
    notes = []
    if unknown:
        notes.append(f"Counted as 0 multiply–adds, as their kind is unknown: {', '.join(sorted(unknown))}.")
    if idle:
        notes.append(f"Not called, so only their parameters count: {', '.join(row.name for row in idle)}.")
    title = f"{type(model).__name__}: its layers, for one image of {by(shape)}"
    return LayerTable(title, (*rows, *idle), tuple(notes))


def row_of(
    layer: nn.Module,
    name: str,
    parameters: list[nn.Parameter],
    y: torch.Tensor | None = None,
    products: int = 0,
) -> LayerRow:
    """The row of a layer; y is its output, None where it is not called."""
    made = 0 if y is None or hands_on(layer) else y.numel()
    return LayerRow(
        name=name,
        kind=type(layer).__name__,
        output=None if y is None else tuple(y.shape[1:]),
        parameters=sum(p.numel() for p in parameters),
        activations=made,
        parameter_bytes=sum(p.nbytes for p in parameters),
        activation_bytes=0 if y is None else made * y.element_size(),
        multiply_adds=products,
    )


def own_parameters(model: nn.Module) -> dict[nn.Module, list[nn.Parameter]]:
    """The parameters of each layer; those that layers share belong to the first one."""
    own: dict[nn.Module, list[nn.Parameter]] = {}
    seen: set[nn.Parameter] = set()
    for layer in model.modules():
        own[layer] = [p for p in layer.parameters(recurse=False) if p not in seen]
        seen.update(own[layer])
    return own


def calls_of(model: nn.Module, shape: tuple[int, ...]) -> list[Call]:
    """The layers that one image passes, in evaluation, each when it has finished."""
    calls: list[Call] = []

    def note(layer: nn.Module, inputs: Any, output: Any) -> None:
        x, y = first_tensor(inputs), first_tensor(output)
        if y is not None:
            calls.append((layer, y if x is None else x, y))

    training = {layer: layer.training for layer in model.modules()}
    hooks = [layer.register_forward_hook(note) for layer in training]
    try:
        model.eval()  # batch norm has no variance of one image; nor may it learn from this one
        with torch.no_grad():
            pass_one_image(model, shape, calls)
    except Exception as error:
        reason = str(error).strip().split("\n")[0]
        expected = "images that the net takes"
        raise mismatch("summarize", "input_size", expected, by(shape), f"torch says: {reason}") from error
    finally:
        for hook in hooks:
            hook.remove()
        for layer, mode in training.items():
            layer.training = mode
    return calls


def pass_one_image(model: nn.Module, shape: tuple[int, ...], calls: list[Call]) -> None:
    """Runs the net on shapes alone, which takes no time; where it cannot be, on zeros."""
    tensors = {**dict(model.named_parameters()), **dict(model.named_buffers())}
    like = next((t for t in tensors.values() if t.is_floating_point()), torch.empty(0))
    try:
        shapes = {name: torch.empty_like(t, device="meta") for name, t in tensors.items()}
        x = torch.empty(1, *shape, dtype=like.dtype, device="meta")
        torch.func.functional_call(model, shapes, (x,))
    except (NotImplementedError, RuntimeError):  # it needs numbers, or holds some that are no parameters
        calls.clear()
        model(torch.zeros(1, *shape, dtype=like.dtype, device=like.device))


def image_shape(input_size: Any) -> tuple[int, ...]:
    """(C, H, W), of three colours where only the pixels are said."""
    sizes = [3, input_size, input_size] if not isinstance(input_size, (tuple, list)) else input_size
    if len(sizes) != 3:
        expected = "a number of pixels, or (C, H, W)"
        raise mismatch("summarize", "input_size", expected, shown(input_size))
    return tuple(check_whole(n, name="input_size", owner="summarize", low=1) for n in sizes)


def first_tensor(value: Any) -> torch.Tensor | None:
    """The tensor, or the first in a tuple or list, such as a recurrent layer returns."""
    if isinstance(value, torch.Tensor):
        return value
    parts = value if isinstance(value, (tuple, list)) else ()
    return next((t for t in map(first_tensor, parts) if t is not None), None)
