"""The 2-D classifier: what its picture shows is what the network says."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from lib.demos.classifier_2d import GRID, LAST, LOWEST, Classifier2DDemo, compute, plane, unit_name
from lib.demos.network_picture import places
from lib.demos.points_2d import EDGE
from lib.demos.training_2d import Training


@pytest.fixture(scope="module")
def demo():
    return Classifier2DDemo()


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
    loss = demo.training.moments[LAST].losses[0]
    said = demo.said()
    assert said.startswith(f"Step {LAST}: loss {loss:.4f}, validation ")
    assert said.endswith("circles, 2 × 6 tanh, rate 0.032, L2 1e-05")
    assert said in demo.panel().stage.said
    demo.set(layers=0)
    assert "no hidden layer" in demo.said()


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
    assert "2 points of your own, 1 × 8 tanh" in said
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
