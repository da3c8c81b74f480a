"""The binary version, or cifar-10-binary.tar.gz: records of one label byte and 3072 pixel bytes."""

from __future__ import annotations

import numpy as np

from ..dataset import Split
from ..files import Files
from .content import Content, batch_names, beside_test_batch, check_classes, read_as, read_batches, split_of

TITLE = "binary batches"
HOLDS = "data_batch_1.bin … 5.bin, test_batch.bin"
RECORD = 1 + 3072  # bytes


def matches(names: list[str]) -> bool:
    return batch_names(names, ".bin") is not None


def read(files: Files) -> Content:
    content = read_batches(files, ".bin", _read_batch)
    if meta := beside_test_batch(files.names, ".bin", "batches.meta.txt"):
        data, name = files.read(meta), f"{files.path}: {meta}"
        with read_as("the names of the ten classes", data, name):
            check_classes(data[:4096].decode("latin1").split(), name)
    return content


def _read_batch(data: bytes, name: str) -> Split:
    with read_as(f"records of {RECORD} bytes", data, name):
        if len(data) % RECORD:
            raise ValueError(
                f"{name}: expected records of {RECORD} bytes, got {len(data):,} bytes, which are "
                f"{len(data) / RECORD:,.2f} records; it was cut or changed on its way, download it again"
            )
        records = np.frombuffer(data, np.uint8).reshape(-1, RECORD)
        if len(records) and not records[0].any() and not records.any():
            raise ValueError(f"{name}: expected labels and pixels, got nothing but zeros; download it again")
        return split_of(records[:, 1:], records[:, 0], name)
