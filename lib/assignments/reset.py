"""`course reset 05` and `a1`: a lecture or an assignment as it was released; the old version is kept."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from lib.assignments.originals import files_of, original, original_names, write_files
from lib.assignments.places import RELEASES, ROOT, find_assignment, short_name
from lib.checks import mismatch, shown
from lib.lessons.copies import note_original

KEPT = "kept"
LECTURES = "lectures"


def reset(name: str, root: Path = ROOT, work: Path | None = None) -> tuple[Path, Path | None]:
    """Puts a lecture or an assignment back; returns its place, and where the version that was there is kept.

    name: such as "05" or "a1"
    root: of the course
    work: the folder of the student's copies; None puts an assignment back in the course itself

    The second is None where nothing had been changed. Raises `ValueError` for an unknown name.
    """
    place, files = _original_of(name, root, lectures=work is not None)
    target = (work or root) / place
    whole = {path[len(place) + 1 :]: content for path, content in files.items()}
    kept = None
    if _content(target) != whole:
        new = target.with_name(f".{target.name}.new")
        _remove(new)
        write_files(new, whole)  # first: what goes wrong here leaves all as it was
        if os.path.lexists(target):
            kept = keep(target, (work or root / RELEASES) / KEPT)
        os.replace(new, target)
    if work is not None:
        for path, content in files.items():
            note_original(work, path, content)
    return target, kept


def keep(path: Path, kept: Path) -> Path:
    """Moves a file or a folder to where versions are kept; returns its new place."""
    new = _free(kept / f"{path.stem}-{datetime.now():%Y-%m-%d-%H%M}{path.suffix}")
    new.parent.mkdir(parents=True, exist_ok=True)
    os.replace(path, new)
    return new


def _original_of(name: str, root: Path, *, lectures: bool) -> tuple[str, Mapping[str, bytes]]:
    """Where a lecture or an assignment has its place, and its files: path in the course → content.

    The place of a lecture is its one file.
    """
    there = {path.stem: path for path in sorted((root / LECTURES).glob("*_*.ipynb"))} if lectures else {}
    wanted = Path(name).stem.lower()
    for full, path in there.items():
        if wanted in (full.lower(), short_name(full), short_name(full).removeprefix("0")):
            return f"{LECTURES}/{path.name}", {f"{LECTURES}/{path.name}": path.read_bytes()}
    names = original_names(root)
    if lectures and wanted not in {each.lower() for full in names for each in (full, short_name(full))}:
        known = ", ".join(map(short_name, [*there, *names]))
        raise mismatch("", "name", f"one of {known}", shown(name))
    full, files = original(find_assignment(name, names), root)
    return f"{RELEASES}/{full}", {f"{RELEASES}/{full}/{path}": content for path, content in files.items()}


def _content(target: Path) -> dict[str, bytes]:
    """Path below `target` → content; "" is the path of a file in itself. Nothing for what cannot be read."""
    try:
        return files_of(target) if target.is_dir() else {"": target.read_bytes()}
    except OSError:
        return {}


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _free(path: Path) -> Path:
    """A path of this name at which there is nothing yet."""
    tries = (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in range(2, 1000))
    return path if not path.exists() else next(new for new in tries if not new.exists())
