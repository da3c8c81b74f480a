"""`check("a2.linear", Linear)`: what a notebook asks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from lib.checks import mismatch, shown
from lib.tasks.assess import Report, assess
from lib.tasks.grade import grading
from lib.tasks.task import find_task

VISIBLE = 0  # the seed of all checks that students see


class CheckFailed(AssertionError):
    """An answer of an assignment is not right yet; the message says what is wrong."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows: the message alone, since the line that failed is always the call of `check`."""
        return str(self).splitlines()


def check(name: str, *given: Any) -> None:
    """Looks at an answer with the visible checks, and prints what came out.

    name: of the task, such as "a2.linear"
    given: the functions or classes that it asks for, in order

    Raises `CheckFailed` where an answer of an assignment is not right; in a lecture, and while a notebook is
    run to be graded, that is only printed.
    """
    report = visible_report(name, given)
    if not report.passed and re.match(r"a\d+\.", name) and not grading():
        raise CheckFailed(str(report))
    print(report)


def visible_report(name: str, given: Sequence[Any]) -> Report:
    """What the visible checks say; raises `ValueError` where more is given than asked for, or less."""
    task = find_task(name)
    if len(given) != len(task.defines):
        advice = f'write check("{name}", {", ".join(task.defines)})'
        raise mismatch("check", "given", " and ".join(task.defines), shown_names(given), advice)
    return assess(task, given, [VISIBLE], theirs=True)


def shown_names(given: Sequence[Any]) -> str:
    """What was given, by its names."""
    return ", ".join(getattr(thing, "__name__", None) or shown(thing) for thing in given) or "nothing"
