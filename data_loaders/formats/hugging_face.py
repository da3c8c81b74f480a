"""Hugging Face's parquet files, and the arrow files its library makes of them; read by pyarrow."""

from __future__ import annotations

import re

import numpy as np

from ..dataset import Split
from ..files import LARGEST_FILE, Files
from ._optional import needed
from .content import Content, split_of
from .pictures import decode_all

TITLE = "Hugging Face's tables"
HOLDS = "train-*.parquet, test-*.parquet"

TABLE = re.compile(r"(?:.*[/_-])?(?P<split>train|test)(?:[/_-].*)?\.(?:parquet|arrow)")


def matches(names: list[str]) -> bool:
    found = _found(names)
    return bool(found["train"] and found["test"])


def read(files: Files) -> Content:
    found = _found(files.names)
    (train, jpeg), (test, test_jpeg) = (_read_split(files, found[part]) for part in ("train", "test"))
    return Content(train, test, jpeg=jpeg or test_jpeg)


def _found(names: list[str]) -> dict[str, list[str]]:
    """The files of each split, in their order; where both kinds are there, the parquet files."""
    found = {"train": [], "test": []}
    parquet = [name for name in names if name.endswith(".parquet")]
    for name in parquet or names:
        if match := TABLE.fullmatch(name):
            found[match["split"]].append(name)
    return found


def _read_split(files: Files, names: list[str]) -> tuple[Split, bool]:
    cells, labels = [], []
    for name in names:
        more_cells, more_labels = _read_table(files.read(name), f"{files.path}: {name}")
        cells += more_cells
        labels += more_labels
    where = f"{files.path}: {names[0]}"
    content = ((f"{where}, row {row}", cell) for row, cell in enumerate(cells))
    pixels, jpeg = decode_all(content, len(cells))
    return split_of(pixels, np.array(labels), where), jpeg


def _read_table(data: bytes, name: str) -> tuple[list[bytes], list[int]]:
    """The encoded pictures and the labels of one file."""
    arrow = needed("pyarrow", "pyarrow")
    parquet = needed("pyarrow.parquet", "pyarrow")
    try:
        source = arrow.BufferReader(data)
        if name.endswith(".parquet"):
            file = parquet.ParquetFile(source)
            groups = [file.metadata.row_group(k) for k in range(file.metadata.num_row_groups)]
            size = sum(group.total_byte_size for group in groups)
            if size > LARGEST_FILE:  # a compressed file can claim any size: look before it is unpacked
                raise ValueError(f"it claims {size:,} bytes")
            table = file.read()
        else:
            table = arrow.ipc.open_stream(source).read_all()
        pictures = next(column for column in ("img", "image") if column in table.column_names)
        labels = next(column for column in ("label", "labels") if column in table.column_names)
        cells = [cell["bytes"] for cell in table[pictures].to_pylist()]
        if not all(isinstance(cell, bytes) for cell in cells):
            raise ValueError("a picture is only mentioned, not contained")
        return cells, table[labels].to_pylist()
    except StopIteration:
        raise ValueError(
            f"{name}: expected the columns img and label, got {', '.join(table.column_names)}"
        ) from None
    except Exception as error:  # pyarrow raises many kinds for damaged files
        raise ValueError(
            f"{name}: cannot be read as a table of pictures: {error or type(error).__name__}"
        ) from error
