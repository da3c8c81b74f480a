"""What is known of a task for a seed: the right values, and those of each wrong answer."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lib.files import replacing_text
from lib.tasks.task import HERE, Task, module_of_task
from lib.tasks.trace import Trace, trace
from lib.tasks.values import Plain


@dataclass(frozen=True)
class KnownWrong:
    """A wrong answer: what it is told, and what it does in the checks."""

    row: int
    name: str
    sentence: str
    breaks: tuple[str, ...]
    trace: Trace


class Computed:
    """Computed from the reference and the wrong answers, which the instructors have."""

    def __init__(self, task: Task, seed: int):
        self.task, self.seed = task, seed
        self.expected = trace(task, task.given(), seed)

    def wrong(self) -> Iterator[KnownWrong]:
        for answer in self.task.wrong_answers:
            found = trace(self.task, self.task.given(answer.written), self.seed)
            yield KnownWrong(answer.row, answer.name, answer.sentence, answer.breaks, found)


@dataclass(frozen=True)
class Recorded:
    """Read from a file, which is all that students have: values for the visible seed, and no code."""

    expected: Trace
    answers: Sequence[KnownWrong]

    def wrong(self) -> Iterator[KnownWrong]:
        yield from self.answers


Known = Computed | Recorded


def known_values(task: Task, seed: int) -> Known:
    """What is known of a task; raises `ValueError` where there are neither answers nor records."""
    if has_answers(task):
        return Computed(task, seed)
    path = record_of(task)
    if not path.exists():
        raise ValueError(
            f"{task.name}: expected its recorded values in {path.name}, and there is no such file; take the "
            "course's files from your instructor again"
        )
    recorded = read(path, seed)
    if recorded.expected.keys() != {check.name for check in task.checks}:
        raise ValueError(
            f"{task.name}: expected recorded values of its checks, got those of others in {path.name}; take "
            "the course's files from your instructor again"
        )
    return recorded


def has_answers(task: Task) -> bool:
    """Whether the reference and the wrong answers are here; loads them."""
    if not task.references:
        package, _, name = module_of_task(task.name).rpartition(".")
        module = f"{package}.answers.{name}"
        try:
            importlib.import_module(module)
        except ModuleNotFoundError as error:
            if error.name is None or not module.startswith(error.name):
                raise  # of something that the answers need
    return set(task.references) == set(task.defines)


def record_of(task: Task) -> Path:
    """The file with the recorded values of a task, in students' copies of the course."""
    package, _, name = task.name.rpartition(".")
    return HERE.joinpath(*package.split("."), "recorded", f"{name}.json")


def write(path: Path, task: Task, seed: int) -> None:
    """Records what the reference does, and where each wrong answer differs from it."""
    live = Computed(task, seed)
    content = {
        "task": task.name,
        "seed": seed,
        "expected": _as_json(live.expected),
        "wrong": [
            {
                "row": w.row,
                "name": f"wrong {number}",  # its own name may say what is right
                "sentence": w.sentence,
                "breaks": w.breaks,
                "trace": _differing(live.expected, w.trace),
            }
            for number, w in enumerate(live.wrong(), 1)
        ],
    }
    with replacing_text(path) as file:
        file.write(json.dumps(content) + "\n")


def read(path: Path, seed: int) -> Recorded:
    """What `write` wrote; raises `ValueError` where the file is something else, or of another seed."""
    try:
        content = json.loads(path.read_text("utf-8"))
        found, expected = content["seed"], _from_json(content["expected"])
        answers = [
            KnownWrong(
                int(w["row"]),
                str(w["name"]),
                str(w["sentence"]),
                tuple(w["breaks"]),
                {**expected, **_from_json(w["trace"], expected)},
            )
            for w in content["wrong"]
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"path: expected recorded values of a task, got {path.name}: {error}") from error
    if found != seed:
        raise ValueError(f"path: expected values of seed {seed}, got {path.name} with those of {found}")
    return Recorded(expected, answers)


def _as_json(values: Trace) -> dict[str, dict[str, Any]]:
    return {check: {n: v.to_json() for n, v in found.items()} for check, found in values.items()}


def _differing(expected: Trace, found: Trace) -> dict[str, dict[str, Any]]:
    """The checks in which something differs, with what differs; None stands for a value as expected.

    Of an error the class is kept alone: its words may name a class of the answers.
    """
    content: dict[str, dict[str, Any]] = {}
    for check, values in found.items():
        right = expected.get(check, {})
        here: dict[str, Any] = {}
        for name, value in values.items():
            if value.kind == "error":
                value = Plain("error", value.dtype, np.array(""))
            same = name in right and right[name].to_json() == value.to_json()
            here[name] = None if same else value.to_json()
        if here.keys() != right.keys() or any(here.values()):
            content[check] = here
    return content


def _from_json(content: dict[str, dict[str, Any]], expected: Trace | None = None) -> Trace:
    """What `_as_json` gave, or `_differing` of this expected trace."""

    def value(check: str, name: str, entry: Any) -> Plain:
        return Plain.from_json(entry) if entry is not None or expected is None else expected[check][name]

    return {c: {n: value(c, n, entry) for n, entry in found.items()} for c, found in content.items()}
