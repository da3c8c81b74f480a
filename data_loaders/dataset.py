"""What every loader returns: a data set of two splits, each images and labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Split:
    """Images with their labels, one half of a data set.

    images: uint8 (N, C, H, W), values 0…255; may be memory-mapped, then it is read-only
    labels: int64 (N,), values 0…len(classes) − 1

    Raises `ValueError` where the shapes or types do not fit together.
    """

    images: np.ndarray
    labels: np.ndarray

    def __post_init__(self):
        if self.images.ndim != 4 or self.images.dtype != np.uint8:
            raise ValueError(
                f"images: expected uint8 (N, C, H, W), got {self.images.dtype} {self.images.shape}; "
                "reshape and convert the pixels first"
            )
        if self.labels.shape != (len(self.images),) or self.labels.dtype != np.int64:
            raise ValueError(
                f"labels: expected int64 ({len(self.images)},), one label an image, "
                f"got {self.labels.dtype} {self.labels.shape}"
            )

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        return f"Split({len(self):,} images of shape {self.images.shape[1:]})"

    def __getitem__(self, rows: slice | np.ndarray) -> Split:
        """The rows of a slice, an index array or a boolean mask, as a Split."""
        return Split(self.images[rows], self.labels[rows])

    def take(self, count: int, *, seed: int | None = None) -> Split:
        """The first examples, or random ones without repetition.

        count: how many, 0 to the size of this split
        seed: of the random choice; None takes the first ones

        Raises `ValueError` for another count.

        >>> split = Split(np.zeros((5, 3, 2, 2), np.uint8), np.arange(5))
        >>> split.take(2).labels
        array([0, 1])
        >>> len(split.take(3, seed=0))
        3
        """
        if not 0 <= count <= len(self):
            raise ValueError(f"count: expected 0 to {len(self)}, the size of this split, got {count}")
        if seed is None:
            return self[:count]
        return self[np.random.default_rng(seed).permutation(len(self))[:count]]

    def split(self, *, validation: int, seed: int = 0) -> tuple[Split, Split]:
        """The training part and the validation part; no example is in both.

        validation: how many random examples are held out
        seed: of the random choice

        Raises `ValueError` where one part would be empty.
        """
        if not 0 < validation < len(self):
            raise ValueError(
                f"validation: expected 1 to {len(self) - 1}, got {validation}; both parts need examples"
            )
        order = np.random.default_rng(seed).permutation(len(self))
        return self[order[validation:]], self[order[:validation]]

    def vectors(self) -> np.ndarray:
        """Every image as a row: float32 (N, C·H·W), values 0…255."""
        return self.images.reshape(len(self), -1).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Dataset:
    """A training and a test split with the names of their classes.

    name: for people, such as "CIFAR-10" or "Shapes-10"
    train: the training split
    test: the test split
    classes: names in the order of the labels
    origin: one line on where it came from and whether it was verified

    Raises `ValueError` where a label has no class.
    """

    name: str
    train: Split
    test: Split
    classes: tuple[str, ...]
    origin: str = ""

    def __post_init__(self):
        for part, split in (("train", self.train), ("test", self.test)):
            if len(split) and not 0 <= split.labels.min() <= split.labels.max() < len(self.classes):
                raise ValueError(
                    f"{part}.labels: expected 0 to {len(self.classes) - 1}, one for each of the "
                    f"{len(self.classes)} classes, got {split.labels.min()} to {split.labels.max()}"
                )

    def __repr__(self) -> str:
        sizes = f"{len(self.train):,} training and {len(self.test):,} test images"
        return f"{self.name}: {sizes}, {len(self.classes)} classes"
