"""One call for a lecture: CIFAR-10 where it is, the built-in Shapes-10 elsewhere."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

from . import usual_places
from .cifar10 import fetching, load_cifar10
from .dataset import Dataset
from .looks import printable, say, shortened
from .shapes10 import load_shapes10

NAMES = ("auto", "cifar10", "shapes10")


def load_dataset(name: str = "auto") -> Dataset:
    """A data set by its name; prints in one line which one is in use.

    name: "cifar10", "shapes10", or "auto": CIFAR-10 where it is on this computer, else Shapes-10. Nothing is
        downloaded. The environment variable COURSE_DATASET says what "auto" means, where it is set.

    Where CIFAR-10 is there and cannot be read, "auto" warns, names file and fault, and takes Shapes-10.

    Raises `ValueError` for another name, `FileNotFoundError` where "cifar10" is not found.
    """
    chosen = (os.environ.get("COURSE_DATASET") or "auto") if name == "auto" else name
    if chosen not in NAMES:
        source = "COURSE_DATASET" if name == "auto" else "name"
        got = chosen if isinstance(chosen, str) else os.fspath(chosen) if isinstance(chosen, Path) else chosen
        raise ValueError(
            f"{source}: expected one of {', '.join(map(repr, NAMES))}, got {shortened(got, 200)}{_hint(got)}"
        )
    dataset, why = _load(chosen)
    say(f"Data set in use: {dataset}; {dataset.origin}{why}")
    return dataset


def _hint(name: object) -> str:
    """What a wrong name may have meant: another spelling of a known one, or the path of data."""
    if not isinstance(name, str):
        return ""
    plain = "".join(letter for letter in name.lower() if letter.isalnum())
    if plain in NAMES:
        return f"; write {plain!r}"
    if any(sign in name for sign in "/\\.~") or os.path.exists(name):
        return f"; load_cifar10({shortened(name, 200)}) reads a folder or an archive"
    return ""


def _load(name: str) -> tuple[Dataset, str]:
    if name == "shapes10":
        return load_shapes10(), ""
    try:
        return load_cifar10(announce=False), ""
    except FileNotFoundError:
        if name == "cifar10":
            raise
        there = usual_places.not_found()
        return load_shapes10(), f". CIFAR-10 was not found{there and f' ({there})'}: {fetching()}"
    except (ValueError, OSError, ImportError) as error:
        if name == "cifar10":
            raise
        why = f"CIFAR-10 was found but cannot be read: {printable(str(error))}"
        warnings.warn(f"{why}. Shapes-10 is used in its place", stacklevel=3)
        return load_shapes10(), f". {why}"
