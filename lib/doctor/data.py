"""Which data set the lectures will use, and room for it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from data_loaders.load import NAMES
from data_loaders.places import data_folder
from data_loaders.usual_names import no_archive
from data_loaders.usual_places import found

from .finding import Finding

GB = 10**9
FETCH = "python3 course.py data fetch cifar10"


def check_data(copies: Iterable[Path] | None = None, chosen: str | None = None) -> Finding:
    """A warning where only the built-in set is there, a fault where the one that is asked for cannot be had.

    copies: copies of CIFAR-10 on this computer, best first, by default those in the usual places
    chosen: "auto", "cifar10" or "shapes10", by default $COURSE_DATASET
    """
    chosen = (os.environ.get("COURSE_DATASET") or "auto") if chosen is None else chosen
    copies = list(found() if copies is None else copies)
    copy = next((copy for copy in copies if not no_archive(copy)), None)
    if chosen not in NAMES:
        return Finding(
            "fault",
            "data",
            f"COURSE_DATASET is {chosen!r}",
            f"set it to one of {', '.join(NAMES)}, or unset it",
        )
    if chosen == "shapes10":
        return Finding("ok", "data", "Shapes-10, built in, as COURSE_DATASET says")
    if copy:
        return Finding("ok", "data", f"CIFAR-10 in {copy.absolute()}")
    if copies:  # such as a web page that was saved under the archive's name
        text = f"{copies[0].absolute()}: expected an archive, got {no_archive(copies[0])}"
        return Finding(
            "fault" if chosen == "cifar10" else "warning", "data", text, f"remove it; then {FETCH}"
        )
    if chosen == "cifar10":
        return Finding("fault", "data", "CIFAR-10 is asked for by COURSE_DATASET, and not found", FETCH)
    return Finding("warning", "data", "CIFAR-10 is not found: lectures use the built-in Shapes-10", FETCH)


def check_disk(folder: Path | None = None, free: int | None = None) -> Finding:
    """A fault below 0.2 GB of free space for data, a warning below 1 GB (CIFAR-10 takes 0.6).

    folder: where data goes, by default `data_folder()`
    free: bytes, by default asked of the system
    """
    folder = data_folder() if folder is None else folder
    there = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    free = shutil.disk_usage(there).free if free is None else free
    text = f"{free / GB:.1f} GB free for data in {folder}"
    if free >= GB:
        return Finding("ok", "disk", text)
    fix = "free some space, or set COURSE_DATA to a folder on another disk"
    return Finding("warning" if free >= 0.2 * GB else "fault", "disk", text, fix)
