"""The 2-D classifier: what its picture shows is what the network says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from lib.demos.classifier_2d import (
    GRID,
    LAST,
    LOWEST,
    Classifier2DDemo,
    beside_the_guess,
    compute,
    plane,
    unit_name,
    weight_name,
)
from lib.demos.kit.hand import fields, hovered, meaning, share_of
from lib.demos.network_picture import LINES, is_drawn, line_ends, places
from lib.demos.points_2d import EDGE
from lib.demos.training_2d import Training


@pytest.fixture(scope="module")
def demo():
    return Classifier2DDemo()


def test_what_is_chosen_in_the_picture_has_no_widget_below_it(demo):
    shown = [name for name, control in demo.controls.items() if control.widget() is not None]
    assert set(demo.controls) - set(shown) == {"seen", "adds", "moved", "edit"}


def test_the_plane_is_read_row_by_row_from_its_upper_left_corner():
    cells, half = plane(), EDGE / GRID
    assert_allclose(cells[0], (half - EDGE, EDGE - half), atol=1e-6)
    assert_allclose(cells[1] - cells[0], (2 * half, 0), atol=1e-6)
    assert_allclose(cells[-1], (EDGE - half, half - EDGE), atol=1e-6)


@pytest.mark.parametrize("layers", [0, 1, 3])
def test_every_map_is_what_the_units_say_at_that_place(layers):
    training = Training("spiral", 0.1, layers, 5, "tanh")
    state = compute(training, 20, 0.03, 1e-5)
    x = plane()
    assert_allclose(state.outputs[0], [x[:, 0].reshape(GRID, GRID), x[:, 1].reshape(GRID, GRID)])
    linears = training.model.modules[::2]
    for output, linear in zip(state.outputs[1:], linears, strict=False):
        x = np.tanh(x @ linear.weight.T + linear.bias)
        assert_allclose(output, x.T.reshape(5, GRID, GRID), atol=1e-5)
    assert len(state.outputs) == len(linears) == len(state.matrices) == layers + 1
    scores = x @ linears[-1].weight.T + linears[-1].bias
    assert_allclose(state.chance, 1 / (1 + np.exp(-scores.reshape(GRID, GRID))), atol=1e-5)


def test_the_chance_near_a_training_point_is_that_of_its_class():
    state = compute(Training("circles", 0.05, 1, 8, "tanh"), 200, 0.03, 1e-5)
    column = ((state.X[:, 0] + EDGE) / (2 * EDGE) * GRID).astype(int)
    row = ((EDGE - state.X[:, 1]) / (2 * EDGE) * GRID).astype(int)
    assert ((state.chance[row, column] > 0.5) == state.y).mean() > 0.97


def test_a_score_beyond_all_bounds_is_a_chance_of_nought_or_one():
    training = Training("moons", 0.1, 0, 1, "tanh")
    training.moments[0].weights[:] = 1e4
    with np.errstate(all="raise", under="ignore"):
        chance = compute(training, 0, 0.1, 1e-5).chance
    assert set(np.unique(chance.round(6))) <= {0, 1}


def test_the_presets_do_what_they_are_called(demo):
    def reached(name, step=300):
        demo.set(**demo.preset(name))
        demo.set(step=step)
        return demo.state.losses[-1], demo.state.accuracies[-1]

    assert max(reached("XOR, no hidden layer")[1]) < 0.75
    assert min(reached("XOR, four units")[1]) > 0.95
    assert max(reached("A ring: two units")[1]) < 0.95
    assert min(reached("A ring: three units")[1]) > 0.95
    assert max(reached("Deep, but all linear")[1]) < 0.75
    assert min(reached("Spiral, 3 × 8 tanh")[1]) > 0.95
    assert max(reached("Too large a rate")[1]) < 0.9
    (over, over_test), _ = reached("Overfits")
    (less, less_test), _ = reached("The same, regularised")
    assert over < less < less_test < over_test


def test_a_change_while_it_trains_goes_on_and_another_network_starts_anew(demo):
    demo.set(**demo.start)
    demo.set(step=30)
    weights = demo.training.weights.copy()
    demo.set(rate=0.001)
    assert_array_equal(demo.training.weights, weights)
    demo.set(step=31)
    assert 0 < np.abs(demo.training.weights - weights).max() < 0.01
    demo.set(units=7)
    anew = Training("circles", 0.1, 1, 7, "tanh")
    assert_array_equal(demo.training.weights, anew.go(31, 0.001, 1e-5).weights)
    assert demo.state.losses.shape == (32, 2)


def test_a_refused_value_changes_nothing(demo):
    demo.set(**demo.start)
    before = demo.png()
    with pytest.raises(ValueError, match=r"^units: expected .*got 40"):
        demo.set(units=40, step=50)
    assert demo.png() == before
    demo.set(step=50)
    assert demo.training.now == 50


def test_the_picture_is_told_in_words(demo):
    demo.set(**demo.start)
    demo.set(step=LAST, layers=2)
    training = demo.training
    wrong = [
        int(((training.model.forward(X)[:, 0] > 0) != y).sum())
        for X, y in ((training.X, training.y), training.validation)
    ]
    said = demo.said()
    assert said.startswith(
        f"After {LAST} steps {wrong[0]} of 120 training points and {wrong[1]} of 400 validation points "
        "are on the wrong side; the loss is "
    )
    assert said in demo.panel().stage.said
    demo.set(step=1)
    assert demo.said().startswith("After 1 step ")
    demo.set(step=0)
    assert demo.said().startswith("Before training, ")
    assert "only" not in demo.said()


def test_a_preset_that_names_a_finished_thing_shows_it_trained(demo):
    demo.set(**demo.preset("Overfits"))
    losses = demo.state.losses[:, 1]
    assert len(losses) == LAST + 1
    assert demo.said().endswith(f" (only {losses.min():#.2g} after {losses.argmin()} steps).")
    demo.set(**demo.preset("The same, regularised"))
    assert len(demo.state.losses) == LAST + 1
    assert demo.settings.get_text() == "rate 0.032, L2 0.010"
    assert demo.state.losses[-1, 1] < losses[-1] / 2  # trained with its penalty from the start
    demo.set(step=300)
    demo.set(**demo.preset("Overfits"))
    assert_array_equal(demo.state.losses[:, 1], losses)
    demo.set(**demo.start)
    assert demo.settings.get_text() == "rate 0.032, L2 0.000010"


def test_its_longest_sentence_takes_two_lines_of_a_card(demo):
    """About 95 letters stand on a line of a card of 848 px; a third line would take room from the picture."""
    demo.set(**demo.preset("Overfits"))
    state = demo.state
    losses = np.full_like(state.losses, 123456.0)
    losses[100], losses[-1] = 0.000012, 123456.0
    wrong = np.zeros_like(state.accuracies)
    many = state._replace(
        X=np.zeros((300, 2)), y=np.zeros(300, int), losses=losses, accuracies=wrong
    )  # fmt: skip
    demo.state = many
    assert "300 of 300 training points and 400 of 400 validation points" in demo.said()
    assert "after 100 steps" in demo.said()
    assert len(demo.said()) <= 2 * 95


@pytest.mark.parametrize(
    ("points", "words"),
    [
        (((1.0, 1.0, 0),), " of 1 point of your own "),
        (((1.0, 1.0, 0), (-1.0, 1.0, 1)), " of 2 points of your own "),
    ],
)
def test_one_point_is_one_point(demo, points, words):
    demo.set(**demo.start | {"moved": points})
    assert words in demo.said()


@given(st.lists(st.floats(-3, 1), min_size=1, max_size=2).map(np.array))
def test_the_line_of_the_guess_strikes_no_name_and_names_stay_apart(heights):
    placed = beside_the_guess(heights, 0.3)
    assert (np.abs(placed - np.log10(np.log(2))) >= 0.15 - 1e-9).all()
    if len(placed) == 2:
        assert abs(placed[1] - placed[0]) >= 0.3 - 1e-9
        assert heights[0] == heights[1] or (placed[0] > placed[1]) == (heights[0] > heights[1])


@pytest.mark.parametrize("tall", [False, True])
def test_the_curves_are_named_at_their_ends_apart_and_within_the_picture(tall):
    demo = Classifier2DDemo()
    demo.fit(480 if tall else 900, 600)
    for values in ({}, {"step": LAST}, {"step": LAST, "layers": 4, "units": 16}):
        demo.set(**demo.start | values)
        demo.canvas.pixels()
        renderer = demo.canvas.agg.get_renderer()
        boxes = [name.get_window_extent(renderer) for name in demo.ends]
        assert not boxes[0].overlaps(boxes[1])
        axes = demo.curves[0].axes
        for box, curve in zip(boxes, demo.curves, strict=True):
            assert box.x1 <= demo.canvas.figure.bbox.x1
            assert box.y0 >= axes.bbox.y0 - 3
            (_, y) = axes.transData.transform((0, max(curve.get_ydata()[-1], LOWEST)))
            assert abs((box.y0 + box.y1) / 2 - y) < 0.3 * demo.canvas.figure.dpi


# ---- What the hand does.


def test_a_point_is_dragged_and_the_network_goes_on_from_where_it_is(demo):
    demo.set(**demo.start)
    demo.set(step=20)
    weights, touch = demo.training.weights.copy(), demo.touches["moved"]
    x, y, kind = touch.now(demo)[7]
    (moved,) = touch.dragged(demo, 7, 0.25, -0.5).values()
    demo.set(moved=moved)
    assert_array_equal(demo.training.weights, weights)
    assert demo.training.y[7] == kind
    assert_allclose(demo.training.X[7], (0.25, -0.5))
    assert (0.25, -0.5) in map(tuple, demo.points[kind].get_xydata().tolist())
    assert (x, y) not in map(tuple, demo.points[kind].get_xydata().tolist())
    demo.set(step=21)
    assert not np.array_equal(demo.training.weights, weights)


def test_a_click_adds_a_point_of_the_class_that_was_chosen(demo):
    demo.set(**demo.start)
    touch = demo.touches["moved"]
    for adds, number in (("blue", 0), ("orange", 1)):
        demo.set(adds=adds)
        demo.set(**touch.clicked(demo, 1.0, 1.0))
        assert touch.now(demo)[-1] == (1.0, 1.0, number)
    assert len(touch.now(demo)) == 122
    demo.set(**touch.removed(demo, 121))
    assert touch.now(demo)[-1] == (1.0, 1.0, 0)


def test_the_two_classes_beside_the_plane_can_be_picked(demo):
    demo.set(**demo.start)
    touch = demo.touches["kind"]
    blue, orange = touch.marks(demo)
    assert touch.picked(demo, 1) == {"adds": "orange"}
    demo.set(adds="orange")
    assert_allclose(demo.kind_ring.get_xydata()[0], (orange.x, orange.y))
    assert blue.y > EDGE  # above the plane


@pytest.mark.parametrize(("layers", "units"), [(0, 1), (1, 6), (3, 16)])
def test_a_unit_that_is_clicked_is_shown_large(demo, layers, units):
    demo.set(**demo.start)
    demo.set(layers=layers, units=units, step=5)
    touch = demo.touches["unit"]
    marks = touch.marks(demo)
    side, corners = places((2, *[units] * layers))
    assert_allclose([(m.x, m.y) for m in marks], np.concatenate(corners) + side / 2 - 0.5)
    assert {(m.w, m.h) for m in marks} == {(side, side)}
    for index in {0, len(marks) - 1}:
        demo.set(seen=0)
        demo.set(**touch.picked(demo, index))
        assert demo.values["seen"] == index + 1
        assert_allclose(demo.map.values, np.concatenate(demo.state.outputs)[index])
        assert demo.what.get_text() == marks[index].name
        assert touch.picked(demo, index) == {"seen": 0}  # once more: the answer
    demo.set(seen=0)
    assert_allclose(demo.map.values, -demo.state.scores)


def test_a_unit_that_is_gone_gives_way_to_the_last_one(demo):
    demo.set(**demo.start | {"layers": 2, "units": 8, "seen": 18})
    assert demo.what.get_text() == "layer 2, unit 8"
    demo.set(units=3)
    assert demo.what.get_text() == "layer 2, unit 3"
    demo.set(layers=0)
    assert demo.what.get_text() == "input 2"


def test_units_have_names():
    widths = (2, 3, 3)
    names = [unit_name(number, widths) for number in range(1, 9)]
    assert names[:2] == ["input 1", "input 2"]
    assert names[2:5] == [f"layer 1, unit {unit}" for unit in (1, 2, 3)]
    assert names[-1] == "layer 2, unit 3"
    assert unit_name(0, widths) == unit_name(9, widths) == "the answer"


def test_blue_is_positive_in_every_map_and_in_the_answer(demo):
    """Class 0 is blue, and the score is positive for class 1: the picture turns its sign."""
    demo.set(**demo.start)
    demo.set(step=200)
    pixels = demo.map.painted(200, 200).astype(int)
    middle, corner = pixels[100, 100], pixels[5, 5]  # the disc, which is blue, and the ring around it
    assert middle[2] > middle[0] + 40
    assert corner[0] > corner[2] + 40


def test_points_of_ones_own_have_no_validation_points(demo):
    demo.set(**demo.preset("Draw your own"))
    demo.set(step=100)
    said = demo.said()
    assert "validation" not in said
    assert "0 of 2 points of your own are on the wrong side" in said
    assert [name.get_visible() for name in demo.ends] == [True, False]
    assert demo.state.accuracies[-1, 0] == 1
    demo.set(**demo.start)
    assert [name.get_visible() for name in demo.ends] == [True, True]


def test_another_data_set_brings_its_own_points_back(demo):
    demo.set(**demo.start)
    panel = demo.panel()
    panel.jump(demo.touches["moved"].clicked(demo, 0.0, 0.0))
    assert len(demo.state.X) == 121
    panel.widgets["units"].value = 5
    assert len(demo.state.X) == 121
    panel.widgets["data"].value = "XOR"
    assert (demo.values["moved"], len(demo.state.X)) == (None, 120)


# ---- A unit under the pointer.


def test_a_unit_under_the_pointer_is_shown_large_until_the_pointer_leaves(demo):
    demo.set(**demo.start)
    panel = demo.panel()
    answer = demo.map.values.copy()
    panel.told(None, {"to": "hover", "key": "unit:4"})
    assert_allclose(demo.map.values, demo.state.outputs[1][2])
    assert demo.what.get_text() == "layer 1, unit 3"
    assert demo.units_seen.chosen == 4
    assert panel.stage.preset == panel.preset()  # it is no setting: the preset in force stays
    assert demo.values == demo.start
    panel.told(None, {"to": "hover"})
    assert_allclose(demo.map.values, answer)
    assert demo.what.get_text() == "the answer"


def test_a_unit_that_was_clicked_comes_back_when_the_pointer_leaves_another(demo):
    demo.set(**demo.start | {"seen": 1})
    assert hovered(demo, {"key": "unit:7"})
    demo.set()
    assert demo.what.get_text() == "layer 1, unit 6"
    demo.set(units=3)  # the one under the pointer is gone
    assert demo.what.get_text() == "layer 1, unit 3"
    assert hovered(demo, {})
    demo.set()
    assert demo.what.get_text() == "input 1"
    assert not hovered(demo, {})  # nothing new, no new picture


def test_a_message_of_the_pointer_that_changes_nothing_is_answered_without_a_picture(demo):
    demo.set(**demo.start)
    panel = demo.panel()
    pictures = []
    panel.stage.observe(pictures.append, names="picture")
    answers = panel.stage.answers
    panel.told(None, {"to": "hover"})
    assert (panel.stage.answers, pictures) == (answers + 1, [])


# ---- A weight by hand.


@pytest.mark.parametrize("widths", [(2,), (2, 6), (2, 16, 16), (2, 3, 3, 3, 3)])
def test_every_weight_has_a_line_between_its_two_units(widths):
    side, layers = places(widths)
    ends, number, first = line_ends(widths), 0, 1
    targets = [*layers[1:], None]
    for before, behind in zip(layers, targets, strict=True):
        for to in range(1 if behind is None else len(behind)):
            for of in range(len(before)):
                left, top, right, bottom = ends[number]
                assert (left, top) == (before[of, 0] + side, before[of, 1] + side // 2)
                if behind is not None:
                    assert (right, bottom) == (behind[to, 0], behind[to, 1] + side // 2)
                name = weight_name(number, widths)
                assert name.split(" → ")[0] in unit_name(first + of, widths)
                assert name.split(" → ")[1] in unit_name(first + len(before) + to, widths)
                number += 1
        first += len(before)
    assert len(ends) == number
    with pytest.raises(ValueError, match=r"^weight: expected"):
        weight_name(number, widths)


def test_only_the_strongest_weights_have_a_line_to_hold():
    W = np.arange(256.0).reshape(16, 16) - 100
    drawn = is_drawn([W, np.ones((1, 16))])
    assert drawn.sum() == LINES + 16
    assert np.abs(W).ravel()[drawn[:256]].min() >= np.abs(W).ravel()[~drawn[:256]].max()


def held(demo, weight):
    """The line of a weight, brought to hand by the pointer at a third of its length, as a number."""
    left, top, right, bottom = line_ends(demo.widths)[weight] - 0.5
    x, y = left + (right - left) / 3, top + (bottom - top) / 3
    right, below = share_of(demo.network_axes, x, y)
    hovered(demo, {"x": right, "y": below})
    (mark,) = demo.touches["edit"].marks(demo)
    return mark


@pytest.mark.parametrize("weight", [0, 7, 12, 17])
def test_a_line_is_dragged_and_the_map_follows_and_training_goes_on(demo, weight):
    demo.set(**demo.start)
    demo.set(step=20)
    mark, touch = held(demo, weight), demo.touches["edit"]
    assert (mark.kind, mark.drag) == ("line", "y")
    assert mark.name.startswith(weight_name(weight, (2, 6)) + " = ")
    demo.set(**touch.slid(demo, 0, mark.x + 50, mark.y - 20, 0.5))  # rows are counted from above
    sign = -1 if weight >= 12 else 1  # the last lines lead to the answer, which is blue where it is positive
    flat = np.concatenate([W.ravel() for W in demo.training.matrices])
    assert flat[weight] == pytest.approx(sign * 1.5)
    assert touch.marks(demo)[0].name.endswith(" = 1.5")
    (before, linear) = demo.training.model[0], demo.training.model[2]
    hidden = np.tanh(plane() @ before.weight.T + before.bias)
    scores = (hidden @ linear.weight.T + linear.bias).reshape(GRID, GRID)
    assert_allclose(demo.map.values, -scores, atol=1e-4)
    weights, loss = demo.training.weights.copy(), demo.state.losses[-1, 0]
    assert loss == pytest.approx(demo.training.moments[20].losses[0])
    demo.set(step=60)
    assert demo.state.losses[-1, 0] < loss
    demo.set(step=20)
    assert_array_equal(demo.training.weights, weights)  # time runs back to the edited network
    assert demo.state.changes == [20]


def test_a_line_is_turned_by_keys_and_the_lines_beside_it_come_to_hand(demo):
    demo.set(**demo.start)
    touch, mark = demo.touches["edit"], held(demo, 5)
    demo.set(**touch.stepped(demo, 0, 0, 10))
    assert touch.marks(demo)[0].was == pytest.approx(round((mark.was + 0.5) / 0.05) * 0.05)
    assert touch.stepped(demo, 0, 1, 0) == {}
    assert touch.marks(demo)[0].name.startswith(weight_name(6, (2, 6)))
    for _ in range(12):
        touch.stepped(demo, 0, 1, 0)
    assert touch.marks(demo)[0].name.startswith(weight_name(0, (2, 6)))  # and around
    demo.set(layers=0)
    assert touch.marks(demo)[0].name.startswith("input 1 → the answer")


def test_the_pointer_away_from_every_line_leaves_the_last_one_at_hand(demo):
    demo.set(**demo.start)
    mark = held(demo, 3)
    right, below = share_of(demo.network_axes, 2, 2)
    assert not hovered(demo, {"x": right, "y": below})
    assert demo.touches["edit"].marks(demo) == [mark]
    assert meaning(demo, {"to": "click", "x": right, "y": below}) == {}


def test_the_same_number_set_again_later_counts_and_reset_brings_the_first_weights_back(demo):
    demo.set(**demo.start)
    first = demo.training.weights.copy()
    panel = demo.panel()
    for step in (0, 30):
        panel.jump({"step": step})
        panel.jump({"edit": (2, 4.0, step)})
        assert demo.training.weights[2] == 4
    panel.told(None, {"to": "reset"})
    assert_array_equal(demo.training.weights, first)
    panel.jump({"edit": (2, 4.0, 0)})
    panel.widgets["units"].value = 4
    assert demo.values["edit"] is None
    assert_array_equal(demo.training.weights, Training("circles", 0.1, 1, 4, "tanh").weights)


@pytest.mark.parametrize(
    "wrong", [3, (1, 2), (0, 99.0, 0), (-1, 1.0, 0), (0.5, 1.0, 0), (0, float("nan"), 0), "abc"]
)
def test_what_is_no_edit_is_refused(demo, wrong):
    with pytest.raises(ValueError, match=r"^edit: expected None or \(weight, number, step\)"):
        demo.set(edit=wrong)


# ---- Points that are sprayed.


def test_a_hand_that_is_drawn_over_the_plane_leaves_points_of_the_chosen_class(demo):
    demo.set(**demo.start | {"adds": "orange"})
    panel = demo.panel()
    way = np.stack([np.linspace(-1, 1, 20), np.full(20, 0.5)], axis=1)
    path = [share_of(demo.plane, x, y) for x, y in way]
    names = list(demo.touches)
    message = {"to": "stroke", "field": names.index("moved"), "path": path}
    assert fields(demo)[names.index("moved")]["stroke"] > 0
    panel.told(None, message)
    new = demo.state.X[120:]
    assert len(new) == 20
    assert set(demo.state.y[120:]) == {1}
    assert np.abs(new - way).max() < 0.25
    assert new.std(axis=0)[1] > 0.01  # a spray, no line of beads
    panel.told(None, message | {"path": path * 20})
    assert len(demo.state.X) == demo.touches["moved"].most
    panel.told(None, {"to": "reset"})
    assert len(demo.state.X) == 120
    assert meaning(demo, message | {"field": names.index("kind")}) == {}
