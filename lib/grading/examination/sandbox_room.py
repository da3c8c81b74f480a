"""What the sandbox shows for an assignment: a students' copy of the course, emptied, and data."""

from __future__ import annotations

import compileall
import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from lib.assignments.bundle import recorded_values, without_answers
from lib.assignments.originals import write_files
from lib.assignments.places import ROOT, short_name
from lib.grading.examination.bodies import is_emptied, without_bodies
from lib.grading.examination.old_rooms import hold_room, remove_old_rooms
from lib.grading.examination.placed_folder import placed_folder
from lib.grading.places import rooms_folder
from lib.grading.sandbox.room import Room
from lib.tasks.forbidden import PACKAGES
from lib.tasks.task import task_names

SEEN_AS = "/course"  # by the sandbox
TAKEN = ("data_loaders/", "lib/")
WITH_TORCH = ("a4",)
HIDDEN = tuple(package for package in PACKAGES if "." not in package)
VERSION = 1  # of what is made of the course's files


def room_of(assignment: str, to: Path | None = None, root: Path = ROOT) -> Room:
    """The room of an assignment; its files are made where they are not there yet.

    assignment: in full or in short, such as "a2"
    to: the folder of all rooms; None for that of the course
    root: of the instructors' copy of the course

    Raises `ValueError` where the answers of the tasks are not here.
    """
    folder = to or rooms_folder(root)
    return replace(room_without_data(assignment, folder, root), data=data_for(root, folder))


def room_without_data(assignment: str, to: Path, root: Path = ROOT) -> Room:
    """The same, but that it shows no data.

    to: the folder of all rooms
    """
    short = short_name(assignment)
    torch = short in WITH_TORCH
    preload = (*Room.preload, "torch") if torch else Room.preload
    hidden = tuple(name for name in HIDDEN if not (torch and name.startswith("torch")))
    room = Room(course_for(short, root, to), None, hidden, preload)
    remove_old_rooms(to)
    return room


def course_for(assignment: str, root: Path, folder: Path) -> Path:
    """The folder of the students' copy for an assignment, such as "a2"."""
    files = {path: text for path, text in without_answers(root).items() if path.startswith(TAKEN)}
    answers = {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.glob(f"lib/tasks/{assignment}/answers/*.py"))
    }
    course = folder / f"{assignment}-{digest(files | answers)}"
    if not hold_room(course):
        files |= recorded_values(root, task_names(assignment))
        for path, text in files.items():
            if is_emptied(path, assignment):
                module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
                files[path] = without_bodies(text.decode("utf-8"), module).encode("utf-8")
        with placed_folder(course) as new:
            write_files(new, files)
            compileall.compile_dir(new, quiet=2, stripdir=str(new), prependdir=SEEN_AS)
        hold_room(course)
    return course


def digest(files: dict[str, bytes]) -> str:
    """Of paths and contents, and of what is made of them."""
    found = hashlib.sha256(f"{VERSION} {sys.version}".encode())
    for path, text in sorted(files.items()):
        found.update(f"\n{path} {hashlib.sha256(text).hexdigest()}".encode())
    return found.hexdigest()[:16]


def data_for(root: Path, folder: Path) -> Path:
    """A folder of data in which Shapes-10 is, and nothing else; it is drawn where it is not there yet."""
    data = folder / "data"
    code = "from data_loaders import load_shapes10; load_shapes10()"
    chosen = {name: text for name, text in os.environ.items() if not name.startswith("COURSE_")}
    environment = chosen | {"COURSE_DATA": str(data.resolve()), "PYTHONPATH": str(root)}
    command = [sys.executable, "-P", "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, umask=0o022)
    if done.returncode or not any(data.glob("cache/shapes10-*")):
        reason = (done.stderr or done.stdout).strip().rpartition("\n")[2]
        raise ValueError(f"data: expected Shapes-10 drawn into {data}, got an error ({reason})")
    return data
