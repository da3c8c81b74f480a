"""What is read from wrong numbers is true of them, for any shape; where nothing is seen, nothing is said."""

import re

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes

from lib.tasks.assess import wrapped
from lib.tasks.causes import cause
from lib.tasks.compare import Difference
from lib.tasks.task import Check
from lib.tasks.values import plain_value

CHECK = Check("value", "value", print, 1e-4)
SHAPES = array_shapes(min_dims=1, max_dims=4, min_side=2, max_side=5)
SEEDS = st.integers(0, 10**6)


def said(right, found):
    return cause(Difference(CHECK, "x", plain_value(right), None if found is ... else plain_value(found)))


def drawn(shape, seed):
    return np.random.default_rng(seed).normal(size=shape)


@given(SHAPES, SEEDS)
def test_of_unrelated_numbers_nothing_is_said(shape, seed):
    assume(np.prod(shape) > 2)
    assert said(drawn(shape, seed), drawn(shape, seed + 1)) == ""


@given(SHAPES, SEEDS)
def test_zeros(shape, seed):
    assert said(drawn(shape, seed), np.zeros(shape)) == "The shape is right, but all numbers are 0."


@given(SHAPES, SEEDS, st.sampled_from([-3.0, 0.25, 2.0, 7.0, 1000.0]))
def test_a_factor(shape, seed, factor):
    text = said(drawn(shape, seed), factor * drawn(shape, seed))
    words = f"{factor:g} times" if abs(factor) > 1 else f"divided by {1 / factor:g}"
    assert words in text


@given(SHAPES, SEEDS)
def test_the_wrong_sign(shape, seed):
    assert said(drawn(shape, seed), -drawn(shape, seed)) == "Every number has the wrong sign."


@given(SHAPES, SEEDS, SEEDS)
def test_some_wrong_signs(shape, seed, other):
    right = drawn(shape, seed)
    signs = np.sign(drawn(shape, other))
    assume(len(np.unique(signs)) == 2)
    assert said(right, signs * right) == "The sizes are right, but some signs are wrong."


@given(SHAPES, SEEDS, st.sampled_from([-2.5, 0.125, 30.0]))
def test_the_same_amount(shape, seed, off):
    assert said(drawn(shape, seed), drawn(shape, seed) + off).startswith(
        f"Every number is off by the same amount, {off:g}"
    )


@given(st.integers(2, 6), st.integers(2, 6), SEEDS)
def test_an_amount_a_row(rows, columns, seed):
    right = drawn((rows, columns), seed)
    assert said(right, right + drawn((rows, 1), seed + 1)).startswith(
        "Each row is off by an amount of its own"
    )


@given(st.integers(2, 6), st.integers(3, 6), SEEDS)
def test_one_row_that_is_off_says_nothing_of_the_others(rows, columns, seed):
    right = drawn((rows, columns), seed)
    found = right.copy()
    found[0] += 1
    assert "row" not in said(right, found)


@given(st.integers(2, 6), st.integers(2, 6), SEEDS)
def test_transposed(rows, columns, seed):
    right = drawn((rows, columns), seed)
    text = said(right, right.T)
    assert "the numbers are right, but transposed" in text.lower()


@given(st.integers(2, 6), st.integers(2, 6), SEEDS)
def test_another_shape_with_other_numbers_is_not_called_transposed(rows, columns, seed):
    assume(rows != columns)
    scale = 1e-9  # where every two numbers are near each other
    text = said(scale * drawn((rows, columns), seed), scale * drawn((columns, rows), seed + 1))
    assert text == ""


@given(SHAPES, SEEDS)
def test_other_places(shape, seed):
    right = drawn(shape, seed)
    found = np.roll(right.ravel(), 1).reshape(shape)
    assume(
        right.size > 2 and not np.allclose(found, right.T if right.ndim == 2 and shape[0] == shape[1] else 0)
    )
    assert said(right, found).startswith("These are the right numbers in other places")


@given(st.integers(3, 30), SEEDS)
def test_of_labels_that_are_two_only_no_order_is_spoken_of(count, seed):
    right = np.random.default_rng(seed).integers(0, 2, count)
    assert "places" not in said(right, np.roll(right, 1))


def raised_by(call):
    try:
        call()
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


