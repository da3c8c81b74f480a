"""Each student's own numbers."""

from collections import Counter

import pytest

from lib.tasks import variant


def test_every_number_of_the_range_is_somebodys():
    found = Counter(variant(f"student {n}", 3, 9, "k") for n in range(2000))
    assert set(found) == set(range(3, 10))
    assert min(found.values()) > 200


def test_it_is_the_same_everywhere_and_whoever_types_it():
    assert variant("ada.l-1", 0, 10**6, "q1") == variant(" ADA.L-1\n", 0, 10**6, "q1") == 723_616


def test_another_question_is_another_draw():
    same = sum(variant(f"{n}", 1, 10, "one") == variant(f"{n}", 1, 10, "two") for n in range(1000))
    assert 60 < same < 140


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("", 1, 2, "k"), "student_id: expected your id"),
        (("  ", 1, 2, "k"), "student_id: expected your id"),
        ((None, 1, 2, "k"), "student_id: expected your id"),
        ((..., 1, 2, "k"), "student_id: expected your id"),
        (("ada", 3, 2, "k"), "low: expected at most high=2, got 3"),
    ],
)
def test_what_cannot_be_drawn_is_said(arguments, words):
    with pytest.raises(ValueError, match=words):
        variant(*arguments)
