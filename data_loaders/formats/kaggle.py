"""Kaggle's CIFAR-10 competition: train/1.png … 50000.png with trainLabels.csv."""

from __future__ import annotations

import csv
import io

import numpy as np

from ..files import Files
from .content import CLASSES, Content, split_of
from .pictures import decode_all

TITLE = "Kaggle's pictures"
HOLDS = "train/1.png … with trainLabels.csv"


def matches(names: list[str]) -> bool:
    return _folder(names) is not None


def read(files: Files) -> Content:
    """The last fifth of the training images, by number, is the test split: Kaggle's own has no labels."""
    folder = _folder(files.names)
    table = f"{folder}trainLabels.csv"
    labels = _labels(files.read(table), f"{files.path}: {table}")
    prefix = f"{folder}train/"
    pictures = {n[len(prefix) : -4]: n for n in files.names if n.startswith(prefix) and n.endswith(".png")}
    if pictures.keys() != labels.keys():
        odd = sorted(pictures.keys() ^ labels.keys())[:3]
        raise ValueError(
            f"{files.path}: {len(pictures):,} pictures in train, {len(labels):,} rows in trainLabels.csv; "
            f"only in one of the two: {', '.join(odd)}"
        )
    numbers = sorted(labels, key=int)
    if len(numbers) < 5:
        raise ValueError(f"{files.path}: {len(numbers)} pictures are too few for a training and a test split")
    content = ((f"{files.path}: {pictures[n]}", files.read(pictures[n])) for n in numbers)
    pixels, jpeg = decode_all(content, len(numbers))
    everything = split_of(pixels, np.array([labels[n] for n in numbers]), f"{files.path}: train")
    held_out = len(numbers) // 5
    note = f"Kaggle's test images have no labels: the last {held_out:,} of the others are the test split"
    return Content(everything[:-held_out], everything[-held_out:], note, jpeg)


def _folder(names: list[str]) -> str | None:
    """The folder with trainLabels.csv and train/…png, as a prefix of names."""
    for table in (n for n in names if n.rpartition("/")[2] == "trainLabels.csv"):
        folder = table.removesuffix("trainLabels.csv")
        if any(n.startswith(f"{folder}train/") and n.endswith(".png") for n in names):
            return folder
    return None


def _labels(data: bytes, name: str) -> dict[str, int]:
    """Class of every picture, by its number as in the file name."""
    labels = {}
    try:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    except (csv.Error, UnicodeDecodeError) as error:
        raise ValueError(f"{name}: cannot be read as a table: {error}") from error
    for line, row in enumerate(rows, start=1):
        if row == ["id", "label"] and line == 1:
            continue
        if (
            len(row) != 2
            or not (row[0].isascii() and row[0].isdigit())
            or row[1] not in CLASSES
            or row[0] in labels
        ):
            raise ValueError(
                f"{name}: line {line} is {','.join(row)[:60]!r}, expected a new number and a class"
            )
        labels[row[0]] = CLASSES.index(row[1])
    return labels
