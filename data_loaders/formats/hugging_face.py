"""Hugging Face's parquet files, and the arrow files its library makes of them."""

from __future__ import annotations

import json
import re
from typing import NamedTuple

import numpy as np

from ..dataset import Split
from ..files import Files
from ..looks import Unreadable
from .content import Content, ImagesLeft, split_of
from .pictures import decode_all
from .tables import TableReader

TITLE = "Hugging Face's tables"
HOLDS = "train-*.parquet, test-*.parquet"
SPARE = 64 << 20  # bytes of pictures beyond those of the files, where a picture stands in many rows

TABLE = re.compile(r"(?:.*[/_-])?(?P<split>train|test)(?:[/_-].*)?\.(?:parquet|arrow)")


class Table(NamedTuple):
    """What a table holds.

    name: the file, for errors
    cells: encoded pictures
    labels: 0…9, one a picture
    """

    name: str
    cells: list[bytes]
    labels: list[int]


def matches(names: list[str]) -> bool:
    found = _found(names)
    return bool(found["train"] and found["test"])


def read(files: Files) -> Content:
    found = _found(files.names)
    with TableReader() as reader:
        tables = _Tables(files, reader)
        parts = [tables.read(_listed(files, found[part])) for part in ("train", "test")]
    (train, jpeg), (test, test_jpeg) = (_decoded(part) for part in parts)
    return Content(train, test, jpeg=jpeg or test_jpeg)


def _found(names: list[str]) -> dict[str, list[str]]:
    """The files of each split, in their order; where both kinds are there, the parquet files.

    What the library computed from a table and keeps beside it, in cache-….arrow, is left out.
    """
    found: dict[str, list[str]] = {"train": [], "test": []}
    parquet = [name for name in names if name.endswith(".parquet")]
    for name in parquet or names:
        is_cache = name.rpartition("/")[2].startswith(("cache-", "tmp"))
        if (match := TABLE.fullmatch(name)) and not is_cache:
            found[match["split"]].append(name)
    return found


def _listed(files: Files, names: list[str]) -> list[str]:
    """Those of the names that the folder's state.json lists, where there is one; others are old."""
    state = names[0].rpartition("/")[0] + "/state.json"
    if state not in files.names:
        return names
    where = f"{files.path}: {state}"
    try:
        data = files.read(state)
        if len(data) > 1 << 20:
            raise Unreadable("it is too large")
        listed = [entry["filename"] for entry in json.loads(data)["_data_files"]]
        wanted = [f"{state.rpartition('/')[0]}/{file}" for file in listed]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(
            f"{where}: expected a list of data files, got none; download the folder again"
        ) from error
    if len(set(wanted)) < len(wanted):
        raise ValueError(
            f"{where}: expected each data file once, got one of them twice; download the folder again"
        )
    if not wanted or not set(wanted) <= set(files.names):
        raise ValueError(
            f"{where}: expected a list of files that are there, got a missing one; download the folder again"
        )
    return wanted


class _Tables:
    """Reads the tables of both splits; what all of them hold together is bounded.

    files: the set
    reader: reads one table
    """

    def __init__(self, files: Files, reader: TableReader):
        self.files, self.reader = files, reader
        self.images_left, self.bytes_left = ImagesLeft(files.path), SPARE

    def read(self, names: list[str]) -> list[Table]:
        """The tables of one split, not decoded yet."""
        tables = []
        for name in names:
            data, where = self.files.read(name), f"{self.files.path}: {name}"
            cells, labels = self.reader.read(data, where)
            self.images_left.take(len(cells), name)
            self.bytes_left += len(data) - sum(map(len, cells))
            if self.bytes_left < 0:
                raise ValueError(f"{where}: expected a table of pictures, got far more than its size allows")
            if cells:
                tables.append(Table(where, cells, labels))
        if not tables:
            raise ValueError(
                f"{self.files.path}: {names[0]}: expected a table of pictures, got one without rows"
            )
        return tables


def _decoded(tables: list[Table]) -> tuple[Split, bool]:
    """The images of a split, and whether any is a JPEG."""
    pictures = ((f"{where}, row {row}", cell) for where, cells, _ in tables for row, cell in enumerate(cells))
    labels = np.concatenate([np.array(labels, np.int64) for _, _, labels in tables])
    pixels, jpeg = decode_all(pictures, len(labels))
    return split_of(pixels, labels, tables[0].name), jpeg
