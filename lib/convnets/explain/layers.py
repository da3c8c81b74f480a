"""Layers of a net: their names, and what comes out of them while an image goes through."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any

from torch import Tensor, nn

from lib.checks import mismatch, shown
from lib.convnets.explain.network import (
    FromPixels,
    Image,
    as_input,
    check_model,
    evaluating,
    scores_of,
)


def named_layers(model: nn.Module) -> dict[str, nn.Module]:
    """Every module of a net by its name; `FromPixels` adds nothing to the names."""
    inner = model.model if isinstance(model, FromPixels) else model
    return {name: module for name, module in inner.named_modules() if name}


def find_layer(model: nn.Module, layer: str | nn.Module) -> tuple[str, nn.Module]:
    """A layer and its name; `layer` is one of both."""
    layers = named_layers(model)
    if isinstance(layer, str) and layer in layers:
        return layer, layers[layer]
    for name, module in layers.items():
        if module is layer:
            return name, module
    if isinstance(layer, nn.Module):
        raise mismatch("", "layer", "a layer of the model", f"another {type(layer).__name__}")
    near = get_close_matches(str(layer), layers, 1)
    advice = f"did you mean {near[0]!r}?" if near else "layers_with_maps(model, image) lists some"
    raise mismatch("", "layer", "the name of a layer, or the layer", shown(layer), advice)


@contextmanager
def watching(layers: Mapping[str, nn.Module]) -> Iterator[dict[str, list[Any]]]:
    """What comes out of each layer, in the order in which they run; afterwards no hook is left.

    layers: by their names
    yields: name → its outputs, one for each time it ran; a layer that did not run is not there. The net goes
        on with a copy, so that a next layer which works in place changes nothing of what was seen.
    """
    seen: dict[str, list[Any]] = {}
    handles = []

    def watch(name: str) -> Callable[[nn.Module, Any, Any], Any]:
        def hook(module: nn.Module, inputs: Any, output: Any) -> Any:
            seen.setdefault(name, []).append(output)
            return output.clone() if isinstance(output, Tensor) else output

        return hook

    try:
        for name, layer in layers.items():
            handles.append(layer.register_forward_hook(watch(name)))
        yield seen
    finally:
        for handle in handles:
            handle.remove()


def the_map(seen: Mapping[str, list[Any]], name: str) -> Tensor:
    """The output of the one run of a layer, (N, C, H, W); `ValueError` for anything else."""
    outputs = seen.get(name, [])
    if len(outputs) != 1:
        got = f"{name!r}, which ran {len(outputs)} times"
        raise mismatch("", "layer", "a layer that runs once an image", got)
    output = outputs[0]
    if not _is_map(output):
        what = f"shape {tuple(output.shape)}" if isinstance(output, Tensor) else type(output).__name__
        got = f"{what} from {name!r}"
        raise mismatch("", "layer", "a layer that gives (N, C, H, W)", got, "choose an earlier one")
    return output


def layers_with_maps(model: nn.Module, image: Image) -> list[str]:
    """The names of the layers that make feature maps (1, K, h, w) of an image, as they run one by one.

    Left out are modules made of others, what runs more than once, and maps of a single place.

    model: takes (1, C, H, W), gives scores (1, classes)
    image: floats (C, H, W)
    """
    model = check_model(model)
    x = as_input(model, image)
    leaves = {name: layer for name, layer in named_layers(model).items() if not list(layer.children())}
    with evaluating(model), watching(leaves) as seen:
        scores_of(model, x)
    maps = {name: outputs[0] for name, outputs in seen.items() if len(outputs) == 1}
    return [name for name, output in maps.items() if _is_map(output) and output[0, 0].numel() > 1]


def _is_map(output: Any) -> bool:
    return isinstance(output, Tensor) and output.ndim == 4
