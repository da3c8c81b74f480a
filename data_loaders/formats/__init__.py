"""The forms in which people have CIFAR-10: one small reader each, found by what a folder or archive holds.

Each is a module with TITLE, its name in messages; HOLDS, the files by which people know it; `matches(names)`,
whether these files are of this form; and `read(files)`, which returns a `Content`.
"""

from __future__ import annotations

import re
from collections import Counter

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


def read(files: Files) -> tuple[str, Content]:
    """The name of the form, and what was read.

    Raises `ValueError` where no form fits. Its message counts the files there and does not name them: they
    may be somebody's downloads, shown on a projector.
    """
    for form in FORMS:
        if form.matches(files.names):
            return form.TITLE, form.read(files)
    if packed := next((name for name in files.names if PACKED.fullmatch(name)), None):
        program = " with 7-Zip" if packed.endswith(".7z") else ""
        raise ValueError(
            f"{files.path}: expected unpacked files, got {packed}; unpack it{program}, beside the others"
        )
    known = "; ".join(f"{form.TITLE} ({form.HOLDS})" for form in FORMS)
    raise ValueError(
        f"{files.path}: expected a known form of CIFAR-10, got {_summary(files.names)}. Known forms: {known}"
    )


def _summary(names: list[str]) -> str:
    """How many files there are, by their endings, most first."""
    if not names:
        return "no files"
    endings = Counter(
        ending.lower() if (ending := name.rpartition(".")[2]).isalnum() and len(ending) <= 5 else ""
        for name in names
    )
    shown = ", ".join(f"{count:,} .{ending}" for ending, count in endings.most_common(4) if ending)
    total = f"{len(names):,} {'file' if len(names) == 1 else 'files'}"
    return f"{total} ({shown})" if shown else total
