"""`course reset a1`: the assignment as it was released, with the student's own version kept beside it."""

from __future__ import annotations

import os
import shutil
from datetime import datetime
from pathlib import Path

from lib.assignments.originals import files_of, original, write_files
from lib.assignments.places import RELEASES, ROOT

KEPT = "kept"  # in assignments/


def reset(name: str, root: Path = ROOT) -> tuple[Path, Path | None]:
    """Puts an assignment back; returns its folder, and where the version that was there is kept.

    name: such as "a1"
    root: of the course

    The second is None where nothing had been changed. Raises `ValueError` for an unknown name.
    """
    full, files = original(name, root)
    folder = root / RELEASES / full
    if folder.is_dir() and files_of(folder) == files:
        return folder, None
    new = folder.with_name(f".{full}.new")
    shutil.rmtree(new, ignore_errors=True)
    write_files(new, files)  # first: what goes wrong here leaves all as it was
    kept = keep(folder, root) if folder.exists() else None
    os.replace(new, folder)
    return folder, kept


def keep(folder: Path, root: Path) -> Path:
    """Moves the folder of an assignment to where versions are kept; returns its new place."""
    kept = _free(root / RELEASES / KEPT / f"{folder.name}-{datetime.now():%Y-%m-%d-%H%M}")
    kept.parent.mkdir(parents=True, exist_ok=True)
    os.replace(folder, kept)
    return kept


def _free(path: Path) -> Path:
    """A path of this name at which there is nothing yet."""
    tries = (path.with_name(f"{path.name}-{number}") for number in range(2, 1000))
    return path if not path.exists() else next(new for new in tries if not new.exists())
