"""From the folder of a submission to a notebook that can be graded, whatever is in it."""

from __future__ import annotations

import copy
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from data_loaders.looks import printable
from lib.assignments.cells import Notebook, grade_id, is_marked, is_solution, read_notebook
from lib.assignments.originals import ORIGINALS, original, original_names
from lib.assignments.places import find_assignment, short_name
from lib.grading.intake.folder import is_notebook, other_files, plain_files
from lib.grading.intake.merge import Merge, answers_in, defined_names, matches_of
from lib.grading.intake.reading import StudentCell, student_cells
from lib.grading.results import Flag

MOST_NOTEBOOKS = 20  # of one submission that are read
NAMED = 5.0  # times as much weighs what is found under the assignment's own name
ENOUGH = 0.25  # of a release, by which a notebook is one of it and not some other with a word in common


@dataclass(frozen=True)
class Intake:
    """A submission that can be graded.

    notebook: nbformat's, without outputs: the release with the student's solutions and own cells
    flags: what was odd about it
    files: what lies beside the notebook: path, with "/" between folders → content; never a notebook
    """

    notebook: Notebook
    flags: tuple[Flag, ...]
    files: dict[str, bytes]


@dataclass(frozen=True)
class _Candidate:
    """A notebook that may be the one: how much of an assignment is in it.

    found: cells of the release, and names that its solutions define
    written: those among them that the student has written
    size: of the release, in cells
    """

    path: str
    cells: Sequence[StudentCell]
    found: int
    written: int
    size: int

    @property
    def is_sure(self) -> bool:
        return self.found >= ENOUGH * self.size

    @classmethod
    def beside(cls, release: Notebook, path: str, cells: Sequence[StudentCell]) -> _Candidate:
        stubs = {grade_id(cell): cell.source.strip() for cell in release.cells if is_solution(cell)}
        labels = matches_of(release, cells)
        written = {
            name
            for index, name in labels.items()
            if name in stubs and cells[index].source.strip() not in ("", stubs[name])
        }
        own = {name for index, cell in enumerate(cells) if index not in labels for name in _defined(cell)}
        names = own & answers_in(release)
        size = sum(bool(grade_id(cell)) for cell in release.cells)
        alike = {grade_id(cell) for cell in release.cells if is_marked(cell)}  # their text is every release's
        known = {name for index, name in labels.items() if cells[index].name == name or name not in alike}
        found = len(known) + len(names)
        return cls(path, cells, found, len(written) + len(names), max(1, size))

    def rank(self, full: str) -> tuple[bool, int, int, bool, str]:
        """The best is the smallest: the right name with something in it, else the one with the most in it."""
        named = self.path == f"{full}.ipynb"
        return not (named and self.written), -self.written, -self.found, not named, self.path

    def belongs_to(self, root: Path, wanted: str) -> str:
        """The assignment of which there is most in it, of equals the one that is wanted; "" for none.

        What bears an assignment's name is of that one, unless there is far more of another in it.
        """
        shares = {}
        for full in original_names(root):
            one = self.of(full, root)
            named = full in self.path
            shares[full] = one.found / one.size * (NAMED if named else 1)
        best = max(shares, key=lambda full: (shares[full], full == wanted))
        return best if shares[best] else ""

    def of(self, full: str, root: Path) -> _Candidate:
        """The same beside the release of another assignment."""
        return _Candidate.beside(released_notebook(full, root), self.path, self.cells)


@dataclass(frozen=True)
class Looks:
    """What a submission looks like before anything in it runs.

    said: what is wrong with it; "" where nothing is
    found: whether there is something of the assignment in it
    other: the assignment of which its notebook is instead, in full, or ""
    """

    said: str = ""
    found: bool = True
    other: str = ""


def take_in(assignment: str, folder: Path, root: Path) -> Intake:
    """What to run and to mark of a submission; the same folder always gives the same.

    assignment: such as "a1", or in full
    folder: what the student has handed in; it may be missing or hold anything
    root: of the course, which has the release
    """
    full = find_assignment(assignment, original_names(root))
    release = released_notebook(full, root)
    readable, broken = _candidates(release, folder, full)
    fitting = _fitting(readable, full, root)
    if not fitting:
        files, left = other_files(folder)
        flag, _ = _nothing(full, folder, readable, broken, root)
        return Intake(copy.deepcopy(release), (flag, *_left(left)), files)
    chosen, *others = fitting
    merge = Merge(release, chosen.cells)
    files, left = other_files((folder / chosen.path).parent)
    flags = (*_renamed(full, chosen, others), *merge.flags, *_left([*merge.left_out, *left]))
    return Intake(merge.notebook, flags, files)


