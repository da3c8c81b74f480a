"""The pooling demo's arithmetic, forward and backward, against torch."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from torch.nn.functional import avg_pool2d, max_pool2d

from lib.demos.pooling import KINDS, MOST_SHIFT, SIZE, WIDE, compute


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
