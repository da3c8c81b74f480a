"""A task: what a student is asked to write, what it is looked at for, and what usually goes wrong."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from lib.checks import mismatch, shown

HERE = Path(__file__).parent
NAME = re.compile(r"([a-z]\w*|\d\d)\.\w+")
LECTURE = re.compile(r"lecture_(?=\d\d$)")  # the package of lecture 05 is lecture_05
Checker = Callable[..., Any]
Written = TypeVar("Written", bound=Callable[..., Any])


@dataclass(frozen=True)
class Check:
    """One look at what the student wrote.

    part: of the task, whose marks depend on it
    name: of the function; its docstring says what is done, in a few words
    run: takes what the student defined, in the order of the task's `defines`, and rng; returns named values,
        among them facts of lib.tasks.facts where arrays of an answer are to be compared
    within: how far a number may be off, as a share of the largest expected one beside it
    keeps: True where the expected value is the answer itself, so that no report says it
    """

    part: str
    name: str
    run: Checker
    within: float
    keeps: bool = False

    @property
    def what(self) -> str:
        return " ".join((self.run.__doc__ or self.name.replace("_", " ")).split()).rstrip(".")


@dataclass(frozen=True)
class WrongAnswer:
    """An answer that students give, and what to tell them.

    row: of the bank of wrong answers; 0 where it is not in there
    name: of the function or class, in code
    sentence: of feedback
    breaks: the parts whose marks it loses
    written: by name, what it defines in the place of the reference
    """

    row: int
    name: str
    sentence: str
    breaks: tuple[str, ...]
    written: Mapping[str, Any]


@dataclass
class Task:
    """What a student is asked to write.

    name: such as "a2.linear": the module lib.tasks.a2.linear holds it; "05.add_gate" of a lecture is that of
        lib.tasks.lecture_05.add_gate
    title: for people
    defines: the names that the student must define, in order
    parts: what is looked at → its marks; they add up to the task's
    allows: modules of the course that an answer may use; all others that hold such code are refused
    hints: of an exercise of a lecture, the first one first; each says a little more
    minutes: that an exercise takes, from 2 to 10
    tells: words that say the answer of an exercise: its lecture must not show them before the solution

    >>> task = Task("a0.double", "Twice a number", ("double",), {"value": 3, "contract": 1})
    >>> @task.check("value")
    ... def of_a_row(double, rng):
    ...     "a row of numbers"
    ...     return {"double(x)": double(rng.normal(size=5))}
    >>> @task.reference
    ... def double(x):
    ...     return 2 * x
    >>> @task.wrong(0, "x² is not 2x: multiply by 2.", breaks="value")
    ... def squared(x):
    ...     return x**2
    >>> task.marks, [check.what for check in task.checks], [wrong.name for wrong in task.wrong_answers]
    (4, ['a row of numbers'], ['squared'])
    """

    name: str
    title: str
    defines: tuple[str, ...]
    parts: Mapping[str, int]
    allows: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    minutes: int = 0
    tells: tuple[str, ...] = ()
    checks: list[Check] = field(default_factory=list)
    references: dict[str, Any] = field(default_factory=dict)
    wrong_answers: list[WrongAnswer] = field(default_factory=list)

    @property
    def marks(self) -> int:
        return sum(self.parts.values())

    @property
    def of_lecture(self) -> bool:
        """Whether it is an exercise of a lecture, which has no marks and whose solution is on the page."""
        return self.name[:1].isdigit()

    def check(self, part: str, *, within: float = 1e-4, keeps: bool = False) -> Callable[[Written], Written]:
        """Adds a check, a function (what the student defined …, rng) → {name: value}.

        within, keeps: as in `Check`
        """
        self._known(part)

        def add(run: Written) -> Written:
            self.checks.append(Check(part, run.__name__, run, within, keeps))
            return run

        return add

    def reference(self, written: Written) -> Written:
        """Makes a function or class the right answer for the name that it has."""
        if written.__name__ not in self.defines:
            raise mismatch(self.name, "reference", f"one of {', '.join(self.defines)}", written.__name__)
        self.references[written.__name__] = written
        return written

    def wrong(
        self, row: int, sentence: str, *, breaks: str | Sequence[str], replaces: str = ""
    ) -> Callable[[Written], Written]:
        """Adds a wrong answer; all other names of the task stay as in the reference.

        row: of the bank of wrong answers, or 0
        sentence: what a student is told whose values are those of this answer
        breaks: the parts that it loses
        replaces: which of the task's names it stands for; may be left out where there is only one
        """
        broken = (breaks,) if isinstance(breaks, str) else tuple(breaks)
        for part in broken:
            self._known(part)
        if not replaces and len(self.defines) > 1:
            raise mismatch(self.name, "replaces", f"one of {', '.join(self.defines)}", "nothing")

        def add(written: Written) -> Written:
            name = replaces or self.defines[0]
            self.wrong_answers.append(WrongAnswer(row, written.__name__, sentence, broken, {name: written}))
            return written

        return add

    def given(self, changes: Mapping[str, Any] | None = None) -> tuple[Any, ...]:
        """The right answer's functions and classes in order, some of them replaced."""
        written = {**self.references, **(changes or {})}
        return tuple(written[name] for name in self.defines)

    def _known(self, part: str) -> None:
        if part not in self.parts:
            raise mismatch(self.name, "part", f"one of {', '.join(self.parts)}", shown(part))


def task_names(package: str = "") -> list[str]:
    """The names of all tasks, or those of an assignment, such as "a2", or of a lecture, such as "05"."""
    names = [
        f"{short}.{file.stem}"
        for folder in sorted(HERE.glob("*/"))
        for file in sorted(folder.glob("[!_]*.py"))
        if package in ("", short := LECTURE.sub("", folder.name))
    ]
    return [name for name in names if hasattr(importlib.import_module(module_of_task(name)), "task")]


def module_of_task(name: str) -> str:
    """The module that holds the task of a name.

    >>> module_of_task("a2.linear"), module_of_task("05.add_gate")
    ('lib.tasks.a2.linear', 'lib.tasks.lecture_05.add_gate')
    """
    return f"lib.tasks.{'lecture_' if name[:1].isdigit() else ''}{name}"


def find_task(name: str) -> Task:
    """The task of a name such as "a2.linear"; raises `ValueError` where there is none."""
    task = None
    if isinstance(name, str) and NAME.fullmatch(name):
        module = module_of_task(name)
        try:
            task = getattr(importlib.import_module(module), "task", None)
        except ModuleNotFoundError as error:
            if not module.startswith(error.name or "?"):
                raise  # of something that the task needs
    if not isinstance(task, Task) or task.name != name:
        raise mismatch("", "name", "a task, such as 'a2.linear'", shown(name), "`course check` lists them")
    return task
