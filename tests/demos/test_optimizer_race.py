"""The five paths against lib.optim step by step, the surfaces against the network and numerical slopes."""

import time
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from lib import nn
from lib.demos import optimizer_race
from lib.demos.optimizer_race import (
    CORNERS,
    FAR,
    HIGH,
    LAST,
    LEAST,
    RACERS,
    SURFACES,
    UNITS,
    WIDE,
    OptimizerRaceDemo,
    classifier_loss,
    compute,
    ground,
    make,
    race,
    spread,
    surface_of,
    table,
    trained,
    weights_at,
)
from lib.demos.training_2d import build, one_vector

every_surface = pytest.mark.parametrize("name", SURFACES)


@pytest.mark.family(share=2)
@every_surface
@settings(deadline=None, max_examples=6)
@given(x=st.floats(-WIDE, WIDE), y=st.floats(-HIGH, HIGH), speed=st.floats(0.1, 10))
def test_every_step_is_that_of_lib_optim(name, x, y, speed):
    surface = surface_of(name)
    paths = compute(name, speed, x, y, LAST).paths
    for path, racer, rate in zip(paths, RACERS, surface.rates, strict=True):
        optimizer = make(racer, speed * rate)
        for before, after in pairwise(path):
            if np.abs(before).max() > FAR:  # lost: it stays there
                assert_array_equal(after, before)
                continue
            theta = before.copy()
            optimizer.step([theta], [np.array(surface.slope(*before))])
            assert_allclose(after, theta, rtol=1e-9, atol=1e-12)


@every_surface
@settings(deadline=None, max_examples=30)
@given(x=st.floats(-WIDE, WIDE), y=st.floats(-HIGH, HIGH))
def test_the_slope_is_that_of_the_height(name, x, y):
    surface, h = surface_of(name), 1e-6
    nudges = h * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
    right, left, up, down = surface.height(np.array([x, y]) + nudges)
    assert_allclose(surface.slope(x, y), ((right - left) / (2 * h), (up - down) / (2 * h)), atol=1e-4)


@pytest.mark.parametrize("name", SURFACES[1:])
def test_the_stars_are_minima(name):
    surface = surface_of(name)
    for x, y in surface.stars:
        assert_allclose(surface.slope(x, y), 0, atol=1e-3)
        around = np.array([x, y]) + 0.01 * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
        assert (surface.height(around) > surface.height(np.array([x, y]))).all()


def test_the_classifiers_loss_is_that_of_the_network():
    _, X, y = trained()
    places = np.random.default_rng(0).uniform((-WIDE, -HIGH), (WIDE, HIGH), (20, 2))
    model = build(1, UNITS, "tanh")
    weights, _ = one_vector(model)
    theirs = []
    for place in places:
        weights[:] = weights_at(place)
        theirs.append(nn.BCEWithLogitsLoss().forward(model.forward(X.astype(np.float32)), y[:, None]))
    assert_allclose(classifier_loss(places), theirs, rtol=1e-4)
    assert_allclose(table().height(places), theirs, rtol=5e-3, atol=1e-3)


def test_the_three_networks_are_trained_and_hills_part_them():
    networks, X, y = trained()
    assert_allclose(weights_at(CORNERS), networks, atol=1e-9)
    assert len(networks) == 3
    assert classifier_loss(CORNERS).max() < 0.05
    between = (CORNERS + np.roll(CORNERS, 1, axis=0)) / 2
    assert classifier_loss(between).min() > 4 * classifier_loss(CORNERS).max()
    assert len(X) == len(y) == 120


def test_a_place_beyond_the_table_is_as_at_its_edge():
    known = table()
    (wide, high) = known.edge
    assert_allclose(known.height(np.array([99.0, -99.0])), known.height(np.array([wide, -high])))
    assert known.slope(99.0, -99.0) == known.slope(wide, -high)


def test_from_the_first_start_they_end_in_all_three_basins():
    demo = OptimizerRaceDemo(step=LAST)
    ends = demo.state.paths[:, -1]
    nearest = np.linalg.norm(ends[:, None] - CORNERS, axis=2).argmin(axis=1)
    assert set(nearest) == {0, 1, 2}


