"""The space that bends: layers against torch and lib.nn, the borders, the lines under the hand, the words."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LogisticRegression

from lib.demos.hidden_space import (
    BY_HAND,
    LAST,
    NETWORKS,
    TILT,
    HiddenSpaceDemo,
    compute,
    look,
    piled,
    reach,
    survey,
)
from lib.demos.kit.hand import marks
from lib.demos.layers_2d import (
    ACTIVATIONS,
    COUNT,
    DATA,
    STEEP,
    WIDTHS,
    Net,
    by_hand,
    points,
    straight,
    trained,
)
from lib.demos.points_2d import EDGE

angles, offsets = st.integers(-180, 180), st.integers(-25, 25).map(lambda tenths: tenths / 10)
lines = st.tuples(st.tuples(angles, offsets), st.tuples(angles, offsets))
FLAT = ((0.0, 0.0), (90.0, 0.0))


@pytest.fixture
def demo():
    return HiddenSpaceDemo()


def by_torch(net, X):
    """What each layer makes of points, and the scores."""
    bend = torch.tanh if net.activation == "tanh" else torch.relu
    found = [torch.tensor(X) / EDGE]
    for W, b in net.hidden:
        found.append(bend(torch.nn.functional.linear(found[-1], torch.tensor(W), torch.tensor(b))))
    return found, found[-1] @ torch.tensor(net.v) + net.c


@pytest.mark.parametrize("network", WIDTHS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_layers_and_scores_are_those_of_torch(network, activation):
    rng = np.random.default_rng(0)
    sizes = (2, *WIDTHS[network])
    hidden = [(rng.standard_normal((b, a)), rng.standard_normal(b)) for a, b in pairwise(sizes)]
    net = Net(hidden, rng.standard_normal(sizes[-1]), 0.3, activation)
    X = rng.uniform(-EDGE, EDGE, (20, 2))
    layers, scores = by_torch(net, X)
    for ours, theirs in zip(net.layers(X), layers, strict=True):
        assert_allclose(ours, theirs)
    assert_allclose(net.scores(X), scores)


@settings(deadline=None, max_examples=25)
@given(lines=lines, activation=st.sampled_from(list(ACTIVATIONS)), data=st.sampled_from(DATA))
def test_units_set_by_hand_switch_along_their_lines(lines, activation, data):
    net = by_hand(data, activation, lines)
    for (angle, offset), column in zip(lines, range(2), strict=True):
        n = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
        X = offset * n + np.outer([-0.1, 0.0, 0.1], n) + [-n[1], n[0]]
        z = np.array([-0.1, 0, 0.1]) * STEEP
        expected = np.tanh(z) if activation == "tanh" else np.maximum(z, 0)
        assert_allclose(net.layers(X)[1][:, column], expected, atol=1e-12)


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 1000), units=st.integers(1, 3))
def test_a_straight_cut_is_the_logistic_regression_of_scikit_learn(seed, units):
    rng = np.random.default_rng(seed)
    h, y = rng.standard_normal((50, units)) * rng.uniform(0.1, 5, units), np.arange(50) % 2
    v, c = straight(h, y)
    scaled = (h - h.mean(axis=0)) / h.std(axis=0)
    theirs = LogisticRegression(C=10, tol=1e-8).fit(scaled, y)
    ours = h @ v + c
    assert_allclose(ours, theirs.decision_function(scaled), atol=0.05)


def test_a_straight_cut_of_points_that_do_not_differ_is_finite():
    v, c = straight(np.zeros((6, 2)), np.array([0, 1, 0, 1, 0, 1]))
    assert np.isfinite(v).all()
    assert c == pytest.approx(0)


def test_renaming_units_leaves_the_function_as_it_is_and_turns_no_layer_around():
    net = trained("spiral", "3+3", "tanh")
    X, y = points("spiral")
    before, behind = net.layers(X)[:2]
    assert (before * behind[:, :2]).sum() > 0
    assert ((net.scores(X) > 0) == y).mean() > 0.95


@pytest.mark.parametrize(
    ("data", "network", "right"),
    [
        ("XOR", "2", 80), ("circles", "2", 74), ("circles", "3", 80),
        ("spiral", "3", 69), ("spiral", "3+3", 80),
    ],
)  # fmt: skip
def test_the_lecture_names_how_many_points_each_network_gets_right(data, network, right):
    X, y = points(data)
    assert abs(int(((trained(data, network, "tanh").scores(X) > 0) == y).sum()) - right) <= 1
    at_output = compute(LAST, data, network, "tanh", 0, 0, 0, 0, 0)
    assert at_output.right == survey(data, network, "tanh", ((0.0, 0.0), (0.0, 0.0))).right


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("network", ["2", "3"])
def test_at_each_stop_the_places_are_those_of_the_layer(network, activation):
    X, _ = points("circles")
    net = trained("circles", network, activation)
    start = compute(0, "circles", network, activation, 0, 0, 0, 0, 0)
    assert_allclose(start.dots, X / EDGE)
    h = net.layers(X)[1]
    hidden = compute(LAST // 2, "circles", network, activation, 0, 0, 0, 0, 0)
    assert hidden.flat == (network == "2")
    if activation == "tanh" and network == "2":
        assert_allclose(hidden.dots, h)
    assert np.abs(hidden.survey.dots[1]).max() <= 1
    end = compute(LAST, "circles", network, activation, 0, 0, 0, 0, 0)
    p = 1 / (1 + np.exp(-net.scores(X)))
    assert_allclose(end.dots[:, 0], 2 * p - 1)


@settings(deadline=None, max_examples=10)
@given(lines=lines, data=st.sampled_from(DATA))
def test_the_border_is_straight_in_the_hidden_plane_whatever_the_lines(lines, data):
    found = survey(data, BY_HAND, "tanh", lines)
    net = by_hand(data, "tanh", lines)
    hidden = found.border[1][:, :2] @ net.v + net.c
    spread = np.linalg.norm(net.v)
    assert np.nanmax(np.abs(hidden), initial=0) <= 0.05 * spread  # as near as a grid of 97 × 97 can tell
    assert_array_equal(found.sides, net.scores(EDGE * found.grid[0][:, :2]) > 0)


def test_points_at_the_output_stand_on_each_other_and_on_nobody_elses_place():
    scores = np.array([0.0, 0.01, 0.02, 5.0, -5.0])
    places = piled(scores)
    assert_allclose(places[:, 0], np.tanh(scores / 2))
    assert len(np.unique(places[:3, 1])) == 3
    assert places[3, 1] == places[4, 1] == places[:, 1].min()


@given(st.lists(st.booleans(), min_size=2, max_size=20).map(np.array))
def test_two_colours_of_a_grid_line_meet(sides):
    both = reach(sides).astype(int) + reach(~sides).astype(int)
    assert (both >= 1).all()
    changes = np.flatnonzero(sides[1:] != sides[:-1])
    assert (both[changes] == 2).all()


def test_a_flat_space_is_seen_as_it_is_and_turning_keeps_heights():
    places = np.random.default_rng(0).uniform(-1, 1, (30, 3))
    flat = places * [1, 1, 0]
    assert_allclose(look(flat, 0, 0), flat[:, :2])
    assert_allclose(look(flat, 90, 0)[:, 0], 0, atol=1e-12)
    assert np.abs(look(places, 34, TILT)).max() < 1.5


# ---- The hand.


def test_the_lines_stand_where_their_handles_are(demo):
    found = demo.units.marks(demo)
    assert len(found) == 4
    for k in range(2):
        for mark, artist in ((found[2 * k], demo.feet[k]), (found[2 * k + 1], demo.arms[k])):
            assert_allclose((mark.x, mark.y), np.ravel(artist.get_data()), atol=1e-9)
        line = np.array(demo.lines[k].get_data()).T
        across = np.array([-1.0, 1.0]) * (line[1] - line[0])[::-1]
        for mark in found[2 * k : 2 * k + 2]:
            assert_allclose(across @ ((mark.x, mark.y) - line[0]), 0, atol=1e-9)
    assert "line 1" in found[0].name


def test_lines_through_the_origin_have_a_dot_each_in_sight(demo):
    for a, b in ((0, 90), (35, 55), (-45, 45), (10, 100)):
        demo.set(angle_1=a, angle_2=b, offset_1=0.0, offset_2=0.0)
        places = np.array([(mark.x, mark.y) for mark in demo.units.marks(demo)])
        apart = np.linalg.norm(places[:, None] - places, axis=2)[~np.eye(4, dtype=bool)]
        assert apart.min() > 0.18
        assert np.abs(places).max() < EDGE
        for index, mark in enumerate(demo.units.marks(demo)):  # held where it stands, nothing moves
            values = demo.units.dragged(demo, index, mark.x, mark.y)
            assert values == {
                "network": BY_HAND, "angle_1": a, "angle_2": b, "offset_1": 0.0, "offset_2": 0.0,
            }  # fmt: skip


def test_a_line_is_shifted_through_the_place_of_the_hand_and_turned_towards_it(demo):
    assert demo.units.dragged(demo, 0, 1.23, 2.0) == {
        "network": BY_HAND, "angle_1": 0, "offset_1": 1.2, "angle_2": 90, "offset_2": 0.0,
    }  # fmt: skip
    demo.set(offset_1=1.0)
    values = demo.units.dragged(demo, 1, *(2.0 * np.array([-1.0, 1.0])))
    demo.set(**values)
    mark = demo.units.marks(demo)[1]
    assert np.degrees(np.arctan2(mark.y, mark.x)) == pytest.approx(135, abs=1)
    assert values["offset_1"] == 1.0


def test_keys_shift_a_line_to_where_they_point_and_turn_it(demo):
    assert demo.units.stepped(demo, 0, 1, 0)["offset_1"] == 0.1
    assert demo.units.stepped(demo, 0, -10, 0)["offset_1"] == -1.0
    assert demo.units.stepped(demo, 2, 0, -1)["offset_2"] == -0.1
    assert demo.units.stepped(demo, 1, -1, 0)["angle_1"] == 1  # its ring stands above: to the left is on
    assert demo.units.stepped(demo, 1, 1, 0)["angle_1"] == -1


def test_dragging_a_line_of_a_trained_network_takes_both_over(demo):
    demo.set(network="2")
    trained_lines = demo.lines_now()
    values = demo.units.dragged(demo, 0, 0.5, 0.5)
    assert values["network"] == BY_HAND
    assert values["angle_2"] == pytest.approx(trained_lines[1][0], abs=0.5)
    demo.set(network="3")
    assert demo.units.marks(demo) == []


def test_sliders_of_lines_are_at_rest_while_the_lines_are_trained(demo):
    panel = demo.panel()
    sliders = [panel.widgets[name] for pair in demo.units.controls for name in pair]
    assert [slider.disabled for slider in sliders] == [False] * 4
    sent = []
    for slider in sliders:
        slider.observe(sent.append, names="disabled")
    for network in WIDTHS:
        panel.widgets["network"].value = network
        assert [slider.disabled for slider in sliders] == [True] * 4
    panel.widgets["way"].value = 50
    assert len(sent) == 4  # none with a move, nor from one trained network to the next
    panel.restart(panel.presets["Two units fail"])
    assert panel.stage.preset == "Two units fail"
    panel.jump(demo.units.dragged(demo, 0, 0.5, 0.5))  # a hand takes the lines over
    assert [slider.disabled for slider in sliders] == [False] * 4
    assert [slider.value for slider in sliders] == [
        demo.values[n] for pair in demo.units.controls for n in pair
    ]
    assert panel.widgets["turn"].disabled is False


def test_sliders_of_lines_are_at_rest_from_the_start_where_it_starts_trained():
    panel = HiddenSpaceDemo(network="2").panel()
    assert panel.widgets["angle_1"].disabled


def test_the_way_and_the_turn_are_moved_on_their_tracks(demo):
    assert demo.on_track.dragged(demo, 0, 60.2, 0.3) == {"way": 60}
    assert demo.on_track.clicked(demo, 118.0, 0.3) == {"way": 118}
    assert demo.turner.dragged(demo, 0, 0.5, 0) == {"turn": 0.5}
    demo.set(way=30, turn=-0.5)
    assert demo.now.get_data() == ([30], [0])
    (mark,) = demo.turner.marks(demo)
    assert (mark.x, mark.y) == (demo.knob.get_data()[0][0], demo.knob.get_data()[1][0])
    assert len(marks(demo)) == 6


# ---- The words.


def by_hand_right():
    """Points of XOR that the two lines of the start get right."""
    X, y = points("XOR")
    return int(((by_hand("XOR", "tanh", FLAT).scores(X) > 0) == y).sum())


def test_it_says_where_it_is_and_how_many_points_a_straight_cut_gets_right(demo):
    X, y = points("XOR")
    best = LogisticRegression(C=10).fit(X / X.std(axis=0), y)
    right = int((best.predict(X / X.std(axis=0)) == y).sum())
    line = "the straight line fitted here (logistic regression) gets"
    words = f"At the input, {line} {right} of {COUNT} points right"
    assert demo.said() == f"{words}, and the whole network {by_hand_right()}."
    demo.set(**demo.preset("XOR solved"))
    assert demo.said() == f"At the hidden layer, {line} {COUNT} of {COUNT} points right."
    demo.set(way=30)
    assert demo.said().startswith(f"50 % of the way from the input to the hidden layer, {line}")
    demo.set(way=90)
    assert demo.said().startswith("50 % of the way from the hidden layer to the output, the network gets")
    demo.set(**demo.preset("Three take off"))
    cut = "the flat cut fitted here (logistic regression) gets 80 of 80 points right."
    trained_lines = " Its lines were trained; the sliders are for lines by hand."
    assert demo.said() == f"At the hidden layer, {cut}{trained_lines}"
    demo.set(**demo.preset("Its output"))
    assert demo.said().startswith("At the output one number is left of each point: ")
    assert demo.said().endswith(trained_lines)
    assert "two lines" not in demo.ask
    assert "turn" in [text.get_text() for text in demo.stage.texts]


def test_the_presets_do_what_they_are_called(demo):
    right = {name: compute(**demo.preset(name)).right for name in demo.presets}
    assert right["XOR solved"] == right["ReLU folds"] == COUNT
    assert right["Two units fail"] < 76
    assert right["Three take off"] == right["Spiral: twice"] == COUNT


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"way": -1}, "^way: expected .*got -1"),
        ({"way": LAST + 1}, f"^way: expected .*got {LAST + 1}"),
        ({"data": "moons"}, "^data: expected .*got 'moons'"),
        ({"network": "5"}, "^network: expected .*got '5'"),
        ({"activation": "sigmoid"}, "^activation: expected .*got 'sigmoid'"),
        ({"turn": 2}, "^turn: expected .*got 2"),
        ({"angle_1": np.nan}, "^angle_1: expected .*got nan"),
        ({"offset_2": np.inf}, "^offset_2: expected .*got inf"),
    ],
)
def test_bad_input_is_refused_by_name(changes, message):
    with pytest.raises(ValueError, match=message):
        compute(**{**HiddenSpaceDemo().start, **changes})


def test_every_network_can_be_shown_at_every_stop_with_all_data(demo):
    for data in DATA:
        for network in NETWORKS[:2]:
            for way in (0, 45, 60, 100, LAST):
                demo.set(way=way, data=data, network=network, activation="ReLU")
                assert np.isfinite(demo.state.dots).all()
