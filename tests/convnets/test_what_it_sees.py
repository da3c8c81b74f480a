"""lib/convnets/demos: what the net sees and says is computed by lib.convnets.explain, and once."""

import numpy as np
import pytest

from data_loaders import shapes10
from data_loaders.shapes10 import CLASSES, NUISANCES, TEST, TRAIN
from lib.convnets import explain
from lib.convnets.demos import what_it_sees
from lib.convnets.demos.sight import ANOTHER_SEED, METHODS, PICTURES, STEPS, WISH
from lib.convnets.demos.what_it_sees import ANSWER, WhatItSeesDemo, the_sight


@pytest.fixture(scope="module")
def demo():
    return WhatItSeesDemo()


@pytest.fixture(autouse=True)
def back_to_start(demo):
    demo.set(**demo.start)


def test_its_pictures_are_in_no_training_or_test_set():
    ours, known = (shapes10.words(np.array([seed], np.uint64), TRAIN + TEST)[0] for seed in (ANOTHER_SEED, 0))
    assert not np.isin(ours[TRAIN : TRAIN + PICTURES], known).any()  # each picture is drawn from such a word
    again = shapes10.generate(ANOTHER_SEED, dict.fromkeys(NUISANCES, 1.0), train=10, test=PICTURES).test
    np.testing.assert_array_equal((255 * the_sight().images).round().astype(np.uint8), again.images)


def test_the_net_knows_most_of_them():
    sight = the_sight()
    right = [sight.before(i).argmax() == label for i, label in enumerate(sight.labels)]
    assert np.mean(right) >= 0.9


def test_what_it_sees_is_the_picture_with_noise_and_a_part_hidden(demo):
    sight = the_sight()
    demo.set(picture=3, epsilon=8, row=4, column=20, side=5)
    clean = sight.images[3]
    noisy = explain.perturb(clean, explain.fgsm_direction(sight.model, clean), 8 / 255)
    expected = explain.occlude(noisy, 4, 20, size=5)
    np.testing.assert_array_equal(demo.state.image, expected)
    np.testing.assert_allclose(demo.state.now, explain.probabilities(sight.model, expected), rtol=1e-5)
    np.testing.assert_allclose(demo.state.before, explain.probabilities(sight.model, clean), rtol=1e-5)
    demo.set(side=0, epsilon=0)
    np.testing.assert_array_equal(demo.state.image, clean)


def test_the_square_has_a_frame_where_there_is_one(demo):
    demo.set(row=4, column=20, side=5)
    assert {(*frame.get_xy(), frame.get_width()) for frame in demo.frames} == {(19.5, 3.5, 5)}
    demo.set(side=0)
    assert not any(frame.get_visible() for frame in demo.frames)


@pytest.mark.parametrize("method", METHODS)
def test_the_heat_is_that_of_its_method(demo, method):
    sight = the_sight()
    demo.set(method=method, picture=9, side=0, layer=4, explain="square")
    image, label = sight.images[9], CLASSES.index("square")
    found = {
        "Grad-CAM": lambda: explain.grad_cam(sight.model, image, sight.layers[3], label),
        "saliency": lambda: explain.heat_of(explain.saliency(sight.model, image, label)),
        "occlusion": lambda: explain.spread(
            explain.occlusion(sight.model, image, label, size=6, stride=6), (32, 32), size=6, stride=6
        ),
        "noise": lambda: np.zeros((32, 32)),
    }[method]()
    scale = np.abs(found).max() or 1
    np.testing.assert_allclose(demo.state.heat, found / scale, atol=1e-5)


def test_the_gradient_of_the_noise_is_computed_once_whatever_epsilon(demo, monkeypatch):
    demo.set(picture=7)
    monkeypatch.setattr(explain, "fgsm_direction", lambda *_, **__: pytest.fail("computed again"))
    monkeypatch.setattr(explain, "ascend", lambda *_, **__: pytest.fail("computed again"))
    directions = []
    for epsilon in range(9):
        demo.set(epsilon=epsilon)
        directions.append(demo.state.direction)
    assert all(direction is directions[0] for direction in directions)


def test_noise_goes_away_from_the_answer_or_towards_a_class(demo):
    demo.set(picture=18, side=0, epsilon=4)
    away = demo.state.now[demo.state.label]
    assert away < demo.state.before[demo.state.label]
    demo.set(explain="heart")
    heart = CLASSES.index("heart")
    assert demo.state.label == heart
    assert demo.state.now[heart] > demo.state.before[heart]


def test_its_wish_grows_step_by_step(demo):
    sight = the_sight()
    values = []
    for step in (0, 20, STEPS):
        demo.set(step=step)
        values.append(demo.state.dream.value)
    assert values == sorted(values)
    again = list(explain.ascend(sight.model, demo.state.label, steps=20, size=32, **WISH))
    np.testing.assert_allclose(sight.dream(demo.state.label, 20).image, again[20].image, atol=1e-6)


def test_the_square_is_dragged_and_a_bar_is_clicked(demo):
    square, bar = demo.touches["square"], demo.touches["bar"]
    (mark,) = square.marks(demo)
    assert (mark.kind, mark.w, mark.h) == ("box", 6, 6)
    assert square.dragged(demo, 0, 15.5, 10.5) == {"column": 13, "row": 8}
    assert square.clicked(demo, 15.5, 10.5) == {"column": 13, "row": 8}
    assert bar.picked(demo, 4) == {"explain": "star"}
    assert bar.marks(demo)[4].name.startswith("star, ")


def test_what_it_says_is_what_it_shows(demo):
    shares = 100 * demo.state.now
    best = int(shares.argmax())
    assert demo.said().startswith(f"With 6 × 6 pixels hidden it says {CLASSES[best]}, {shares[best]:.0f} %")
    demo.set(side=0)
    before = demo.state.before
    assert demo.said() == f"It says {CLASSES[before.argmax()]}, {100 * before.max():.0f} %."
    demo.set(epsilon=2)
    now = demo.state.now
    assert now.argmax() != before.argmax()
    assert demo.said() == (
        f"With noise of ±2/255 it says {CLASSES[now.argmax()]}, {100 * now.max():.0f} %, and not "
        f"{CLASSES[before.argmax()]} as before, {100 * before.max():.0f} %."
    )
    demo.set(epsilon=0, step=5)
    assert demo.said().endswith(
        f"After 5 steps its wish has a score of {demo.state.dream.value:.1f} as ring."
    )


def test_names_of_the_classes_are_those_of_the_net():
    assert what_it_sees.trained(what_it_sees.NET).classes == CLASSES
    assert WhatItSeesDemo.controls["explain"].options == (ANSWER, *CLASSES)
    assert len(the_sight().layers) == what_it_sees.LAYERS
