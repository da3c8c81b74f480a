"""Answers that should return several things, and return nothing, or one."""

import numpy as np
import pytest

from lib.tasks.assess import assess
from lib.tasks.known import has_answers
from lib.tasks.several import one_of
from lib.tasks.task import find_task

COUNTS = {
    "05.branch": 3,
    "06.backward": 4,
    "06.bump_weights": 3,
    "06.count": 2,
    "06.forward": 2,
    "06.loss": 2,
    "06.xor_weights": 4,
    "07.row_back": 2,
}


def told(name, answer):
    task = find_task(name)
    return " ".join(str(assess(task, [answer], [0])).split())


@pytest.mark.parametrize("name", [*COUNTS, "07.errors"])
def test_without_a_return_the_words_are_of_the_return(name):
    def forgets(*args):
        list(args)  # begun, so no stub

    said = told(name, forgets)
    assert "nothing (is there a return?)" in said
    assert "NoneType" not in said


@pytest.mark.parametrize(("name", "count"), COUNTS.items())
def test_one_thing_alone_is_counted(name, count):
    task = find_task(name)
    assert has_answers(task)
    said = told(name, lambda *args: 1.5)
    own = [answer.sentence for answer in task.wrong_answers]
    assert f"expected {count} things, got 1" in said or any(sentence in said for sentence in own)


def test_a_gate_without_a_return():
    task = find_task("05.matmul_gate")
    assert has_answers(task)
    (ours,) = task.given()

    class Forgets(ours):
        def backward(self, G):
            super().backward(G)

    assert "nothing (is there a return?)" in told("05.matmul_gate", Forgets)


@pytest.mark.parametrize("found", [(1, 2, 3), [1, 2, 3], np.array([1, 2, 3])])
def test_one_of_takes_what_has_so_many(found):
    assert one_of(found, 2, 3) == 3
    with pytest.raises(TypeError, match="expected 2 things, got 3: return them with commas between"):
        one_of(found, 0)
