"""The python version, or cifar-10-python.tar.gz: pickled batches; torchvision's and Keras' caches, too."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dataset import Split
from ..files import Files
from ..looks import shortened
from ..safe_pickle import loads
from .content import Content, batch_names, check_classes, complete_batches, read_batches, split_of

TITLE = "python batches"
HOLDS = "data_batch_1 … 5, test_batch"


def matches(names: list[str]) -> bool:
    return batch_names(names, "") is not None


def read(files: Files) -> Content:
    content = read_batches(files, "", _read_batch)
    _, test = complete_batches(files, "")
    meta = test.removesuffix("test_batch") + "batches.meta"
    if meta in files.names:
        name = f"{files.path}: {meta}"
        classes = _dict(files.read(meta), name).get("label_names")
        classes = classes if isinstance(classes, list) else [classes]
        names = [_text(c)[:30] if isinstance(c, str | bytes) else shortened(c) for c in classes[:20]]
        check_classes(names, name)
    return content


def _read_batch(data: bytes, name: str) -> Split:
    batch = _dict(data, name)
    if not {"data", "labels"} <= batch.keys():
        found = ", ".join(shortened(key, 20) for key in list(batch)[:6]) or "none"
        raise ValueError(f"{name}: expected the entries data and labels, got {found}; copy the file again")
    pixels = batch["data"]
    if not isinstance(pixels, np.ndarray):
        raise ValueError(f"{name}: data: expected an array of pixels, got {shortened(pixels)}")
    return split_of(pixels, _labels(batch["labels"], name), name)


def _labels(labels: Any, name: str) -> np.ndarray:
    """The labels as an array: they come as one, or as a list of Python's or numpy's integers."""
    if isinstance(labels, np.ndarray):
        return labels
    if not isinstance(labels, list | tuple):
        raise ValueError(f"{name}: labels: expected a list of integers, got {shortened(labels)}")
    for row, label in enumerate(labels):
        if type(label) is not int or not 0 <= label <= 9:
            raise ValueError(
                f"{name}: labels[{row}]: expected an integer from 0 to 9, got {shortened(label)}"
            )
    return np.array(labels, np.int64)


def _dict(data: bytes, name: str) -> dict[str, Any]:
    """The pickled dict with its keys as text: Python 2 wrote them as bytes."""
    found = loads(data, name)
    if not isinstance(found, dict):
        raise ValueError(f"{name}: expected a pickled dict, got {shortened(found)}; copy the file again")
    named = {_text(key): value for key, value in found.items()}
    if len(named) < len(found):
        twice = next(_text(key) for key in found if isinstance(key, bytes) and _text(key) in found)
        raise ValueError(f"{name}: expected each entry once, got {shortened(twice, 20)} twice; remove one")
    return named


def _text(text: str | bytes) -> str:
    return text.decode("latin1") if isinstance(text, bytes) else text
