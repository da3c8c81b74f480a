"""Changes of images that follow from a secret, with the same bits on every machine and in every year.

numpy's own generators may draw other numbers in a later version; SHAKE-256 does not, and nobody can tell
from some of its numbers what the others are.
"""

from __future__ import annotations

import hashlib

import numpy as np

VERSION = b"challenge 1"  # another one makes another competition of the same secret
TERMS = 4  # random bytes that add up to one number, which is about normal
MIDDLE = TERMS * 255 / 2
DEVIATION = (TERMS * (256**2 - 1) / 12) ** 0.5  # of such a sum: 147.8

MILD = 4.0  # the standard deviation of the mild noise, of 255: hardly seen, but no image is left as it was
STRONG = 75.0  # of the noise beyond recognition
LEFT = 0.2  # of the contrast, below that noise


def secret_bytes(secret: bytes, purpose: str, count: int) -> bytes:
    """Bytes that follow from the secret; those for one purpose say nothing about those for another."""
    return hashlib.shake_256(b"\0".join([VERSION, purpose.encode(), secret])).digest(count)


def secret_order(secret: bytes, purpose: str, count: int) -> np.ndarray:
    """The numbers 0 … count − 1 in an order that follows from the secret, int64."""
    draws = np.frombuffer(secret_bytes(secret, purpose, 8 * count), "<u8")
    return np.argsort(draws, kind="stable").astype(np.int64)


def mildly_noised(image: np.ndarray, secret: bytes, purpose: str) -> np.ndarray:
    """An image, uint8, with a little noise on every pixel."""
    return _bytes(image.astype(np.int64) + _noise(image.shape, MILD, secret, purpose))


def beyond_recognition(image: np.ndarray, secret: bytes, purpose: str) -> np.ndarray:
    """An image, uint8, of which nothing is seen any more: a fifth of its contrast below strong noise.

    A net is at chance here. Whoever compares it with all the originals, pixel by pixel, still finds it.
    """
    faint = 128 + _scaled(image.astype(np.int64) - 128, LEFT)
    return _bytes(faint + _noise(image.shape, STRONG, secret, purpose))


def _noise(shape: tuple[int, ...], deviation: float, secret: bytes, purpose: str) -> np.ndarray:
    """Whole numbers, about normal around 0."""
    count = int(np.prod(shape))
    draws = np.frombuffer(secret_bytes(secret, purpose, TERMS * count), np.uint8)
    sums = draws.reshape(count, TERMS).sum(axis=1, dtype=np.int64)
    return _scaled(sums - int(MIDDLE), deviation / DEVIATION).reshape(shape)


def _scaled(numbers: np.ndarray, factor: float) -> np.ndarray:
    """Whole numbers times a factor, rounded; in whole numbers only, so that no machine rounds otherwise."""
    return (numbers * round(factor * 4096) + 2048) >> 12


def _bytes(numbers: np.ndarray) -> np.ndarray:
    return np.clip(numbers, 0, 255).astype(np.uint8)
