"""Every assignment as it was released, in an archive of its own: students get it back, and are held to it.

The archives lie in the library, where nobody opens one by mistake in the place of the assignment.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from pathlib import Path
from zipfile import BadZipFile

from lib.assignments.archive import packed, unpacked
from lib.assignments.places import find_assignment, short_name
from lib.files import replacing_bytes

ORIGINALS = Path("lib", "assignments", "originals")  # in the course


def original_names(root: Path) -> list[str]:
    """The full names of the assignments that have been released, in order."""
    found = [path.stem for path in (root / ORIGINALS).glob("a*_*.zip")]
    return sorted(found, key=lambda name: (int(short_name(name)[1:]), name))


def original(name: str, root: Path) -> tuple[str, dict[str, bytes]]:
    """The full name of an assignment, and its files as they were released; raises `ValueError` for none.

    name: as `find_assignment` takes it
    root: of the course
    """
    full = find_assignment(name, original_names(root))
    try:
        return full, unpacked((root / ORIGINALS / f"{full}.zip").read_bytes())
    except (BadZipFile, EOFError, zlib.error) as error:
        raise ValueError(
            f"{ORIGINALS / full}.zip: expected the assignment as it was released, got a broken archive "
            f"({error}); take this file from your instructor again"
        ) from error


def keep_original(name: str, files: Mapping[str, bytes], root: Path) -> Path:
    """Writes the archive of a release; returns its path."""
    path = root / ORIGINALS / f"{name}.zip"
    with replacing_bytes(path) as file:
        file.write(packed(files, compressed=False))  # so that it is the same on every computer
    return path


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file below a folder but what programs leave: path, with "/" between folders → content."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink() and not is_left_by_a_program(path.relative_to(folder))
    }


def is_left_by_a_program(path: Path) -> bool:
    """Whether a path is hidden, or a cache of Python's."""
    return any(part.startswith(".") or part == "__pycache__" for part in path.parts)


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Writes files into a folder; path → content."""
    for path, content in files.items():
        with replacing_bytes(folder / path) as file:
            file.write(content)
