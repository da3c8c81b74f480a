"""Judges what came out of a submission beside what is right, and says what it is worth and why."""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lib.assignments.cells import grade_id, is_marked, is_solution, read_notebook
from lib.assignments.plain_words import plain_words
from lib.grading.examination.answers import plain_of
from lib.grading.examination.examination import NO_VALUE, UNSTEADY, Examined
from lib.grading.examination.job import Job, MarkedCell
from lib.grading.examination.known import KnownValues
from lib.grading.results import FLAGS, Flag, Result, TaskMarks, without_half_letters
from lib.tasks.assess import WHOLE, PartResult, Report, compare
from lib.tasks.check import VISIBLE
from lib.tasks.compare import value_differences
from lib.tasks.copied import copied_code
from lib.tasks.grade import missing_names
from lib.tasks.task import Task, find_task
from lib.tasks.trace import Trace

UNFINISHED = ("NotImplementedError", "CheckFailed")  # errors that say nothing but what the marks say
SHOWN = 5  # flags of one kind
OURS = {*FLAGS.values(), NO_VALUE, UNSTEADY}  # what is said of an answer that gave nothing
LATER = "(As it was right below the task: a later cell gives a name that it uses another meaning.)"


def judge_all(
    job: Job, examined: Examined, known: KnownValues, student: str, key: str = "", flags: Sequence[Flag] = ()
) -> Result:
    """The result of a submission.

    student: the id
    key: see `Result`
    flags: that are known from before
    """
    nothing = ""
    if any(flag.kind == "tampered" for flag in examined.flags):
        nothing = "The notebook changed what the checks stand on: nothing is counted."
    tasks = [_none(cell, nothing) if nothing else _marks(job, cell, examined, known) for cell in job.cells]
    all_right = all(task.earned == task.marks for task in tasks)
    found = [
        *flags,
        *examined.flags,
        *(Flag("refused", f"{said}") for said in examined.refused.values()),
        *_error_flags(examined, all_right),
        *_copied_flags(job),
    ]
    if examined.sandbox == "none":
        found.append(Flag("unsandboxed", "it ran without a sandbox"))
    cost = examined.sandbox, examined.cpu_seconds, examined.wall_seconds
    flags = tuple(dict.fromkeys(found))
    return without_half_letters(Result(student, job.assignment, key, tuple(tasks), flags, *cost))


def _marks(job: Job, cell: MarkedCell, examined: Examined, known: KnownValues) -> TaskMarks:
    """Of one task, as it was at the end, or right below the task where it was better there."""
    task, seeds = find_task(cell.task), job.seeds[cell.task][0]
    if cell.task in examined.missing:
        marks = _missing(cell, examined.missing[cell.task])
    else:
        refused = examined.refused.get(cell.task, "")
        answers, shown = examined.answers.get(cell.task, {}), examined.visible.get(cell.task)
        marks = judge_task(task, cell, answers, known, seeds, refused, shown)
    if marks.earned < cell.marks and cell.task in examined.early:
        early = judge_task(task, cell, examined.early[cell.task], known, seeds)
        if early.earned > marks.earned:
            return replace(early, said=(*early.said, LATER))
    return marks


def judge_task(
    task: Task,
    cell: MarkedCell,
    answers: Mapping[int, Mapping[str, Mapping[str, Any]]],
    known: KnownValues,
    seeds: Sequence[int],
    refused: str = "",
    shown: Mapping[str, Mapping[str, Any]] | None = None,
) -> TaskMarks:
    """The marks of a task; a part counts where all of its values are right for every seed.

    answers: counted seed → check → name → `Plain.to_json`
    refused: why nothing of it counts; "" where it does
    shown: check → name → `Plain.to_json` in the visible checks; from these alone a student is told what
        an answer gave, since in a hidden case that could be what it has seen there
    """
    failed: dict[str, PartResult] = {}
    for seed in seeds:
        if refused:
            break
        right, found = known.of(task, seed), trace_of(answers.get(seed, {}))
        differ = {difference.check.part for difference in value_differences(task, right.expected, found)}
        if differ - failed.keys():
            for part in compare(task, right, found):
                if not part.passed:
                    failed.setdefault(part.name, part)
    visible = {}
    if failed and shown is not None:
        seen = compare(task, known.of(task, VISIBLE), trace_of(shown))
        visible = {part.name: part for part in seen if not part.passed}
    failed = {name: to_show(part, visible.get(name)) for name, part in failed.items()}
    parts = tuple(failed.get(name, PartResult(name, marks)) for name, marks in task.parts.items())
    report = Report(task, parts, refused)
    slips = dict.fromkeys(part.wrong.name for part in parts if part.wrong)
    earned = {part.name: (float(part.marks), float(part.marks if part.passed else 0)) for part in parts}
    if refused:
        earned = {name: (marks, 0.0) for name, (marks, _) in earned.items()}
    return TaskMarks(
        cell.cell, task.name, cell.marks, float(report.earned), earned,
        tuple(plain_words(report.graded(WHOLE)).split("\n")), tuple(slips),
    )  # fmt: skip


def to_show(part: PartResult, visible: PartResult | None) -> PartResult:
    """What a student is told of a part that fails in a hidden case.

    visible: the same part, where it fails in the visible checks as well
    """
    got = part.difference.got if part.difference else None
    if got is None or (got.kind == "error" and got.words in OURS):
        return part
    if visible:
        return replace(visible, wrong=part.wrong, sentence=(part.wrong or visible).sentence)
    sentence = part.wrong.sentence if part.wrong else ""
    if got.kind == "error" and not sentence:
        sentence = f"It raised {got.dtype if hasattr(builtins, got.dtype) else 'an error of its own'}."
    return replace(part, sentence=sentence, hidden=True)


def trace_of(answers: Mapping[str, Mapping[str, Any]]) -> Trace:
    """Plain values from what came; of a check in which one is something else, none."""
    found: Trace = {}
    for check, values in answers.items():
        plain = {name: plain_of(value) for name, value in values.items()}
        found[check] = {name: value for name, value in plain.items() if value is not None}
        if len(found[check]) < len(plain):
            found[check] = {}
    return found


def _none(cell: MarkedCell, said: str) -> TaskMarks:
    parts = {name: (float(marks), 0.0) for name, marks in find_task(cell.task).parts.items()}
    return TaskMarks(cell.cell, cell.task, cell.marks, 0.0, parts, (said,))


def _missing(cell: MarkedCell, missing: Sequence[str]) -> TaskMarks:
    task = find_task(cell.task)
    given = [None if name in missing else name for name in cell.names]
    return _none(cell, f"No marks for {task.title}: {missing_names(task, given)}")


def _error_flags(examined: Examined, all_right: bool) -> Iterator[Flag]:
    """Errors of cells that students write; of others only where no missing mark explains them."""
    for error in examined.errors:
        if error.kind == "MemoryError":
            yield Flag("memory", error.said)
    said = [
        error.said
        for error in examined.errors
        if error.kind not in (*UNFINISHED, "MemoryError") and (error.solution or all_right)
    ]
    for text in said[:SHOWN]:
        yield Flag("error", text)
    if len(said) > SHOWN:
        yield Flag("error", f"and {len(said) - SHOWN} more cells raised errors")


def _copied_flags(job: Job) -> Iterator[Flag]:
    """What a person should look at in the sources of the solutions."""
    notebook = read_notebook(job.notebook, job.assignment)
    for cell in notebook.cells:
        if cell.cell_type == "code" and is_solution(cell) and not is_marked(cell):
            for said in copied_code(cell.source):
                yield Flag("copied", f"{grade_id(cell)}: {said}")
