"""What a result's key is made of, kept so that a later run can say why marks have changed."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from lib.assignments.cells import read_notebook
from lib.assignments.originals import ORIGINALS
from lib.assignments.places import SOURCES, short_name
from lib.files import replacing_bytes
from lib.grading.examination.job import MarkedCell, marked_cells
from lib.grading.places import OWN
from lib.tasks.task import HERE as TASKS

Parts = dict[str, str]  # what the marks depend on, in words → digest
SUBMISSION = "the submission"
COURSE = TASKS.parents[1]
GRADERS = (  # what makes marks and flags of a submission
    "lib/grading/intake/**/*.py",
    "lib/grading/examination/**/*.py",
    "lib/grading/sandbox/**/*.py",
    "lib/grading/template/**/*.py",
    "lib/grading/examining.py",
    "lib/grading/results.py",
    "lib/grading/submissions/kept.py",  # who is late
    "lib/assignments/bundle.py",
    "lib/assignments/cells.py",
    "lib/assignments/originals.py",
)
LIBRARY = (  # what notebooks may use, beside the checks
    "data_loaders/**/*.py",
    "lib/nn/**/*.py",
    "lib/graph/**/*.py",
    "lib/optim/**/*.py",
    "lib/convnets/**/*.py",
    "lib/classifiers/**/*.py",
    "lib/gradient_check/**/*.py",
    "lib/training/**/*.py",
    "lib/blas.py",
    "lib/checks.py",
    "lib/mode.py",
)
LETTERS = 32  # of a digest


def journal_file(assignment: str, root: Path) -> Path:
    """The journal of an assignment."""
    return root / OWN / "journal" / f"{assignment}.jsonl"


def common_parts(assignment: str, root: Path, secret: bytes) -> Parts:
    """What the marks of every student depend on.

    assignment: in full
    root: of the course
    secret: from which the hidden cases follow; only its digest is kept
    """
    tasks = TASKS / short_name(assignment)
    by_task: dict[str, list[Path]] = {}
    for file in [*tasks.glob("*.py"), *tasks.glob("answers/*.py")]:
        by_task.setdefault(f"the check of {tasks.name}.{file.stem}", []).append(file)
    return {
        "the release": digest_of_bytes([(root / ORIGINALS / f"{assignment}.zip").read_bytes()]),
        "which cells have marks": digest_of_bytes([repr(_marked(assignment, root)).encode()]),
        "the secret": digest_of_bytes([b"secret", secret]),
        "what all checks share": digest_of_files(TASKS, TASKS.glob("*.py")),
        "how submissions are graded": digest_of_files(COURSE, files_of_course(GRADERS)),
        "the course's library": digest_of_files(COURSE, files_of_course(LIBRARY)),
        **{name: digest_of_files(TASKS, files) for name, files in sorted(by_task.items())},
    }


def _marked(assignment: str, root: Path) -> tuple[MarkedCell, ...]:
    """The cells with marks; their hidden lines are in the instructors' notebook alone."""
    source = root / SOURCES / assignment / f"{assignment}.ipynb"
    return marked_cells(read_notebook(source.read_bytes(), source.name)) if source.exists() else ()


def files_of_course(patterns: Iterable[str]) -> set[Path]:
    """The files of this copy of the course that fit a pattern."""
    return {file for pattern in patterns for file in COURSE.glob(pattern)}


def submission_digest(folder: Path) -> str:
    """Of the names and bytes of all files that a student has handed in."""
    return digest_of_files(folder, (path for path in folder.rglob("*") if path.is_file()))


def digest_of_files(folder: Path, files: Iterable[Path]) -> str:
    """Of names and bytes, whatever the order in which they come; large files are read piece by piece."""
    whole = hashlib.sha256()
    for path in sorted(files):
        if path.is_symlink():
            inner = os.readlink(path).encode("utf-8", "replace")
        else:
            with open(path, "rb") as file:
                inner = hashlib.file_digest(file, "sha256").digest()
        name = path.relative_to(folder).as_posix().encode("utf-8", "replace")
        whole.update(hashlib.sha256(name).digest() + hashlib.sha256(inner).digest())
    return whole.hexdigest()[:LETTERS]


def digest_of_bytes(pieces: Iterable[bytes]) -> str:
    """Of some bytes one after the other.

    >>> digest_of_bytes([b"ab", b"c"]) == digest_of_bytes([b"a", b"bc"])
    False
    """
    return hashlib.sha256(b"".join(hashlib.sha256(piece).digest() for piece in pieces)).hexdigest()[:LETTERS]


def key_of(parts: Mapping[str, str]) -> str:
    """One digest of all parts: results with the same key are the same.

    >>> key_of({"a": "1", "b": "2"}) == key_of({"b": "2", "a": "1"}) != key_of({"a": "2", "b": "1"})
    True
    """
    return digest_of_bytes([json.dumps(parts, sort_keys=True).encode()])


def reasons(before: Mapping[str, str] | None, now: Mapping[str, str]) -> str:
    """Why two keys differ, in words.

    before: None where it is not known

    >>> reasons({"the submission": "1", "the secret": "2"}, {"the submission": "3", "the secret": "2"})
    'the submission changed'
    """
    if before is None:
        return "it is not known what the marks before came from"
    changed = [name for name in now if before.get(name) != now[name]]
    changed += [name for name in before if name not in now]
    if not changed:
        return "nothing that the marks depend on changed"
    words = changed[0] if len(changed) == 1 else f"{', '.join(changed[:-1])} and {changed[-1]}"
    return f"{words} changed"


class Journal:
    """Key → parts, in a file to which lines are added: whenever it is cut short, the lines before count."""

    def __init__(self, path: Path):
        self.path = path
        self.entries: dict[str, Parts] = {}
        try:
            lines = path.read_bytes().splitlines(keepends=True)
        except FileNotFoundError:
            lines = []
        self.whole = all(map(self._take, lines)) and (not lines or lines[-1].endswith(b"\n"))

    def _take(self, line: bytes) -> bool:
        """One line of the file; False where it is none of ours."""
        try:
            parts = {str(name): str(value) for name, value in json.loads(line).items()}
        except (ValueError, AttributeError):
            return False
        self.entries[key_of(parts)] = parts
        return True

    def parts_of(self, key: str) -> Parts | None:
        """What a key consists of; None where that is not known."""
        return self.entries.get(key)

    def note(self, parts: Parts) -> str:
        """Keeps what a key consists of; returns the key."""
        key = key_of(parts)
        if key not in self.entries:
            if not self.whole:
                self._write_anew()
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with open(self.path, "ab") as file:
                file.write(self._line(parts))
            self.entries[key] = dict(parts)
        return key

    def keep_only(self, keys: Iterable[str]) -> None:
        """Forgets what no result names any more."""
        wanted = set(keys)
        self.entries = {key: parts for key, parts in self.entries.items() if key in wanted}
        self._write_anew()

    def _write_anew(self) -> None:
        with replacing_bytes(self.path) as file:
            file.writelines(self._line(parts) for parts in self.entries.values())
        self.whole = True

    @staticmethod
    def _line(parts: Mapping[str, str]) -> bytes:
        return json.dumps(parts, sort_keys=True).encode() + b"\n"
