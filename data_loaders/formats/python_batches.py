"""The python version, or cifar-10-python.tar.gz: pickled batches; torchvision's and Keras' caches, too."""

from __future__ import annotations

import numpy as np

from ..dataset import Split
from ..files import Files
from ..safe_pickle import loads
from .content import Content, batch_names, check_classes, read_batches, split_of

TITLE = "python batches"
HOLDS = "data_batch_1 … 5, test_batch"


def matches(names: list[str]) -> bool:
    return batch_names(names, "") is not None


def read(files: Files) -> Content:
    content = read_batches(files, "", _read_batch)
    test = batch_names(files.names, "")[1]
    meta = test.removesuffix("test_batch") + "batches.meta"
    if meta in files.names:
        name = f"{files.path}: {meta}"
        found = _dict(files.read(meta), name).get("label_names")
        found = found if isinstance(found, list) else [found]
        check_classes([c.decode("latin1") if isinstance(c, bytes) else c for c in found], name)
    return content


def _read_batch(data: bytes, name: str) -> Split:
    batch = _dict(data, name)
    if not {"data", "labels"} <= batch.keys():
        raise ValueError(f"{name}: expected the entries data and labels, got {', '.join(map(str, batch))}")
    try:
        labels = np.array(batch["labels"])
    except Exception:  # whatever numpy says about a list that is not one of numbers
        raise ValueError(f"{name}: expected a list of integer labels") from None
    return split_of(batch["data"], labels, name)


def _dict(data: bytes, name: str) -> dict:
    """The pickled dict with its keys as text: Python 2 wrote them as bytes."""
    found = loads(data, name)
    if not isinstance(found, dict):
        raise ValueError(f"{name}: expected a pickled dict, got {type(found).__name__}")
    return {key.decode("latin1") if isinstance(key, bytes) else key: value for key, value in found.items()}
