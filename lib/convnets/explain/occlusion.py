"""Occlusion: a grey square hides a part of the image; how much less probable does the class become?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from lib.checks import as_numbers, check_finite, check_number, check_whole, mismatch
from lib.convnets.explain.network import (
    Image,
    as_input,
    check_model,
    choose_label,
    evaluating,
    scores_of,
    to_array,
)

TOGETHER = 64  # images that go through the net at once


def occlude(
    image: np.ndarray, row: int, column: int, *, size: int = 8, fill: float | None = None
) -> np.ndarray:
    """A copy of an image with a square hidden.

    image: floats (C, H, W)
    row, column: of the square's upper left corner; what reaches over an edge is cut off
    size: of its sides, in pixels
    fill: what stands there then; None for the mean of each channel, the image's own grey

    >>> occlude(np.eye(3)[None], 0, 1, size=2, fill=0.5)
    array([[[1. , 0.5, 0.5],
            [0. , 0.5, 0.5],
            [0. , 0. , 1. ]]])
    """
    image = as_numbers(image, name="image")
    if image.ndim != 3 or not image.size or image.dtype.kind != "f":
        raise mismatch("", "image", "one image of floats (C, H, W)", f"{image.dtype} {image.shape}")
    size = check_whole(size, name="size", low=1)
    row = check_whole(row, name="row", low=1 - size, high=image.shape[1] - 1)
    column = check_whole(column, name="column", low=1 - size, high=image.shape[2] - 1)
    hidden = image.copy()
    rows, columns = slice(max(row, 0), row + size), slice(max(column, 0), column + size)
    hidden[:, rows, columns] = _grey(image, fill)
    return hidden


def occlusion(
    model: nn.Module,
    image: Image,
    label: int | None = None,
    *,
    size: int = 8,
    stride: int = 4,
    fill: float | None = None,
) -> np.ndarray:
    """By how much the probability of a class falls as a square hides one place after the other.

    model: takes (N, C, H, W), gives scores (N, classes)
    image: floats (C, H, W)
    label: the class; None for the one that the net votes for
    size: of the square's sides, in pixels
    stride: between its places, in pixels; the last of a row or column lies at the edge, see `places`
    fill: what stands in the square; None for the mean of each channel
    returns: (rows, columns) of the places; above 0 where the class is less probable without what was hidden

    Source: Zeiler and Fergus, "Visualizing and understanding convolutional networks", 2014, section 4.2.
    """
    model = check_model(model)
    x = as_input(model, image)
    with evaluating(model):
        scores = scores_of(model, x)
        label = choose_label(scores, label)
        rows, columns = (places(length, size=size, stride=stride) for length in x.shape[2:])
        grey = torch.as_tensor(_grey(to_array(x[0]), fill), dtype=x.dtype).to(x.device)
        corners = [(row, column) for row in rows for column in columns]
        before, after = scores.softmax(dim=1)[0, label], []
        for first in range(0, len(corners), TOGETHER):
            some = corners[first : first + TOGETHER]
            hidden = x.repeat(len(some), 1, 1, 1)
            for one, (row, column) in zip(hidden, some, strict=True):
                one[:, row : row + size, column : column + size] = grey
            after.append(scores_of(model, hidden).softmax(dim=1)[:, label])
        return to_array((before - torch.cat(after)).reshape(len(rows), len(columns)))


def places(length: int, *, size: int = 8, stride: int = 4) -> list[int]:
    """Where the square starts along one side of an image: every `stride` pixels, and last at the edge.

    >>> places(32, size=8, stride=5)
    [0, 5, 10, 15, 20, 24]
    """
    length = check_whole(length, name="length", low=1)
    size = check_whole(size, name="size", low=1, high=length, of="the side of the image")
    stride = check_whole(stride, name="stride", low=1)
    last = length - size
    return [*range(0, last, stride), last]


def spread(falls: np.ndarray, shape: Sequence[int], *, size: int = 8, stride: int = 4) -> np.ndarray:
    """A map of the image's size: at each pixel the mean over the squares that hid it; 0 where none did.

    falls: what `occlusion` returned for squares of this size and stride
    shape: (H, W) of the image
    returns: (H, W)

    >>> spread(np.array([[0.0, 0.5]]), (1, 3), size=1, stride=2)
    array([[0. , 0. , 0.5]])
    """
    falls = as_numbers(falls, name="falls")
    if len(shape) != 2:
        raise mismatch("", "shape", "(H, W)", str(tuple(shape)))
    rows, columns = (places(length, size=size, stride=stride) for length in shape)
    if falls.shape != (len(rows), len(columns)):
        expected = f"{(len(rows), len(columns))} as occlusion gives for size {size} and stride {stride}"
        raise mismatch("", "falls", expected, f"shape {falls.shape}")
    total, times = np.zeros(tuple(shape)), np.zeros(tuple(shape))
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            square = (slice(row, row + size), slice(column, column + size))
            total[square] += falls[i, j]
            times[square] += 1
    return total / np.maximum(times, 1)


def _grey(image: np.ndarray, fill: float | None) -> np.ndarray:
    """What stands in the square: (C, 1, 1) in the dtype of the image (C, H, W)."""
    if fill is None:
        check_finite(image, name="image")
        return image.mean(axis=(1, 2), keepdims=True)
    fill = check_number(fill, name="fill", otherwise=", or None for the mean of each channel")
    return np.full((len(image), 1, 1), fill, image.dtype)
