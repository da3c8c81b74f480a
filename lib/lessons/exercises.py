"""The exercises of a lecture: look at an answer, take a hint, or go on with our solution."""

from __future__ import annotations

from typing import Any

from lib.lessons.progress import note_passed
from lib.tasks.check import CheckFailed, visible_report
from lib.tasks.grade import grading
from lib.tasks.known import has_answers
from lib.tasks.task import find_task

hints_taken: dict[str, int] = {}  # name of an exercise → how many of its hints this kernel has shown


def check(name: str, *given: Any) -> None:
    """Looks at an answer and prints what came out; an exercise that passes is noted in your progress.

    name: of the exercise, such as "05.add_gate"
    given: the functions or classes that it asks for, in order

    An exercise that has not been begun gets one line, "Not yet: …". For a task of an assignment it does the
    same as `lib.tasks.check`, and raises `CheckFailed` where the answer is not right.
    """
    report = visible_report(name, given)
    task = report.task
    if report.passed:
        note_passed(name)
    elif not task.of_lecture and not grading():
        raise CheckFailed(str(report))
    print(report)
    if task.hints and not report.passed and not report.refused:
        print(f'Stuck? Run hint("{name}").')


def hint(name: str) -> None:
    """Prints the next hint for an exercise; after the last one it says where the solution stands.

    name: of the exercise, such as "05.add_gate"
    """
    task = find_task(name)
    taken = hints_taken.get(name, 0)
    if taken < len(task.hints):
        hints_taken[name] = taken + 1
        print(f"Hint {taken + 1} of {len(task.hints)}: {task.hints[taken]}")
    elif task.of_lecture:
        print("That was the last hint. The solution is folded, below the check of this exercise.")
    else:
        print(f"{task.title}: there are no hints for an assignment; the report of check says what is wrong.")


def or_ours(name: str, *given: Any) -> Any:
    """What you wrote, where it passes the checks, else our solution: so that the next cells run.

    name: of the exercise, such as "05.add_gate"
    given: the functions or classes that it asks for, in order

    Returns one thing where the exercise asks for one, else a tuple; prints which it is. Raises `ValueError`
    for a task of an assignment, whose solution is not given away.
    """
    task = find_task(name)
    if not task.of_lecture or not has_answers(task):
        raise ValueError(f"or_ours: expected an exercise of a lecture, such as '05.add_gate', got {name!r}")
    yours = visible_report(name, given).passed
    used = given if yours else task.given()
    names = " and ".join(task.defines)
    print(f"The next cells use your {names}." if yours else f"The next cells use our {names}.")
    return used[0] if len(used) == 1 else used
