"""What a trained net makes of crops: the last map of its convolutions, and the maximum of each channel."""

from __future__ import annotations

import numpy as np

from lib.convnets.models.fast import Fast
from lib.convnets.trained import Trained, trained
from lib.detection.boxes import check_boxes
from lib.detection.crops import crop_boxes
from lib.detection.described import Described
from lib.detection.pictures import check_picture

NET = "fast_half_shapes10_hard"
AT_ONCE = 256  # crops


def load_net() -> Trained:
    """The course's own net for Shapes-10, which comes with it."""
    return trained(NET)


def describe(net: Trained, image: np.ndarray, boxes: np.ndarray) -> Described:
    """The features of each box of an image, uint8 (3, H, W); boxes: (P, 4), P may be 0."""
    import torch  # here, so that without it lib.convnets says what is missing

    if not isinstance(net.model, Fast):
        raise TypeError(
            f"net: expected a net of the family fast, got {type(net.model).__name__}; use load_net()"
        )
    _, height, width = check_picture(image).shape
    boxes, maps = check_boxes(boxes).astype(np.float64), []
    with torch.inference_mode():
        for start in range(0, max(len(boxes), 1), AT_ONCE):  # no crops have maps, too: of their shape
            crops = crop_boxes(image, boxes[start : start + AT_ONCE])
            batch = torch.from_numpy(net.scale(crops))
            maps.append(net.model.stages(net.model.stem(batch)).numpy())
    found = np.concatenate(maps)
    rows = found.reshape(len(found), int(np.prod(found.shape[1:])))
    return Described(boxes, found.max(axis=(2, 3)), rows, height, width)
