"""Regions counted in three ways: by the formula, by linear programming, and by looking at points."""

from itertools import product

import numpy as np
import pytest
from contourpy import contour_generator
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.spatial import KDTree

from lib.demos.relu_regions import (
    APART,
    EDGE,
    MOST,
    ReLURegionsDemo,
    compute,
    count_regions,
    ends_of,
    lines_through,
    most_regions,
    network,
    window_points,
)

numbers = st.integers(-4, 4)  # few of them: parallels and common points come by themselves
lines = st.lists(st.tuples(numbers, numbers, numbers).filter(lambda line: line[:2] != (0, 0)), max_size=5)


def by_linear_programming(lines, edge):
    """How many of the 2ⁿ sides-of-each-line have a point with room around it, found by scipy."""
    found = 0
    for sides in product((-1, 1), repeat=len(lines)):
        # The largest r ≤ 1 with side · (a x + b y + c) ≥ r for every line, and |x|, |y| ≤ edge − r.
        rows = [[-side * a, -side * b, 1] for side, (a, b, _) in zip(sides, lines, strict=True)]
        limits = [side * c for side, (_, _, c) in zip(sides, lines, strict=True)]
        if edge is not None:
            rows += [[1, 0, 1], [-1, 0, 1], [0, 1, 1], [0, -1, 1]]
            limits += [edge] * 4
        if not rows:
            return 1
        bounds = [(None, None), (None, None), (None, 1)]
        found += linprog([0, 0, -1], A_ub=rows, b_ub=limits, bounds=bounds).fun < -1e-7
    return found


@pytest.mark.family(share=2)
@settings(deadline=None, max_examples=40)
@given(lines=lines)
def test_regions_of_the_plane_are_those_of_linear_programming(lines):
    counted = count_regions(np.array(lines, int).reshape(-1, 3))
    assert counted == by_linear_programming(lines, None)
    assert counted <= most_regions(len(lines), 2)


@pytest.mark.family(share=2)
@settings(deadline=None, max_examples=40)
@given(lines=lines, edge=st.integers(1, 3))
def test_regions_of_a_window_are_those_of_linear_programming(lines, edge):
    assert count_regions(np.array(lines, int).reshape(-1, 3), edge) == by_linear_programming(lines, edge)


@given(n=st.integers(1, 20), d=st.integers(2, 6))
def test_the_bound_grows_as_one_more_hyperplane_cuts_it(n, d):
    assert most_regions(n, d) == most_regions(n - 1, d) + most_regions(n - 1, d - 1)


def test_the_bound_of_small_cases():
    assert [most_regions(n, 1) for n in range(5)] == [1, 2, 3, 4, 5]  # n points cut a line into n + 1 pieces
    assert [most_regions(n, n) for n in range(1, 6)] == [2, 4, 8, 16, 32]  # with d ≥ n nothing is missing


@settings(deadline=None, max_examples=20)
@given(units=st.integers(1, MOST), offset=st.floats(0, 1), seed=st.integers(0, 30))
def test_points_see_no_more_regions_than_there_are(units, offset, seed):
    state = compute(units, offset, 1, seed)
    assert state.seen <= state.window <= state.plane <= most_regions(units, 2)


@pytest.mark.parametrize("seed", range(5))
def test_four_lines_are_seen_completely(seed):
    state = compute(4, 0.5, 1, seed)
    assert state.plane == most_regions(4, 2) == 11
    assert state.seen == state.window


def test_without_bias_all_lines_meet_in_one_point():
    assert [compute(n, 0.0, 1, 0).plane for n in range(1, MOST + 1)] == [2 * n for n in range(1, MOST + 1)]


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_patterns_are_those_of_the_network_one_point_at_a_time(layers):
    state = compute(5, 0.5, layers, 3)
    side = len(state.codes)
    model = network(5, layers, 0.5, 3)
    for row, column in np.random.default_rng(0).integers(side, size=(40, 2)):
        x = EDGE * np.array([[2 * column + 1 - side, side - 1 - 2 * row]]) / side
        on = []
        for module in model:
            x = module.forward(x)
            if type(module).__name__ == "ReLU":
                on += list(x[0] > 0)
        assert state.codes[row, column] == sum(2**i for i, unit in enumerate(on) if unit)
        assert state.active[row, column] == sum(on)


