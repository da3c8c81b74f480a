"""What counts as equal: kinds, shapes, a share of the largest number; and where the first difference is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.tasks import Task
from lib.tasks.compare import Difference, same_value, value_differences
from lib.tasks.task import Check
from lib.tasks.trace import trace
from lib.tasks.values import plain_value

CHECK = Check("value", "value", print, 1e-4)


def same(expected, got, within=1e-4):
    return same_value(plain_value(expected), plain_value(got), within)


@pytest.mark.parametrize(
    ("expected", "got", "equal"),
    [
        (1.0, 1.0, True),
        (1.0, 1.00005, True),
        (1.0, 1.001, False),
        (1.0, 1, True),
        (1, 1.0, True),
        (1, 1.00001, False),
        (1, True, False),
        (True, 1, False),
        (True, np.True_, True),
        (1.0, None, False),
        (None, None, True),
        (1.0, "1.0", False),
        ("a", "a", True),
        ("a", "b", False),
        ([1.0, 2.0], (1, 2), True),
        ([1.0], 1.0, False),
        (np.ones((2, 3)), np.ones((3, 2)), False),
        (np.ones(3), np.ones(3, np.float32), True),
        (np.nan, np.nan, True),
        (np.inf, np.inf, True),
        (np.inf, -np.inf, False),
        (1.0, np.nan, False),
        (1.0, np.inf, False),
        (np.inf, 1e308, False),
        (0.0, 1e-12, True),
        (0.0, 1e-6, False),
        ([100.0, 0.0], [100.0, 0.001], True),
        ([1.0, 0.0], [1.0, 0.001], False),
        ([np.inf, 1.0], [np.inf, 1.001], False),
        ([], [], True),
        (np.zeros((0, 2)), np.zeros((0, 3)), False),
        (ValueError("a"), ValueError("b"), True),
        (ValueError("a"), KeyError("a"), False),
        (1.0, ValueError(), False),
        (object(), object(), True),
        (object(), 1.0, False),
        (np.uint8(3), 3, True),
    ],
    ids=str,
)
def test_pairs(expected, got, equal):
    assert same(expected, got) is equal


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=8), st.integers(0, 7), st.floats(2e-4, 1e3))
def test_what_is_off_by_more_than_the_share_differs_there(numbers, place, off):
    right = np.array(numbers)
    place %= len(right)
    found = right.copy()
    found[place] += off * max(np.abs(right).max(), 1e-3)
    difference = Difference(CHECK, "x", plain_value(right), plain_value(found))
    assert not same(right, found)
    assert difference.place == (place,)


def test_the_place_is_the_first_in_reading_order_and_none_where_shapes_differ():
    right = np.zeros((2, 3))
    found = right.copy()
    found[1, 0] = found[0, 2] = 1
    assert Difference(CHECK, "x", plain_value(right), plain_value(found)).place == (0, 2)
    assert Difference(CHECK, "x", plain_value(right), plain_value(right[0])).place is None
    assert Difference(CHECK, "x", plain_value(right), None).place is None
    assert Difference(CHECK, "x", plain_value(1.0), plain_value(2.0)).place is None


task = Task("a0.two", "Two", ("two",), {"first": 1, "second": 1})


@task.check("first")
def first(two, rng):
    return {"a": two(1), "b": two(2)}


@task.check("second")
def second(two, rng):
    return {"c": two(3)}


def test_differences_come_in_the_order_of_the_checks():
    right, wrong = (trace(task, [two], 0) for two in (lambda k: 2 * k, lambda k: k**2))
    assert [d.name for d in value_differences(task, right, wrong)] == ["a", "c"]
    assert [d.name for d in value_differences(task, right, {})] == ["a", "b", "c"]
    assert list(value_differences(task, right, right)) == []


def test_an_error_stands_for_all_of_its_check():
    right, wrong = (trace(task, [two], 0) for two in (lambda k: 2 * k, lambda k: 1 / (k - 2)))
    found = list(value_differences(task, right, wrong))
    assert [(d.name, d.got.kind) for d in found] == [("a", "error"), ("c", "float")]


def test_an_error_may_be_right():
    right = trace(task, [lambda k: 1 / 0], 0)
    other = trace(task, [lambda k: [][k]], 0)
    assert list(value_differences(task, right, right)) == []
    assert len(list(value_differences(task, right, other))) == 2
