"""Kaggle's CIFAR-10 competition: train/1.png … 50000.png with trainLabels.csv."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator

import numpy as np

from ..files import Files
from ..looks import shortened
from .content import Content, class_label, read_as, split_of
from .pictures import decode_all

TITLE = "Kaggle's pictures"
HOLDS = "train/1.png … with trainLabels.csv"
TABLE = "trainlabels.csv"  # in lower case
LARGEST_TABLE = 3 << 20  # bytes; Kaggle's has 600,000, and twice as many in UTF-16
MOST_LINES = 200_000  # blank ones among them; Kaggle's has 50,001
SEPARATOR = re.compile(r'"?sep=(?P<sign>.)"?[\s,;]*', re.IGNORECASE)  # a first line for Excel
NUMBER = re.compile(r"0*([0-9]{1,9})(?:\.png)?", re.IGNORECASE)


def matches(names: list[str]) -> bool:
    return _table(names) is not None


def read(files: Files) -> Content:
    """Both splits. Kaggle's test images have no labels: the last fifth of the others takes their place.

    Raises `ValueError` where pictures and table do not fit together.
    """
    found = _table(files.names)
    if found is None:
        raise ValueError(f"{files.path}: expected {HOLDS}")
    table, folder = found
    data = files.read(table)
    with read_as("a table of numbers and classes", data, f"{files.path}: {table}"):
        if len(data) > LARGEST_TABLE:
            raise ValueError(
                f"{files.path}: {table}: expected at most {LARGEST_TABLE:,} bytes, got {len(data):,} bytes"
            )
        labels = _labels(data, f"{files.path}: {table}")
    pictures: dict[int, str] = {}
    for number, name in sorted(_pictures(files.names, folder), key=lambda item: item[1].count("/")):
        pictures.setdefault(number, name)  # the same picture may lie once more in train/train
    if pictures.keys() != labels.keys():
        odd = sorted(pictures.keys() ^ labels.keys())[:3]
        raise ValueError(
            f"{files.path}: expected a picture in train for each row of {table}, got {len(pictures):,} "
            f"pictures and {len(labels):,} rows; only in one of the two: {', '.join(map(str, odd))}"
        )
    numbers = sorted(labels)
    if len(numbers) < 5:
        raise ValueError(
            f"{files.path}: expected at least 5 pictures, for a training and a test split, got {len(numbers)}"
        )
    content = ((f"{files.path}: {pictures[number]}", files.read(pictures[number])) for number in numbers)
    pixels, jpeg = decode_all(content, len(numbers))
    everything = split_of(pixels, np.array([labels[n] for n in numbers]), f"{files.path}: train")
    held_out = len(numbers) // 5
    note = f"Kaggle's test images have no labels: the last {held_out:,} of the others are the test split"
    return Content(everything[:-held_out], everything[-held_out:], note, jpeg)


def _table(names: list[str]) -> tuple[str, str] | None:
    """The table, and the folder whose train belongs to it: its own, or one above (Windows' "Extract all")."""
    tables = [name for name in names if name.rpartition("/")[2].lower() == TABLE]
    for table in sorted(tables, key=lambda name: name.count("/")):
        folders = table.split("/")[:-1]
        for depth in range(len(folders), -1, -1):
            folder = "".join(f"{part}/" for part in folders[:depth])
            if next(_pictures(names, folder), None):
                return table, folder
    return None


def _pictures(names: list[str], folder: str) -> Iterator[tuple[int, str]]:
    """Number and name of each picture in train, or in train/train, as some programs unpack."""
    pattern = re.compile(rf"{re.escape(folder)}(?:train/)+0*([0-9]{{1,9}})\.png", re.IGNORECASE)
    return ((int(found[1]), name) for name in names if (found := pattern.fullmatch(name)))


def _labels(data: bytes, name: str) -> dict[int, int]:
    """Class of every picture, by its number; blank lines, quotes, semicolons and tabs do no harm."""
    rows = _rows(data, name)
    if not rows:
        raise ValueError(f"{name}: expected rows of a number and a class, got none")
    header = [cell.lower() for cell in rows[0][1]]
    if {"id", "label"} <= set(header):
        columns, width, rows = (header.index("id"), header.index("label")), len(header), rows[1:]
    else:
        columns, width = (0, 1), 2
    labels: dict[int, int] = {}
    for line, row in rows:
        number = NUMBER.fullmatch(row[columns[0]]) if len(row) == width else None
        label = class_label(row[columns[1]]) if len(row) == width else None
        if number is None or label is None or int(number[1]) in labels:
            raise ValueError(
                f"{name}: expected a new number and a class in line {line}, got {shortened(','.join(row))}"
            )
        labels[int(number[1])] = label
    return labels


def _first(lines: list[str]) -> str:
    """The first line that is not blank."""
    return next((line for line in lines if line.strip()), "")


def _rows(data: bytes, name: str) -> list[tuple[int, list[str]]]:
    """The number of each line that is not blank, and its cells without the space around them."""
    utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        lines = data.decode("utf-16" if utf16 else "utf-8").lstrip("\ufeff").splitlines()
        if len(lines) > MOST_LINES:
            raise ValueError(f"{name}: expected at most {MOST_LINES:,} lines, got {len(lines):,}")
        signs = ",;\t"
        if declared := SEPARATOR.fullmatch(_first(lines)):
            signs = declared["sign"]
            lines[lines.index(declared[0])] = ""  # the numbers of the lines stay
        first = _first(lines)
        reader = csv.reader(lines, delimiter=max(signs, key=first.count), skipinitialspace=True)
        rows = [(line, [cell.strip() for cell in row]) for line, row in enumerate(reader, start=1)]
    except (csv.Error, UnicodeDecodeError) as error:
        raise ValueError(
            f"{name}: expected a table of numbers and classes, got one that cannot be read; "
            "save it as text in UTF-8, with a number and a class in each line"
        ) from error
    return [(line, row) for line, row in rows if any(row)]
