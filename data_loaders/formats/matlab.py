"""The MATLAB version: .mat batches, in a folder or as cifar-10-matlab.tar.gz; read by scipy."""

from __future__ import annotations

import io

from ..dataset import Split
from ..files import LARGEST_FILE, Files
from ._optional import needed
from .content import Content, batch_names, read_batches, split_of

TITLE = "MATLAB batches"
HOLDS = "data_batch_1.mat … 5.mat, test_batch.mat"


def matches(names: list[str]) -> bool:
    return batch_names(names, ".mat") is not None


def read(files: Files) -> Content:
    return read_batches(files, ".mat", _read_batch)


def _read_batch(data: bytes, name: str) -> Split:
    matlab = needed("scipy.io", "scipy")
    try:
        shapes = {variable: shape for variable, shape, _ in matlab.whosmat(io.BytesIO(data))}
        for variable in ("data", "labels"):
            if variable not in shapes:
                raise ValueError(f"there is no variable {variable}, only {', '.join(shapes) or 'none'}")
            size = 1
            for length in shapes[variable]:
                size *= int(length)
            if size > LARGEST_FILE:  # a compressed file can claim any size: look before it is unpacked
                raise ValueError(f"{variable} claims {size:,} numbers")
        batch = matlab.loadmat(io.BytesIO(data), variable_names=["data", "labels"])
    except Exception as error:  # scipy raises many kinds for damaged files
        raise ValueError(
            f"{name}: cannot be read as a .mat batch: {error or type(error).__name__}"
        ) from error
    return split_of(batch["data"], batch["labels"], name)
