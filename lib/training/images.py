"""From bytes to what a network takes: pixels centred and scaled, and the same image a little different."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from lib.checks import check_whole, shown

IMAGES = 1024  # counted at a time: the data set itself may stay on disk


@dataclass(frozen=True)
class PixelScale:
    """Bytes to floats: (pixel − mean) / deviation, each channel with its own.

    mean, deviation: (C,), usually those of the training images, see `of`

    >>> scale = PixelScale.of(np.array([0, 200], np.uint8).reshape(2, 1, 1, 1))
    >>> scale(np.array([[[[250]]]], np.uint8))
    array([[[[1.5]]]], dtype=float32)
    """

    mean: tuple[float, ...]
    deviation: tuple[float, ...]

    @classmethod
    def of(cls, images: np.ndarray) -> Self:
        """The scale that gives each channel of these images, uint8 (N, C, H, W), mean 0 and deviation 1.

        Raises `ValueError` for anything else.
        """
        if (
            not isinstance(images, np.ndarray)
            or images.dtype != np.uint8
            or images.ndim != 4
            or not images.size
        ):
            raise ValueError(f"images: expected uint8 (N, C, H, W), at least one, got {shown(images)}")
        counts = np.zeros((images.shape[1], 256), np.int64)
        for i in range(0, len(images), IMAGES):
            counts += _counts(images[i : i + IMAGES])
        share, values = counts / counts.sum(axis=1, keepdims=True), np.arange(256)
        mean = share @ values
        deviation = np.sqrt((share * (values - mean[:, None]) ** 2).sum(axis=1))
        deviation[deviation == 0] = 1  # a channel of one value becomes zero
        return cls(tuple(mean.tolist()), tuple(deviation.tolist()))

    def __call__(self, images: np.ndarray, dtype: type | np.dtype = np.float32) -> np.ndarray:
        """Floats (N, C, H, W) of uint8 images; their memory is channels-last, as convolution likes it."""
        pixels = images.transpose(0, 2, 3, 1).astype(dtype, order="C")
        pixels -= np.array(self.mean, dtype)
        pixels *= 1 / np.array(self.deviation, dtype)
        return pixels.transpose(0, 3, 1, 2)


def _counts(images: np.ndarray) -> np.ndarray:
    """How often each channel has each of the 256 values: int (C, 256)."""
    return np.stack([np.bincount(channel.ravel(), minlength=256) for channel in images.swapaxes(0, 1)])


@dataclass(frozen=True)
class RandomFlipAndShift:
    """Each image mirrored with probability ½, and moved by up to `shift` pixels; the edges are repeated.

    A cat seen in a mirror is a cat: the network sees more images than there are, and overfits later.
    Source: Krizhevsky, Sutskever and Hinton, 2012.

    >>> image = np.arange(5, dtype=np.uint8).reshape(1, 1, 1, 5)
    >>> RandomFlipAndShift(shift=1)(image, np.random.default_rng(2))
    array([[[[3, 2, 1, 0, 0]]]], dtype=uint8)
    """

    shift: int = 2

    def __post_init__(self):
        check_whole(self.shift, name="shift")

    def __call__(self, images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Changed copies of images (N, C, H, W)."""
        n, _, height, width = images.shape
        down, right = rng.integers(-self.shift, self.shift + 1, (2, n, 1))
        rows = np.clip(np.arange(height) + down, 0, height - 1)  # (N, H): from where each row is taken
        columns = np.clip(np.arange(width) + right, 0, width - 1)
        columns = np.where(rng.random((n, 1)) < 0.5, columns[:, ::-1], columns)
        pixels = images.transpose(0, 2, 3, 1)
        return pixels[np.arange(n)[:, None, None], rows[:, :, None], columns[:, None, :]].transpose(
            0, 3, 1, 2
        )
