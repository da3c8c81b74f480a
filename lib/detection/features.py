"""What a trained net makes of crops: the last map of its convolutions, and the maximum of each channel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from lib.convnets.models.fast import Fast
from lib.convnets.trained import Trained, trained
from lib.detection.crops import crop_boxes

NET = "fast_half_shapes10_hard"
AT_ONCE = 256  # crops


@dataclass(frozen=True)
class Described:
    """Boxes of one scene and their features; computed once, so that scores can be had again and again.

    boxes: float64 (P, 4)
    pooled: float32 (P, 128), the largest value of each channel: what a thing is
    maps: float32 (P, 1152), 3 × 3 places of each channel: where it is in its box
    """

    boxes: np.ndarray
    pooled: np.ndarray
    maps: np.ndarray


def load_net() -> Trained:
    """The course's own net for Shapes-10, which comes with it."""
    return trained(NET)


def describe(net: Trained, image: np.ndarray, boxes: np.ndarray) -> Described:
    """The features of each box of an image, uint8 (3, H, W); boxes: (P, 4), P may be 0."""
    if not isinstance(net.model, Fast):
        raise TypeError(
            f"net: expected a net of the family fast, got {type(net.model).__name__}; use load_net()"
        )
    crops, boxes = crop_boxes(image, boxes), np.asarray(boxes, float)
    maps = []
    with torch.inference_mode():
        for start in range(0, max(len(crops), 1), AT_ONCE):  # no crops have maps, too: of their shape
            batch = torch.from_numpy(net.scale(crops[start : start + AT_ONCE]))
            maps.append(net.model.stages(net.model.stem(batch)).numpy())
    found = np.concatenate(maps)
    return Described(boxes, found.max(axis=(2, 3)), found.reshape(len(found), int(np.prod(found.shape[1:]))))
