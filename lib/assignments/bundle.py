"""`course bundle`: the students' copy of the course, without any answer."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from lib.assignments.archive import packed
from lib.assignments.originals import files_of, is_left_by_a_program, original, original_names, write_files
from lib.assignments.places import RELEASES, ROOT
from lib.checks import mismatch, shown
from lib.files import replacing_bytes
from lib.tasks.check import VISIBLE
from lib.tasks.known import has_answers, write
from lib.tasks.task import find_task

FOLDER = "deep-vision-course"  # at the top of the archive
DEFAULT = Path("students.zip")
TAKEN = (  # whatever else lies at the top of the course stays with the instructors
    "CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md", "LICENSE", "LICENSE-lectures", "README.md",
    "course.py", "constraints.txt", "environment.yml", "pyproject.toml", ".gitignore", "data_loaders",
    "docs", "lectures", "lib",
)  # fmt: skip
LEFT = ("docs/instructors.md",)
ANSWERS = re.compile(r"lib/tasks/(a\d+)/(answers|recorded)/")


def bundle(to: Path = DEFAULT, root: Path = ROOT) -> Path:
    """Writes the students' copy; returns its path.

    to: a zip archive, where its name ends so, else a folder, which must be new or empty
    root: of the course

    Raises `ValueError` where the folder has something in it, and where the answers are not here.
    """
    files = bundle_files(root)
    if to.suffix == ".zip":
        with replacing_bytes(to) as file:
            file.write(packed({f"{FOLDER}/{path}": content for path, content in files.items()}))
        return to
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise mismatch(
            "bundle", "to", "a name ending in .zip, or a folder that is new or empty", shown(str(to))
        )
    write_files(to, files)
    return to


def bundle_files(root: Path = ROOT) -> dict[str, bytes]:
    """The files of the students' copy: path → content."""
    files = {
        path: (root / path).read_bytes()
        for path in course_files(root)
        if path.split("/")[0] in TAKEN and path not in LEFT and not ANSWERS.match(path)
    }
    for name in original_names(root):  # not the folder assignments/, in which an instructor may have written
        for path, content in original(name, root)[1].items():
            files[f"{RELEASES}/{name}/{path}"] = content
    files |= recorded_values(root)
    files["README.md"] = without_dead_links(files["README.md"].decode("utf-8"), set(files)).encode("utf-8")
    return dict(sorted(files.items()))


def course_files(root: Path) -> list[str]:
    """The paths of the course's own files: those that git knows; without git, all but caches."""
    if (root / ".git").exists() and shutil.which("git"):
        command = ["git", "-C", str(root), "ls-files", "-z", "--cached"]
        listed = subprocess.run(command, capture_output=True, check=True).stdout.decode("utf-8")
        return [path for path in listed.split("\0") if path and (root / path).is_file()]
    found = []
    for top in TAKEN:
        if (root / top).is_file():
            found.append(top)
        for folder, folders, names in os.walk(root / top):
            folders[:] = [name for name in folders if not is_left_by_a_program(Path(name))]
            paths = [Path(folder, name).relative_to(root) for name in names]
            found += [path.as_posix() for path in paths if not is_left_by_a_program(path)]
    return found


def recorded_values(root: Path) -> dict[str, bytes]:
    """For each task of an assignment what its right and wrong answers do in the visible checks."""
    answers = sorted((root / "lib" / "tasks").glob("a*/answers/*.py"))
    if not answers:
        raise ValueError(
            "bundle: expected the answers of the tasks in lib/tasks, got none; the students' copy is made "
            "from the instructors'"
        )
    with TemporaryDirectory() as place:
        for path in answers:
            package, name = path.parts[-3], path.stem
            if name.startswith("_"):
                continue
            task = find_task(f"{package}.{name}")
            if not has_answers(task):
                raise ValueError(
                    f"{task.name}: expected an answer for each of {', '.join(task.defines)}, got less"
                )
            write(Path(place, "lib", "tasks", package, "recorded", f"{name}.json"), task, VISIBLE)
        return files_of(Path(place))


def without_dead_links(text: str, files: set[str]) -> str:
    """A page without the lines that lead to a file which is not there."""
    links = re.compile(r"\]\(([\w./-]+)\)")
    return "".join(
        line for line in text.splitlines(keepends=True) if all(link in files for link in links.findall(line))
    )
