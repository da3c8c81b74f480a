"""The data sets of the command line, by name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from data_loaders import Dataset, Split, load_cifar10, load_dataset, load_shapes10
from data_loaders.looks import say
from data_loaders.shapes10 import NUISANCES
from lib.checks import mismatch, shown

NAMES = ("auto", "cifar10", "shapes10", "shapes10-hard")
HARDEST = "every nuisance at its strongest"
PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".ppm")


def hard_shapes10(seed: int = 0) -> Dataset:
    """Shapes-10 with every nuisance at its strongest, from 0 to 1: what lectures 10 to 12 use offline."""
    dataset = load_shapes10(seed, **dict.fromkeys(NUISANCES, 1.0))
    return replace(dataset, origin=f"{dataset.origin}, {HARDEST}")


def load_named(name: str) -> Dataset:
    """A data set; says in one line which.

    name: one of `NAMES`, or the path of a folder or an archive that has CIFAR-10 in any form

    Raises `ValueError` for anything else, `FileNotFoundError` where CIFAR-10 is not found.
    """
    if not isinstance(name, str):
        raise mismatch("", "data", f"one of {', '.join(NAMES)}, or a path", shown(name))
    if name in NAMES[:3]:
        return load_dataset(name)
    if name == NAMES[3]:
        dataset = hard_shapes10()
    elif Path(name).expanduser().exists():
        dataset = load_cifar10(name, announce=False)
    else:
        raise mismatch("", "data", f"one of {', '.join(NAMES)}, or a path that exists", shown(name))
    say(f"Data set in use: {dataset}; {dataset.origin}")
    return dataset


def images_to_classify(name: str, classes: Sequence[str], size: int) -> tuple[Split, str, bool]:
    """What a net is to classify: the test images of a data set, or the pictures of a folder.

    name: as for `load_named`, or a folder with pictures in it, which are taken in the order of their names
    classes: that the net knows
    size: the height and width of its images, which pictures are brought to

    Returns the images, their name for people, and whether their labels are known.
    Raises `ValueError` where a data set has other classes.
    """
    if pictures := pictures_in(name):
        images = np.stack([read_picture(path, size) for path in pictures])
        what = f"{len(pictures)} pictures from {pictures[0].name} to {pictures[-1].name}"
        return Split(images, np.zeros(len(images), np.int64)), what, False
    dataset = load_named(name)
    if tuple(classes) != dataset.classes:
        knows, has = (", ".join(names[:3]) + ", …" for names in (tuple(classes), dataset.classes))
        raise mismatch("", "data", f"images of the classes that this net knows: {knows}", f"{has}")
    if dataset.test.images.shape[2:] != (size, size):
        got = "{} × {}".format(*dataset.test.images.shape[2:])
        raise mismatch("", "data", f"images of {size} × {size} pixels, as this net was trained on", got)
    return dataset.test, f"test images of {dataset.name}", True


def pictures_in(name: str) -> list[Path]:
    """The pictures that lie in a folder itself, in the order of their names, in which 10 comes after 9."""
    folder = Path(name).expanduser()
    if name in NAMES or not folder.is_dir():
        return []
    found = [path for path in folder.iterdir() if path.suffix.lower() in PICTURES and path.is_file()]
    return sorted(
        found, key=lambda path: [int(w) if w.isdigit() else w for w in re.split(r"(\d+)", path.name)]
    )


def read_picture(path: Path, size: int) -> np.ndarray:
    """A picture as bytes (3, size, size); one of another size is scaled, whatever its shape."""
    try:
        with Image.open(path) as file:
            picture = file.convert("RGB")
            if picture.size != (size, size):
                picture = picture.resize((size, size), Image.Resampling.LANCZOS)
            return np.asarray(picture).transpose(2, 0, 1)
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"{path}: expected a picture, got {error}") from error
