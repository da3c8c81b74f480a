"""One call for a lecture: CIFAR-10 where it is, the built-in Shapes-10 elsewhere."""

from __future__ import annotations

import os

from .cifar10 import load_cifar10
from .dataset import Dataset
from .looks import say
from .shapes10 import load_shapes10

NAMES = ("auto", "cifar10", "shapes10")


def load_dataset(name: str = "auto") -> Dataset:
    """A data set by its name; prints in one line which one is in use.

    name: "cifar10", "shapes10", or "auto": CIFAR-10 where it is on this computer, else Shapes-10. Nothing is
        downloaded. The environment variable COURSE_DATASET says what "auto" means, where it is set.

    Raises `ValueError` for another name, `FileNotFoundError` where "cifar10" is not found.
    """
    chosen = (os.environ.get("COURSE_DATASET") or "auto") if name == "auto" else name
    if chosen not in NAMES:
        source = "COURSE_DATASET" if name == "auto" else "name"
        raise ValueError(f"{source}: expected one of {', '.join(map(repr, NAMES))}, got {chosen!r}")
    dataset, why = _load(chosen)
    say(f"Data set in use: {dataset}; {dataset.origin}{why}")
    return dataset


def _load(name: str) -> tuple[Dataset, str]:
    if name == "shapes10":
        return load_shapes10(), ""
    try:
        return load_cifar10(announce=False), ""
    except FileNotFoundError:
        if name == "cifar10":
            raise
        return load_shapes10(), ". CIFAR-10 was not found: `course data fetch cifar10` fetches it"
    except (ValueError, OSError, ImportError) as error:
        if name == "cifar10":
            raise
        return load_shapes10(), f". CIFAR-10 was found but cannot be read: {error}"
