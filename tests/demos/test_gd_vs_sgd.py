"""Least squares by GD and by SGD against torch and scikit-learn."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from sklearn.linear_model import LinearRegression

from lib.demos.gd_vs_sgd import (
    BATCHES,
    BEST,
    COUNT,
    START,
    GdVsSgdDemo,
    X,
    Y,
    compute,
    descend,
    mean_loss,
)


def test_the_best_line_is_scikit_learns():
    theirs = LinearRegression().fit(X[:, :1], Y)
    assert_allclose(BEST, [theirs.coef_[0], theirs.intercept_])


@settings(deadline=None, max_examples=25)
@given(
    batch=st.sampled_from(BATCHES),
    rate=st.floats(1e-3, 0.1),
    time=st.integers(0, 24),
    seed=st.integers(0, 20),
)
def test_every_step_is_torchs_on_the_same_examples(batch, rate, time, seed):
    state = compute(batch, rate, time, seed)
    size = int(batch)

    rng = np.random.default_rng(seed)
    order = np.concatenate([rng.permutation(COUNT) for _ in range(8)])
    beta = torch.tensor(START, requires_grad=True)
    optimizer, expected = torch.optim.SGD([beta], rate), [START]
    for step in range(8 * time // size):
        rows = order[step * size : (step + 1) * size]
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(torch.tensor(X[rows]) @ beta, torch.tensor(Y[rows])).backward()
        optimizer.step()
        expected.append(beta.detach().numpy().copy())
    assert_allclose(state.sgd, expected, rtol=1e-8, atol=1e-10)
    assert_allclose(state.sgd_seen, size * np.arange(len(expected)))
    losses = [((X @ beta - Y) ** 2).mean() - ((X @ BEST - Y) ** 2).mean() for beta in expected]
    assert_allclose(state.sgd_excess, losses, atol=1e-9)


def test_a_batch_of_all_is_gradient_descent():
    state = compute("64", 0.1, 40, 3)
    assert_allclose(state.sgd, state.gd)
    assert len(state.gd) == 6


def test_deck_cs_gradient_is_the_step():
    path, _ = descend(0.05, COUNT, COUNT, 0)
    gradient = [2 * sum((Y[i] - X[i] @ START) * -X[i, j] for i in range(COUNT)) for j in range(2)]
    assert_allclose(START - 0.05 * np.array(gradient) / COUNT, path[1])


def test_every_pass_uses_every_example_once():
    seen = []
    rng = np.random.default_rng(5)
    for _ in range(2):
        seen.append(np.sort(rng.permutation(COUNT)))
    assert_allclose(seen, [np.arange(COUNT)] * 2)
    once, _ = descend(1e-9, 1, COUNT, 5)  # so small a rate that β stands still: the steps add up
    full, _ = descend(1e-9, COUNT, COUNT, 5)
    assert_allclose(once[-1] - START, COUNT * (full[-1] - START), rtol=1e-4)


def test_a_lost_path_stays_finite_and_has_its_full_length():
    path, seen = descend(1.0, 1, 10 * COUNT, 0)
    assert path.shape == (10 * COUNT + 1, 2)
    assert seen[-1] == 10 * COUNT
    assert np.isfinite(mean_loss(path)).all()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (("3", 0.1, 1, 0), "^batch: expected .*got '3'"),
        (("4", 0.0, 1, 0), "rate: expected a number above 0, got 0.0"),
        (("4", np.nan, 1, 0), "rate: expected a finite number above 0, got nan"),
        (("4", 0.1, -1, 0), "^time: expected .*got -1"),
        (("4", 0.1, 1, -2), "^seed: expected .*got -2"),
    ],
)
def test_bad_input_is_refused_by_name(values, message):
    with pytest.raises(ValueError, match=message):
        compute(*values)


def test_both_paths_start_where_a_hand_drops_them():
    demo = GdVsSgdDemo(time=16)
    (mark,) = demo.begin.marks(demo)
    assert (mark.x, mark.y) == tuple(START) == tuple(demo.begun.get_xydata()[0])
    assert demo.begin.clicked(demo, 3.04, 9.0) == {"slope": 3.0, "offset": 5.0}
    demo.set(**demo.begin.dragged(demo, 0, 3.04, -0.5))
    for path in demo.paths:
        assert_allclose(path.get_xydata()[0], (3, -0.5))
    demo.set(**demo.begin.stepped(demo, 0, -1, 1))
    assert (demo.values["slope"], demo.values["offset"]) == pytest.approx((2.9, -0.4))


@pytest.mark.parametrize("batch", BATCHES)
def test_the_dashed_lines_are_the_next_steps(batch):
    now, later = compute(batch, 0.05, 8, 3, 1.0, 4.0), compute(batch, 0.05, 16, 3, 1.0, 4.0)
    assert_allclose(now.gd_ahead, later.gd[len(now.gd)])
    assert_allclose(now.sgd_ahead, later.sgd[len(now.sgd)])
    assert_allclose(now.sgd, later.sgd[: len(now.sgd)])
    assert_allclose(now.sgd[0], (1, 4))


def test_time_begins_at_0():
    demo = GdVsSgdDemo()
    assert demo.start["time"] == 0
    excess = ((X @ START - Y) ** 2).mean() - ((X @ BEST - Y) ** 2).mean()
    assert demo.said() == (
        f"At the start the loss is {excess:.3g} above the smallest; a step costs GD 64 examples, SGD 4."
    )
    assert all(len(set(map(tuple, line.get_xydata()))) == 2 for line in demo.aheads)


def test_it_says_what_each_has_made_of_the_same_examples():
    demo = GdVsSgdDemo(time=8)
    beta = torch.tensor(START, requires_grad=True)
    torch.nn.functional.mse_loss(torch.tensor(X) @ beta, torch.tensor(Y)).backward()
    beta = START - 0.1 * beta.grad.numpy()
    excess = ((X @ beta - Y) ** 2).mean() - ((X @ BEST - Y) ** 2).mean()
    assert demo.said().startswith(f"After 64 examples GD (1 step) is {excess:.3g} above the smallest loss, ")
    sgd = compute("4", 0.1, 8, 0).sgd[-1]
    assert demo.said().endswith(f"SGD (16 steps) {((X @ sgd - Y) ** 2).mean() - mean_loss(BEST):.3g}.")


def test_large_losses_are_said_with_a_power_of_ten():
    demo = GdVsSgdDemo(time=32)
    demo.set(batch="1", rate=1.0)
    assert "e+" not in demo.said()
    assert "·10" in demo.said()
