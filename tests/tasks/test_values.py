"""Plain data comes out, whatever an answer returns: exact types, and no code of anybody else's."""

import json
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from lib.tasks.values import MOST, Plain, number_text, plain_value


class AlwaysEqual:
    def __eq__(self, other):
        return True

    __hash__ = None


class Liar:
    """Says that it is an array, and gives one of its own kind."""

    def __array__(self, dtype=None, copy=None):
        return np.zeros(3).view(Sub)


class Sub(np.ndarray):
    def __eq__(self, other):
        return True

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError

    def __str__(self):
        raise RuntimeError

    __hash__ = None


class Word(str):
    def __str__(self):
        raise RuntimeError

    def __eq__(self, other):
        return True

    __hash__ = str.__hash__


class Failing(list):
    def __iter__(self):
        raise RuntimeError


class Number(float):
    def __float__(self):
        return 7.0

    def __eq__(self, other):
        return True

    __hash__ = float.__hash__


class ClaimsToBeText:
    @property
    def __class__(self):
        return str


class Silent(Exception):
    def __str__(self):
        raise RuntimeError


ragged = [[1.0, 2.0], [3.0]]
endless: list = []
endless.append(endless)


@pytest.mark.parametrize(
    ("thing", "kind"),
    [
        (None, "none"),
        (True, "bool"),
        (np.True_, "bool"),
        (3, "int"),
        (np.uint8(3), "int"),
        (2.5, "float"),
        (np.float16(2.5), "float"),
        (np.longdouble(2.5), "float"),
        ("word", "text"),
        ([1, 2], "int"),
        ([1, 2.5], "float"),
        ((1.0, 2.0), "float"),
        ([np.zeros(2), np.ones(2)], "float"),
        ([], "float"),
        (np.zeros((0, 3)), "float"),
        (np.zeros(3).view(Sub), "float"),
        (np.ma.masked_array([1.0]), "float"),
        (np.array([1, 2], ">i4"), "int"),
        (Number(2.5), "float"),
        (ValueError("x"), "error"),
        (Silent(), "error"),
        (Word("x"), "text"),
        (ClaimsToBeText(), "text"),
        (AlwaysEqual(), "other"),
        (Liar(), "other"),
        (ragged, "other"),
        (endless, "other"),
        (object(), "other"),
        (2**70, "other"),
        (1j, "other"),
        (np.array([None]), "other"),
        (np.array([Fraction(1)]), "other"),
        (np.array(["a"]), "other"),
        (np.zeros(MOST + 1), "other"),
        ({1: 2}, "other"),
        (range(3), "other"),
        (print, "other"),
        (int, "other"),
        (["a", 1.0], "other"),
        (b"bytes", "other"),
        (Exception, "other"),
        (np.datetime64("2026-11-28"), "other"),
        (np.zeros(2, "f8,i4"), "other"),
        ([AlwaysEqual()], "other"),
    ],
    ids=lambda thing: thing if type(thing) is str else type(thing).__name__,
)
def test_of_every_kind(thing, kind):
    value = plain_value(thing)
    assert value.kind == kind
    assert type(value.array) is np.ndarray
    assert json.loads(json.dumps(value.to_json()))["kind"] == kind


def test_ten_million_numbers_are_no_value():
    assert plain_value(np.zeros(10**7, np.float32)).kind == "other"
    assert plain_value([0.0] * (MOST + 1)).kind == "other"


def test_nothing_is_shared():
    x = np.arange(3.0)
    value = plain_value(x)
    x[...] = 7
    assert value.array.tolist() == [0, 1, 2]


def test_a_list_that_fails_is_something_else():
    assert plain_value(Failing([1.0])).kind in ("other", "float")


def test_words_are_cut():
    assert len(plain_value("x" * 10**6).words) == 1000
    assert plain_value(ValueError("one\ntwo" + "x" * 10**6)).words == "one"


@given(
    arrays(
        st.sampled_from([np.float64, np.float32, np.int64, np.uint8, np.int8, np.bool_]),
        array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
    )
)
def test_as_json_and_back(x):
    value = plain_value(x)
    back = Plain.from_json(json.loads(json.dumps(value.to_json())))
    assert (back.kind, back.dtype, back.shape) == (value.kind, value.dtype, value.shape)
    np.testing.assert_array_equal(back.array, value.array)


@pytest.mark.parametrize("thing", [None, "wörds", ValueError("no"), object(), float("nan"), np.inf])
def test_the_others_as_json_and_back(thing):
    value = plain_value(thing)
    back = Plain.from_json(json.loads(json.dumps(value.to_json())))
    assert (back.kind, back.dtype, back.words) == (value.kind, value.dtype, value.words)


GOOD = {"kind": "float", "dtype": "float64", "shape": [2], "values": [1.0, 2.0]}


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "of my own"},
        {"kind": None},
        {"kind": "int"},
        {"dtype": "object"},
        {"dtype": "nothing"},
        {"dtype": None},
        {"dtype": "U5"},
        {"dtype": "uint8", "kind": "int", "values": [300, 1]},
        {"shape": [3]},
        {"shape": [2**80]},
        {"shape": "x"},
        {"values": [[1.0], []]},
        {"values": {"a": 1}},
        {"values": None},
        {"values": ["a", "b"]},
    ],
    ids=str,
)
def test_hostile_content_is_refused(change):
    with pytest.raises(ValueError, match="content: expected a recorded value"):
        Plain.from_json({**GOOD, **change})


@pytest.mark.parametrize("name", GOOD)
def test_what_lacks_is_refused(name):
    with pytest.raises(ValueError, match="expected a recorded value"):
        Plain.from_json({key: value for key, value in GOOD.items() if key != name})


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.123456, "0.1235"),
        (12, "12"),
        (1234567, "1234567"),
        (True, "True"),
        (np.nan, "nan"),
        (-np.inf, "-inf"),
    ],
)
def test_numbers_as_people_read_them(number, text):
    assert number_text(number) == text
