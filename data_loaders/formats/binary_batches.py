"""The binary version, or cifar-10-binary.tar.gz: records of one label byte and 3072 pixel bytes."""

from __future__ import annotations

import numpy as np

from ..dataset import Split
from ..files import Files
from .content import Content, batch_names, check_classes, read_batches, split_of

TITLE = "binary batches"
HOLDS = "data_batch_1.bin … 5.bin, test_batch.bin"
RECORD = 1 + 3072


def matches(names: list[str]) -> bool:
    return batch_names(names, ".bin") is not None


def read(files: Files) -> Content:
    content = read_batches(files, ".bin", _read_batch)
    meta = batch_names(files.names, ".bin")[1].removesuffix("test_batch.bin") + "batches.meta.txt"
    if meta in files.names:
        check_classes(files.read(meta).decode("latin1").split(), f"{files.path}: {meta}")
    return content


def _read_batch(data: bytes, name: str) -> Split:
    if len(data) % RECORD:
        raise ValueError(
            f"{name}: expected records of {RECORD} bytes, got {len(data):,} bytes: copy it again"
        )
    records = np.frombuffer(data, np.uint8).reshape(-1, RECORD)
    return split_of(records[:, 1:], records[:, 0], name)
