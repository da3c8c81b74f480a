"""What every reader returns, and the checks that all of them share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..dataset import Split
from ..files import Files
from ..looks import looks_like, shortened

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
SYNONYMS = {  # PyTorch's tutorial says plane and car
    "plane": "airplane",
    "aeroplane": "airplane",
    "aircraft": "airplane",
    "car": "automobile",
    "auto": "automobile",
}
LABELS = {name: label for label, name in enumerate(CLASSES)}
LABELS |= {word: LABELS[name] for word, name in SYNONYMS.items()}
LABELS |= {f"{word}s": label for word, label in LABELS.items()}


MOST_IMAGES = 60_000  # in all of CIFAR-10
MOST_BATCHES = 10  # of training images; the official version has five


@dataclass(frozen=True)
class Content:
    """The two splits, and what there is to say about them.

    train: the training split
    test: the test split
    note: one remark for the student, such as where the test split comes from; may be empty
    jpeg: whether the images were stored as JPEG, with loss
    """

    train: Split
    test: Split
    note: str = ""
    jpeg: bool = False


def split_of(pixels: np.ndarray, labels: np.ndarray, name: str, *, first: int = 0) -> Split:
    """A Split from rows of 3072 bytes, or images (N, 3, 32, 32), after checking sizes, types and labels.

    pixels: uint8
    labels: integers, one an image, in any shape
    name: the file, for the error
    first: the label of the first class, 1 where a file counts as Lua does

    Raises `ValueError` for anything else.
    """
    pixels, labels = np.asarray(pixels), np.asarray(labels).reshape(-1)
    if pixels.dtype != np.uint8 or pixels.shape[1:] not in {(3072,), (3, 32, 32)}:
        raise ValueError(
            f"{name}: expected uint8 pixels of shape (N, 3072), got {pixels.dtype} {pixels.shape}; "
            "save the 32×32 colour pictures of CIFAR-10 as images.astype('uint8').reshape(len(images), 3072)"
        )
    if len(pixels) == 0 or len(pixels) != len(labels):
        raise ValueError(
            f"{name}: expected one label an image, got {len(pixels)} images and {len(labels)} labels; "
            f"{_labels_todo(len(pixels), len(labels))}"
        )
    if labels.dtype.kind not in "ui":
        raise ValueError(
            f"{name}: expected integer labels, got {labels.dtype}; save them as labels.astype('int64')"
        )
    lowest, highest = int(labels.min()), int(labels.max())
    if lowest < first or highest > first + 9:
        raise ValueError(
            f"{name}: expected labels {first} to {first + 9}, got labels {lowest} to {highest}; "
            f"{_shift(lowest - first, highest - first)}"
        )
    return Split(pixels.reshape(-1, 3, 32, 32), labels.astype(np.int64) - first)


def _labels_todo(images: int, labels: int) -> str:
    if labels == 10 * images:
        return "one-hot rows become numbers by labels.argmax(axis=1)"
    return "save one label for each image, in the same order"


def _shift(lowest: int, highest: int) -> str:
    """What to do with labels that begin at another number than the first class."""
    if highest - lowest == 9:
        return f"subtract {lowest}" if lowest > 0 else f"add {-lowest}"
    return "only CIFAR-10's ten classes can be used"


def joined(splits: list[Split]) -> Split:
    """One split after the other. The list is emptied on the way, so that memory holds the images once."""
    if len(splits) == 1:
        return splits.pop()
    count = sum(map(len, splits))
    images, labels = np.empty((count, 3, 32, 32), np.uint8), np.empty(count, np.int64)
    start = 0
    while splits:
        split = splits.pop(0)
        images[start : start + len(split)], labels[start : start + len(split)] = split.images, split.labels
        start += len(split)
    return Split(images, labels)


class ImagesLeft:
    """How many images the files of a set may still have: a small file can unpack to many.

    path: of the set, for the error
    """

    def __init__(self, path: Path):
        self.path, self.count = path, MOST_IMAGES

    def take(self, count: int, name: str) -> None:
        """Raises `ValueError` where `count` more, of the file `name`, are too many for CIFAR-10."""
        self.count -= count
        if self.count < 0:
            raise ValueError(f"{self.path}: expected at most {MOST_IMAGES:,} images, got more, up to {name}")


def class_label(word: str) -> int | None:
    """The label of a class, by its name or a common synonym, in any case, or in the plural; else None.

    A number in front, as in 3_cat, is passed over; a number alone is no name, since every data set has those.

    >>> class_label("Plane"), class_label("03_cats"), class_label("3")
    (0, 3, None)
    """
    return LABELS.get(re.sub(r"^[0-9]+[ _.-]+", "", word.strip().lower()))


@contextmanager
def read_as(kind: str, data: bytes, name: str) -> Iterator[None]:
    """The context in which a file is read; an error says what the file is where its beginning shows it.

    kind: what was expected, such as "a table"
    data: the file, or its first 512 bytes
    name: the file, for the error
    """
    try:
        yield
    except ValueError as error:
        if seen := looks_like(data):
            raise ValueError(f"{name}: expected {kind}, got {seen}; download it again") from error
        raise


def batch_names(names: list[str], suffix: str) -> tuple[list[str], str] | None:
    """The files data_batch_1, data_batch_2, … and test_batch of one folder, in order, or None.

    suffix: what follows the names, such as ".bin"
    """
    folders = [
        n[: -len("test_batch" + suffix)]
        for n in names
        if re.fullmatch(rf"(.*/)?test_batch{re.escape(suffix)}", n)
    ]
    for folder in sorted(folders, key=lambda f: (f.count("/"), f)):
        pattern = re.compile(rf"{re.escape(folder)}data_batch_(\d+){re.escape(suffix)}")
        numbered = {int(found[1]): name for name in names if (found := pattern.fullmatch(name))}
        if numbered:
            return [numbered[k] for k in sorted(numbered)], f"{folder}test_batch{suffix}"
    return None


def beside_test_batch(names: list[str], suffix: str, other: str) -> str | None:
    """The file of this name in the folder of the batches, or None where it is not there."""
    found = batch_names(names, suffix)
    name = found[1].removesuffix(f"test_batch{suffix}") + other if found else other
    return name if name in names else None


def complete_batches(files: Files, suffix: str) -> tuple[list[str], str]:
    """The names of the training batches, in order, and of the test batch; a gap raises `ValueError`."""
    found = batch_names(files.names, suffix)
    if found is None:
        raise ValueError(f"{files.path}: expected data_batch_1{suffix} … and test_batch{suffix}, got neither")
    if len(found[0]) > MOST_BATCHES:
        raise ValueError(
            f"{files.path}: expected at most {MOST_BATCHES} training batches, got {len(found[0]):,}"
        )
    for k, name in enumerate(found[0], start=1):
        if not name.endswith(f"data_batch_{k}{suffix}"):
            raise ValueError(
                f"{files.path}: expected data_batch_{k}{suffix} beside {name}, got none; copy it again"
            )
    return found


def read_batches(files: Files, suffix: str, read_one: Callable[[bytes, str], Split]) -> Content:
    """All batches of a folder.

    suffix: what follows the names data_batch_1 … and test_batch, such as ".bin"
    read_one: takes the content of a batch, and its name for errors; returns its Split
    """
    train, test = complete_batches(files, suffix)

    left = ImagesLeft(files.path)

    def read(name: str) -> Split:
        split = read_one(files.read(name), f"{files.path}: {name}")
        left.take(len(split), name)
        return split

    return Content(joined([read(name) for name in train]), read(test))


def check_classes(found: list[str], name: str) -> None:
    """Raises `ValueError` where the names of the classes are those of another data set."""
    if tuple(found) != CLASSES:
        got = ", ".join(shortened(word, 20) for word in found[:12]) or "none"
        raise ValueError(f"{name}: expected the classes {', '.join(CLASSES)}, got {got}")