A, B = np.ones((2, 3)), np.ones((4, 5))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: A @ B, "left side of a matrix product has 3 columns, the right side 4 rows"),
        (lambda: np.dot(A, B), "left side of a matrix product has 3 columns, the right side 4 rows"),
        (lambda: np.ones(4) @ A, "has 4 columns, the right side 2 rows"),
        (lambda: A @ 3.0, "a number is multiplied with `*`"),
        (lambda: 3.0 @ A, "a number is multiplied with `*`"),
        (lambda: A + B, "The shapes (2,3) (4,5) do not fit"),
        (lambda: A - A.sum(axis=1), "keepdims=True"),
        (lambda: A.__iadd__(B), "The shapes (2,3) (4,5) (2,3) do not fit"),
        (
            lambda: A.copy().__setitem__(slice(None), B),
            "shape (4,5) does not fit into a place of shape (2,3)",
        ),
        (lambda: A.reshape(4, 2), "6 numbers do not fill the shape (4,2)"),
        (
            lambda: A[-5],
            "Axis 0 has the length 2: indices begin at 0 and end before 2, so -5 is outside.",
        ),
        (lambda: A[0, 7], "Axis 1 has the length 3"),
        (lambda: A.sum(axis=2), "There is no axis 2: the array has 2"),
        (lambda: bool(A), "`np.where`"),
        (lambda: not (A > 0), "`np.where`"),
        (lambda: np.hstack([A, A[:, 0]]), "`b[:, None]` makes a column"),
        (lambda: np.vstack([A, B]), "equally long along all other axes"),
        (lambda: np.max(0, A[0]), "`np.maximum(0, x)` compares"),
        (lambda: np.array([200], np.uint8) + 300, "holds 0 to 255 only"),
        (lambda: 0.1 * said, "call it, with what it takes in brackets"),
        (lambda: np.stack([A, B]), "along the wrong axis"),
        (lambda: CHECK.means, "write `self.means = …` before"),
        (lambda: A.append(1), "`np.append(x, 7)` returns a longer array"),
    ],
)
def test_a_message_of_numpy_is_explained_within_the_two_lines_that_are_shown(call, words):
    error = raised_by(call)
    text = said(A, error)
    assert text.startswith(f"It raised {type(error).__name__}: {str(error).strip()[:30]}")
    assert words in text
    shown = wrapped(text)
    assert " ".join(line.strip() for line in shown) == text


@given(SHAPES, SEEDS, st.integers(0, 4))
def test_an_axis_of_length_1_too_many_or_too_few(shape, seed, place):
    numbers = drawn(shape, seed)
    longer = np.expand_dims(numbers, min(place, len(shape)))
    for right, found in ((numbers, longer), (longer, numbers)):
        length = ", ".join(map(str, right.shape))
        assert said(right, found) == (
            f"The numbers are right; only their shape is not: reshape({length}) makes it so."
        )
        assert said(right, found + drawn(found.shape, seed + 1)) == ""


@pytest.mark.parametrize(
    ("right", "found", "words"),
    [
        (1.0, ..., "No value came for x."),
        (1.0, NotImplementedError("write this"), "This part is not written yet."),
        (1.0, ValueError("bad"), "It raised ValueError: bad"),
        ([1.0, 2.0], [np.nan, 2.0], "Some numbers are nan"),
        ([1.0, 2.0], [np.inf, 2.0], "Some numbers are infinite"),
        ([1.0, 2.0], None, "Expected an array, got nothing (is there a return?)."),
        (1.0, "a", "Expected a number, got a text."),
        (True, 1.0, "Expected True or False, got float64 numbers."),
        ("a", 1.0, "Expected a text, got float64 numbers."),
        (ValueError("x"), 1.0, "Expected a ValueError, got float64 numbers."),
        ([1.0, 2.0], object(), "Expected an array, got an object of type object."),
        (1.0, [1.0, 2.0], "One number is expected here, and no array."),
        ([1.0], 1.0, "This is one number alone; several are expected"),
        ([1.0, 2.0], [1.0], ""),
        ([1.0, 2.0], np.array(None), "Expected an array, got nothing (is there a return?)."),
        (1.0, 0.0, ""),
        ([-1.0, 2.0], [-1.0, 2.000004], "Nearly right: off by a share of 2e-06, and 1e-04 is allowed."),
        (3.0, 7.0, ""),
        (np.nan, 7.0, ""),
        (0.0, 7.0, ""),
        (np.zeros(3), np.ones(3), "Every number is off by the same amount, 1."),
        (True, False, ""),
        ("a", "b", ""),
    ],
    ids=lambda thing: re.sub(r" at 0x\w+", "", str(thing)),
)
def test_sentences(right, found, words):
    assert said(right, found).startswith(words)
    assert bool(words) == bool(said(right, found))