def test_a_race_takes_less_than_5_ms():
    compute("classifier", 1.0, 0.0, 0.0, 1)
    taken = []
    for i in range(15):
        race.cache_clear()
        start = time.perf_counter()
        compute("classifier", 1.0, i / 20, 0.3, LAST)
        taken.append(time.perf_counter() - start)
    assert min(taken) < 0.005


def test_the_ball_starts_where_a_hand_drops_it():
    demo = OptimizerRaceDemo(step=20)
    (mark,) = demo.ball.marks(demo)
    assert (mark.x, mark.y) == (0.2, -0.4) == tuple(demo.begun.get_xydata()[0])
    assert demo.ball.dragged(demo, 0, 1.02, -9.0) == {"x": 1.0, "y": -1.5}
    assert demo.ball.clicked(demo, 1.02, 0.5) == {"x": 1.0, "y": 0.5}
    assert demo.ball.stepped(demo, 0, 1, -1) == pytest.approx({"x": 0.25, "y": -0.45})
    demo.set(**demo.ball.clicked(demo, -0.5, 1.0))
    for k, (path, head) in enumerate(zip(demo.paths, demo.heads, strict=True)):
        assert_array_equal(path.get_xydata()[0], (-0.5, 1.0))
        assert_array_equal(path.get_xydata(), demo.state.paths[k])
        assert_array_equal(head.get_xydata()[0], demo.state.paths[k, -1])


def test_only_the_ground_of_the_chosen_surface_is_seen_and_it_does_not_move():
    demo = OptimizerRaceDemo()
    for name in (*SURFACES[1:], SURFACES[0]):
        demo.set(surface=name)
        demo.png()
        seen = {other for other, artists in demo.grounds.items() if any(a.get_visible() for a in artists)}
        assert seen == {name}
        assert not demo.canvas.moving & {a for artists in demo.grounds.values() for a in artists}
        assert_array_equal(demo.stars.get_xydata(), surface_of(name).stars)


def test_each_racer_has_a_colour_and_a_marker_of_its_own_in_the_light_and_in_the_dark():
    demo = OptimizerRaceDemo()
    for dark in (False, True):
        demo.dark = dark
        demo.build()
        assert len({head.get_color() for head in demo.heads}) == len(RACERS)
        assert len({head.get_marker() for head in demo.heads}) == len(RACERS)
        assert [name.get_text() for name in demo.names] == list(RACERS)


def test_time_begins_at_0_and_then_says_how_high_and_steep_it_is():
    demo = OptimizerRaceDemo(surface="ravine", x=-1.8, y=1.0)
    assert demo.start["step"] == 0
    # ½ (1.8² + 25) = 14.12; the slope is (−1.8, 25), so √(1.8² + 25²) = 25.06 long.
    assert demo.said() == "At the start all five stand 14 above the lowest loss, on a slope of 25."


def test_it_says_who_leads_and_by_how_much():
    demo = OptimizerRaceDemo(surface="ravine", x=-1.8, y=1.0, step=1)
    # One step: SGD by 0.07 (−1.8, 25), momentum by 0.01 and Nesterov by 0.019 of the same; RMSProp by
    # 0.05 / √0.1 along each axis, Adam by 0.1.
    places = np.array([
        [-1.8 * 0.93, 1 - 25 * 0.07],
        [-1.8 * 0.99, 1 - 25 * 0.01],
        [-1.8 * 0.981, 1 - 25 * 0.019],
        [-1.8 + 0.05 / 0.1**0.5, 1 - 0.05 / 0.1**0.5],
        [-1.7, 0.9],
    ])  # fmt: skip
    losses = 0.5 * (places[:, 0] ** 2 + 25 * places[:, 1] ** 2)
    assert_allclose(demo.state.excess[:, -1], losses, rtol=1e-6)
    assert losses.argsort().tolist() == [2, 0, 1, 3, 4]
    assert demo.said() == (
        f"After 1 step Nesterov leads, {losses[2]:.2g} above the lowest loss; "
        f"SGD follows with {losses[0]:.2g}, Adam is last with {losses[4]:.2g}."
    )


