"""Before a class is graded: the reference must get all of the marks, and the untouched release none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from lib.assignments.originals import files_of, original, write_files
from lib.assignments.places import SOURCES, short_name
from lib.files import replacing_text
from lib.grading.coordinator import Runner, Submission
from lib.grading.places import OWN
from lib.grading.results import Result
from lib.grading.sandbox.folders import passing_folder
from lib.grading.steps import Steps

REFERENCE, UNTOUCHED = "the reference", "the untouched release"
NAMES = {REFERENCE: "reference", UNTOUCHED: "release"}


def check_canary(assignment: str, root: Path, steps: Steps, runner: Runner, key: str) -> bool:
    """Grades the reference and the untouched release, unless it has been done with this key.

    assignment: in full
    runner: what examines students' submissions, too
    key: of all that can change the outcome

    Returns whether it was done now. Raises `ValueError` with the reason where one of them gets other marks
    than it must.
    """
    file = root / OWN / "canary" / f"{assignment}.json"
    if _passed(file, key):
        return False
    found = _graded(assignment, root, steps, runner)
    for who in (REFERENCE, UNTOUCHED):
        if isinstance(found[who], Exception):
            raise ValueError(
                f"{short_name(assignment)}: expected to grade {who}, got {_said(found[who])}; {END}"
            )
    reasons = [*_lost(found[REFERENCE]), *_won(found[UNTOUCHED])]
    if reasons:
        raise ValueError(
            f"{short_name(assignment)}: expected all marks for {REFERENCE} and none for {UNTOUCHED}, got "
            f"{'; '.join(reasons)}; {END}"
        )
    with replacing_text(file) as out:
        json.dump({"passed": key}, out)
    return True


END = "nothing was graded"


def _passed(file: Path, key: str) -> bool:
    try:
        content = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and content.get("passed") == key


def _graded(assignment: str, root: Path, steps: Steps, runner: Runner) -> Mapping[str, Result | Exception]:
    """Both of them, in sandboxes like those of students."""
    found: dict[str, Result | Exception] = {}
    with passing_folder() as place:  # of ours, so that no solutions stay where this is killed
        both = [Submission(who, place / name, {}) for who, name in NAMES.items()]
        write_files(both[0].folder, files_of(root / SOURCES / assignment))
        write_files(both[1].folder, original(assignment, root)[1])
        for one, made in runner.run(both):
            try:
                found[one.student] = (
                    made if isinstance(made, Exception) else steps.judge(one.student, "", *made)[0]
                )
            except Exception as error:  # of ours; it is told
                found[one.student] = error
    return found


def _lost(result: Result | Exception) -> list[str]:
    """Where the reference has less than all marks."""
    assert isinstance(result, Result)
    flags = [f"the flag {flag.kind} ({flag.said})" for flag in result.flags if flag.kind in SERIOUS]
    lost = [
        f"{task.earned:g} of {task.marks:g} marks in {task.task} for {REFERENCE}"
        + (f" ({' '.join(task.said[:2])})" if task.said else "")
        for task in result.tasks
        if task.earned != task.marks
    ]
    return [*flags, *lost]


def _won(result: Result | Exception) -> list[str]:
    """Where the untouched release has more than none."""
    assert isinstance(result, Result)
    return [
        f"{task.earned:g} marks in {task.task} for {UNTOUCHED}" for task in result.tasks if task.earned != 0
    ]


SERIOUS = ("unreadable", "missing", "dead", "slow", "hangs", "memory", "tampered", "unsteady", "refused")


def _said(error: Result | Exception) -> str:
    return str(error) or type(error).__name__
