"""The plane of the linear classifier against loops, torch and scipy."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.optimize import minimize
from torch.nn.functional import cross_entropy, multi_margin_loss

from lib.demos.linear_2d import EDGE, NAMES, TRAINED, compute, points, zero_line

number = st.integers(-50, 50).map(lambda tenths: tenths / 10)


@settings(deadline=None)
@given(row=st.sampled_from(NAMES), w1=number, w2=number, b=number)
def test_regions_and_losses_are_those_of_the_three_rows(row, w1, w2, b):
    state = compute(row, w1, w2, b, grid=7)

    rows = [list(values) for values in TRAINED]
    rows[NAMES.index(row)] = [w1, w2, b]
    assert_allclose(state.rows, rows)
    middles = [-EDGE + 2 * EDGE * (i + 0.5) / 7 for i in range(7)]
    for i, x2 in enumerate(middles):
        for j, x1 in enumerate(middles):
            assert_allclose(state.plane[i, j], [u * x1 + v * x2 + c for u, v, c in rows], atol=1e-12)

    X, y = points()
    scores = torch.tensor([[u * x1 + v * x2 + c for u, v, c in rows] for x1, x2 in X], dtype=torch.float64)
    assert_allclose(state.hinge, 3 * multi_margin_loss(scores, torch.tensor(y)), atol=1e-12)
    assert_allclose(state.softmax, cross_entropy(scores, torch.tensor(y)), atol=1e-12)
    assert state.accuracy == pytest.approx(1 - np.mean(state.wrong))


@settings(deadline=None)
@given(w1=number, w2=number, b=number)
def test_the_line_runs_from_border_to_border_where_the_score_is_zero(w1, w2, b):
    ends = zero_line(np.array([w1, w2]), b)
    reach = EDGE * (abs(w1) + abs(w2))  # the score's largest distance from b on the plane
    if reach <= abs(b) + 1e-9:
        if reach < abs(b) - 1e-9 or reach == 0:
            assert np.isnan(ends).all()
        return
    assert_allclose(ends @ [w1, w2] + b, 0, atol=1e-9)
    assert_allclose(np.abs(ends).max(axis=1), EDGE)
    assert not np.allclose(ends[0], ends[1])


def test_the_trained_rows_are_the_best_ones_to_one_digit():
    X, y = points()
    examples, labels = torch.tensor(X), torch.tensor(y)

    def loss(flat):
        rows = torch.tensor(flat.reshape(3, 3), requires_grad=True)
        W, b = rows[:, :2], rows[:, 2]
        value = cross_entropy(examples @ W.T + b, labels) + 0.01 * (W**2).sum()
        value.backward()
        return value.item(), rows.grad.numpy().ravel()

    best = minimize(loss, np.zeros(9), jac=True, tol=1e-12).x.reshape(3, 3)
    np.testing.assert_array_equal(TRAINED, best.round(1))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (("red", 0, 0, 0), "^row: expected .*got 'red'"),
        (("blue", np.nan, 0, 0), "w1: expected a finite number, got nan"),
    ],
)
def test_bad_input_is_refused_by_name(values, message):
    with pytest.raises(ValueError, match=message):
        compute(*values)