def test_it_says_who_is_lost_and_that_nobody_leads():
    demo = OptimizerRaceDemo()
    demo.set(**demo.preset("Too fast"))
    assert demo.said().endswith("; SGD left for good.")
    demo.set(**demo.preset("On the ridge"))
    assert demo.said() == "After 120 steps nobody leads: all are 0.25 above the lowest loss."
    assert_array_equal(demo.state.paths[..., 1], 0)
    demo.set(y=0.05)  # beside the ridge they part
    assert "leads" in demo.said()


def test_below_the_chart_it_says_less_than_the_least_and_names_stand_at_their_curves_ends():
    demo = OptimizerRaceDemo(surface="ravine", x=-1.8, y=1.0, step=LAST)
    assert demo.state.excess[:, -1].min() < LEAST
    assert "leads, less than 10⁻⁶ above the lowest loss" in demo.said()
    assert "e-" not in demo.said().replace("−", "-")
    for step in (0, 20, LAST):
        demo.set(step=step)
        assert [name.get_position()[0] for name in demo.names] == [step + 9] * len(RACERS)


def test_momentum_goes_over_the_hill_and_sgd_does_not():
    demo = OptimizerRaceDemo()
    demo.set(**demo.preset("Over the hill"))
    ends = dict(zip(RACERS, demo.state.paths[:, -1, 0], strict=True))
    assert ends["momentum"] < -0.9
    assert ends["Nesterov"] < -0.9
    assert ends["SGD"] > 0.9


@pytest.mark.family(share=2)
@every_surface
def test_the_dashed_line_is_the_next_step(name):
    now, then = compute(name, 1.0, 0.5, 0.5, 7), compute(name, 1.0, 0.5, 0.5, 8)
    assert_array_equal(now.ahead, then.paths[:, -1])
    demo = OptimizerRaceDemo(surface=name, x=0.5, y=0.5, step=7)
    for k, dashed in enumerate(demo.aheads):
        assert_array_equal(dashed.get_xydata(), [now.paths[k, -1], now.ahead[k]])


@pytest.mark.parametrize("steps", [0, 1, LAST])
def test_time_only_cuts_the_race(steps):
    whole, part = compute("banana", 1.0, -1.2, 1.2, LAST), compute("banana", 1.0, -1.2, 1.2, steps)
    assert_array_equal(part.paths, whole.paths[:, : steps + 1])
    assert (ground("banana")[3], part.excess.shape) == (pytest.approx(0), (5, steps + 1))


@settings(deadline=None)
@given(st.lists(st.floats(-9, 5), min_size=5, max_size=5))
def test_names_never_meet_and_keep_their_order(heights):
    placed = spread(np.array(heights), 0.6, -6, 3)
    order = np.argsort(heights, kind="stable")
    assert (np.diff(placed[order]) > 0.6 - 1e-9).all()
    assert placed.min() >= -6 - 1e-9
    assert placed.max() <= 3 + 1e-9


def test_names_with_room_stay_beside_their_curves():
    assert_allclose(spread(np.array([1.0, -3.0, 2.0, -1.0, 0.0]), 0.6, -6, 3), [1, -3, 2, -1, 0])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (("hill", 1.0, 0.0, 0.0, 1), "^surface: expected .*got 'hill'"),
        (("ravine", 0.0, 0.0, 0.0, 1), "^speed: expected .*got 0"),
        (("ravine", 1.0, np.nan, 0.0, 1), "^x: expected .*got nan"),
        (("ravine", 1.0, 0.0, "1", 1), "^y: expected .*got '1'"),
        (("ravine", 1.0, 0.0, 0.0, -1), "^step: expected .*got -1"),
        (("ravine", 1.0, 0.0, 0.0, LAST + 1), "^step: expected .*got 121"),
    ],
)
def test_bad_input_is_refused_by_name(values, message):
    with pytest.raises(ValueError, match=message):
        compute(*values)


def test_show_takes_its_controls():
    assert "surface" in optimizer_race.show.__signature__.parameters
