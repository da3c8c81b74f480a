"""The release as the skeleton, with a student's solutions and own cells in it.

What is locked or marked comes from the release, word for word. A solution goes by its `grade_id`; of several
cells with one the last counts, and the others run before it as cells of the student's own, so that a helper
made by copying a cell is not lost. A cell of the student's own follows the cell of the assignment that it
followed in their notebook.
"""

from __future__ import annotations

import copy
import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Sequence

import nbformat

from lib.assignments.cells import Cell, Notebook, grade_id, is_solution
from lib.assignments.missing import named_cells
from lib.grading.intake.reading import StudentCell
from lib.grading.results import Flag

SHOWN = 6  # things of a kind that a flag names
ELSEWHERE = "# What belongs here stands in another cell."
_DEFINED = re.compile(
    r"^(?:(?:async[ \t]+)?def|class)[ \t]+(\w+)|^(\w+)[ \t]*(?::[^=\n]*)?=(?!=)", re.MULTILINE
)


def defined_names(source: str) -> set[str]:
    """The names that a text of Python defines at its left margin; it need not be correct.

    >>> sorted(defined_names("class A:\\n    def b(): ...\\nc = 1\\nasync def d(): ..."))
    ['A', 'c', 'd']
    """
    return {name for pair in _DEFINED.findall(source) for name in pair if name}


def matches_of(release: Notebook, theirs: Sequence[StudentCell]) -> dict[int, str]:
    """Which cells stand for which of the release: index → `grade_id`; all others are the student's own.

    A locked cell that has lost its `grade_id` is known by its text.
    """
    known = {grade_id(cell) for cell in release.cells if grade_id(cell)}
    found = {index: mine.name for index, mine in enumerate(theirs) if mine.name in known}
    by_text: dict[str, list[str]] = defaultdict(list)  # several may have one text
    for cell in release.cells:
        if grade_id(cell) and not is_solution(cell) and grade_id(cell) not in found.values():
            by_text[cell.source.strip()].append(grade_id(cell))
    for index, mine in enumerate(theirs):
        if index not in found and by_text.get(mine.source.strip()):
            found[index] = by_text[mine.source.strip()].pop(0)
    return found


def answers_in(release: Notebook) -> set[str]:
    """The names that the cells for solutions define."""
    return {name for cell in release.cells if is_solution(cell) for name in defined_names(cell.source)}