def test_one_more_unit_leaves_the_earlier_lines_where_they_are():
    few, more = compute(3, 0.5, 1, 7).lines, compute(4, 0.5, 1, 7).lines
    np.testing.assert_array_equal(few, more[:3])


def test_depth_sees_more_than_the_bound_of_one_layer():
    state = compute(**ReLURegionsDemo().preset("A second layer"))
    assert state.seen > most_regions(6, 2)


@given(turn=st.floats(0, 2 * np.pi), shift=st.floats(-2, 2), size=st.floats(0.1, 10))
def test_the_ends_of_a_line_lie_on_it_and_make_it_again(turn, shift, size):
    line = size * np.array([[np.cos(turn), np.sin(turn), shift]])
    ends = ends_of(line)
    np.testing.assert_allclose(ends[0] @ line[0, :2] + line[0, 2], 0, atol=1e-9 * size + 1e-12)
    np.testing.assert_allclose(lines_through(ends), line / size, atol=1e-9)
    assert np.abs(ends).max() < EDGE


def test_an_end_is_dragged_and_the_other_stays():
    demo = ReLURegionsDemo(units=3)
    touch = demo.touches["ends"]
    before = np.array(touch.now(demo))[:, :2]
    (ends,) = touch.dragged(demo, 3, 1.0, -2.0).values()
    expected = before.copy()
    expected[3] = 1.0, -2.0
    np.testing.assert_allclose(np.array(ends)[:, :2], expected)
    demo.set(ends=ends)
    a, b, c = demo.state.lines[1] / 1000
    assert a * 1.0 + b * -2.0 + c == pytest.approx(0, abs=0.005)
    assert a * before[2, 0] + b * before[2, 1] + c == pytest.approx(0, abs=0.005)
    marks = touch.marks(demo)
    np.testing.assert_allclose([(m.x, m.y) for m in marks], demo.knobs.get_xydata(), atol=1e-4)
    assert marks[3].name == "line 2, an end (1.00, −2.00)"
    assert not any(m.removable for m in marks)
    assert touch.clicked(demo, 0, 0) == touch.removed(demo, 0) | {} == {}


def test_two_ends_of_a_line_never_meet():
    demo = ReLURegionsDemo(units=2)
    touch = demo.touches["ends"]
    x, y, _ = touch.now(demo)[0]
    assert touch.dragged(demo, 1, x, y + APART / 2) == {}
    for ends in (((0, 0, 0),), ((0, 0, 0), (0.1, 0, 0)), ((0, 0, 0), (1, 1, 0), (2, 2, 0))):
        with pytest.raises(
            ValueError, match=r"^ends: expected two points on each line, at least 0.3 apart, got"
        ):
            demo.set(ends=ends)


def test_parallel_lines_by_hand_make_one_region_more_each():
    ends = tuple((x, float(y), 0) for y in (-2, -1, 0, 1) for x in (-2.0, 2.0))
    assert compute(4, 0.5, 1, 0, ends).plane == 5
    star = tuple((s * np.cos(t), s * np.sin(t), 0) for t in np.arange(4) for s in (-2.0, 2.0))
    assert compute(4, 0.5, 1, 0, star).plane == 8


def test_more_units_keep_the_lines_that_a_hand_moved():
    ends = ((-2.0, 1.0, 0), (2.0, 1.0, 0))
    few, many = (compute(units, 0.5, 1, 0, ends).lines for units in (1, 4))
    np.testing.assert_array_equal(few, many[:1])
    np.testing.assert_array_equal(many[1:], compute(4, 0.5, 1, 0).lines[1:])


