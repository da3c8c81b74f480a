"""The dropout demo: masks, scaling and expectation, against torch and against theory."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from lib.demos.dropout_masks import HIDDEN, LAST, NET, compute


@settings(deadline=None)
@given(p=st.floats(0, 0.95), mask=st.integers(1, LAST))
def test_outputs_are_those_of_the_thinned_networks(p, mask):
    state = compute("training", p, mask)
    kept = torch.tensor(NET.uniform[:mask] >= p)
    thinned = torch.tensor(NET.h) * kept / (1 - p)
    outputs = torch.nn.functional.linear(thinned, torch.tensor(NET.weight))[:, 0]
    assert_allclose(state.outputs, outputs, atol=1e-12)
    assert_allclose(state.hidden, thinned[-1])
    assert_array_equal(state.kept, kept[-1])
    assert state.output == state.outputs[-1]
    assert_allclose(state.means[-1], outputs.mean(), atol=1e-12)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_mean_and_spread_are_those_of_theory(p):
    state = compute("training", p, LAST)
    spread = np.sqrt(p / (1 - p) * ((NET.h * NET.weight[0]) ** 2).sum())
    assert abs(state.means[-1] - state.whole) < 3 * spread / np.sqrt(LAST)
    assert_allclose(state.outputs.std(), spread, rtol=0.2)
    assert_allclose(np.mean(NET.uniform >= p), 1 - p, atol=0.03)


def test_evaluation_drops_nothing():
    state = compute("evaluation", 0.5, 7)
    assert state.kept.all()
    assert_array_equal(state.hidden, NET.h)
    assert_array_equal(state.outputs, np.full(7, state.whole))
    assert_allclose(state.whole, NET.weight[0] @ NET.h)


def test_a_larger_p_drops_the_same_units_and_more():
    few, many = compute("training", 0.3, 5).kept, compute("training", 0.7, 5).kept
    assert not (many & ~few).any()
    assert few.sum() <= HIDDEN


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (("testing", 0.5, 1), "^mode: expected .*got 'testing'"),
        (("training", 1.0, 1), "^p: expected .* below 1, got 1"),
        (("training", -0.1, 1), "^p: expected .*got -0.1"),
        (("training", np.nan, 1), "^p: expected .*got nan"),
        (("training", 0.5, 0), "^mask: expected .*got 0"),
        (("training", 0.5, LAST + 1), f"^mask: expected .*got {LAST + 1}"),
    ],
)
def test_bad_input_is_refused_by_name(values, message):
    with pytest.raises(ValueError, match=message):
        compute(*values)