class Merge:
    """A student's cells put into a release; `notebook`, `flags` and `left_out` are what came out.

    release: the notebook as it was released
    theirs: the cells of the student's
    """

    def __init__(self, release: Notebook, theirs: Sequence[StudentCell]):
        self.release, self.theirs = release, theirs
        self.tagged = [cell for cell in release.cells if grade_id(cell)]
        self.titles = {grade_id(cell): title for title, cell in named_cells(release)}
        self.said: dict[str, list[str]] = defaultdict(list)
        self.labels = matches_of(release, theirs)
        self.counting = self._counting()
        self.own: dict[str, list[StudentCell]] = defaultdict(list)  # after which cell of the release
        self.moved: list[StudentCell] = []  # the student's own, but for copies
        self._sort_out()
        self._compare()
        self.left_out = [f"the picture {name!a}" for cell in theirs for name in cell.left_out]
        self.notebook = self._built()
        self.flags = tuple(Flag(kind, _listed(said)) for kind, said in self.said.items())

    def _counting(self) -> dict[str, int]:
        """The index of the cell that counts: the last, of locked ones the last that is unchanged."""
        found: dict[str, int] = {}
        cells = {grade_id(cell): cell for cell in self.tagged}
        for index, name in self.labels.items():
            cell, before = cells[name], found.get(name)
            if before is None or index > before:
                unchanged = is_solution(cell) or _is_as_released(cell, self.theirs[index])
                if before is None or unchanged or not _is_as_released(cell, self.theirs[before]):
                    found[name] = index
        return found

    def _sort_out(self) -> None:
        """Says after which cell of the release each cell of the student's own comes."""
        cells = {grade_id(cell): cell for cell in self.tagged}
        answers = answers_in(self.release)
        after = ""
        for index, mine in enumerate(self.theirs):
            name = self.labels.get(index, "")
            cell = cells.get(name)
            if cell is None:
                self._add(after, mine)
                self.moved.append(mine)
            elif self.counting[name] != index:  # a copy
                if is_solution(cell) or not _is_as_released(cell, mine):
                    self._add(after, mine)
            else:
                after = name
                added = defined_names(mine.source) - defined_names(cell.source)
                if not is_solution(cell) and added & answers:  # merged, or written in the wrong place
                    self._add(after, mine)
                    self.moved.append(mine)

    def _add(self, after: str, cell: StudentCell) -> None:
        if cell.source.strip() or cell.pictures:
            self.own[after].append(cell)

    def _compare(self) -> None:
        """Finds what a person should know."""
        copies = Counter(self.labels.values())
        elsewhere = self._written_elsewhere()
        for cell in self.tagged:
            name = grade_id(cell)
            title, index = self.titles[name], self.counting.get(name)
            names = defined_names(cell.source) if is_solution(cell) and cell.cell_type == "code" else set()
            if index is None:
                where = f" ({_in_another_cell(names & elsewhere)})" if names & elsewhere else ""
                self.said["deleted"].append(title + where)
                continue
            mine = self.theirs[index]
            if copies[name] > 1:
                self.said["duplicated"].append(f"{title}, {copies[name]} times")
            if not is_solution(cell) and not _is_as_released(cell, mine):
                self.said["edited"].append(f"{title} was changed")
            elif is_solution(cell) and mine.kind != cell.cell_type:
                self.said["edited"].append(f"{title} was turned from {cell.cell_type} into {mine.kind}")
            written = (
                names if mine.source.strip() == cell.source.strip() else names - defined_names(mine.source)
            )
            if written & elsewhere:
                self.said["split"].append(f"{title}: {_in_another_cell(written & elsewhere)}")

    def _written_elsewhere(self) -> set[str]:
        """The names that the student defines in cells of their own, or in the solution of something else."""
        released = {cell.source.strip() for cell in self.release.cells}
        own = [cell for cell in self.moved if cell.kind == "code" and cell.source.strip() not in released]
        found = {name for cell in own for name in defined_names(cell.source)}
        for cell in self.tagged:
            index = self.counting.get(grade_id(cell))
            if index is not None and is_solution(cell) and cell.cell_type == "code":
                found |= defined_names(self.theirs[index].source) - defined_names(cell.source)
        return found

    def _built(self) -> Notebook:
        elsewhere = self._written_elsewhere()
        own = self._places()
        put_back = self._put_back()
        cells: list[Cell] = []
        for place in range(-1, len(self.tagged)):
            name = grade_id(self.tagged[place]) if place >= 0 else ""
            if name:
                cells.append(self._filled(self.tagged[place], elsewhere))
            cells += [copy.deepcopy(cell) for cell in put_back[name]]
            cells += [_own_cell(cell) for cell in own[place]]
        notebook = copy.deepcopy({key: value for key, value in self.release.items() if key != "cells"})
        _name_apart(cells)
        return nbformat.from_dict({**notebook, "cells": cells})

    def _filled(self, cell: Cell, elsewhere: set[str]) -> Cell:
        """A cell of the release; a solution with the student's text."""
        new = copy.deepcopy(cell)
        index = self.counting.get(grade_id(cell))
        if is_solution(cell) and index is not None:
            new.source = self.theirs[index].source
            if cell.cell_type == "markdown" and self.theirs[index].pictures:
                new.attachments = copy.deepcopy(dict(self.theirs[index].pictures))
        elif is_solution(cell) and cell.cell_type == "code" and defined_names(cell.source) & elsewhere:
            new.source = ELSEWHERE  # the stub would take the place of what the student wrote
        return new

    def _places(self) -> dict[int, list[StudentCell]]:
        """The student's own cells by the place in the release after which they come.

        Where solutions after it are deleted, they come after their stubs, whose place they may have taken.
        """
        numbers = {grade_id(cell): place for place, cell in enumerate(self.tagged)}
        found: dict[int, list[StudentCell]] = defaultdict(list)
        for name in sorted(self.own, key=lambda name: numbers.get(name, -1)):
            place = last = numbers.get(name, -1)
            while place + 1 < len(self.tagged) and grade_id(self.tagged[place + 1]) not in self.counting:
                place += 1
                if is_solution(self.tagged[place]) and self.tagged[place].cell_type == "code":
                    last = place
            found[last] += self.own[name]
        return found

    def _put_back(self) -> dict[str, list[Cell]]:
        """Deleted code of the release that has no `grade_id`, by the cell that it follows."""
        there = {cell.id for cell in self.theirs} | {cell.source.strip() for cell in self.theirs}
        found: dict[str, list[Cell]] = defaultdict(list)
        after = ""
        for cell in self.release.cells:
            after = grade_id(cell) or after
            lost = cell.get("id") not in there and cell.source.strip() not in there
            if not grade_id(cell) and cell.cell_type == "code" and lost:
                found[after].append(cell)
        return found


def _is_as_released(cell: Cell, mine: StudentCell) -> bool:
    return mine.kind == cell.cell_type and mine.source.strip() == cell.source.strip()


def _own_cell(cell: StudentCell) -> Cell:
    """A cell of the student's own, without what may be said of it; raw text is shown as text."""
    if cell.kind == "code":
        return nbformat.v4.new_code_cell(cell.source)
    new = nbformat.v4.new_markdown_cell(cell.source)
    if cell.pictures:
        new.attachments = copy.deepcopy(dict(cell.pictures))
    return new


def _name_apart(cells: Sequence[Cell]) -> None:
    """Gives the student's own cells ids that are always the same."""
    taken = {cell.id for cell in cells if grade_id(cell)}
    free = (name for name in map("student-{}".format, itertools.count(1)) if name not in taken)
    for cell in cells:
        if not grade_id(cell):
            cell.id = next(free)


def _in_another_cell(names: set[str]) -> str:
    return f"{' and '.join(sorted(names))} {'is' if len(names) == 1 else 'are'} in another cell"


def _listed(said: Sequence[str]) -> str:
    more = f"; and {len(said) - SHOWN} more" if len(said) > SHOWN else ""
    return "; ".join(said[:SHOWN]) + more
