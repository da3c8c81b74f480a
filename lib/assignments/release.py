"""`course release`: from solutions/ to assignments/, by nbgrader's own converter."""

from __future__ import annotations

import io
import logging
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from lib.assignments.cells import read_notebook
from lib.assignments.leaks import answers_of, leaks
from lib.assignments.missing import written_cells
from lib.assignments.nbgrader_settings import nbgrader_settings
from lib.assignments.originals import files_of, keep_original, original, original_names, write_files
from lib.assignments.places import RELEASES, ROOT, SOURCES, assignments_in, find_assignment, short_name
from lib.assignments.reset import KEPT, keep


def release(names: Sequence[str] = (), root: Path = ROOT) -> list[Path]:
    """Makes releases, all of them or none; returns their folders. What else lay there is kept beside them.

    names: such as "a1"; none means all
    root: of the course

    Raises `ValueError` where a solution or a hidden test would be in one, and where somebody has written into
    the release that is there.
    """
    there = assignments_in(root / SOURCES)
    if not there:
        raise ValueError(
            f"{SOURCES}: expected the assignments with their solutions, got no such folder; releases are "
            "made in the instructors' copy of the course"
        )
    chosen = [find_assignment(name, there) for name in names] or there
    made = {name: released(name, root) for name in chosen}
    for name in chosen:
        _check_untouched(name, root)
    folders = []
    for name, files in made.items():
        if _has_more(name, root):
            keep(root / RELEASES / name, root / RELEASES / KEPT)
        keep_original(name, files, root)
        folders.append(_replaced(root / RELEASES / name, files))
    return folders


def released(name: str, root: Path = ROOT) -> dict[str, bytes]:
    """The files of a release: path → content; nothing is written in the course, no gradebook either.

    name: in full

    Raises `ValueError` where nbgrader cannot make it, or where it would tell too much.
    """
    source = files_of(root / SOURCES / name)
    if f"{name}.ipynb" not in source:
        raise ValueError(
            f"{name}: expected {name}.ipynb in {SOURCES}/{name}, got {', '.join(source) or 'nothing'}"
        )
    for path, content in source.items():
        if path.endswith(".ipynb"):
            read_notebook(content, path)
    with TemporaryDirectory() as place:
        write_files(Path(place, SOURCES, name), source)
        _convert(name, Path(place), root)
        made = files_of(Path(place, RELEASES, name))
    made = {path: _with_unix_lines(path, content) for path, content in made.items()}
    answers = answers_of(root / "lib" / "tasks" / short_name(name))
    if told := leaks(source, made, answers):
        more = f", and {len(told) - 1} more" if len(told) > 1 else ""
        raise ValueError(f"{name}: expected a release that tells no answers, got {told[0]}{more}")
    return made


def _convert(name: str, place: Path, root: Path) -> None:
    """Lets nbgrader make the release of a course that has nothing but one source."""
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory

    config = nbgrader_settings(root)
    config.CourseDirectory.root = str(place.resolve())
    config.SaveCells.enabled = False  # these are what --no-db sets
    config.GenerateAssignment.no_database = True
    said, log = io.StringIO(), logging.Logger("release")  # nobody reads its words unless something fails
    log.addHandler(logging.StreamHandler(said))
    try:
        course = CourseDirectory(config=config, assignment_id=name, log=log)
        GenerateAssignment(coursedir=course, config=config, log=log).start()
    except Exception as error:
        lines = [line.strip() for line in said.getvalue().splitlines()]
        reason = next((line for line in reversed(lines) if "Error: " in line), str(error))
        raise ValueError(f"{name}: expected a source that nbgrader can release, got {reason}") from error


def _with_unix_lines(path: str, content: bytes) -> bytes:
    return content.replace(b"\r\n", b"\n") if path.endswith(".ipynb") else content


def _check_untouched(name: str, root: Path) -> None:
    """Raises `ValueError` where somebody has worked in the release that would be replaced."""
    notebook = root / RELEASES / name / f"{name}.ipynb"
    if not notebook.is_file() or name not in original_names(root):
        return
    before = original(name, root)[1].get(f"{name}.ipynb")
    if before and written_cells(read_notebook(before, name), read_notebook(notebook.read_bytes(), name)):
        raise ValueError(
            f"{RELEASES}/{name}: expected a release as it was made, got one that somebody has written into; "
            f"`course reset {short_name(name)}` puts that aside"
        )


def _has_more(name: str, root: Path) -> bool:
    """Whether files or cells that no release has brought lie in the folder that would be replaced."""
    folder, full = root / RELEASES / name, f"{name}.ipynb"
    there = files_of(folder) if folder.is_dir() else {}
    before = original(name, root)[1] if name in original_names(root) else {}
    if there.keys() - before.keys() or any(there[path] != before[path] for path in there if path != full):
        return True
    if full not in there:
        return False
    sources = [[cell.source for cell in read_notebook(files[full], full).cells] for files in (there, before)]
    return sources[0] != sources[1]


def _replaced(folder: Path, files: dict[str, bytes]) -> Path:
    """Puts a folder in the place of another one, all at once."""
    new, old = folder.with_name(f".{folder.name}.new"), folder.with_name(f".{folder.name}.old")
    for left in (new, old):
        shutil.rmtree(left, ignore_errors=True)
    write_files(new, files)
    if folder.exists():
        os.replace(folder, old)
    os.replace(new, folder)
    shutil.rmtree(old, ignore_errors=True)
    return folder
