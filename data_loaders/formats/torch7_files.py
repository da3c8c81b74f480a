"""Torch7's files: tr_data.bin with tr_labels.bin (deck A2), cifar10-train.t7, data_batch_1.t7 …"""

from __future__ import annotations

import io
from typing import Any, NamedTuple

import numpy as np

from .. import torch7
from ..dataset import Split
from ..files import Files, Folder
from ..looks import shortened
from .content import Content, ImagesLeft, batch_names, complete_batches, joined, read_as, split_of

TITLE = "Torch7 files"
HOLDS = "tr_data.bin, tr_labels.bin, te_data.bin; or .t7 tables"
ROWS = 1_000  # images that are converted at once


class Part(NamedTuple):
    """Pixels and labels as they lie in the files, before anything is known about them.

    name: the file, for errors
    """

    pixels: Any
    labels: Any
    name: str


def matches(names: list[str]) -> bool:
    return bool(
        batch_names(names, ".t7") or _inside(names, "tr_data.bin") or _inside(names, "cifar10-train.t7")
    )


def read(files: Files) -> Content:
    """Both splits. Deck A2's test images have no labels: the last fifth of the others takes their place."""
    if batch_names(files.names, ".t7"):
        return _read_batches(files)
    if found := _inside(files.names, "tr_data.bin"):
        return _read_tensors(files, found.removesuffix("tr_data.bin"))
    if found := _inside(files.names, "cifar10-train.t7"):
        parts = [_table(files, found), _table(files, found.replace("cifar10-train.t7", "cifar10-test.t7"))]
        train, test = _splits(parts, first=1)
        return Content(train, test)
    raise ValueError(f"{files.path}: expected {HOLDS}")


def _read_batches(files: Files) -> Content:
    """data_batch_1.t7 … and test_batch.t7, tables of one image a column."""
    train, test = complete_batches(files, ".t7")
    left, parts = ImagesLeft(files.path), []
    for name in (*train, test):
        part = _table(files, name)
        left.take(part.labels.size if isinstance(part.labels, np.ndarray) else 0, name)
        parts.append(part)
    *splits, test_split = _splits(parts, first=0)
    return Content(joined(splits), test_split)


def _read_tensors(files: Files, folder: str) -> Content:
    """Deck A2's files; `folder` is the beginning of their names."""
    train = _tensors(files, f"{folder}tr_data.bin", f"{folder}tr_labels.bin")
    if f"{folder}te_labels.bin" in files.names:
        test = _tensors(files, f"{folder}te_data.bin", f"{folder}te_labels.bin")
        train_split, test_split = _splits([train, test], first=1)
        return Content(train_split, test_split)
    (split,) = _splits([train], first=1)
    count = len(split) // 5
    if count == 0:
        raise ValueError(
            f"{files.path}: expected at least 5 images, for a training and a test split, got {len(split)}"
        )
    note = f"te_data.bin has no labels: the last {count:,} of tr_data.bin are the test split"
    return Content(split[:-count], split[-count:], note)


def _table(files: Files, name: str) -> Part:
    """A Lua table {data = …, labels = …}, or with the key label."""
    table, where = _load(files, name), f"{files.path}: {name}"
    labels = "labels" if isinstance(table, dict) and "labels" in table else "label"
    if not isinstance(table, dict) or not {"data", labels} <= table.keys():
        found = shortened(table)
        if isinstance(table, dict):
            found = ", ".join(shortened(key, 20) for key in list(table)[:6]) or "an empty table"
        raise ValueError(f"{where}: expected a table with data and labels, got {found}")
    return Part(table["data"], table[labels], where)


def _tensors(files: Files, data: str, labels: str) -> Part:
    return Part(_load(files, data), _load(files, labels), f"{files.path}: {data}")


def _splits(parts: list[Part], *, first: int) -> list[Split]:
    """A Split of each part. Lua counts classes from 1, CIFAR-10 from 0: the labels tell, else `first`."""
    for pixels, labels, name in parts:
        if not isinstance(pixels, np.ndarray) or not isinstance(labels, np.ndarray):
            raise ValueError(f"{name}: expected tensors of pixels and labels")
    parts = [Part(p, _whole(labels.reshape(-1), name, "labels", 10), name) for p, labels, name in parts]
    seen = set(np.concatenate([part.labels for part in parts]).tolist())
    first = 0 if 0 in seen else 1 if 10 in seen else first
    return [
        split_of(_rows(pixels, len(labels), name), labels, name, first=first)
        for pixels, labels, name in parts
    ]


def _rows(pixels: np.ndarray, count: int, name: str) -> np.ndarray:
    """One image a row; the .t7 batches hold one a column."""
    pixels = pixels.T if pixels.shape == (3072, count) else pixels
    return _whole(pixels, name, "pixels", 255)


def _whole(numbers: np.ndarray, name: str, what: str, largest: int) -> np.ndarray:
    """The numbers as uint8; Lua keeps whole numbers as floats, too. Some rows at a time, to save memory."""
    if numbers.dtype == np.uint8:
        return numbers
    whole = np.empty(numbers.shape, np.uint8)
    for start in range(0, len(numbers), ROWS):
        part = numbers[start : start + ROWS]
        if part.size and not (part.min() >= 0 and part.max() <= largest and (part % 1 == 0).all()):
            raise ValueError(f"{name}: expected whole numbers from 0 to {largest} as {what}")
        whole[start : start + ROWS] = part
    return whole


def _load(files: Files, name: str) -> Any:
    """What was saved in one file; an error names it, and says what it is where it is something else."""
    where = f"{files.path}: {name}"
    if name not in files.names:
        raise ValueError(f"{where}: expected a Torch7 file, got none of this name; copy it again")
    if isinstance(files, Folder):
        with (files.path / name).open("rb") as file, read_as("a Torch7 file", file.read(512), where):
            return torch7.load(files.path / name, name=where)
    data = files.read(name)
    with read_as("a Torch7 file", data, where):
        return torch7.read_open(io.BytesIO(data), where)


def _inside(names: list[str], wanted: str) -> str | None:
    """The name in the outermost folder that has this file."""
    return min((n for n in names if n.rpartition("/")[2] == wanted), key=lambda n: n.count("/"), default=None)
