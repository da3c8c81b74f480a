"""Writes what grading gave into the gradebook, in batches, so that a second time gives the same rows."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from nbformat import from_dict
from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import compute_checksum, parse_utc
from sqlalchemy import Connection, bindparam, delete, insert, select, update

from lib.checks import mismatch
from lib.files import replacing_bytes
from lib.grading.gradebook.cells import (
    ASSIGNMENT,
    COMMENT,
    GRADE,
    STUDENT,
    SUBMITTED,
    SUBMITTED_NOTEBOOK,
    GradedCell,
    read_cells,
    row_id,
    write_cells,
)
from lib.grading.gradebook.opening import JOURNAL, OpenGradebook
from lib.grading.places import graded_notebook, submission_folder
from lib.grading.results import Result, TaskMarks

BATCH = 25  # submissions that are written together
HALF_LETTER = re.compile(rb"\\u[dD][89a-fA-F]")  # also of whole ones that are written as two halves
NO_RESPONSE = "No response."  # nbgrader's words
OF_A_SUBMISSION = ("timestamp.txt", "submission_secret.txt")  # that nbgrader looks for beside the notebook


@dataclass(frozen=True)
class RecordEntry:
    """What is to be written of one submission.

    digest: of the result
    marks: name of a marked cell → what is found by the computer; None where a person has to
    answers: name of a written question → digest of the text
    comments: name of a cell that students write → the computer's comment
    timestamp: when it was handed in, in UTC; None where that is not known
    """

    student: str
    digest: str
    marks: Mapping[str, float | None]
    answers: Mapping[str, str]
    comments: Mapping[str, str | None]
    timestamp: datetime | None


@dataclass
class Recorder:
    """Records the results of one assignment.

    gradebook: open until the recorder is closed
    assignment: in full
    students: id → first_name, last_name, email, lms_user_id, of those that are known
    batch: so many are written together; `flush` writes what is left
    """

    gradebook: OpenGradebook
    assignment: str
    students: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    batch: int = BATCH

    def __post_init__(self) -> None:
        self.cells = read_cells(self.assignment, self.gradebook.root, self.gradebook.config)
        self._waiting: dict[str, RecordEntry] = {}
        with self.gradebook.begin() as connection:
            self.rows = write_cells(connection, self.gradebook.course, self.assignment, self.cells)
            query = select(ASSIGNMENT.c.duedate).where(ASSIGNMENT.c.id == self.rows.assignment)
            self._due: datetime | None = connection.execute(query).scalar()
        self._late_plugin: LateSubmissionPlugin | None = None

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, *_: object) -> None:
        self.flush()

    def record(self, result: Result, executed: bytes = b"") -> None:
        """Writes a result: the notebook at once, the rows when a batch is full or with `flush`.

        executed: the notebook as it was run, with its outputs, as JSON; b"" where there is none

        Raises `ValueError` for a result that does not belong to this assignment, `OSError` where the
        gradebook cannot be written; what waits is then still there, and `flush` tries again.
        """
        self._check(result)
        notebook = _notebook(executed) if executed else None
        entry = self._entry(result, notebook)
        if notebook is not None:
            self._write_notebook(result, notebook)
        self._waiting[result.student] = entry
        if len(self._waiting) >= self.batch:
            self.flush()

    def flush(self) -> None:
        """Writes what waits, all of it or nothing."""
        if not self._waiting:
            return
        with self.gradebook.begin() as connection:
            self._write(connection, list(self._waiting.values()))
        self._waiting.clear()

    def recorded(self) -> dict[str, str]:
        """Of each student whose result is in the gradebook, the digest of that result."""
        query = (
            select(SUBMITTED.c.student_id, JOURNAL.c.digest)
            .join(SUBMITTED_NOTEBOOK, SUBMITTED_NOTEBOOK.c.assignment_id == SUBMITTED.c.id)
            .join(JOURNAL, JOURNAL.c.notebook_id == SUBMITTED_NOTEBOOK.c.id)
            .where(SUBMITTED_NOTEBOOK.c.notebook_id == self.rows.notebook)
        )
        with self.gradebook.begin() as connection:
            return {row.student_id: row.digest for row in connection.execute(query)}

    def _check(self, result: Result) -> None:
        if result.assignment != self.assignment:
            raise mismatch("", "result", f"one of {self.assignment}", f"one of {result.assignment}")
        most = {cell.name: cell.most for cell in self.cells.marked if not cell.written}
        for task in result.tasks:
            if task.cell not in most:
                raise mismatch(result.student, task.task, "a marked cell of the assignment", task.cell)
            if task.marks != most[task.cell]:
                raise mismatch(
                    result.student,
                    task.task,
                    f"{most[task.cell]:g} marks at most, as its cell says",
                    f"{task.marks:g}",
                )
            if not 0 <= task.earned <= task.marks:
                raise mismatch(result.student, task.task, f"0 to {task.marks:g} marks", f"{task.earned:g}")

    def _entry(self, result: Result, notebook: Any) -> RecordEntry:
        theirs = {
            cell["metadata"]["nbgrader"].get("grade_id"): _plain(cell)
            for cell in (notebook["cells"] if notebook else ())
            if "nbgrader" in cell.get("metadata", {})
        }
        unchanged = {name for name in self.cells.solutions if self._is_unchanged(name, theirs.get(name))}
        tasks = {task.cell: task for task in result.tasks}
        marks = {cell.name: _by_computer(cell, tasks, unchanged) for cell in self.cells.marked}
        answers = {
            cell.name: hashlib.sha256(theirs.get(cell.name, {}).get("source", "").encode()).hexdigest()
            for cell in self.cells.marked
            if cell.written
        }
        comments: dict[str, str | None] = dict.fromkeys(self.cells.solutions)
        for cell_name, solution in self.cells.beside.items():
            if cell_name in tasks:
                told = [comments[solution], *tasks[cell_name].said]
                comments[solution] = "\n".join(line for line in told if line) or None
        comments |= dict.fromkeys(unchanged, NO_RESPONSE)
        handed_in = submission_folder(result.student, self.assignment, self.gradebook.root)
        return RecordEntry(
            result.student, result_digest(result), marks, answers, comments, timestamp_of(handed_in)
        )

    def _is_unchanged(self, name: str, theirs: Any) -> bool:
        """Whether a cell is as it was given out; where it is missing, too."""
        if theirs is None:
            return True
        return compute_checksum(from_dict(theirs)) == self.cells.sources[name]["checksum"]

    def _write_notebook(self, result: Result, notebook: Any) -> None:
        """Writes what formgrader shows: nbgrader's checksums, and the marks where they belong."""
        tasks = {task.cell: task for task in result.tasks}
        for cell in notebook["cells"]:
            about = cell.get("metadata", {}).get("nbgrader")
            if not about:
                continue
            name = about.get("grade_id")
            if name in self.cells.sources:
                about["checksum"] = self.cells.sources[name]["checksum"]
            if name in tasks and cell["cell_type"] == "code":
                text = marks_text(tasks[name])
                cell["outputs"] = [{"name": "stdout", "output_type": "stream", "text": f"{text}\n"}]
        root = self.gradebook.root
        path = graded_notebook(result.student, self.assignment, root)
        with replacing_bytes(path) as file:
            file.write((json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode())
        for name in OF_A_SUBMISSION:
            beside = submission_folder(result.student, self.assignment, root) / name
            if beside.is_file() and not beside.is_symlink():
                with replacing_bytes(path.with_name(name)) as file:
                    file.write(beside.read_bytes())

    def _write(self, connection: Connection, entries: list[RecordEntry]) -> None:
        """The rows of a batch."""
        submissions = self._submissions(connection, entries)
        notebooks = {student: row["notebook"] for student, row in submissions.items()}
        ids = list(notebooks.values())
        before = {
            (row.notebook_id, row.cell_id): row
            for row in connection.execute(select(GRADE).where(GRADE.c.notebook_id.in_(ids)).with_for_update())
        }
        said = {
            (row.notebook_id, row.cell_id)
            for row in connection.execute(
                select(COMMENT.c.notebook_id, COMMENT.c.cell_id).where(COMMENT.c.notebook_id.in_(ids))
            )
        }
        journal = {
            row.notebook_id: row
            for row in connection.execute(select(JOURNAL).where(JOURNAL.c.notebook_id.in_(ids)))
        }
        grades, comments, notes, penalties = [], [], [], []
        for entry in entries:
            notebook = notebooks[entry.student]
            noted = json.loads(journal[notebook].answers) if notebook in journal else {}
            score = 0.0
            for name, auto in entry.marks.items():
                row = before.get((notebook, self.rows.grades[name]))
                same = noted.get(name) == entry.answers[name] if name in entry.answers else None
                needed = needs_a_person(auto, row, same)
                score += total_of(auto, row)
                grades.append(
                    (notebook, self.rows.grades[name], {"auto_score": auto, "needs_manual_grade": needed})
                )
            for name, text in entry.comments.items():
                comments.append((notebook, self.rows.comments[name], {"auto_comment": text}))
            notes.append(
                {"notebook_id": notebook, "digest": entry.digest, "answers": json.dumps(entry.answers)}
            )
            penalty = self._penalty(entry, score, submissions[entry.student]["extension"])
            penalties.append({"key": notebook, "late_submission_penalty": penalty})
        _upsert(connection, GRADE, grades, set(before))
        _upsert(connection, COMMENT, comments, said)
        connection.execute(delete(JOURNAL).where(JOURNAL.c.notebook_id.in_(ids)))
        connection.execute(insert(JOURNAL), notes)
        where = SUBMITTED_NOTEBOOK.c.id == bindparam("key")
        connection.execute(update(SUBMITTED_NOTEBOOK).where(where), penalties)

    def _submissions(self, connection: Connection, entries: list[RecordEntry]) -> dict[str, dict[str, Any]]:
        """Of each student the row of the notebook, which is made where there is none."""
        students = [entry.student for entry in entries]
        self._write_students(connection, students)
        query = select(SUBMITTED.c.student_id, SUBMITTED.c.id, SUBMITTED.c.extension).where(
            SUBMITTED.c.assignment_id == self.rows.assignment, SUBMITTED.c.student_id.in_(students)
        )
        there = {
            row.student_id: {"id": row.id, "extension": row.extension} for row in connection.execute(query)
        }
        stamps = {entry.student: entry.timestamp for entry in entries}
        if new := [student for student in students if student not in there]:
            for student in new:
                there[student] = {"id": row_id("submission", self.assignment, student), "extension": None}
            rows = [
                {
                    "id": there[student]["id"],
                    "assignment_id": self.rows.assignment,
                    "student_id": student,
                    "timestamp": stamps[student],
                }
                for student in new
            ]
            connection.execute(insert(SUBMITTED), rows)
        old = [
            {"key": there[student]["id"], "timestamp": stamps[student]}
            for student in students
            if student not in new and stamps[student] is not None
        ]
        if old:
            connection.execute(update(SUBMITTED).where(SUBMITTED.c.id == bindparam("key")), old)
        of = {row["id"]: student for student, row in there.items()}
        query = select(SUBMITTED_NOTEBOOK.c.id, SUBMITTED_NOTEBOOK.c.assignment_id).where(
            SUBMITTED_NOTEBOOK.c.notebook_id == self.rows.notebook, SUBMITTED_NOTEBOOK.c.assignment_id.in_(of)
        )
        for row in connection.execute(query):
            there[of[row.assignment_id]]["notebook"] = row.id
        lacking = [student for student in students if "notebook" not in there[student]]
        for student in lacking:
            there[student]["notebook"] = row_id("submitted notebook", self.assignment, student)
        if lacking:
            connection.execute(
                insert(SUBMITTED_NOTEBOOK),
                [
                    {
                        "id": there[student]["notebook"],
                        "assignment_id": there[student]["id"],
                        "notebook_id": self.rows.notebook,
                    }
                    for student in lacking
                ],
            )
        return there

    def _write_students(self, connection: Connection, students: list[str]) -> None:
        there = set(connection.execute(select(STUDENT.c.id).where(STUDENT.c.id.in_(students))).scalars())
        wanted = ("first_name", "last_name", "email", "lms_user_id")
        about = {
            student: {key: self.students[student].get(key) or None for key in wanted}
            for student in students
            if student in self.students
        }
        nothing = dict.fromkeys(wanted)
        if new := [student for student in students if student not in there]:
            connection.execute(insert(STUDENT), [{"id": s, **about.get(s, nothing)} for s in new])
        if known := [{"key": s, **about[s]} for s in students if s in there and s in about]:
            connection.execute(update(STUDENT).where(STUDENT.c.id == bindparam("key")), known)

    def _penalty(self, entry: RecordEntry, score: float, extension: Any) -> float | None:
        """What nbgrader's plugin takes away for a late submission; None for nothing."""
        if self._due is None or entry.timestamp is None:
            return None
        due = self._due + extension if extension is not None else self._due
        late = (entry.timestamp - due).total_seconds()
        if late <= 0:
            return None
        if self._late_plugin is None:
            step = AssignLatePenalties(config=self.gradebook.config)
            step.init_plugin()
            self._late_plugin = step.plugin_inst
        penalty = self._late_plugin.late_submission_penalty(entry.student, score, late)
        return None if penalty is None else min(max(0.0, penalty), score)


def result_digest(result: Result) -> str:
    """Stands for all of a result but what it cost, which is never twice the same."""
    content = asdict(result)
    for name in ("cpu_seconds", "wall_seconds"):
        del content[name]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def marks_text(task: TaskMarks) -> str:
    """The marks of a task in a few lines of text.

    >>> print(marks_text(TaskMarks("relu-marks", "a2.relu", 10, 4, {"forward": (4, 4), "backward": (6, 0)})))
    a2.relu: 4 of 10 marks
    forward: 4 of 4
    backward: 0 of 6
    """
    parts = [f"{name}: {earned:g} of {most:g}" for name, (most, earned) in task.parts.items()]
    return "\n".join([f"{task.task}: {task.earned:g} of {task.marks:g} marks", *parts, *task.said])


def timestamp_of(folder: Path) -> datetime | None:
    """When a submission was handed in, as nbgrader writes it beside the notebook, in UTC."""
    try:
        text = (folder / "timestamp.txt").read_text("utf-8").strip()
        if offset := re.search(r" ?[+-]\d{2}:?\d{2}$", text):  # nbgrader takes +0100 for a hundred seconds
            return parse_utc(datetime.fromisoformat(text[: offset.start()] + offset.group().strip()))
        return parse_utc(text or None)
    except (OSError, ValueError, OverflowError):
        return None


def needs_a_person(auto: float | None, before: Any, same: bool | None) -> bool:
    """Whether a person has to look at a mark.

    auto: what the computer found; None where it cannot
    before: the row of the grade; None for none
    same: of a written question, whether the text is the one that was recorded before; None for code
    """
    if before is None or before.manual_score is None:
        return auto is None
    changed = before.auto_score != auto if same is None else not same
    return bool(before.needs_manual_grade or changed)


def total_of(auto: float | None, before: Any) -> float:
    """The score that nbgrader computes: a person's mark before the computer's, and extra credit."""
    manual, extra = (None, None) if before is None else (before.manual_score, before.extra_credit)
    score = manual if manual is not None else auto
    return 0.0 if score is None else float(score) + float(extra or 0.0)


def _by_computer(cell: GradedCell, tasks: Mapping[str, TaskMarks], unchanged: Iterable[str]) -> float | None:
    """The mark that needs no person: None where there must be one."""
    if cell.written:
        return 0.0 if cell.name in unchanged else None
    if cell.name in tasks:
        return float(tasks[cell.name].earned)
    return None if tasks else 0.0  # nothing was handed in, or nothing that could be run


def _notebook(executed: bytes) -> Any:
    """A notebook from its JSON; half letters, which outputs may have and no file can hold, become "?"."""
    notebook = json.loads(executed.decode("utf-8", "replace"))
    if HALF_LETTER.search(executed):
        return json.loads(json.dumps(notebook, ensure_ascii=False).encode("utf-8", "replace"))
    return notebook


def _plain(cell: Mapping[str, Any]) -> dict[str, Any]:
    """A cell whose source is one text: files may hold a list of lines."""
    source = cell.get("source", "")
    return {**cell, "source": source if isinstance(source, str) else "".join(source)}


def _upsert(
    connection: Connection, rows: Any, values: list[tuple[str, str, dict[str, Any]]], there: set[Any]
) -> None:
    """Writes values into rows that are known by notebook and cell; makes those that are not there."""
    new = [
        {"id": row_id(rows.name, notebook, cell), "notebook_id": notebook, "cell_id": cell, **content}
        for notebook, cell, content in values
        if (notebook, cell) not in there
    ]
    old = [
        {"of_notebook": notebook, "of_cell": cell, **content}
        for notebook, cell, content in values
        if (notebook, cell) in there
    ]
    if new:
        connection.execute(insert(rows), new)
    if old:
        where = (rows.c.notebook_id == bindparam("of_notebook"), rows.c.cell_id == bindparam("of_cell"))
        connection.execute(update(rows).where(*where), old)
