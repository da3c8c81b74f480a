"""`grade("a2.linear", Linear)`: the marks that an answer has earned over cases that nobody has seen."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Sequence
from typing import Any

from lib.tasks.assess import assess
from lib.tasks.secret import read_secret
from lib.tasks.task import Task, find_task

SEEDS = 5


def grading() -> bool:
    """True where the environment says that a notebook is run to be graded: COURSE_GRADING=1."""
    return os.environ.get("COURSE_GRADING", "0") not in ("", "0")


def grade(name: str, *given: Any) -> float:
    """The marks of an answer: of the parts that are right for every hidden seed; prints what others lack.

    name: of the task, such as "a2.linear"
    given: the functions or classes that it asks for, in order; None for one that is missing

    Raises `ValueError` where this computer has no secret.
    """
    secret = read_secret()
    try:
        task = find_task(name)
    except ValueError as error:
        print(f"No marks: {error}")
        return 0.0
    if missing := missing_names(task, given):
        print(f"No marks for {task.title}: {missing}")
        return 0.0
    report = assess(task, given, hidden_seeds(name, secret, SEEDS), theirs=True)
    print("\n".join([report.graded(), *(f"To be looked at by a person: {flag}" for flag in report.flags)]))
    return float(report.earned)


def missing_names(task: Task, given: Sequence[Any]) -> str:
    """A sentence on what a task asks for and did not come, or came too much; "" where all is there."""
    missing = [name for k, name in enumerate(task.defines) if k >= len(given) or given[k] is None]
    if not missing and len(given) == len(task.defines):
        return ""
    came = f"{' and '.join(missing)} did not come" if missing else f"{len(given)} things came"
    return f"expected {' and '.join(task.defines)}; {came}."


def hidden_seeds(name: str, secret: bytes, count: int) -> list[int]:
    """Seeds that follow from the secret and a task's name, none of them the visible one.

    >>> len(set(hidden_seeds("a2.linear", b"a secret", 3) + hidden_seeds("a2.relu", b"a secret", 3)))
    6
    """
    digests = (hmac.digest(secret, f"{name} {number}".encode(), hashlib.sha256) for number in range(count))
    return [1 + int.from_bytes(digest[:6], "big") for digest in digests]
