"""Grad-CAM: where in the image the evidence for a class lies, as one layer sees it."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from torch.nn.functional import interpolate

from lib.checks import check_switch
from lib.convnets.explain.layers import find_layer, the_map, watching
from lib.convnets.explain.network import (
    Image,
    as_input,
    check_model,
    choose_label,
    evaluating,
    gradient_of,
    scores_of,
    to_array,
)


def grad_cam(
    model: nn.Module,
    image: Image,
    layer: str | nn.Module,
    label: int | None = None,
    *,
    resize: bool = True,
) -> np.ndarray:
    """The sum of a layer's feature maps, each times its weight for a class; what is below 0 is cut off.

    The weight of a map is the mean of ∂score/∂map over its places, of the score before the softmax. The last
    convolution is the usual layer: earlier ones see finer and know less of classes.

    A weight belongs to a whole map, so the result lights up where the maps do, even where what follows the
    layer does not look. Trust it where a mean or a maximum over all places follows, less where each place has
    weights of its own: in a net with Flatten before its Linear, it can point away from what counts.

    model: takes (1, C, H, W), gives scores (1, classes)
    image: floats (C, H, W)
    layer: one whose output is (1, K, h, w), or its name
    label: the class; None for the one that the net votes for
    resize: True for a map of the image's size, interpolated between the places of the layer; False for these
    returns: ≥ 0, in units of the score, (H, W) or (h, w)

    Source: Selvaraju et al., "Grad-CAM", 2017.
    """
    model = check_model(model)
    check_switch(resize, name="resize")
    name, module = find_layer(model, layer)
    x = as_input(model, image).requires_grad_()
    with evaluating(model, gradient=True), watching({name: module}) as seen:
        scores = scores_of(model, x)
        maps = the_map(seen, name)
        gradient = gradient_of(scores[0, choose_label(scores.detach(), label)], maps)
    with torch.no_grad():
        weights = gradient.mean(dim=(2, 3), keepdim=True)
        heat = (weights * maps).sum(dim=1, keepdim=True).relu()
        if resize:
            heat = interpolate(heat, size=x.shape[2:], mode="bilinear", align_corners=False)
        return to_array(heat[0, 0])
