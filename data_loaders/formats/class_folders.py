"""Pictures in folders named after their class: train/<class>/….png, test/<class>/…; as fastai has it."""

from __future__ import annotations

import hashlib
import re

import numpy as np

from ..dataset import Split
from ..files import Files
from .content import CLASSES, Content, split_of
from .pictures import decode_all

TITLE = "class folders"
HOLDS = "train/<class>/*.png or .jpg, test/<class>/…"

# Either the folder names the class, or the end of the file's name does, as in 17_frog.png.
PICTURE = re.compile(
    rf"(?P<root>(?:.*/)?)(?P<split>train|test)/(?:(?P<folder>{'|'.join(CLASSES)})/[^/]+|[^/]*_(?P<end>{'|'.join(CLASSES)}))"
    r"\.(?:png|jpe?g)",
    re.IGNORECASE,
)


def matches(names: list[str]) -> bool:
    found = _found(names)
    return bool(found["train"] and found["test"])


def read(files: Files) -> Content:
    """The pictures in a fixed, mixed order, since folders would give one class after the other."""
    found = _found(files.names)
    (train, jpeg), (test, test_jpeg) = (_read_split(files, found[part]) for part in ("train", "test"))
    return Content(train, test, jpeg=jpeg or test_jpeg)


def _found(names: list[str]) -> dict[str, list[tuple[str, int]]]:
    """Names and labels of each split, in the outermost folder that has pictures."""
    pictures = [(name, match) for name in names if (match := PICTURE.fullmatch(name))]
    root = min((match["root"] for _, match in pictures), key=lambda r: (r.count("/"), r), default="")
    found = {"train": [], "test": []}
    for name, match in pictures:
        if match["root"] == root:
            label = CLASSES.index((match["folder"] or match["end"]).lower())
            found[match["split"].lower()].append((name, label))
    return found


def _read_split(files: Files, found: list[tuple[str, int]]) -> tuple[Split, bool]:
    found = sorted(found, key=lambda item: hashlib.md5(item[0].encode(), usedforsecurity=False).digest())
    content = ((f"{files.path}: {name}", files.read(name)) for name, _ in found)
    pixels, jpeg = decode_all(content, len(found))
    return split_of(pixels, np.array([label for _, label in found]), str(files.path)), jpeg
