"""The cells of an assignment in the gradebook: the rows that `nbgrader generate_assignment` makes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader import api, utils
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    IncludeHeaderFooter,
    LockCells,
)
from sqlalchemy import ColumnElement, Connection, Select, Table, delete, insert, select, update
from traitlets.config import Config

from lib.assignments.cells import Notebook, read_notebook
from lib.assignments.places import SOURCES

BEFORE_SAVING = (  # what nbgrader does before it saves cells
    IncludeHeaderFooter,
    LockCells,
    ClearSolutions,
    ClearOutput,
    CheckCellMetadata,
    ComputeChecksums,
)


NO_COURSE = "default_course"  # what nbgrader calls a course without a name


def nbgrader_table(name: str) -> Table:
    """A table of nbgrader."""
    return api.Base.metadata.tables[name]


ASSIGNMENT, NOTEBOOK, SOURCE = (
    nbgrader_table("assignment"),
    nbgrader_table("notebook"),
    nbgrader_table("source_cell"),
)
BASE_CELL, GRADE_CELL, SOLUTION_CELL = (
    nbgrader_table("base_cell"),
    nbgrader_table("grade_cells"),
    nbgrader_table("solution_cells"),
)
SUBMITTED, SUBMITTED_NOTEBOOK = nbgrader_table("submitted_assignment"), nbgrader_table("submitted_notebook")
GRADE, COMMENT, STUDENT = nbgrader_table("grade"), nbgrader_table("comment"), nbgrader_table("student")


def grades_of(assignment: str, *columns: ColumnElement[Any]) -> Select[Any]:
    """Selects from the grades of an assignment's cells, one row for each cell and submitted notebook.

    assignment: in full
    columns: of GRADE, GRADE_CELL, BASE_CELL, SUBMITTED_NOTEBOOK or SUBMITTED
    """
    return (
        select(*columns)
        .select_from(GRADE)
        .join(SUBMITTED_NOTEBOOK, SUBMITTED_NOTEBOOK.c.id == GRADE.c.notebook_id)
        .join(SUBMITTED, SUBMITTED.c.id == SUBMITTED_NOTEBOOK.c.assignment_id)
        .join(GRADE_CELL, GRADE_CELL.c.id == GRADE.c.cell_id)
        .join(BASE_CELL, BASE_CELL.c.id == GRADE.c.cell_id)
        .join(NOTEBOOK, NOTEBOOK.c.id == BASE_CELL.c.notebook_id)
        .join(ASSIGNMENT, ASSIGNMENT.c.id == NOTEBOOK.c.assignment_id)
        .where(ASSIGNMENT.c.name == assignment)
    )


def row_id(*names: str) -> str:
    """The id of a row, the same in each run; nbgrader's have the same form.

    >>> len(row_id("grade", "a1", "ada"))
    32
    """
    return hashlib.blake2b("\0".join(names).encode(), digest_size=16).hexdigest()


@dataclass(frozen=True)
class GradedCell:
    """A cell that has marks.

    name: nbgrader's of it
    most: marks
    kind: "code" or "markdown"
    written: whether students answer in it, and a person marks it
    """

    name: str
    most: float
    kind: str
    written: bool


@dataclass(frozen=True)
class AssignmentCells:
    """The cells of an assignment's notebook that nbgrader keeps, in order.

    marked: those with marks
    solutions: names of those that students write
    sources: name → what nbgrader's source_cell has
    kernelspec: as JSON
    beside: name of a marked cell of code → the last cell before it that students write
    """

    marked: tuple[GradedCell, ...]
    solutions: tuple[str, ...]
    sources: Mapping[str, Mapping[str, Any]]
    kernelspec: str
    beside: Mapping[str, str]


def read_cells(assignment: str, root: Path, config: Config) -> AssignmentCells:
    """The cells of an assignment, from its source.

    assignment: in full

    Raises `ValueError` where there is no such source.
    """
    path = root / SOURCES / assignment / f"{assignment}.ipynb"
    try:
        notebook = read_notebook(path.read_bytes(), path.name)
    except FileNotFoundError as error:
        raise ValueError(
            f"{assignment}: expected its source, {path}, got no such file; the gradebook needs it"
        ) from error
    return kept_cells(notebook, config)


def kept_cells(notebook: Notebook, config: Config) -> AssignmentCells:
    """The cells of a source, after what nbgrader does to it before it saves them."""
    resources: dict[str, Any] = {"nbgrader": {}}
    for step in BEFORE_SAVING:
        notebook, resources = step(config=config)(notebook, resources)
    marked: list[GradedCell] = []
    solutions: list[str] = []
    sources: dict[str, dict[str, Any]] = {}
    beside: dict[str, str] = {}
    for cell in notebook.cells:
        about = cell.metadata.get("nbgrader", {})
        grade, solution = utils.is_grade(cell), utils.is_solution(cell)
        name = about.get("grade_id")
        if utils.is_task(cell):
            raise ValueError(f"{name}: expected a cell with marks or a solution, got nbgrader's kind “task”")
        if grade:
            marked.append(GradedCell(name, float(about["points"]), cell.cell_type, bool(solution)))
            if not solution and solutions:
                beside[name] = solutions[-1]
        if solution:
            solutions.append(name)
        if grade or solution or utils.is_locked(cell):
            sources[name] = {
                "cell_type": cell.cell_type,
                "locked": bool(utils.is_locked(cell)),
                "source": cell.source,
                "checksum": about.get("checksum"),
            }
    kernelspec = json.dumps(notebook.metadata.get("kernelspec", {}))
    return AssignmentCells(tuple(marked), tuple(solutions), sources, kernelspec, beside)


@dataclass(frozen=True)
class CellRows:
    """Where the cells of an assignment are in the gradebook: ids of rows."""

    assignment: str
    notebook: str
    grades: Mapping[str, str]
    comments: Mapping[str, str]


def write_cells(connection: Connection, course: str, assignment: str, cells: AssignmentCells) -> CellRows:
    """Makes the rows of an assignment what its source says, and returns where they are.

    Submissions get what is new in it, ungraded; what is gone from it goes from them, too. Raises `ValueError`
    where that would lose a mark or a comment that a person has written, and where the gradebook has the
    assignment in another course, whose marks these would overwrite.
    """
    assignment_id = _ensured(
        connection,
        ASSIGNMENT,
        {"name": assignment},
        {"course_id": course, "id": row_id("assignment", assignment)},
    )
    _check_course(connection, course, assignment, assignment_id)
    notebook_id = _ensured(
        connection,
        NOTEBOOK,
        {"name": assignment, "assignment_id": assignment_id},
        {"kernelspec": cells.kernelspec, "id": row_id("notebook", assignment)},
        change=("kernelspec",),
    )
    grades = _rows_of(connection, notebook_id, GRADE_CELL, "GradeCell")
    comments = _rows_of(connection, notebook_id, SOLUTION_CELL, "SolutionCell")
    marked = {cell.name: {"max_score": cell.most, "cell_type": cell.kind} for cell in cells.marked}
    solutions: dict[str, dict[str, Any]] = {name: {} for name in cells.solutions}
    for there, wanted, cell_table, kind in (
        (grades, marked, GRADE_CELL, "GradeCell"),
        (comments, solutions, SOLUTION_CELL, "SolutionCell"),
    ):
        gone = {name: id_ for name, id_ in there.items() if name not in wanted}
        _remove(connection, gone, cell_table)
        for name in gone:
            del there[name]
        new = [name for name in wanted if name not in there]
        for name in new:
            there[name] = row_id(kind, assignment, name)
        if new:
            base = [
                {"id": there[name], "name": name, "notebook_id": notebook_id, "type": kind} for name in new
            ]
            connection.execute(insert(BASE_CELL), base)
            connection.execute(insert(cell_table), [{"id": there[name], **wanted[name]} for name in new])
        for name, values in wanted.items():
            if values and name not in new:
                connection.execute(update(cell_table).where(cell_table.c.id == there[name]).values(values))
        _add_to_submissions(
            connection, notebook_id, GRADE if kind == "GradeCell" else COMMENT, [there[n] for n in new]
        )
    _write_sources(connection, notebook_id, assignment, cells.sources)
    return CellRows(assignment_id, notebook_id, grades, comments)


def _check_course(connection: Connection, course: str, assignment: str, row: str) -> None:
    """nbgrader has each name of an assignment once in a gradebook, whichever course it belongs to."""
    owner = connection.execute(select(ASSIGNMENT.c.course_id).where(ASSIGNMENT.c.id == row)).scalar()
    if (owner or NO_COURSE) != (course or NO_COURSE):
        raise ValueError(
            f"{assignment}: expected a gradebook in which it belongs to the course {course!r}, got one in "
            f"which it belongs to {owner!r}; use a gradebook of its own for each course"
        )


def _ensured(
    connection: Connection,
    where: Table,
    known_by: Mapping[str, str],
    values: Mapping[str, Any],
    change: Iterable[str] = (),
) -> str:
    """The id of a row, which is made where there is none."""
    condition = [where.c[name] == value for name, value in known_by.items()]
    found = connection.execute(select(where.c.id).where(*condition)).scalar()
    if found is None:
        connection.execute(insert(where), {**known_by, **values})
        return str(values["id"])
    if change:
        connection.execute(update(where).where(where.c.id == found).values({k: values[k] for k in change}))
    return str(found)


def _rows_of(connection: Connection, notebook_id: str, cell_table: Table, kind: str) -> dict[str, str]:
    """name → id, of the cells of one kind."""
    query = (
        select(BASE_CELL.c.name, BASE_CELL.c.id)
        .join(cell_table, cell_table.c.id == BASE_CELL.c.id)
        .where(BASE_CELL.c.notebook_id == notebook_id, BASE_CELL.c.type == kind)
    )
    return {row.name: row.id for row in connection.execute(query)}


def _remove(connection: Connection, gone: Mapping[str, str], cell_table: Table) -> None:
    """Takes cells away, and the grades and comments of them that no person has written."""
    if not gone:
        return
    ids = list(gone.values())
    by_hand = connection.execute(
        select(GRADE.c.cell_id).where(
            GRADE.c.cell_id.in_(ids), GRADE.c.manual_score.is_not(None) | GRADE.c.extra_credit.is_not(None)
        )
    ).scalars()
    said = connection.execute(
        select(COMMENT.c.cell_id).where(COMMENT.c.cell_id.in_(ids), COMMENT.c.manual_comment.is_not(None))
    ).scalars()
    kept = {*by_hand, *said}
    if names := sorted(name for name, id_ in gone.items() if id_ in kept):
        raise ValueError(
            f"{', '.join(names)}: expected in the assignment, since a person has marked submissions there, "
            "got a source without; put it back, or take those marks away in formgrader first"
        )
    connection.execute(delete(GRADE).where(GRADE.c.cell_id.in_(ids)))
    connection.execute(delete(COMMENT).where(COMMENT.c.cell_id.in_(ids)))
    connection.execute(delete(cell_table).where(cell_table.c.id.in_(ids)))
    connection.execute(delete(BASE_CELL).where(BASE_CELL.c.id.in_(ids)))


def _add_to_submissions(connection: Connection, notebook_id: str, rows: Table, cell_ids: list[str]) -> None:
    """Gives submissions that are there a row for each new cell."""
    if not cell_ids:
        return
    submitted = connection.execute(
        select(SUBMITTED_NOTEBOOK.c.id).where(SUBMITTED_NOTEBOOK.c.notebook_id == notebook_id)
    ).scalars()
    new = [
        {"id": row_id(rows.name, notebook, cell), "notebook_id": notebook, "cell_id": cell}
        for notebook in submitted
        for cell in cell_ids
    ]
    if new:
        connection.execute(insert(rows), new)


def _write_sources(
    connection: Connection, notebook_id: str, assignment: str, sources: Mapping[str, Mapping[str, Any]]
) -> None:
    query = select(SOURCE).where(SOURCE.c.notebook_id == notebook_id)
    there = {row.name: row for row in connection.execute(query)}
    for name, row in there.items():
        if name not in sources:
            connection.execute(delete(SOURCE).where(SOURCE.c.id == row.id))
        elif any(getattr(row, key) != value for key, value in sources[name].items()):
            connection.execute(update(SOURCE).where(SOURCE.c.id == row.id).values(dict(sources[name])))
    new = [
        {"id": row_id("source", assignment, name), "name": name, "notebook_id": notebook_id, **values}
        for name, values in sources.items()
        if name not in there
    ]
    if new:
        connection.execute(insert(SOURCE), new)