def test_the_borders_of_deeper_layers_lie_where_a_unit_turns_on():
    assert np.isnan(compute(5, 0.5, 1, 3).bends).all()
    bends = compute(5, 0.5, 2, 3).bends
    places = bends[np.isfinite(bends).all(axis=1)][::7]
    model = network(5, 2, 0.5, 3)
    model.forward(places)
    nearest = np.abs(model[2].output).min(axis=1)
    assert len(places) > 20
    assert np.quantile(nearest, 0.9) < 1e-9  # where the sum bends within a cell, it is off a little
    assert nearest.max() < 0.05


@pytest.mark.parametrize(("units", "layers", "seed"), [(12, 3, 0), (6, 2, 5), (2, 3, 4)])
def test_the_borders_of_deeper_layers_are_those_of_contour_lines(units, layers, seed):
    points = window_points()
    model = network(units, layers, 0.5, seed)
    model.forward(points.reshape(-1, 2))
    theirs = [
        np.asarray(line)
        for linear in model.modules[2::2]
        for sums in linear.output.T.reshape(-1, *points.shape[:2])
        for line in contour_generator(*np.moveaxis(points, -1, 0), sums).lines(0.0)
    ]
    ours = compute(units, 0.5, layers, seed).bends[1:].reshape(-1, 3, 2)
    assert np.isnan(ours[:, 2]).all()
    ours, joints = ours[:, :2], np.concatenate(theirs)
    assert len(ours) == sum(len(line) - 1 for line in theirs) > 20
    distance, _ = KDTree(joints).query(ours.reshape(-1, 2))
    assert distance.max() < 1e-9
    lengths = [np.hypot(*np.diff(line, axis=0).T).sum() for line in theirs]
    assert np.hypot(*(ours[:, 0] - ours[:, 1]).T).sum() == pytest.approx(sum(lengths))


def test_the_dot_in_the_chart_is_the_number_of_units():
    demo = ReLURegionsDemo()
    touch = demo.touches["count"]
    assert touch.dragged(demo, 0, 7.6, 100) == {"units": 8}
    assert touch.dragged(demo, 0, 15, 100) == {"units": MOST}
    (mark,) = touch.marks(demo)
    assert (mark.x, mark.y) == tuple(demo.dots[0].get_xydata()[0]) == (4, 11)


def test_what_it_says():
    demo = ReLURegionsDemo(units=1)
    said = "1 line cuts the plane into 2 regions, of at most 2, and the window into 2."
    assert demo.said() == said
    demo.set(units=8, offset=0.0, layers=2)
    seen = len(np.unique(compute(8, 0.0, 2, 0).codes))
    assert demo.said() == (
        "8 lines cut the plane into 16 regions, of at most 37, and the window into 16; "
        f"with 2 layers the window has at least {seen}."
    )


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((0, 0.5, 1, 0), "^units: expected .*got 0"),
        ((13, 0.5, 1, 0), "^units: expected .*got 13"),
        ((4, np.nan, 1, 0), "^offset: expected .*got nan"),
        ((4, 0.5, 4, 0), "^layers: expected .*got 4"),
        ((4, 0.5, 1.5, 0), "^layers: expected .*got 1.5"),
    ],
)
def test_bad_input_is_refused_by_name(values, message):
    with pytest.raises(ValueError, match=message):
        compute(*values)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (np.zeros((2, 2), int), "lines: expected whole numbers"),
        (np.ones((2, 3)), "lines: expected whole numbers"),
        (np.array([[0, 0, 1]]), "lines: expected .*got a row with a = b = 0"),
        (np.array([[10**7, 0, 1]]), "lines: expected numbers up to a million, got 10000000"),
    ],
)
def test_what_is_no_line_is_refused(lines, message):
    with pytest.raises(ValueError, match=message):
        count_regions(lines)


@pytest.mark.parametrize(
    ("n", "d", "message"),
    [(-1, 2, "^n: expected .*got -1"), (3, 0, "^d: expected .*got 0"), (1.5, 2, "^n: expected .*got 1.5")],
)
def test_the_bound_takes_counts_only(n, d, message):
    with pytest.raises(ValueError, match=message):
        most_regions(n, d)
