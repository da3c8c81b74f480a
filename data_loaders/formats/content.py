"""What every reader returns, and the checks that all of them share."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..dataset import Split
from ..files import Files

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


@dataclass(frozen=True)
class Content:
    """The two splits, and what there is to say about them.

    note: one remark for the student, such as where the test split comes from; may be empty
    jpeg: whether the images were stored as JPEG, with loss
    """

    train: Split
    test: Split
    note: str = ""
    jpeg: bool = False


def split_of(pixels: np.ndarray, labels: np.ndarray, name: str, *, first: int = 0) -> Split:
    """A Split from rows of 3072 bytes, or images (N, 3, 32, 32), after checking sizes, types and labels.

    name: the file, for the error
    first: the label of the first class, 1 where a file counts as Lua does
    """
    pixels, labels = np.asarray(pixels), np.asarray(labels).reshape(-1)
    if pixels.dtype != np.uint8 or pixels.shape[1:] not in {(3072,), (3, 32, 32)}:
        raise ValueError(
            f"{name}: expected uint8 pixels of shape (N, 3072), got {pixels.dtype} {pixels.shape}"
        )
    if len(pixels) == 0 or len(pixels) != len(labels):
        raise ValueError(
            f"{name}: expected one label an image, got {len(pixels)} images and {len(labels)} labels"
        )
    if labels.dtype.kind not in "ui":
        raise ValueError(f"{name}: expected integer labels, got {labels.dtype}")
    if labels.min() < first or labels.max() > first + 9:
        raise ValueError(
            f"{name}: got labels {labels.min()} to {labels.max()}, accepted are {first} to {first + 9}"
        )
    return Split(pixels.reshape(-1, 3, 32, 32), labels.astype(np.int64) - first)


def joined(splits: list[Split]) -> Split:
    """One split after the other."""
    return Split(np.concatenate([s.images for s in splits]), np.concatenate([s.labels for s in splits]))


def batch_names(names: list[str], suffix: str) -> tuple[list[str], str] | None:
    """The files data_batch_1, data_batch_2, … and test_batch of one folder, or None.

    suffix: what follows the names, such as ".bin"
    """
    folders = [
        n[: -len("test_batch" + suffix)]
        for n in names
        if re.fullmatch(rf"(.*/)?test_batch{re.escape(suffix)}", n)
    ]
    for folder in sorted(folders, key=lambda f: (f.count("/"), f)):
        pattern = re.compile(rf"{re.escape(folder)}data_batch_(\d+){re.escape(suffix)}")
        numbered = {int(found[1]): name for name in names if (found := pattern.fullmatch(name))}
        if numbered:
            return [numbered[k] for k in sorted(numbered)], f"{folder}test_batch{suffix}"
    return None


def complete_batches(files: Files, suffix: str) -> tuple[list[str], str]:
    """The names of the training batches, in order, and of the test batch; a gap raises `ValueError`."""
    train, test = batch_names(files.names, suffix)
    for k, name in enumerate(train, start=1):
        if not name.endswith(f"data_batch_{k}{suffix}"):
            raise ValueError(
                f"{files.path}: data_batch_{k}{suffix} is missing, but {name} is there: copy it again"
            )
    return train, test


def read_batches(files: Files, suffix: str, read_one: Callable[[bytes, str], Split]) -> Content:
    """All batches of a folder; `read_one(data, name)` gives the Split of one."""
    train, test = complete_batches(files, suffix)

    def read(name: str) -> Split:
        return read_one(files.read(name), f"{files.path}: {name}")

    return Content(joined([read(name) for name in train]), read(test))


def check_classes(found: list[str], name: str) -> None:
    """`ValueError` where the names of the classes are those of another data set."""
    if tuple(found) != CLASSES:
        raise ValueError(
            f"{name}: expected the classes {', '.join(CLASSES)}, got {', '.join(map(str, found[:12]))}"
        )
