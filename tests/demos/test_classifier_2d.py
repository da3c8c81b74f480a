"""The 2-D classifier: what its picture shows is what the network says."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from lib.demos.classifier_2d import GRID, LAST, Classifier2DDemo, compute, plane
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
    assert said.startswith(f"Step {LAST}: loss {loss:.4f}, test ")
    assert said.endswith("circles, 2 × 6 tanh, rate 0.032, L2 1e-05")
    assert said in demo.panel().stage.said
    demo.set(layers=0)
    assert "no hidden layer" in demo.said()


def test_the_last_marks_stand_inside_the_axes_and_the_dashed_line_has_a_name():
    demo = Classifier2DDemo()
    demo.set(step=LAST)
    axes = demo.curves[0].axes
    renderer = axes.figure.canvas.get_renderer()
    for curve in demo.curves:
        x, _ = axes.transData.transform(curve.get_xydata()[-1])
        assert x + curve.get_markersize() / 2 <= axes.get_window_extent(renderer).x1 + 1
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["training", "test", "guessing"]
