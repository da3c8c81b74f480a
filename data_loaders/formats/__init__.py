"""The forms in which people have CIFAR-10: one small reader each, found by what a folder or archive holds.

Each is a module with TITLE, its name in messages; HOLDS, the files by which people know it; `matches(names)`,
whether these files are of this form, also where the names begin with some/folder/, as in an archive; and
`read(files)`, which returns a `Content`.
"""

from __future__ import annotations

import re
from types import ModuleType

from ..files import Files
from . import (
    binary_batches,
    class_folders,
    hugging_face,
    kaggle,
    matlab,
    numpy_arrays,
    python_batches,
    torch7_files,
)
from .content import Content
from .near import nearest

__all__ = ["FORMS", "Content", "nearest", "read", "recognise"]

FORMS = (
    python_batches,
    binary_batches,
    matlab,
    torch7_files,
    hugging_face,
    kaggle,
    class_folders,
    numpy_arrays,
)


# Archives in which parts of a known form come.
PACKED = re.compile(
    r"(?:.*/)?(?:train|test|trainLabels|cifar[-_]?10[^/]*)(?:\.\w+)?\.(?:7z|zip|rar)", re.IGNORECASE
)


def recognise(names: list[str]) -> ModuleType | None:
    """The form that files of these names have; None where they have no known one."""
    return next((form for form in FORMS if form.matches(names)), None)


def read(files: Files) -> tuple[str, Content]:
    """The name of the form, and what was read.

    Raises `ValueError` where no form fits. Its message says which is nearest, and does not name the files:
    they may be somebody's downloads, shown on a projector.
    """
    if form := recognise(files.names):
        return form.TITLE, form.read(files)
    if packed := next((name for name in files.names if PACKED.fullmatch(name)), None):
        program = " with 7-Zip" if packed.endswith(".7z") else ""
        raise ValueError(
            f"{files.path}: expected unpacked files, got {packed}; unpack it{program}, beside the others"
        )
    found, todo = nearest(files.names)
    raise ValueError(
        f"{files.path}: expected a known form of CIFAR-10, got {found}; {todo}. "
        "docs/instructors.md lists all forms"
    )
