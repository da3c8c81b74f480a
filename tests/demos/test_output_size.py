"""The output-size demo: formula and count against torch's pooling and against brute force."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from lib.demos.output_size import LENGTH, TILE, UNSEEN, OutputSizeDemo, compute, paint_rows, paint_square

geometry = {
    "n": st.integers(1, 14),
    "k": st.integers(1, 6),
    "p": st.integers(0, 3),
    "s": st.integers(1, 5),
    "d": st.integers(1, 4),
}


@settings(deadline=None)
@given(**geometry)
def test_windows_and_coverage_are_those_of_torch(n, k, p, s, d):
    state = compute(n, k, p, s, d)
    assert len(state.windows) == state.by_formula
    if n + 2 * p < d * (k - 1) + 1:
        assert state.by_formula == 0
        assert not state.seen.any()
        return
    row = torch.arange(n + 2 * p, dtype=torch.float64).reshape(1, 1, 1, -1)
    unfold = torch.nn.Unfold((1, k), dilation=d, stride=(1, s))
    assert_array_equal(state.windows, unfold(row)[0].T)
    fold = torch.nn.Fold((1, n + 2 * p), (1, k), dilation=d, stride=(1, s))
    assert_array_equal(state.seen, fold(unfold(torch.ones_like(row))).ravel())


@settings(deadline=None, max_examples=40)
@given(**geometry)
def test_sizes_are_those_of_a_torch_layer(n, k, p, s, d):
    expected = compute(n, k, p, s, d).by_formula
    layer = torch.nn.Conv1d(1, 1, k, stride=s, padding=p, dilation=d)
    if expected:
        assert layer(torch.zeros(1, 1, n)).shape[-1] == expected
    else:
        with pytest.raises(RuntimeError, match="can't be greater"):
            layer(torch.zeros(1, 1, n))


def test_pixels_that_no_window_sees_are_orange():
    state = compute(n=8, k=2, p=0, s=3, d=1)
    assert_array_equal(np.flatnonzero(state.seen == 0), [2, 5])
    row = paint_rows(state)[TILE // 2, TILE // 2 :: TILE]
    assert_array_equal(np.flatnonzero((row == UNSEEN).all(axis=1)), [2, 5])
    square = (paint_square(state.seen[:, None] * state.seen, 0) == UNSEEN).all(axis=2)
    assert square.sum() == 64 - 36


def test_the_largest_geometry_has_room():
    top = {name: control.high for name, control in OutputSizeDemo().controls.items()}
    state = compute(**top | {"s": 1, "k": 1})
    assert len(state.windows) == LENGTH


@pytest.mark.parametrize("name", ["n", "k", "p", "s", "d"])
@pytest.mark.parametrize("value", [-1, 1.5])
def test_bad_input_is_refused_by_name(name, value):
    good = {"n": 5, "k": 3, "p": 1, "s": 1, "d": 1}
    with pytest.raises(ValueError, match=f"^{name}: expected a whole number of at least ., got {value}"):
        compute(**good | {name: value})


def test_ends_are_dragged_and_stand_where_the_cells_end():
    demo = OutputSizeDemo(n=8, k=3, p=1, s=2, d=2)
    ends = demo.touches["ends"]
    marks = ends.marks(demo)
    assert [mark.name for mark in marks] == ["input size n = 8", "kernel size k = 3", "stride s = 2"]
    assert [(mark.x + 0.5) / TILE for mark in marks] == [9, 5, 2]  # with padding; with dilation
    assert ends.dragged(demo, 0, 7.2 * TILE, 0) == {"n": 6}
    assert ends.dragged(demo, 1, 7.1 * TILE, 0) == {"k": 4}
    assert ends.dragged(demo, 2, 0.2 * TILE, 0) == {"s": 1}
    assert ends.dragged(demo, 0, 99 * TILE, 0) == {"n": 10}
    assert ends.stepped(demo, 2, 1, 0) == {"s": 3}
    row = paint_rows(demo.state)
    assert (row[TILE // 2, round(marks[0].x) - 4] != row[TILE // 2, round(marks[0].x) + 4]).any()
    first = round(marks[1].y)
    assert (row[first, round(marks[1].x) - 4] != 255).any()
    assert (row[first, round(marks[1].x) + 4] == 255).all()


@pytest.mark.parametrize(("values", "count"), [({"n": 4, "p": 0, "d": 2}, 1), ({"n": 3, "p": 0}, 2), ({}, 3)])
def test_a_window_that_is_not_there_has_no_handle(values, count):
    demo = OutputSizeDemo(**values)
    assert len(demo.touches["ends"].marks(demo)) == count


def test_what_it_says_is_what_it_shows():
    demo = OutputSizeDemo()
    assert (
        demo.said() == "8 windows fit on 8 pixels and 2 of padding, as the formula says; every pixel is seen."
    )
    demo.set(**demo.preset("Pixels left over"))
    assert demo.said().endswith(
        "3 windows fit on 8 pixels, as the formula says; 2 of 8 pixels, in orange, are never seen."
    )
    demo.set(**demo.preset("Nothing fits"))
    assert demo.said() == "No window fits: it is 5 pixels long, and there are 4 pixels."
