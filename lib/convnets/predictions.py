"""The file of predictions that deck A2 asks for: CSV with a header row, then one line for each test image."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lib.checks import check_labels, check_whole, mismatch, shown
from lib.files import replacing_text

HEADER = ("id", "label")
TEST_IMAGES = 10_000
LONGEST = 1 << 20  # bytes a file may have more than its lines need: nobody writes a novel into a label


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

    path: the .csv file
    classes: the names of the classes; a file may have names or numbers. None: numbers from 0 to 9
    count: how many predictions there must be

    Raises `FileNotFoundError`, and `ValueError` that names the first line which is wrong.
    """
    check_whole(count, name="count", low=1)
    names = None if classes is None else check_class_names(classes)
    text = _text(Path(path), count)
    lines = [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]
    if [cell.strip().lower() for cell in lines[0].split(",")] != list(HEADER):
        raise _wrong(path, 1, "the header id,label", lines[0])
    labels = np.full(count, -1, np.int64)
    seen: dict[int, int] = {}
    for number, line in enumerate(lines[1:], start=2):
        cells = [cell.strip() for cell in _cells(line)]
        if len(cells) != 2:
            raise _wrong(path, number, "an id, a comma and a label", line)
        row = _whole(cells[0])
        if row is None or not 1 <= row <= count:
            raise _wrong(path, number, f"an id from 1 to {count}", cells[0])
        if row in seen:
            raise _wrong(path, number, "each id once", f"{row} again, after line {seen[row]}", quote=False)
        label = _label(cells[1], names)
        if label is None:
            most = 9 if names is None else len(names) - 1
            kinds = f"a label from 0 to {most}" if names is None else f"a class, or a number from 0 to {most}"
            raise _wrong(path, number, kinds, cells[1])
        labels[row - 1], seen[row] = label, number
    if len(seen) < count:
        missing = int(np.argmin(labels)) + 1
        raise _wrong(
            path, len(lines) + 1, f"{count} predictions", f"{len(seen)}, none of id {missing}", quote=False
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


def _text(path: Path, count: int) -> str:
    with open(path, "rb") as file:
        content = file.read(100 * count + LONGEST + 1)
    if len(content) > 100 * count + LONGEST:
        raise mismatch("", path.name, f"a file of {count} predictions", "one that is far longer")
    try:
        text = content.decode("utf-8-sig")  # Excel begins its files with a mark
    except UnicodeDecodeError as error:
        number = content[: error.start].count(b"\n") + 1
        raise _wrong(path, number, "text in UTF-8", content[error.start : error.start + 8]) from None
    return text.replace("\r\n", "\n")


def _cells(line: str) -> list[str]:
    """The cells of a line; quotes around a name are CSV, too."""
    try:
        return next(csv.reader([line], strict=True), [])
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


def _wrong(path: str | Path, line: int, expected: str, got: object, *, quote: bool = True) -> ValueError:
    """The error of one line of a file, counted from 1."""
    return mismatch("", f"{Path(path).name}, line {line}", expected, shown(got) if quote else str(got))
