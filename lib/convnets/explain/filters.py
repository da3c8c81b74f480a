"""Filters of the first layer as images, and the feature maps of an image in any layer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from torch import nn

from lib.checks import mismatch, shown
from lib.convnets.explain.layers import find_layer, named_layers, the_map, watching
from lib.convnets.explain.network import (
    COLOURS,
    Image,
    as_input,
    check_model,
    evaluating,
    scores_of,
    to_array,
)


def filter_images(model: nn.Module, layer: str | nn.Module | None = None) -> np.ndarray:
    """The filters of a convolution that looks at the pixels, each as an image.

    model: any net
    layer: a Conv2d of 3 input channels, or 1, or its name; None for the first Conv2d of the net
    returns: from 0 to 1, (filters, 3 or 1, h, w). A weight of 0 is grey, 0.5; the largest of each filter, by
        its size, is 0 or 1.

    Source: Krizhevsky, Sutskever and Hinton, 2012, figure 3.
    """
    model = check_model(model)
    if layer is None:
        convolutions = [name for name, one in named_layers(model).items() if isinstance(one, nn.Conv2d)]
        if not convolutions:
            raise mismatch("", "model", "a net with a Conv2d", type(model).__name__)
        layer = convolutions[0]
    name, module = find_layer(model, layer)
    if not isinstance(module, nn.Conv2d) or module.weight.shape[1] not in COLOURS:
        got = f"{name!r}, {module}" if isinstance(module, nn.Conv2d) else f"{name!r}, {type(module).__name__}"
        advice = "what later layers answer to, feature_maps and ascend show"
        raise mismatch("", "layer", "a Conv2d of 3 input channels, or 1", got, advice)
    weights = to_array(module.weight)
    largest = np.abs(weights).max(axis=(1, 2, 3), keepdims=True)
    return 0.5 + weights / (2 * np.maximum(largest, np.finfo(weights.dtype).tiny))


def feature_maps(model: nn.Module, image: Image, layers: Sequence[str | nn.Module]) -> dict[str, np.ndarray]:
    """What chosen layers make of an image.

    model: takes (1, C, H, W), gives scores (1, classes)
    image: floats (C, H, W)
    layers: each gives (1, K, h, w), or is the name of one
    returns: name → (K, h, w), in the order of `layers`

    Source: Zeiler and Fergus, "Visualizing and understanding convolutional networks", 2014.
    """
    model = check_model(model)
    if isinstance(layers, (str, nn.Module)) or not len(layers):
        raise mismatch("", "layers", "a list of layers or of their names", shown(layers))
    chosen = dict(find_layer(model, layer) for layer in layers)
    x = as_input(model, image)
    with evaluating(model), watching(chosen) as seen:
        scores_of(model, x)
    return {name: to_array(the_map(seen, name)[0]) for name in chosen}
