"""The file of predictions that deck A2 asks for: CSV with a header row, then one line for each test image."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from data_loaders.looks import printable
from lib.checks import check_labels, check_whole, mismatch, shown
from lib.files import replacing_text
from lib.leaderboard.upload import text_of

HEADER = ("id", "label")
TEST_IMAGES = 10_000
LONGEST = 1 << 20  # bytes a file may have more than its lines need: nobody writes a novel into a label
LONGEST_NAME = 60  # letters of a file's name that an error shows


def write_predictions(path: str | Path, labels: Any, classes: Sequence[str] | None = None) -> None:
    """Writes predictions: `id,label`, then a line for each image, in the order of the test set, ids from 1.

    path: the .csv file; it is replaced in one go, or not at all; folders that are missing are made
    labels: int (N,), the predicted classes, from 0
    classes: their names, which are written in the place of the numbers

    Raises `ValueError` where labels are something else.

    Source: deck A2, "Make a submission": 10,000 predictions, a header row.
    """
    labels = labels.detach().cpu().numpy() if hasattr(labels, "detach") else labels
    names = None if classes is None else check_class_names(classes)
    count = np.shape(labels)[0] if np.ndim(labels) else 1
    if not count:
        raise mismatch("", "labels", "at least one prediction", "none")
    labels = check_labels(labels, count, name="labels", classes=None if names is None else len(names))
    said = labels.tolist() if names is None else [names[label] for label in labels]
    with replacing_text(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(enumerate(said, start=1))


def read_predictions(
    path: str | Path, classes: Sequence[str] | None = None, *, count: int = TEST_IMAGES
) -> np.ndarray:
    """The labels of such a file, int64 (count,), in the order of the ids, whatever the order of the lines.

    path: the .csv file, which may be packed, alone, in a .zip or .gz file
    classes: the names of the classes; a file may have names or numbers. None: numbers from 0 to 9
    count: how many predictions there must be

    Raises `FileNotFoundError`, and `ValueError` that names the first line which is wrong.
    """
    check_whole(count, name="count", low=1)
    with open(path, "rb") as file:
        content = file.read(_most_bytes(count) + 1)
    return read_entry(content, Path(path).name, classes, count=count)


def read_entry(
    content: bytes, name: str, classes: Sequence[str] | None = None, *, count: int = TEST_IMAGES
) -> np.ndarray:
    """The same of a file that is in memory, such as one that was uploaded.

    content: all bytes of the file
    name: of the file, for errors; it leads to no place on the disk
    classes, count: as of `read_predictions`
    """
    names = None if classes is None else check_class_names(classes)
    name = printable(Path(name).name)[:LONGEST_NAME].strip(".") or "the file"
    text = text_of(content, name, _most_bytes(count), f"a file of {count} predictions")
    lines = text.rstrip("\n").split("\n")  # lines without anything at the end do no harm
    if [cell.strip().lower() for cell in _cells(lines[0])] != list(HEADER):
        raise _wrong(name, 1, "the header id,label", lines[0], _header_advice(lines[0]))
    well_formed = _well_formed(lines[1:], names, count)
    return _line_by_line(lines, name, names, count) if well_formed is None else well_formed


def _well_formed(lines: list[str], names: tuple[str, ...] | None, count: int) -> np.ndarray | None:
    """The labels of lines as `write_predictions` writes them, in any order; None where any is otherwise.

    It takes half the time of `_line_by_line`, which takes all that can be meant, and says what is wrong.
    """
    most = 10 if names is None else len(names)
    rows = {str(row + 1): row for row in range(count)}
    known = {str(label): label for label in range(most)}
    known |= {said: label for label, said in enumerate(names or ()) if '"' not in said}  # quotes are CSV, too
    try:
        found = {rows[row]: known[label] for row, label in (line.split(",") for line in lines)}
    except (KeyError, ValueError):  # another cell, another number of cells
        return None
    if not len(lines) == len(found) == count:
        return None
    labels = np.empty(count, np.int64)
    labels[list(found)] = list(found.values())
    return labels


def _line_by_line(lines: list[str], name: str, names: tuple[str, ...] | None, count: int) -> np.ndarray:
    """The labels of a file whose header is right; raises `ValueError` that names the first wrong line."""
    labels = np.full(count, -1, np.int64)
    seen: dict[int, int] = {}
    for number, line in enumerate(lines[1:], start=2):
        cells = _cells(line)
        if len(cells) != 2:
            raise _wrong(name, number, "an id, a comma and a label", line, _comma_advice(line))
        row = _whole(cells[0])
        if row is None or not 1 <= row <= count:
            advice = "ids begin with 1" if row == 0 else _whole_advice(cells[0])
            raise _wrong(name, number, f"an id from 1 to {count}", cells[0], advice)
        if row in seen:
            raise _wrong(name, number, "each id once", f"{row} again, after line {seen[row]}", quote=False)
        label = _label(cells[1], names)
        if label is None:
            most = 9 if names is None else len(names) - 1
            kinds = f"a label from 0 to {most}" if names is None else f"a class, or a number from 0 to {most}"
            raise _wrong(name, number, kinds, cells[1], _label_advice(cells[1], names))
        labels[row - 1], seen[row] = label, number
    if len(seen) < count:
        missing = int(np.argmin(labels)) + 1
        raise _wrong(
            name, len(lines) + 1, f"{count} predictions", f"{len(seen)}, none of id {missing}", quote=False
        )
    return labels


def check_class_names(classes: Any) -> tuple[str, ...]:
    """Names of classes, all different; anything else raises `ValueError`."""
    good = isinstance(classes, Sequence) and not isinstance(classes, str) and len(classes) > 0
    if not good or not all(isinstance(name, str) and name.strip() == name != "" for name in classes):
        raise mismatch("", "classes", "the names of the classes, such as data.classes", shown(classes))
    if len(set(classes)) < len(classes):
        raise mismatch("", "classes", "names that are all different", shown(tuple(classes)))
    if any("\n" in name or "\r" in name for name in classes):
        raise mismatch("", "classes", "names of one line each", shown(tuple(classes)))
    return tuple(classes)


def _most_bytes(count: int) -> int:
    """Bytes that a file of so many predictions may have, packed or not."""
    return 100 * count + LONGEST


def _cells(line: str) -> list[str]:
    """The cells of a line, without spaces around them; quotes around a cell are CSV, too."""
    if '"' not in line:
        return [cell.strip() for cell in line.split(",")]
    try:
        return [cell.strip() for cell in next(csv.reader([line], strict=True), [])]
    except csv.Error:
        return []


def _label(cell: str, names: tuple[str, ...] | None) -> int | None:
    if names is not None and cell in names:
        return names.index(cell)
    label = _whole(cell)
    most = 10 if names is None else len(names)
    return label if label is not None and label < most else None


def _whole(cell: str) -> int | None:
    return int(cell) if cell.isascii() and cell.isdigit() and len(cell) < 10 else None


def _header_advice(line: str) -> str:
    """What to do where the first line is no header."""
    cells = _cells(line)
    if len(cells) == 2 and cells[0].isdigit():
        return "write it above the first prediction"
    if cells[1:] == list(HEADER):
        return "leave out the column before it; in pandas, index=False"
    return _comma_advice(line)


def _comma_advice(line: str) -> str:
    """What to do where a line has no two cells."""
    signs = {";": "semicolons", "\t": "tabs"}
    return next((f"use commas, no {name}" for sign, name in signs.items() if sign in line), "")


def _label_advice(cell: str, names: tuple[str, ...] | None) -> str:
    """What to do where a cell is no label."""
    if names is not None:
        return ""
    if cell[:1].isalpha():
        return "write the number of the class, not its name"
    return _whole_advice(cell)


def _whole_advice(cell: str) -> str:
    """What to do where a whole number is written as another one, as numpy and pandas do with floats."""
    if re.fullmatch(r"\d\.\d+e[+-]\d+", cell):
        return 'write whole numbers; np.savetxt does so with fmt="%d"'
    return "write whole numbers, without a point" if re.fullmatch(r"\d*\.\d*", cell) else ""


def _wrong(
    name: str, line: int, expected: str, got: object, advice: str = "", *, quote: bool = True
) -> ValueError:
    """The error of one line of a file, counted from 1."""
    return mismatch("", f"{name}, line {line}", expected, shown(got) if quote else str(got), advice)
