"""Hierarchical grouping: the two neighbouring regions that are most alike become one, until all are one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.checks import mismatch, shown
from lib.detection.pictures import check_picture

BINS = 25  # of each colour's histogram


@dataclass(frozen=True)
class MergeTree:
    """All regions that ever were: first those of the start, then one for each merge.

    start: int (H, W), the region of each pixel at the start, 0 … n − 1
    boxes: float64 (2n − 1, 4), around each region
    sizes: int (2n − 1,), pixels
    merges: int (n − 1, 2): merge k made region n + k out of these two
    """

    start: np.ndarray
    boxes: np.ndarray
    sizes: np.ndarray
    merges: np.ndarray

    def after(self, count: int) -> np.ndarray:
        """The region of each pixel after so many merges, 0 … n − 1: int (H, W)."""
        now = np.arange(len(self.sizes))
        for made, pair in enumerate(self.merges[:count], start=len(self.merges) + 1):
            now[np.isin(now, pair)] = made
        return now[self.start]


def group(image: np.ndarray, start: np.ndarray) -> MergeTree:
    """Merges the regions of an image by colour, size and fit until one is left.

    image: uint8 (3, H, W)
    start: int (H, W), a region for each pixel: 0 … n − 1, each at least once

    Alike are regions with the same colours; small regions merge before large ones, and those that together
    fill their common box before others.

    Raises `ValueError` for other images and regions.

    Source: Uijlings et al., "Selective Search for Object Recognition", IJCV 2013, without texture.
    """
    start = _check_start(start, check_picture(image).shape[1:])
    count, pixels = int(start.max()) + 1, start.size
    sizes, boxes, colours = (np.zeros((2 * count - 1, *shape)) for shape in ((), (4,), (3 * BINS,)))
    sizes[:count], boxes[:count], colours[:count] = _measured(image, start, count)
    beside = _neighbours(start, count)

    def likeness(one: int, others: list[int]) -> np.ndarray:
        both = np.maximum(boxes[one] * CORNER, boxes[others] * CORNER) * CORNER
        empty = (both[:, 2:] - both[:, :2]).prod(axis=1) - sizes[one] - sizes[others]
        colour = np.minimum(colours[one], colours[others]).sum(axis=1)
        return colour + 1 - (sizes[one] + sizes[others]) / pixels + 1 - empty / pixels

    alike = {
        (one, other): value
        for one in range(count)
        if (others := sorted(other for other in beside[one] if other > one))
        for other, value in zip(others, likeness(one, others), strict=True)
    }
    merges = []
    for new in range(count, 2 * count - 1):
        a, b = max(alike, key=alike.__getitem__)
        merges.append((a, b))
        sizes[new] = sizes[a] + sizes[b]
        boxes[new] = np.maximum(boxes[a] * CORNER, boxes[b] * CORNER) * CORNER
        colours[new] = (sizes[a] * colours[a] + sizes[b] * colours[b]) / sizes[new]
        around = sorted((beside.pop(a) | beside.pop(b)) - {a, b})
        for pair in [(min(old, other), max(old, other)) for old in (a, b) for other in [*around, a, b]]:
            alike.pop(pair, None)
        for other in around:
            beside[other] = (beside[other] - {a, b}) | {new}
        beside[new] = set(around)
        if around:
            alike |= {(other, new): value for other, value in zip(around, likeness(new, around), strict=True)}
    return MergeTree(start, boxes, sizes.astype(np.int64), np.array(merges, np.int64).reshape(-1, 2))


CORNER = np.array([-1.0, -1.0, 1.0, 1.0])  # the larger of −x1 and −x1′ belongs to the smaller of x1 and x1′


def _check_start(start: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The regions as int64, of the shape of the image; no number of a region may be missing."""
    array = np.asarray(start)
    if array.shape != shape or array.dtype.kind not in "ui":
        raise mismatch("", "start", f"whole numbers of shape {shape}, as the image", shown(array))
    there = np.unique(array)
    if int(there[0]) != 0 or int(there[-1]) != len(there) - 1:
        came = f"{len(there)} numbers from {there[0]} to {there[-1]}"
        raise mismatch(
            "", "start", "regions 0 … n − 1, each at least once", came, "see np.unique, return_inverse"
        )
    return array.astype(np.int64)


def _measured(image: np.ndarray, start: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each region: its size (n,), box (n, 4), and histogram of the three colours, which sums to 1."""
    y, x = np.indices(start.shape)
    order = np.argsort(start, axis=None, kind="stable")
    first = np.searchsorted(start.ravel()[order], np.arange(count))
    sides = [
        reduce.reduceat(place.ravel()[order], first) + after
        for reduce, after in ((np.minimum, 0), (np.maximum, 1))
        for place in (x, y)
    ]
    bins = image.astype(np.int64) * BINS // 256 + BINS * np.arange(3)[:, None, None]
    histogram = np.bincount((start * 3 * BINS + bins).ravel(), minlength=count * 3 * BINS)
    sizes = np.bincount(start.ravel(), minlength=count)
    return sizes, np.stack(sides, axis=1), histogram.reshape(count, -1) / (3 * sizes[:, None])


def _neighbours(start: np.ndarray, count: int) -> dict[int, set[int]]:
    """The regions that touch each region, side by side or one below the other."""
    beside: dict[int, set[int]] = {region: set() for region in range(count)}
    sides = ((start[:, :-1], start[:, 1:]), (start[:-1], start[1:]))
    pairs = np.concatenate([np.stack([a[a != b], b[a != b]], axis=1) for a, b in sides])
    for a, b in np.unique(pairs, axis=0).tolist():
        beside[a].add(b)
        beside[b].add(a)
    return beside
