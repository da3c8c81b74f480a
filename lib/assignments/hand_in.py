"""`course hand-in a1`: runs all, shows what the instructor will see, and writes one file to upload."""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat

from lib.assignments.archive import packed
from lib.assignments.cells import Notebook, grade_id, read_notebook, strings
from lib.assignments.missing import missing
from lib.assignments.originals import files_of, is_left_by_a_program, original
from lib.assignments.outcome import check_lines, failed_cells
from lib.assignments.places import HANDED_IN, RELEASES, ROOT, short_name
from lib.assignments.run import run_all
from lib.assignments.student import student_id
from lib.assignments.working import assignment_folder
from lib.checks import mismatch
from lib.files import replacing_bytes
from lib.lessons.copies import BESIDE

SECONDS = 600.0
LARGEST = 20_000_000  # bytes of a file beside the notebook


def hand_in(
    name: str,
    given_id: str = "",
    seconds: float = SECONDS,
    root: Path = ROOT,
    say: Callable[[str], object] = print,
    work: Path | None = None,
) -> Path:
    """Writes handed-in/a1-ID.zip, from which nbgrader collects; returns its path.

    name: such as "a1"
    given_id: of the student; "" for the one that is remembered
    seconds: that all cells together may take
    root: of the course
    say: gets what the student should read, text by text
    work: the folder of the student's copies, into which the file is written; None for the course itself

    The student's own files stay as they are: a copy is run. Raises `ValueError` where there is no notebook.
    """
    full, released = original(name, root)
    folder = assignment_folder(full, work or root, root)
    notebook = _their_notebook(full, folder)
    student = student_id(given_id)
    before = read_notebook(released[f"{full}.ipynb"], full)
    lacks = missing(before, notebook)
    say(f"Running all of {folder / full}.ipynb, which may take {seconds / 60:.0f} minutes at most …")
    with TemporaryDirectory() as place:
        copy = Path(place, full).resolve()
        shutil.copytree(folder, copy, ignore=_left_behind)
        drop_copies(notebook)
        with warnings.catch_warnings():  # nbformat mends the ids of copied cells, and says so
            warnings.simplefilter("ignore")
            stopped = run_all(notebook, copy, seconds)
            hide_places(notebook, copy, root)
            content = nbformat.writes(notebook, version=4)
        files = files_of(copy) | {f"{full}.ipynb": f"{content}\n".encode()}
    large = [
        path for path, content in files.items() if len(content) > LARGEST and not path.endswith(".ipynb")
    ]
    file = (work or root) / HANDED_IN / f"{short_name(full)}-{student}.zip"
    inside = {f"{student}/{full}/{path}": content for path, content in files.items() if path not in large}
    with replacing_bytes(file) as out:
        out.write(packed(inside))

    say("\n".join(["", *(check_lines(notebook) or ["No check has said anything."])]))
    noted = [*([stopped] if stopped else []), *failed_cells(notebook), *lacks]
    noted += [f"{path} is larger than {LARGEST // 10**6} MB, and stays behind" for path in large]
    if noted:
        say("\n".join(["", "Please look at this; you can hand in again:", *(f"- {line}" for line in noted)]))
    say(f"\nUpload this one file: {file}")
    return file


def _their_notebook(full: str, folder: Path) -> Notebook:
    path = folder / f"{full}.ipynb"
    if not path.is_file():
        there = ", ".join(sorted(other.name for other in folder.glob("*.ipynb"))) or "no notebook"
        raise mismatch(
            "", "assignment", f"{path.name} in {RELEASES}/{full}", there,
            f"give it its name back, or take the assignment anew: course reset {short_name(full)}",
        )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return read_notebook(path.read_bytes(), path.name)


def _left_behind(folder: str, names: list[str]) -> set[str]:
    """What is not copied: new versions from the course, caches, links, pipes, and what is too large."""

    def stays(path: Path) -> bool:
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            return True
        return path.is_file() and path.stat().st_size > 50 * LARGEST

    return {
        name
        for name in names
        if is_left_by_a_program(Path(name)) or BESIDE.fullmatch(name) or stays(Path(folder, name))
    }


def drop_copies(notebook: Notebook) -> None:
    """Of cells with one name at nbgrader only the last keeps it: a second one could end all grading."""
    seen: set[str] = set()
    for cell in reversed(notebook.cells):
        if grade_id(cell) in seen:
            del cell.metadata["nbgrader"]
        elif grade_id(cell):
            seen.add(grade_id(cell))


def hide_places(notebook: Notebook, copy: Path, root: Path) -> None:
    """Takes the folders of this computer, and so the user's name, out of the outputs."""
    home = os.path.expanduser("~")
    names = {str(copy): ".", str(root): "course"} | ({home: "~"} if len(home) > 3 else {})
    found = sorted(names, key=len, reverse=True)
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if any(place in text for text in strings(output) for place in found):
                _replace_all(output, [(place, names[place]) for place in found])


def _replace_all(thing: dict | list, pairs: list[tuple[str, str]]) -> None:
    """Replaces parts of every text in a structure of JSON."""
    places = thing.items() if isinstance(thing, dict) else enumerate(thing)
    for place, value in list(places):
        if isinstance(value, str):
            for old, new in pairs:
                value = value.replace(old, new)
            thing[place] = value
        elif isinstance(value, dict | list):
            _replace_all(value, pairs)
