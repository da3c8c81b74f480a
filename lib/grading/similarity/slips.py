"""What a shared wrong answer is: the sentence that its student reads."""

from __future__ import annotations

from collections.abc import Iterable

from lib.tasks import find_task
from lib.tasks.known import has_answers


def slip_sentences(task: str, slips: Iterable[str]) -> list[str]:
    """The sentences of some wrong answers, each once; the name of one that the course no longer has.

    task: such as "a2.relu"
    slips: names of wrong answers, in code
    """
    try:
        found = find_task(task)
    except ValueError:  # of an assignment without tasks of the course
        return list(dict.fromkeys(slips))
    has_answers(found)  # loads them
    told = {wrong.name: wrong.sentence for wrong in found.wrong_answers}
    return list(dict.fromkeys(told.get(slip, slip) for slip in slips))
