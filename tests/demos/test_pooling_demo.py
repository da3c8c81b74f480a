"""The pooling demo's arithmetic, forward and backward, against torch."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from torch.nn.functional import avg_pool2d, max_pool2d

from lib.demos.pooling import CELL, KINDS, MOST_SHIFT, SIZE, WIDE, PoolingDemo, compute


@settings(deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    window=st.integers(1, SIZE),
    stride=st.integers(1, 5),
    shift=st.integers(0, MOST_SHIFT),
)
def test_outputs_and_gradients_are_those_of_torch(kind, window, stride, shift):
    state = compute(kind, window, stride, shift)
    pool = max_pool2d if "max" in kind else avg_pool2d

    still = pool(torch.tensor(WIDE[None, :, :SIZE]), window, stride)[0]
    x = torch.tensor(WIDE[None, :, shift : shift + SIZE].copy(), requires_grad=True)
    output = pool(x, window, stride)
    output.backward(torch.tensor(state.grad_output)[None])
    assert_allclose(state.output, output[0].detach())
    assert_allclose(state.grad_input, x.grad[0])
    assert_allclose(state.grad_input.sum(), state.grad_output.sum())
    assert state.moved_outputs == np.count_nonzero(~np.isclose(output[0].detach(), still))
    assert state.moved_inputs == np.count_nonzero(state.x != WIDE[:, :SIZE])


@settings(deadline=None)
@given(window=st.integers(1, SIZE), stride=st.integers(1, 5), shift=st.integers(0, MOST_SHIFT))
def test_winners_are_those_of_torch(window, stride, shift):
    state = compute("max", window, stride, shift)
    _, places = max_pool2d(torch.tensor(state.x.copy())[None], window, stride, return_indices=True)
    assert_array_equal(state.winners[..., 0] * SIZE + state.winners[..., 1], places[0])


def test_what_the_lecture_says_of_it():
    moved = compute("max", 2, 2, 1)
    assert (moved.moved_inputs, moved.moved_outputs) == (33, 6)
    shared = compute("gradient of max", 3, 1, 0)
    assert shared.grad_input.max() == 54 == 1 + 2 + 3 + 5 + 6 + 7 + 9 + 10 + 11
    assert shared.x.flat[shared.grad_input.argmax()] == 9


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (("median", 2, 2, 0), "^kind: expected .*got 'median'"),
        (("max", 0, 2, 0), "^window: expected .*got 0"),
        (("max", SIZE + 1, 2, 0), "^window: expected .*got 7"),
        (("max", 2, 0, 0), "^stride: expected .*got 0"),
        (("max", 2, 2, MOST_SHIFT + 1), "^shift: expected .*got 4"),
        (("max", 2, 1.5, 0), "^stride: expected .*got 1.5"),
    ],
)
def test_bad_input_is_refused_by_name(values, message):
    with pytest.raises(ValueError, match=message):
        compute(*values)


def middle(row, column):
    """Of a square, in the coordinates of a table."""
    return CELL * (column + 0.5) - 0.5, CELL * (row + 0.5) - 0.5


def test_the_window_is_dragged_from_place_to_place_and_an_output_is_clicked():
    demo = PoolingDemo()  # 2 × 2, stride 2
    through, at = demo.touches["looked_through"], demo.touches["looked_at"]
    assert through.dragged(demo, 0, CELL * 3 - 0.5, CELL * 5 - 0.5) == {"row": 2, "column": 1}
    assert through.dragged(demo, 0, -500, 9000) == {"row": 2, "column": 0}
    assert at.clicked(demo, *middle(1, 2)) == {"row": 1, "column": 2}
    demo.set(**at.clicked(demo, *middle(1, 2)))
    assert through.stepped(demo, 0, 1, 1) == {"row": 0, "column": 2}  # there is none further right
    for touch, frame in ((through, demo.frames[0]), (at, demo.frames[1])):
        (mark,) = touch.marks(demo)
        assert (mark.x - mark.w / 2, mark.y - mark.h / 2) == frame.get_xy()
        assert mark.name.endswith(": row 2, column 3")
    assert demo.frames[0].get_bbox().bounds == (4 * CELL - 0.5, 2 * CELL - 0.5, 2 * CELL, 2 * CELL)


def test_fewer_windows_than_the_sliders_say_keep_the_last_one():
    demo = PoolingDemo(row=5, column=5, window=3, stride=2)
    assert (demo.state.row, demo.state.column) == (1, 1)
    assert demo.touches["looked_at"].stepped(demo, 0, -1, 0) == {"row": 1, "column": 0}


def test_what_it_says_is_what_it_shows():
    demo = PoolingDemo(row=1, column=1)
    assert demo.said() == "Window 5 of 9 sees 9, 2, 2, 4; the largest is 9."
    demo.set(kind="average")
    assert demo.said() == "Window 5 of 9 sees 9, 2, 2, 4; the mean is 4.25."
    demo.set(kind="max", shift=1)
    assert demo.said().endswith("The shift changed 33 of 36 inputs, 6 of 9 outputs.")
    demo.set(kind="gradient of average", shift=0)
    assert demo.said().startswith("Window 5 of 9 gets 5 and hands 1.25 to each of its 4 inputs.")
    demo.set(**demo.preset("Shared winners"))
    assert demo.said() == (
        "Window 6 of 16 hands its 6 to its winner, row 3, column 3, which wins 8 more windows "
        "and gets 54 in all."
    )
    assert [title.get_text() for title in demo.titles] == [
        "gradient of the input, sum 136",
        "gradient of the output, sum 136",
    ]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [340, 816])
def test_tables_stand_on_the_paper_of_the_page(width, dark):
    demo = PoolingDemo()
    demo.fit(width, 400, dark=dark)
    corner = demo.tables[1].painted(300, 300)[-1, -1]  # nothing stands there
    assert (corner < 60).all() if dark else (corner == 255).all()
