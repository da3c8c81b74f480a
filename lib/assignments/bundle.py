"""`course bundle`: the students' copy of the course, without any answer."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from lib.assignments.archive import packed
from lib.assignments.originals import files_of, is_left_by_a_program, original, original_names, write_files
from lib.assignments.places import RELEASES, ROOT
from lib.checks import mismatch, shown
from lib.files import replacing_bytes
from lib.tasks.check import VISIBLE
from lib.tasks.known import has_answers, record_of, write
from lib.tasks.task import find_task, task_names

FOLDER = "deep-vision-course"  # at the top of the archive
DEFAULT = Path("students.zip")
TAKEN = (  # whatever else lies at the top of the course stays with the instructors
    "CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md", "LICENSE", "LICENSE-lectures", "README.md",
    "course.py", "constraints.txt", "environment.yml", "pyproject.toml", ".gitignore", "data_loaders",
    "docs", "lectures", "lib",
)  # fmt: skip
LEFT = (  # beginnings: of use to nobody there
    "docs/errata.md", "docs/instructors.md", "lib/doctor/sandbox.py", "lib/grading/",
    "lib/leaderboard/board/", "lib/leaderboard/site/",
)  # fmt: skip
ANSWERS = re.compile(r"lib/tasks/(a\d+)/(answers|recorded)/")  # those of lectures are on their pages


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
    return dict(sorted((without_answers(root) | recorded_values(root)).items()))


def without_answers(root: Path) -> dict[str, bytes]:
    """The files of the course that students get as they are: path → content."""
    files = {
        path: (root / path).read_bytes()
        for path in course_files(root)
        if path.split("/")[0] in TAKEN and not path.startswith(LEFT) and not ANSWERS.match(path)
    }
    for name in original_names(root):  # not the folder assignments/, in which an instructor may have written
        for path, content in original(name, root)[1].items():
            files[f"{RELEASES}/{name}/{path}"] = content
    files["README.md"] = without_dead_links(files["README.md"].decode("utf-8"), set(files)).encode("utf-8")
    return files


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


def recorded_values(root: Path, names: Sequence[str] = ()) -> dict[str, bytes]:
    """For tasks of assignments what their right and wrong answers do in the visible checks: path → content.

    names: of the tasks; none means all
    """
    if not any((root / "lib" / "tasks").glob("a*/answers/*.py")):
        raise ValueError(
            "bundle: expected the answers of the tasks in lib/tasks, got none; the students' copy is made "
            "from the instructors'"
        )
    with TemporaryDirectory() as place:
        for name in names or assignment_tasks():
            task = find_task(name)
            if not has_answers(task):
                wanted = ", ".join(task.defines)
                raise ValueError(f"{name}: expected an answer for each of {wanted}, got less")
            write(Path(place, record_of(task).relative_to(ROOT)), task, VISIBLE)
        return files_of(Path(place))


def assignment_tasks() -> list[str]:
    """The names of all tasks that have marks in an assignment."""
    return [name for name in task_names() if re.match(r"a\d+\.", name)]


def without_dead_links(text: str, files: set[str]) -> str:
    """A page without the lines that lead to a file which is not there."""
    links = re.compile(r"\]\(([\w./-]+)\)")
    return "".join(
        line for line in text.splitlines(keepends=True) if all(link in files for link in links.findall(line))
    )
