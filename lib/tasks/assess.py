"""Which parts of a task an answer has earned, and for each of the others the likely slip."""

from __future__ import annotations

import functools
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import CodeType
from typing import Any

from lib.tasks.causes import cause
from lib.tasks.compare import NUMBERS, Difference, same_part, value_differences
from lib.tasks.copied import copies_in
from lib.tasks.forbidden import Watch
from lib.tasks.known import Known, KnownWrong, known_values
from lib.tasks.task import Task
from lib.tasks.trace import Trace, trace
from lib.tasks.untouched import is_ours, not_yet
from lib.tasks.values import number_text

LINES = 8  # of a report, at most
WIDTH, WHOLE = 110, 1000  # characters of a line: in a notebook, and on a page that breaks lines itself


@dataclass(frozen=True)
class PartResult:
    """A part of a task: passed, or what differs, the likely slip, and which wrong answer does the same.

    hidden: True where nothing that the answer gave may be shown
    """

    name: str
    marks: int
    difference: Difference | None = None
    sentence: str = ""
    wrong: KnownWrong | None = None
    hidden: bool = False

    @property
    def passed(self) -> bool:
        return self.difference is None


@dataclass(frozen=True)
class Report:
    """What the checks of a task found.

    refused: why nothing of the answer counts, in a sentence; "" where it does
    codes: of the functions that the answer ran
    """

    task: Task
    parts: tuple[PartResult, ...]
    refused: str = ""
    codes: tuple[CodeType, ...] = ()

    @functools.cached_property
    def flags(self) -> tuple[str, ...]:
        """What a person should look at: copies of the course's code; they change no marks."""
        return copies_in(self.codes)

    @property
    def passed(self) -> bool:
        return not self.refused and all(part.passed for part in self.parts)

    @property
    def earned(self) -> int:
        return 0 if self.refused else sum(part.marks for part in self.parts if part.passed)

    def __str__(self) -> str:
        """What a student reads, in at most eight lines."""
        good = sum(part.passed for part in self.parts)
        if self.task.of_lecture:
            return self._below(f"{self.task.title}: {'right' if self.passed else 'not right yet'}")
        heading = f"{self.task.title}: visible checks: {good} of {len(self.parts)}"
        if self.passed:
            heading += "; the grade also uses hidden cases of the same kind"
        return self._below(heading)

    def graded(self, width: int = WIDTH) -> str:
        """The same of hidden cases, with the marks.

        width: characters of a line
        """
        return self._below(f"{self.task.title}: {self.earned} of {self.task.marks} marks", width)

    def _below(self, heading: str, width: int = WIDTH) -> str:
        """The first slips in full, of the others the parts that they cost."""
        if self.refused:
            return "\n".join(wrapped(self.refused, indent="", width=width))
        slips: dict[str, list[PartResult]] = {}
        for part in self.parts:
            if not part.passed:
                slips.setdefault(part.sentence or part.name, []).append(part)
        lines, left = [heading], list(slips.values())
        while left:
            told = f"✗ {listed(left[0])}: {described(left[0][0])}"
            sentence = wrapped(left[0][0].sentence, width=width)
            room = LINES - len(lines) - (len(left) > 1)
            block = [*wrapped(told, indent="", further="  ", width=width), *sentence]
            if len(block) > room:
                block = [shorter(told, width), *sentence]
            if len(block) > room:
                others = ", ".join(listed(parts) for parts in left)
                return "\n".join([*lines, shorter(f"✗ also {others}: mend what stands above first", width)])
            lines += block
            del left[0]
        return "\n".join(lines)


def shorter(line: str, width: int = WIDTH) -> str:
    """One line that is not too wide, cut at the end."""
    line = " ".join(line.split())
    return line if len(line) <= width else f"{line[: width - 1]}…"


def wrapped(sentence: str, indent: str = "  ", further: str | None = None, width: int = WIDTH) -> list[str]:
    """A sentence in one line or two.

    further: indent of the second line; None for that of the first
    """
    second = indent if further is None else further
    return textwrap.wrap(
        sentence, width, initial_indent=indent, subsequent_indent=second, max_lines=2, placeholder=" …"
    )


def listed(parts: Sequence[PartResult]) -> str:
    """The names of parts."""
    return ", ".join(part.name for part in parts)


def described(part: PartResult) -> str:
    """What differs, and where."""
    difference = part.difference
    assert difference is not None
    got, place = difference.got, difference.place
    text = f"{difference.check.what}: {difference.name}"
    if part.hidden:
        return f"{text} is not as expected in a hidden case"
    if got is not None and got.kind == "error" and part.wrong:  # its sentence may be about another error
        return f"{text} raised {got.dtype}: {got.words}"
    if got is None or got.kind in ("error", "none", "other"):
        return f"{text} did not come"
    if got.shape != difference.expected.shape:
        return f"{text} has the shape {got.shape}, expected {difference.expected.shape}"
    if place is None and got.shape:
        return f"{text} holds {got.dtype} numbers, expected {difference.expected.dtype}"
    if got.kind not in (*NUMBERS, "bool", "text"):
        return text
    right, found = (
        value.array[place if place is not None else ()].item() for value in (difference.expected, got)
    )
    at = f" at [{', '.join(map(str, place))}]" if place else ""
    if difference.check.keeps:
        return f"{text}{at}: {_short(found)} is not right"
    return f"{text}{at}: expected {_short(right)}, got {_short(found)}"


def assess(task: Task, given: Sequence[Any], seeds: Iterable[int], *, theirs: bool = False) -> Report:
    """Runs all checks with each seed; a part is passed where all of its values are right.

    given: what the answer defines, in the order of `task.defines`
    theirs: True for what a student wrote: the course's own right answers are refused then
    """
    if task.of_lecture and theirs and (sentence := is_ours(task, given)):
        return Report(task, (), sentence)
    watch = Watch(task, theirs)
    watch.look_at(given)
    failed: dict[str, PartResult] = {}
    for seed in seeds:
        if watch.reason:
            break
        found = trace(task, given, seed, watch)  # first: no frame above an answer knows what is right
        for part in compare(task, known_values(task, seed), found):
            if not part.passed:
                failed.setdefault(part.name, part)
    if failed and task.of_lecture and (sentence := not_yet(task, given)):
        return Report(task, (), sentence)
    parts = (failed.get(name, PartResult(name, marks)) for name, marks in task.parts.items())
    return Report(task, tuple(parts), watch.reason, tuple(watch.codes))


def compare(task: Task, right: Known, found: Trace) -> list[PartResult]:
    """The parts of a trace beside what is known."""
    first: dict[str, Difference] = {}
    for difference in value_differences(task, right.expected, found):
        first.setdefault(difference.check.part, difference)
    wrongs = list(right.wrong()) if first else []
    results = []
    for name, marks in task.parts.items():
        if name not in first:
            results.append(PartResult(name, marks))
            continue
        wrong = same_slip(task, name, wrongs, found)
        sentence = wrong.sentence if wrong else cause(first[name])
        results.append(PartResult(name, marks, first[name], sentence, wrong))
    return results


def same_slip(task: Task, part: str, wrongs: Sequence[KnownWrong], found: Trace) -> KnownWrong | None:
    """The wrong answer whose values in a part are those found; of several, the one nearest in all."""
    alike = [w for w in wrongs if part in w.breaks and same_part(task, part, w.trace, found)]
    return max(alike, key=lambda w: sum(same_part(task, p, w.trace, found) for p in task.parts), default=None)


def _short(thing: Any) -> str:
    return number_text(thing) if isinstance(thing, bool | int | float) else f"“{thing}”"
