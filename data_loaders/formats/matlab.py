"""The MATLAB version: .mat batches, in a folder or as cifar-10-matlab.tar.gz."""

from __future__ import annotations

import numpy as np

from ..files import Files
from ..mat_file import read_variables
from .content import Content, ImagesLeft, batch_names, complete_batches, joined, split_of

TITLE = "MATLAB batches"
HOLDS = "data_batch_1.mat … 5.mat, test_batch.mat"


def matches(names: list[str]) -> bool:
    return batch_names(names, ".mat") is not None


def read(files: Files) -> Content:
    """All batches. Where 10 is a label and 0 is none, the classes are counted from 1, as MATLAB does."""
    train, test = complete_batches(files, ".mat")
    batches = []
    left = ImagesLeft(files.path)
    for name in (*train, test):
        pixels, labels = _read_batch(files, name)
        batches.append((f"{files.path}: {name}", pixels, labels))
        left.take(len(pixels), name)
    seen = {label for _, _, labels in batches for label in np.unique(labels).tolist()}
    first = 1 if 10 in seen and 0 not in seen else 0
    *splits, last = [split_of(pixels, labels, name, first=first) for name, pixels, labels in batches]
    return Content(joined(splits), last)


def _read_batch(files: Files, name: str) -> tuple[np.ndarray, np.ndarray]:
    where = f"{files.path}: {name}"
    batch = read_variables(files.read(name), ("data", "labels"), where)
    pixels, labels = batch["data"], batch["labels"]
    if pixels.ndim != 2 or len(pixels) != labels.size:
        raise ValueError(
            f"{where}: expected a label for each image, got {labels.size:,} and data of shape {pixels.shape}"
        )
    if labels.dtype.kind == "f":  # MATLAB's own numbers are floats, whole or not
        if not (np.isfinite(labels).all() and (labels == labels.round()).all() and (abs(labels) < 1e6).all()):
            raise ValueError(f"{where}: labels: expected whole numbers from 0 to 9, or 1 to 10")
        labels = labels.astype(np.int64)
    return pixels, labels
