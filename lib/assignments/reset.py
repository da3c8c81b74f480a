"""`course reset a1`: the assignment as it was released, with the student's own version kept beside it."""

from __future__ import annotations

import os
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
    kept = None
    if folder.exists():
        kept = _free(root / RELEASES / KEPT / f"{full}-{datetime.now():%Y-%m-%d-%H%M}")
        kept.parent.mkdir(parents=True, exist_ok=True)
        os.replace(folder, kept)
    write_files(folder, files)
    return folder, kept


def _free(path: Path) -> Path:
    """A path of this name at which there is nothing yet."""
    tries = (path.with_name(f"{path.name}-{number}") for number in range(2, 1000))
    return path if not path.exists() else next(new for new in tries if not new.exists())
