"""The images that a demo is given: they are checked here, and an error says what the demo accepts."""

from __future__ import annotations

import numpy as np

from data_loaders import Dataset, Split, load_dataset
from lib.checks import shown

Images = Dataset | Split | np.ndarray
SHAPE = (3, 32, 32)  # of an image


def dataset_of(data: Dataset | None, *, training: int, test: int) -> Dataset:
    """A data set of 32 × 32 colour images; None takes `load_dataset("auto")`.

    training, test: how many images it must have
    Raises `ValueError` for anything else.
    """
    data = load_dataset("auto") if data is None else data
    wanted = f"a Dataset with {training:,} training and {test:,} test images or more of shape {SHAPE}"
    if not isinstance(data, Dataset):
        hint = "the whole data, not data.train" if isinstance(data, Split) else 'load_dataset("auto")'
        raise ValueError(f"data: expected {wanted}, got {shown(data)}; give {hint}")
    enough = len(data.train) >= training and len(data.test) >= test
    if not enough or data.train.images.shape[1:] != SHAPE or data.test.images.shape[1:] != SHAPE:
        raise ValueError(f"data: expected {wanted}, got {data!r}, {data.train!r}")
    return data


def images_of(data: Images | None, *, least: int) -> np.ndarray:
    """32 × 32 colour images, uint8 (N, 3, 32, 32).

    data: such an array, a Split, or a Dataset, of which those for training are taken; None takes
        `load_dataset("auto")`
    least: how many there must be
    Raises `ValueError` for anything else.
    """
    data = load_dataset("auto") if data is None else data
    part = data.train if isinstance(data, Dataset) else data
    images = part.images if isinstance(part, Split) else part
    if not isinstance(images, np.ndarray) or images.dtype != np.uint8 or images.shape[1:] != SHAPE:
        one = isinstance(images, np.ndarray) and images.shape == SHAPE
        hint = "one image is data[None]" if one else "give data.train or data.train.images"
        raise ValueError(f"data: expected images, uint8 (N, 3, 32, 32), got {shown(part)}; {hint}")
    if len(images) < least:
        raise ValueError(f"data: expected {least} or more images, got {len(images)}")
    return images
