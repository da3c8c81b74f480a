"""The plane of the linear classifier against loops, torch and scipy."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.optimize import minimize
from torch.nn.functional import cross_entropy, multi_margin_loss

from lib.demos.linear_2d import (
    EDGE,
    LONG,
    NAMES,
    TRAINED,
    Linear2DDemo,
    compute,
    foot,
    points,
    row_with_tip,
    zero_line,
)

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
    best = [max(range(3), key=row.__getitem__) for row in scores.tolist()]
    np.testing.assert_array_equal(state.wrong, np.array(best) != y)


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


@settings(deadline=None)
@given(w1=number, w2=number, b=number)
def test_the_foot_is_the_place_of_the_line_nearest_to_the_origin(w1, w2, b):
    w = np.array([w1, w2])
    if not w.any():
        assert_allclose(foot(w, b), 0)
        return
    assert_allclose(foot(w, b) @ w + b, 0, atol=1e-9)
    assert_allclose(np.hypot(*foot(w, b)), abs(b) / np.hypot(*w), atol=1e-9)


@settings(deadline=None)
@given(x=number, y=number, w1=number, w2=number, b=number)
def test_the_row_for_a_tip_has_its_arrow_there_or_as_near_as_can_be(x, y, w1, w2, b):
    tip = np.array([x, y]) / 2
    found = row_with_tip(tip, np.array([w1, w2]), b)
    reached = foot(found, b) + LONG * found
    reachable = b >= 0 or np.hypot(*tip) >= 2 * np.sqrt(-LONG * b)
    if reachable and (tip.any() or (w1, w2) != (0, 0)):
        assert_allclose(reached, tip, atol=1e-9)
    elif found.any():  # the shortest arrow that this b allows
        assert_allclose(np.hypot(*reached), 2 * np.sqrt(-LONG * b))


def test_every_mark_stands_where_its_dot_or_the_tip_of_its_arrow_is_drawn():
    demo = Linear2DDemo()
    for values in (demo.start, *map(demo.preset, demo.presets), {"row": "green", "w1": 5, "w2": 5, "b": -4}):
        demo.set(**values)
        marks = demo.rows.marks(demo)
        for k in range(3):
            assert_allclose((marks[2 * k].x, marks[2 * k].y), np.ravel(demo.grips[k].get_data()))
            assert_allclose((marks[2 * k + 1].x, marks[2 * k + 1].y), demo.shafts[k].get_xydata()[1])
        assert all(abs(mark.x) <= EDGE and abs(mark.y) <= EDGE for mark in marks)


def test_a_dragged_line_goes_through_the_hand_and_keeps_its_direction():
    demo = Linear2DDemo()
    values = demo.rows.dragged(demo, 0, 1.0, 0.5)
    assert (values["row"], values["w1"], values["w2"]) == ("blue", 0.4, 1.2)
    assert values["b"] == pytest.approx(-(0.4 * 1.0 + 1.2 * 0.5))


def test_a_dragged_tip_turns_the_arrow_and_keeps_b():
    demo = Linear2DDemo()
    demo.set(**demo.rows.dragged(demo, 1, 1.0, -1.5))
    assert (demo.values["w1"], demo.values["w2"], demo.values["b"]) == (2.0, -3.0, 0.0)
    mark = demo.rows.marks(demo)[1]
    assert_allclose((mark.x, mark.y), (1.0, -1.5))


def test_a_tip_can_be_drawn_out_of_a_zero_row_and_back_into_it():
    demo = Linear2DDemo()
    demo.set(**demo.preset("A zero row"))
    assert demo.rows.dragged(demo, 0, 1, 1)["b"] == 0  # there is no line to shift
    demo.set(**demo.rows.dragged(demo, 1, 0.5, 0.5))
    assert (demo.values["w1"], demo.values["w2"]) == (1.0, 1.0)
    demo.set(**demo.rows.dragged(demo, 1, 0.0, 0.0))
    assert (demo.values["w1"], demo.values["w2"]) == (0.0, 0.0)


def test_touching_another_row_takes_it_in_hand_as_trained():
    demo = Linear2DDemo()
    demo.set(**demo.rows.picked(demo, 4))
    assert demo.values["row"] == "green"
    assert_allclose([demo.values[name] for name in ("w1", "w2", "b")], TRAINED[2], atol=1e-9)
    assert_allclose(demo.state.rows, TRAINED, atol=1e-9)
    values = demo.rows.dragged(demo, 3, 0.75, 0.4)
    assert values == {"row": "orange", "w1": 1.5, "w2": 0.8, "b": 0.0}


def test_keys_shift_a_line_the_way_of_the_arrow_and_turn_its_tip():
    demo = Linear2DDemo()
    before = foot(np.array([0.4, 1.2]), 0.0)
    demo.set(**demo.rows.stepped(demo, 0, 0, 3))
    assert demo.values["b"] == pytest.approx(-0.3)
    assert foot(np.array([0.4, 1.2]), demo.values["b"])[1] > before[1]
    demo.set(**demo.rows.stepped(demo, 1, -1, 0))
    assert demo.values["w1"] == pytest.approx(0.3)
    demo.set(w1=5.0)
    assert demo.rows.stepped(demo, 1, 1, 0)["w1"] == 5.0  # the end of its slider


def test_it_says_how_many_points_are_wrong():
    demo = Linear2DDemo()
    X, y = points()

    def wrong(rows):
        return [
            max(range(3), key=lambda k: rows[k][0] * a + rows[k][1] * b + rows[k][2]) != label
            for (a, b), label in zip(X, y, strict=True)
        ]

    trained = wrong(TRAINED)
    assert demo.said().endswith(f"with the trained one {sum(trained)}.")
    demo.set(**demo.preset("As trained"))
    of_class = [sum(np.array(trained)[y == k]) for k in range(3)]
    assert f"{sum(trained)} of 75 points are wrong" in demo.said()
    assert "({} blue, {} orange, {} green)".format(*of_class) in demo.said()
    demo.set(row="orange", w1=0, w2=0, b=5)
    assert "With this orange row" in demo.said()
    assert f"{sum(wrong([TRAINED[0], (0, 0, 5), TRAINED[2]]))} of 75" in demo.said()
