"""What grading one submission gave: marks by task and part, flags, what it cost; kept as one JSON file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from lib.files import replacing_text

# kind → what it means, for tables and the instructors' page
FLAGS = {
    "missing": "nothing was handed in, or no notebook of this assignment",
    "unreadable": "the file is no notebook",
    "renamed": "the notebook was found under another name",
    "deleted": "a cell of the assignment was deleted",
    "duplicated": "a cell was there more than once; the last one counts",
    "edited": "a cell that students leave alone was changed, and was put back",
    "split": "a solution was divided over several cells",
    "error": "a cell raised an error",
    "dead": "the kernel died",
    "slow": "more CPU time than allowed",
    "hangs": "it was still waiting long after its CPU time had stopped growing",
    "memory": "more memory than allowed",
    "disk": "more files, or larger ones, than allowed",
    "output": "more output than allowed; the rest was dropped",
    "files": "files or pictures were left out",
    "tampered": "it changed what the checks stand on",
    "watched": "a profiler or tracer was set; it was switched off before the checks",
    "running": "a thread or process of its own still ran when the checks began",
    "unsteady": "the same call gave two different answers",
    "refused": "it used what the task is to write",
    "copied": "its text equals code of the course",
    "similar": "much of what is rare in it is in another one, too",
    "late": "it came after the deadline",
    "unsandboxed": "it ran without a sandbox",
}


@dataclass(frozen=True)
class Flag:
    """Something that a person should look at, or know.

    kind: one of FLAGS
    said: the same for this submission, in a sentence
    """

    kind: str
    said: str


@dataclass(frozen=True)
class TaskMarks:
    """The marks of one task.

    cell: nbgrader's name of the cell that they belong to
    task: such as "a2.linear"
    marks: the most
    earned: those that it got
    parts: name → (most, earned)
    said: lines of feedback, for the student
    slips: names of the wrong answers whose values are the same; for instructors
    """

    cell: str
    task: str
    marks: float
    earned: float
    parts: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    said: tuple[str, ...] = ()
    slips: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """What grading one submission gave.

    student: the id
    assignment: in full, such as "a2_backpropagation"
    key: a digest of all that the marks depend on: the submission, the release, the checks, the secret
    sandbox: the kind of sandbox it ran in; "none" without one
    cpu_seconds, wall_seconds: of the run
    limits: name → the most that it might take, see `lib.grading.limits`
    """

    student: str
    assignment: str
    key: str
    tasks: tuple[TaskMarks, ...] = ()
    flags: tuple[Flag, ...] = ()
    sandbox: str = ""
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    limits: Mapping[str, float] = field(default_factory=dict)

    @property
    def earned(self) -> float:
        return sum(task.earned for task in self.tasks)

    def to_json(self) -> dict[str, Any]:
        """Only lists, numbers and words."""
        return json.loads(json.dumps(asdict(self)))

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Result:
        """What `to_json` gave; raises `ValueError` for anything else."""
        try:
            tasks = tuple(
                TaskMarks(
                    **{
                        **task,
                        "parts": {name: tuple(pair) for name, pair in task["parts"].items()},
                        "said": tuple(task["said"]),
                        "slips": tuple(task["slips"]),
                    }
                )
                for task in content["tasks"]
            )
            flags = tuple(Flag(**flag) for flag in content["flags"])
            limits = {str(name): float(most) for name, most in content.get("limits", {}).items()}
            return cls(**{**content, "tasks": tasks, "flags": flags, "limits": limits})
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(
                f"content: expected the result of a submission, got something else ({error})"
            ) from error


def without_half_letters(result: Result) -> Result:
    """The same with "?" for halves of letters, which words of a submission may have and no file can hold."""
    text = json.dumps(result.to_json(), ensure_ascii=False)
    return Result.from_json(json.loads(text.encode("utf-8", "replace")))


def save_result(path: Path, result: Result) -> None:
    """Writes a result, whole or not at all."""
    with replacing_text(path) as file:
        file.write(json.dumps(result.to_json(), indent=1, ensure_ascii=False) + "\n")


def load_result(path: Path) -> Result:
    """What `save_result` wrote; raises `ValueError` for another file, `OSError` where there is none."""
    try:
        return Result.from_json(json.loads(path.read_text("utf-8")))
    except (json.JSONDecodeError, UnicodeDecodeError, ValueError) as error:
        raise ValueError(f"{path.name}: expected the result of a submission, got another file") from error
