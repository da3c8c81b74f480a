"""Hugging Face's parquet files, and the arrow files its library makes of them."""

from __future__ import annotations

import json
import re

import numpy as np

from ..dataset import Split
from ..files import Files
from ..looks import Unreadable
from .content import Content, ImagesLeft, joined, split_of
from .pictures import decode_all
from .tables import TableReader

TITLE = "Hugging Face's tables"
HOLDS = "train-*.parquet, test-*.parquet"

TABLE = re.compile(r"(?:.*[/_-])?(?P<split>train|test)(?:[/_-].*)?\.(?:parquet|arrow)")


def matches(names: list[str]) -> bool:
    found = _found(names)
    return bool(found["train"] and found["test"])


def read(files: Files) -> Content:
    found = _found(files.names)
    left = ImagesLeft(files.path)
    with TableReader() as reader:
        (train, jpeg), (test, test_jpeg) = (
            _read_split(files, _listed(files, found[part]), reader, left) for part in ("train", "test")
        )
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


def _read_split(
    files: Files, names: list[str], reader: TableReader, left: ImagesLeft
) -> tuple[Split, bool]:
    """The images of all files, which are decoded one file at a time, and whether any is a JPEG."""
    splits, any_jpeg = [], False
    for name in names:
        where = f"{files.path}: {name}"
        cells, labels = reader.read(files.read(name), where)
        left.take(len(cells), name)
        if not cells and len(names) > 1:  # one of several may have no rows
            continue
        pictures = ((f"{where}, row {row}", cell) for row, cell in enumerate(cells))
        pixels, jpeg = decode_all(pictures, len(cells))
        any_jpeg |= jpeg
        splits.append(split_of(pixels, np.array(labels, np.int64), where))
    if not splits:
        raise ValueError(f"{files.path}: {names[0]}: expected a table of pictures, got one without rows")
    return joined(splits), any_jpeg
