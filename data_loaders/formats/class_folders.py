"""Pictures in folders named after their class: train/<class>/….png, test/<class>/…; as fastai has it."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import NamedTuple

import numpy as np

from ..dataset import Split
from ..files import Files
from .content import CLASSES, Content, class_label, split_of
from .pictures import decode_all

TITLE = "class folders"
HOLDS = "train/<class>/*.png or .jpg, test/<class>/…"
SPLITS = ("train", "test")
ENDINGS = {"png": "PNG", "jpg": "JPEG", "jpeg": "JPEG"}
OTHERS = {  # pictures that are not read
    "bmp": "BMP",
    "gif": "GIF",
    "tif": "TIFF",
    "tiff": "TIFF",
    "webp": "WebP",
    "ppm": "PPM",
    "tga": "TGA",
    "jp2": "JPEG 2000",
    "avif": "AVIF",
    "heic": "HEIC",
}


class Picture(NamedTuple):
    """A picture below a folder called train or test.

    name: its file
    root: the folder that holds train and test
    split: "train" or "test"
    label: 0…9, or None where neither its folder nor the end of its name, as in 17_frog.png, is a class
    in_folder: whether it lies in a folder of train or test, and not in train or test itself
    kind: "PNG", "JPEG", or one of `OTHERS`
    """

    name: str
    root: str
    split: str
    label: int | None
    in_folder: bool
    kind: str


def matches(names: list[str]) -> bool:
    return bool(_pictures(names))


def read(files: Files) -> Content:
    """The pictures in a fixed, mixed order, since folders would give one class after the other.

    A class without pictures in test is remarked upon. Raises `ValueError` where one has none in train, where
    a folder or picture names no class, and where pictures are neither PNG nor JPEG.
    """
    pictures = _pictures(files.names)
    if others := [picture for picture in pictures if picture.kind in OTHERS.values()]:
        counts = Counter(picture.kind for picture in others)
        raise ValueError(
            f"{files.path}: expected PNG or JPEG pictures, got "
            f"{', '.join(f'{count:,} {kind}' for kind, count in counts.items())}, such as {others[0].name}; "
            "save them as PNG, and keep their names and folders"
        )
    if all(picture.label is None for picture in pictures):  # another data set: its names are not shown
        raise ValueError(
            f"{files.path}: expected folders named after the classes {', '.join(CLASSES)}, got pictures in "
            "train and test whose folders have other names; only CIFAR-10's ten classes can be used"
        )
    train, test = ([picture for picture in pictures if picture.split == split] for split in SPLITS)
    problems = [f"{folder}, which is no class" for folder in _without_class(pictures)]
    if missing := _classes_missing(train):
        problems.append(f"no pictures of {missing} in train")
    if problems:
        raise ValueError(
            f"{files.path}: expected pictures of all ten classes in folders that name them, got "
            f"{'; '.join(problems)}. Only CIFAR-10's ten classes can be used; the classes are "
            f"{', '.join(CLASSES)}"
        )
    missing = _classes_missing(test)
    (train_split, jpeg), (test_split, test_jpeg) = _read_split(files, train), _read_split(files, test)
    note = f"no pictures of {missing} in test" if missing else ""
    return Content(train_split, test_split, note, jpeg or test_jpeg)


def _pictures(names: list[str]) -> list[Picture]:
    """The pictures of the outermost folder where train and test have known classes, or at least folders."""
    pictures = [picture for name in names if (picture := _picture(name))]
    known = {(picture.root, picture.split) for picture in pictures if picture.label is not None}
    foldered = {(picture.root, picture.split) for picture in pictures if picture.in_folder}
    for places in (known, foldered):
        roots = {root for root, _ in places if all((root, split) in places for split in SPLITS)}
        if roots:
            outermost = min(roots, key=lambda root: (root.count("/"), root))
            return [picture for picture in pictures if picture.root == outermost]
    return []


def _picture(name: str) -> Picture | None:
    """What the path says of a picture; None for other files, and outside of train and test."""
    *folders, file = name.split("/")
    stem, _, ending = file.rpartition(".")
    lower = [folder.lower() for folder in folders]
    kind = (ENDINGS | OTHERS).get(ending.lower())
    if not kind or not (found := [k for k, folder in enumerate(lower) if folder in SPLITS]):
        return None
    place = found[-1]
    in_folder = place + 1 < len(folders)
    label = class_label(folders[place + 1] if in_folder else stem.rpartition("_")[2])
    if label is None and kind in OTHERS.values():  # beside the data: an overview, a logo
        return None
    split = lower[place]
    while place and lower[place - 1] == split:  # train/train/…, as some programs unpack
        place -= 1
    root = "".join(f"{folder}/" for folder in folders[:place])
    return Picture(name, root, split, label, in_folder, kind)


def _without_class(pictures: list[Picture], most: int = 3) -> list[str]:
    """The first folders, and pictures beside them, that name no class; the last entry counts the rest."""
    odd: dict[str, None] = {}  # in their order, each once
    for picture in pictures:
        if picture.label is None:
            odd[picture.name.rpartition("/")[0] if picture.in_folder else picture.name] = None
    return [*odd][:most] + ([f"{len(odd) - most:,} more"] if len(odd) > most else [])


def _classes_missing(pictures: list[Picture]) -> str:
    """The names of the classes that have no picture."""
    there = {picture.label for picture in pictures}
    return ", ".join(name for label, name in enumerate(CLASSES) if label not in there)


def _read_split(files: Files, pictures: list[Picture]) -> tuple[Split, bool]:
    """The pictures of one split, mixed by their names, and whether any is a JPEG."""
    mixed = sorted(
        pictures,
        key=lambda p: hashlib.md5(p.name.encode("utf-8", "surrogatepass"), usedforsecurity=False).digest(),
    )
    content = ((f"{files.path}: {picture.name}", files.read(picture.name)) for picture in mixed)
    pixels, jpeg = decode_all(content, len(mixed))
    return split_of(pixels, np.array([picture.label for picture in mixed]), str(files.path)), jpeg
