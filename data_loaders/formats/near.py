"""What files that are of no known form are nearest to, and what they lack."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

from .class_folders import ENDINGS, OTHERS
from .content import class_label

ONLY = "only CIFAR-10's ten classes can be used"
NPZ = "np.savez('cifar10.npz', train_images=…, train_labels=…, test_images=…, test_labels=…)"
PICTURES = ENDINGS | OTHERS
BATCH = re.compile(r"(?P<name>data_batch_\d+|test_batch)(?P<ending>\.bin|\.mat|\.t7|)")
UNFINISHED = ("crdownload", "part", "partial", "download", "opdownload")
VALIDATION = ("val", "valid", "validation")
ARCHIVES = ("zip", "tar", "gz", "tgz", "bz2", "xz", "7z", "rar", "npz")
OF_PROGRAMS = {"npy": ".npy arrays", "pt": "torch files", "pth": "torch files", "h5": "HDF5 files",
               "hdf5": "HDF5 files", "pkl": "a pickle of another kind", "pickle": "a pickle of another kind",
               "csv": "tables of text", "tfrecord": "TensorFlow records"}  # fmt: skip
ANOTHER_SET = (
    (re.compile(r"(?:train|t10k)-(?:images|labels)[-.]idx\d-ubyte(?:\.gz)?"), "MNIST or a set like it"),
    (re.compile(r"fine_label_names\.txt|cifar-?100.*"), "CIFAR-100"),
    (re.compile(r"(?:train|test|extra)_32x32\.mat"), "SVHN"),
)


class Seen(NamedTuple):
    """The names, and what most questions ask of them.

    names: all
    files: the last parts, in small letters
    endings: how often each comes; "" where a file has none
    pictures: the folders, in small letters, of each picture, outermost first
    """

    names: list[str]
    files: set[str]
    endings: Counter[str]
    pictures: list[list[str]]


def nearest(names: list[str]) -> tuple[str, str]:
    """What files are, in words that fit after "got", and what to do; the first that fits is the nearest."""
    seen = Seen(
        names,
        {name.rpartition("/")[2].lower() for name in names},
        Counter(_ending(name) for name in names),
        [name.lower().split("/")[:-1] for name in names if _ending(name) in PICTURES],
    )
    for look in LOOKS:
        for found in look(seen):
            return found
    return summary(names), ONLY


def summary(names: list[str]) -> str:
    """How many files there are, by their endings, most first."""
    if not names:
        return "no files"
    shown = [f"{n:,} .{ending}" for ending, n in Counter(map(_ending, names)).most_common(5) if ending][:4]
    total = f"{len(names):,} {'file' if len(names) == 1 else 'files'}"
    return f"{total} ({', '.join(shown)})" if shown else total


def _ending(name: str) -> str:
    """The end of a file's name, in small letters and without the point; "" where it has none."""
    stem, _, ending = name.rpartition("/")[2].lower().rpartition(".")
    return ending if stem and ending.isalnum() and (len(ending) <= 8 or ending in UNFINISHED) else ""


Look = Callable[[Seen], Iterator[tuple[str, str]]]


def _nothing(seen: Seen) -> Iterator[tuple[str, str]]:
    if not seen.names:
        yield "no files", "put CIFAR-10 there"


def _another_set(seen: Seen) -> Iterator[tuple[str, str]]:
    for pattern, title in ANOTHER_SET:
        if any(map(pattern.fullmatch, seen.files)):
            yield f"{title}", ONLY
    if {"train", "test", "meta"} <= seen.files or {"train.bin", "test.bin"} <= seen.files:
        yield "CIFAR-100", ONLY


def _batches(seen: Seen) -> Iterator[tuple[str, str]]:
    for match in filter(None, map(BATCH.fullmatch, sorted(seen.files))):
        is_test, ending = match["name"] == "test_batch", match["ending"]
        missing = f"data_batch_1{ending} …" if is_test else f"test_batch{ending}"
        yield f"{match[0]} without {missing}", f"copy {missing} into the same folder"


def _unfinished(seen: Seen) -> Iterator[tuple[str, str]]:
    for ending in UNFINISHED:
        if ending in seen.endings:
            yield f"an unfinished download (.{ending})", "let the browser finish it, or download it again"


def _kaggle(seen: Seen) -> Iterator[tuple[str, str]]:
    if "trainlabels.csv" not in seen.files:
        return
    other = sorted({PICTURES[_ending(name)] for name in seen.names if _ending(name) in PICTURES})
    if other and any("train" in folders for folders in seen.pictures):
        yield (
            f"Kaggle's table with {' and '.join(other)} pictures",
            "save them as PNG: train/1.png, train/2.png …",
        )
    else:
        yield "Kaggle's trainLabels.csv without train/1.png …", "unpack train.7z beside it"


def _pictures(seen: Seen) -> Iterator[tuple[str, str]]:
    folders = {folder for parts in seen.pictures for folder in parts}
    if not seen.pictures:
        return
    of_classes = sum(1 for parts in seen.pictures if any(class_label(part) is not None for part in parts))
    validation = next((name for name in VALIDATION if name in folders), None)
    if {"train", "test"} & folders or validation:
        if validation and "test" not in folders:
            yield f"class folders in train and {validation}, without test", f"rename {validation} to test"
        for there, missing in (("train", "test"), ("test", "train")):
            if there in folders and missing not in folders:
                yield f"pictures in {there}, without {missing}", f"put the others into {missing}/<class>/"
        yield "pictures in train and test, not in class folders", "put them into train/cat/ and so on"
    if of_classes:
        yield "class folders without train and test around them", "put them into train/ and test/"
    yield "pictures without folders of their classes", "put them into train/cat/ …, test/cat/ …; " + ONLY


def _tables(seen: Seen) -> Iterator[tuple[str, str]]:
    for ending in ("parquet", "arrow"):
        if ending in seen.endings:
            names = f"train-0.{ending} and test-0.{ending}"
            yield f"{ending} tables that are not called train and test", f"rename them to {names}"


def _archive_inside(seen: Seen) -> Iterator[tuple[str, str]]:
    for ending in ARCHIVES:
        if ending in seen.endings:
            yield f"an archive (.{ending}) in the folder", "pass the archive itself, or unpack it"


def _of_programs(seen: Seen) -> Iterator[tuple[str, str]]:
    for ending, title in OF_PROGRAMS.items():
        if ending in seen.endings:
            yield title, f"save them as one file: {NPZ}"
    for ending in ("mat", "t7", "bin"):
        if ending in seen.endings:
            wanted = f"data_batch_1.{ending} … 5.{ending} and test_batch.{ending}"
            yield f".{ending} files of other names", f"call them {wanted}, where they have that form"


LOOKS: tuple[Look, ...] = (
    _nothing,
    _another_set,
    _batches,
    _unfinished,
    _kaggle,
    _pictures,
    _tables,
    _archive_inside,
    _of_programs,
)
