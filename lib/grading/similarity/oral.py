"""Lines of a student's own code, for them to explain."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from lib.grading.similarity.fingerprints import K, grams
from lib.grading.similarity.normal import streams

LEAST = 5  # words of a line that is worth a question


@dataclass(frozen=True)
class OralQuestion:
    """A line of a student's: what does it do, and why is it needed?

    line: of the task's text, from 1
    """

    task: str
    line: int
    text: str


def oral_questions(
    student: str, code: Mapping[str, str], seed: int = 0, known: Collection[int] = (), count: int = 3
) -> list[OralQuestion]:
    """Some lines of what a student has written, of as many tasks as there are; the same for the same seed.

    code: task → text
    known: grams of code that is not theirs, such as the release's
    """
    rng = random.Random(f"{seed} {student}")
    lines = {task: own_lines(text, known) for task, text in sorted(code.items())}
    left = {task: numbers for task, numbers in lines.items() if numbers}
    found: list[OralQuestion] = []
    while left and len(found) < count:
        for task in rng.sample(sorted(left), min(len(left), count - len(found))):
            number = left[task].pop(rng.randrange(len(left[task])))
            found.append(OralQuestion(task, number, code[task].split("\n")[number - 1].strip()))
            if not left[task]:
                del left[task]
    return found


def own_lines(text: str, known: Collection[int]) -> list[int]:
    """The lines that say enough to be asked about, and are not known."""
    counts: dict[int, int] = {}
    for stream in streams(text):
        numbers = grams(stream.words)
        for place, line in enumerate(stream.lines):
            around = numbers[max(0, place - K + 1) : place + 1]
            if not around or any(number not in known for number in around):
                counts[line] = counts.get(line, 0) + 1
    return sorted(line for line, count in counts.items() if count >= LEAST)
