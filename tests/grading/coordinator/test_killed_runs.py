"""A run that is killed at any moment: the next one goes on, and the end is that of an undisturbed run."""

from __future__ import annotations

import os
import random
import signal

import pytest
from small_class import Book, grade_and_be_killed, grade_words, make_class, written

ANSWERS = {f"s{number:02}": text for number, text in enumerate(["one", "two three", "none", "one dead"] * 3)}
THINGS = 260  # that a run does with files from its start to its end, about

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    root = tmp_path_factory.mktemp("undisturbed")
    make_class(root, ANSWERS)
    assert grade_words(root, book=Book(root / "book.json")).status == 0
    return written(root)


@pytest.mark.family(share=5)
@pytest.mark.parametrize("point", range(50))
def test_a_killed_run_goes_on_to_the_same_end(tmp_path, undisturbed, point):
    make_class(tmp_path, ANSWERS)
    draw = random.Random(point)
    grade_and_be_killed(tmp_path, draw.randint(1, THINGS))
    if point % 2:
        grade_and_be_killed(tmp_path, draw.randint(1, THINGS // 2))  # the run that goes on is killed, too
    outcome = grade_words(tmp_path, book=Book(tmp_path / "book.json"))
    assert outcome.status == 0
    assert written(tmp_path) == undisturbed


def test_most_of_these_runs_are_killed_before_their_end(tmp_path):
    make_class(tmp_path, ANSWERS)
    assert grade_and_be_killed(tmp_path, THINGS // 2) == signal.SIGKILL
    assert grade_and_be_killed(tmp_path, 10 * THINGS) == 0
