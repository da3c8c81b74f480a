"""Every exercise of a lecture beside its wrong answers, and the stub that nobody has touched."""

import functools

import pytest

from lib.tasks import assess, find_task, task_names
from lib.tasks.assess import WIDTH, compare
from lib.tasks.known import Computed, Recorded, has_answers
from lib.tasks.trace import trace

SEEDS = (0, 1, 20_261_128)
NAMES = [name for name in task_names() if name[0].isdigit()]
every_exercise = pytest.mark.parametrize("name", NAMES)


@functools.cache
def known(name, seed):
    live = Computed(find_task(name), seed)
    return Recorded(live.expected, list(live.wrong()))


def lost(task, found, right):
    return {part.name: part.sentence for part in compare(task, right, found) if not part.passed}


@pytest.mark.parametrize("seed", SEEDS)
@every_exercise
def test_the_reference_passes(name, seed):
    task = find_task(name)
    assert has_answers(task)
    right = trace(task, task.given(), seed)
    assert not [found["error"].words for found in right.values() if "error" in found]
    assert lost(task, trace(task, task.given(), seed), Recorded(right, [])) == {}
    assert assess(task, task.given(), [seed]).passed


@pytest.mark.parametrize("seed", SEEDS)
@every_exercise
def test_a_wrong_answer_fails_and_gets_its_own_sentence(name, seed):
    task, values = find_task(name), known(name, seed)
    for wrong in values.wrong():
        told = lost(task, wrong.trace, values)
        assert told == dict.fromkeys(wrong.breaks, wrong.sentence), wrong.name


@every_exercise
def test_there_are_three_wrong_answers_or_more_and_no_sentence_twice(name):
    wrong = find_task(name).wrong_answers
    assert len(wrong) >= 3
    assert len({answer.sentence for answer in wrong}) == len(wrong)
    for answer in wrong:
        assert 20 < len(answer.sentence) <= 2 * WIDTH - 5, answer.name
        assert answer.sentence.endswith((".", "?")), answer.name


@every_exercise
def test_it_has_a_hint_minutes_and_checks_of_every_part(name):
    task = find_task(name)
    assert 1 <= len(task.hints) <= 4
    assert all(hint.endswith((".", "?")) for hint in task.hints)
    assert 2 <= task.minutes <= 10
    assert {check.part for check in task.checks} == set(task.parts)


def nothing(*args, **named): ...


def not_written(*args, **named):
    raise NotImplementedError("your turn")


class Stub:
    def __init__(self, size=3):
        self.size = size

    def forward(self, *inputs): ...

    def backward(self, *upstream):
        raise NotImplementedError


@every_exercise
@pytest.mark.parametrize("stub", [nothing, not_written, Stub, None, ...])
def test_what_is_not_begun_says_so_in_one_line(name, stub):
    task = find_task(name)
    report = assess(task, [stub] * len(task.defines), [0], theirs=True)
    assert not report.passed
    (line,) = str(report).splitlines()
    assert line.startswith("Not yet: ")


@every_exercise
def test_our_solution_is_not_taken_for_the_students(name):
    task = find_task(name)
    report = assess(task, task.given(), [0], theirs=True)
    assert not report.passed
    (line,) = str(report).splitlines()
    assert line.startswith("Not yet: ")
