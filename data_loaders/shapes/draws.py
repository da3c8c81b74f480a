"""Random numbers that are the same on every machine: a hash of a seed and a position.

numpy promises its generators' methods only within a version (NEP 19); integers modulo 2⁶⁴ are for ever.
"""

from __future__ import annotations

from math import prod

import numpy as np

GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # 2⁶⁴ / golden ratio: the step from one position to the next


def mix(z: np.ndarray) -> np.ndarray:
    """uint64 of any shape → uint64: one to one, and every output bit depends on all input bits.

    Source: SplitMix64; Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
    """
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def words(seeds: np.ndarray, count: int) -> np.ndarray:
    """`count` random words for each seed: uint64 (n,) → uint64 (n, count)."""
    return mix(mix(seeds)[:, None] + np.arange(1, count + 1, dtype=np.uint64) * GOLDEN)


class Draws:
    """The random choices of n pictures, handed out in order, as float32.

    seeds: uint64 (n,), one a picture
    count: how many numbers a picture may use
    """

    def __init__(self, seeds: np.ndarray, count: int):
        # 23 bits and a half: the value and twice the value − 1 are exact in float32, and never 0 or 1.
        self._values = ((words(seeds, count) >> np.uint64(41)).astype(np.float32) + 0.5) * np.float32(2**-23)
        self._used = 0

    def uniform(self, *shape: int) -> np.ndarray:
        """Numbers in (0, 1): (n, *shape); without a shape (n, 1, 1), which broadcasts with (n, H, W)."""
        shape = shape or (1, 1)
        start, self._used = self._used, self._used + prod(shape)
        return self._values[:, start : self._used].reshape(-1, *shape)

    def signed(self, *shape: int) -> np.ndarray:
        """Numbers in (−1, 1), shaped as in `uniform`."""
        return 2 * self.uniform(*shape) - 1

    def push(self) -> np.ndarray:
        """Numbers in (−1, −½) or (½, 1), (n, 1, 1): which way to move and how far, never hardly at all."""
        value = self.signed()
        return 0.5 * value + np.where(value < 0, np.float32(-0.5), np.float32(0.5))

    def direction(self) -> tuple[np.ndarray, np.ndarray]:
        """Unit vectors over the whole circle: two arrays (n, 1, 1)."""
        half, side = (
            self.signed(),
            self.signed(),
        )  # tangent of half the angle: a circle without sine and cosine
        x, y = (1 - half * half) / (1 + half * half), 2 * half / (1 + half * half)
        return np.where(side < 0, -x, x), y
