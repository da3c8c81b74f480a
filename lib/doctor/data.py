"""Which data set the lectures will use, read once, and room for it."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Iterable
from contextlib import redirect_stdout
from pathlib import Path

from data_loaders.cifar10 import UNREADABLE, load_cifar10
from data_loaders.load import NAMES
from data_loaders.places import command, data_folder
from data_loaders.usual_places import found, not_found

from .finding import Finding

GB = 10**9


def check_data(copies: Iterable[Path] | None = None, chosen: str | None = None) -> Finding:
    """A warning where only the built-in set can be used, a fault where the one asked for cannot be had.

    copies: copies of CIFAR-10 on this computer, best first, by default those in the usual places; they are
        read until one is whole, from the cache where that is current
    chosen: "auto", "cifar10" or "shapes10", by default $COURSE_DATASET
    """
    chosen = (os.environ.get("COURSE_DATASET") or "auto") if chosen is None else chosen
    if chosen not in NAMES:
        return Finding(
            "fault",
            "data",
            f"COURSE_DATASET is {chosen!r}",
            f"set it to one of {', '.join(NAMES)}, or unset it",
        )
    if chosen == "shapes10":
        return Finding("ok", "data", "Shapes-10, built in, as COURSE_DATASET says")
    bad = "fault" if chosen == "cifar10" else "warning"
    fetch = command("data fetch cifar10")
    damaged: list[str] = []
    try:
        for copy in found() if copies is None else copies:
            problem, origin = _read(copy)
            if not problem:
                return _usable(copy.absolute(), origin, damaged)
            damaged.append(problem)
    except ValueError as error:  # COURSE_DATA is no folder
        return Finding("fault", "data", str(error), "set COURSE_DATA to a folder, or unset it")
    if damaged:  # such as a web page that was saved under the archive's name
        return Finding(bad, "data", damaged[0], f"remove it; then {fetch}")
    if chosen == "cifar10":
        return Finding(bad, "data", "CIFAR-10 is asked for by COURSE_DATASET, and not found", fetch)
    there = not_found() if copies is None else ""
    text = f"CIFAR-10 is not found: lectures use the built-in Shapes-10{there and f'; {there}'}"
    return Finding(bad, "data", text, fetch)


def _read(copy: Path) -> tuple[str, str]:
    """What is wrong with a copy, or "" and where it comes from; what its loader prints is not shown."""
    try:
        with redirect_stdout(io.StringIO()):
            return "", load_cifar10(copy, announce=False).origin
    except UNREADABLE as error:
        return str(error), ""


def _usable(copy: Path, origin: str, damaged: list[str]) -> Finding:
    unverified = "; unverified: no published checksum fits" if "unverified" in origin else ""
    text = f"CIFAR-10 in {copy}{unverified}"
    if damaged:
        return Finding("warning", "data", f"{text}; passed over: {damaged[0]}", "remove what is damaged")
    return Finding("ok", "data", text)


def check_disk(folder: Path | None = None, free: int | None = None) -> Finding:
    """A fault below 0.2 GB of free space for data, a warning below 1 GB (CIFAR-10 takes 0.6).

    folder: where data goes, by default `data_folder()`
    free: bytes, by default asked of the system
    """
    try:
        folder = data_folder() if folder is None else folder
    except ValueError as error:  # COURSE_DATA is no folder
        return Finding("fault", "disk", str(error), "set COURSE_DATA to a folder, or unset it")
    there = next(each for each in (folder, *folder.absolute().parents) if each.is_dir())
    free = shutil.disk_usage(there).free if free is None else free
    text = f"{free / GB:.1f} GB free for data in {folder}"
    if free >= GB:
        return Finding("ok", "disk", text)
    fix = "free some space, or set COURSE_DATA to a folder on another disk"
    return Finding("warning" if free >= 0.2 * GB else "fault", "disk", text, fix)
