"""Whatever a student's process says, only plain data gets through, and nothing raises."""

import base64
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.grading.examination.answers import names_of, opened_answer, plain_of, sentence_of, values_of
from lib.tasks.values import plain_value


def reply(text):
    return {"status": "ok", "data": {"text/plain": f"'{base64.b64encode(text.encode()).decode()}'"}}


@pytest.mark.parametrize(
    "thing",
    [
        1, 0.5, True, "word", None, ValueError("no"), print, math.nan, -math.inf, np.arange(6).reshape(2, 3),
        np.float32([0.1, np.nan]), np.zeros((0, 3)), np.uint8(7), [1, 2], np.array(True), object(),
    ],
    ids=lambda thing: type(thing).__name__,
)  # fmt: skip
def test_every_plain_value_arrives_as_it_was(thing):
    plain = plain_value(thing)
    there = opened_answer(reply(json.dumps({"x": plain.to_json()})))
    back = plain_of(values_of(there)["x"])
    assert (back.kind, back.dtype, back.shape) == (plain.kind, plain.dtype, plain.shape)
    assert np.array_equal(back.array, plain.array, equal_nan=plain.kind == "float")


@pytest.mark.parametrize(
    "came",
    [
        None, [], 3, {}, {"status": "error"}, {"status": "ok"}, {"status": "ok", "data": []},
        {"status": "ok", "data": {"text/plain": 3}}, {"status": "ok", "data": {"text/plain": "boo"}},
        {"status": "ok", "data": {"text/plain": "'é'"}}, {"status": "ok", "data": {"text/plain": "'" * 7}},
        reply("no json"), reply("[" * 100_000), reply("1" * 10_000), reply("{'a': 1}"),
        {"status": "ok", "data": {"text/plain": f"'{base64.b64encode(b'[' + bytes([255])).decode()}'"}},
    ],
    ids=str,
)  # fmt: skip
def test_a_reply_that_is_none_gives_nothing(came):
    assert opened_answer(came) is None


def test_a_reply_that_is_too_long_is_not_looked_at(monkeypatch):
    monkeypatch.setattr("lib.grading.examination.answers.LONGEST", 20)
    assert opened_answer(reply("[1, 2, 3, 4, 5, 6]")) is None


GOOD = {"kind": "float", "dtype": "float64", "shape": [2], "values": [1.0, 2.0]}


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "object"}, {"kind": ["float"]}, {"kind": "int"}, {"dtype": "object"}, {"dtype": "U5"},
        {"dtype": "float128"}, {"dtype": None}, {"shape": [3]}, {"shape": [-2]}, {"shape": [True, 2]},
        {"shape": [2.0]}, {"shape": "2"}, {"shape": [10**9, 0]}, {"shape": [1] * 40}, {"shape": [2] * 40},
        {"values": [1.0]}, {"values": [1.0, "2"]}, {"values": [1.0, None]}, {"values": [[1.0], 2.0]},
        {"values": "ab"}, {"values": {"0": 1, "1": 2}}, {"more": 1}, {"dtype": "int64", "values": [2**80, 0]},
        {"kind": "error", "dtype": "ValueError"}, {"kind": "text", "dtype": "", "shape": [], "values": [3]},
        {"kind": "text", "dtype": "", "shape": [], "values": ["x" * 5000]},
        {"kind": "error", "dtype": "<script>", "shape": [], "values": ["x"]},
        {"kind": "error", "dtype": "E" * 500, "shape": [], "values": ["x"]},
    ],
    ids=str,
)  # fmt: skip
def test_values_that_are_not_plain_do_not_count(change):
    assert plain_of(GOOD) is not None
    assert plain_of(GOOD | change) is None
    assert values_of({"x": GOOD | change}) is None


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=6), inside, max_size=4),
    max_leaves=8,
)


@given(json_like, st.sampled_from(["kind", "dtype", "shape", "values"]))
def test_anything_at_all_in_the_place_of_a_part_raises_nothing(thing, key):
    values_of(thing)
    plain_of(thing)
    plain_of(GOOD | {key: thing})
    names_of(thing, ("a",))
    sentence_of(thing, "a2.relu: ")


def test_sentences_are_cut_and_begin_as_they_should():
    assert sentence_of("a2.relu: uses\nlib.nn", "a2.relu: ") == "a2.relu: uses lib.nn"
    assert sentence_of("your grade is 100", "a2.relu: ") == ""
    assert len(sentence_of("a2.relu: " + "x" * 10_000, "a2.relu: ")) == 400


def test_names_are_those_that_are_known():
    assert names_of(["a", "b", 3, ["a"], "a"], ("a",)) == ("a", "a")