def looks_of(full: str, folder: Path, root: Path) -> Looks:
    """Whether the notebook of an assignment is in a folder; where it is not, what is.

    full: the assignment's name
    folder: of a submission
    root: of the course, which has the releases
    """
    readable, broken = _candidates(released_notebook(full, root), folder, full)
    fitting = _fitting(readable, full, root)
    if not fitting:
        flag, other = _nothing(full, folder, readable, broken, root)
        return Looks(flag.said, found=False, other=other)
    if fitting[0].is_sure:
        return Looks()
    one = fitting[0]
    return Looks(printable(f"{one.path} has {one.found} of the {one.size} cells of {short_name(full)}"))


def _fitting(readable: Sequence[_Candidate], full: str, root: Path) -> list[_Candidate]:
    """Those that are of the assignment, the best first."""
    found = [one for one in readable if one.found and one.belongs_to(root, full) == full]
    return sorted(found, key=lambda one: one.rank(full))


def released_notebook(full: str, root: Path) -> Notebook:
    """The notebook of an assignment as it was released, which is read once; nobody may change it.

    full: the assignment's name
    """
    when = (root / ORIGINALS / f"{full}.zip").stat().st_mtime_ns
    return _released(full, root, when)


@functools.lru_cache(maxsize=16)
def _released(full: str, root: Path, when: int) -> Notebook:
    files = original(full, root)[1]
    return read_notebook(files[f"{full}.ipynb"], full)


def _candidates(release: Notebook, folder: Path, full: str) -> tuple[list[_Candidate], list[str]]:
    """The notebooks of a submission; and for each file that calls itself one why it is none."""
    readable, broken = [], []

    def place(path: str) -> tuple[bool, bool, int, str]:
        """The more a path looks like that of the assignment, the smaller."""
        name = path.rpartition("/")[2]
        return name != f"{full}.ipynb", full not in name, path.count("/"), path

    paths = sorted(filter(is_notebook, plain_files(folder)), key=place)
    for path in paths[:MOST_NOTEBOOKS]:
        try:
            readable.append(_Candidate.beside(release, path, student_cells(folder / path)))
        except (ValueError, OSError, MemoryError) as error:
            broken.append(printable(f"{path}: {getattr(error, 'strerror', None) or error}"))
    return readable, broken


def _defined(cell: StudentCell) -> set[str]:
    return defined_names(cell.source) if cell.kind == "code" else set()


def _nothing(
    full: str, folder: Path, readable: list[_Candidate], broken: list[str], root: Path
) -> tuple[Flag, str]:
    """Why there is nothing to grade; and the assignment of which it is, or ""."""
    if broken and not readable:
        return Flag("unreadable", broken[0]), ""
    for one in readable:
        if (other := one.belongs_to(root, full)) and one.of(other, root).is_sure:
            return Flag("missing", f"{printable(one.path)} is the notebook of {short_name(other)}"), other
    if readable:
        return Flag("missing", f"{printable(readable[0].path)} has nothing of {short_name(full)}"), ""
    there = [printable(path) for path in sorted(plain_files(folder))[:3]]
    return Flag("missing", f"no notebook, only {', '.join(there)}" if there else "nothing was handed in"), ""


def _renamed(full: str, chosen: _Candidate, others: Sequence[_Candidate]) -> list[Flag]:
    if chosen.path == f"{full}.ipynb" and not others:
        return []
    also = f"; {', '.join(one.path for one in others)} does not count" if others else ""
    return [Flag("renamed", printable(f"{chosen.path} counts{also}"))]


def _left(left: Sequence[str]) -> list[Flag]:
    more = f"; and {len(left) - 3} more" if len(left) > 3 else ""
    return [Flag("files", "; ".join(left[:3]) + more)] if left else []
