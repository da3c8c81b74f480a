"""The feature-map demo: maps, probabilities and losses against torch, with the remembered weights."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from torch.nn.functional import conv2d, cross_entropy, linear, max_pool2d, relu, softmax

from data_loaders import load_shapes10
from lib.demos.feature_maps import BATCH, LAST, LAYERS, TRAINING, FeatureMapsDemo, compute, tiles, train
from lib.demos.kit.signs import sign_colors


@pytest.fixture(scope="module")
def data():
    return load_shapes10()


@pytest.fixture(scope="module")
def training(data):
    return train(data)


def by_torch(weights, images):
    """The output of each layer that the demo shows, and the scores."""
    w1, b1, w2, b2, w3, b3 = map(torch.tensor, weights)
    first = conv2d(torch.tensor(images), w1, b1, padding=2)
    pooled = max_pool2d(relu(first), 2)
    second = relu(conv2d(pooled, w2, b2, padding=1))
    scores = linear(max_pool2d(second, 2).flatten(1), w3, b3)
    return dict(zip(LAYERS, (first, relu(first), pooled, second), strict=True)), scores


@pytest.mark.family(share=2)
@pytest.mark.parametrize("step", [0, LAST // 2, LAST])
def test_maps_and_probabilities_are_those_of_torch(data, training, step):
    image = data.test.images[3]
    maps, scores = by_torch(training.weights[step], training.scale(image[None]))
    for layer in LAYERS:
        state = compute(training, image, layer, step)
        assert_allclose(state.maps, maps[layer][0], rtol=1e-3, atol=1e-4)
        assert_allclose(state.probabilities, softmax(scores[0], dim=0), rtol=1e-3, atol=1e-5)
        assert_allclose(state.filters, training.weights[step][0])


def test_the_losses_are_those_of_the_remembered_weights(data, training):
    split = data.train.take(TRAINING, seed=0)
    rng = np.random.default_rng(0)
    for step in range(0, LAST + 1):
        batch = rng.choice(TRAINING, BATCH, replace=False)
        if step % 20 == 0:
            _, scores = by_torch(training.weights[step], training.scale(split.images[batch]))
            assert_allclose(
                training.losses[step], cross_entropy(scores, torch.tensor(split.labels[batch])), rtol=1e-3
            )


def test_it_learns(training):
    assert training.losses[-10:].mean() < 0.75 * training.losses[:5].mean()


def test_the_tiles_are_filters_and_maps(data, training):
    before, after = (tiles(compute(training, data.test.images[0], "ReLU 1", step)) for step in (0, LAST))
    assert [len(tile) for tile in before] == [5] * 8 + [32] * 8
    assert any((a != b).any() for a, b in zip(before[:8], after[:8], strict=True))  # filters
    assert any((a != b).any() for a, b in zip(before[8:], after[8:], strict=True))  # maps
    assert [len(tile) for tile in tiles(compute(training, data.test.images[0], "ReLU 2", 0))] == [16] * 16


def test_maps_are_blue_where_positive_and_orange_where_negative(data, training):
    state = compute(training, data.test.images[0], "conv 1", LAST)
    maps = np.array(tiles(state)[8:]).astype(int)
    strong = np.abs(state.maps) > 0.1 * np.abs(state.maps).max()
    bluer = maps[..., 2] > maps[..., 0]
    assert (bluer == (state.maps > 0))[strong].all()


@pytest.fixture(scope="module")
def whole_demo(data):
    return FeatureMapsDemo(data)


@pytest.fixture
def demo(whole_demo):
    whole_demo.set(**whole_demo.start)
    return whole_demo


@pytest.mark.family(share=2)
def test_a_click_on_a_filter_or_its_map_shows_the_map_large(demo):
    marks = demo.a_map.marks(demo)
    assert len(marks) == 16
    assert demo.a_map.picked(demo, 2) == demo.a_map.picked(demo, 10) == {"number": 3}
    demo.set(number=3)
    large = demo.state.maps[2] / np.abs(demo.state.maps[2]).max()  # in its own colours
    assert (np.asarray(demo.large.get_array()) == sign_colors(large)).all()
    for frame, mark in zip(demo.frames, (marks[2], marks[10]), strict=True):
        assert_allclose(np.mean(frame.get_data(), axis=1)[0], mark.x, atol=20)  # of 100
        low, high = np.min(frame.get_data(), axis=1), np.max(frame.get_data(), axis=1)
        assert (low < (mark.x, mark.y)).all()
        assert (high > (mark.x, mark.y)).all()
    demo.set(layer="ReLU 2", number=16)
    assert demo.a_map.picked(demo, 15) == {"number": 16}
    assert demo.state.chosen == 15
    assert len(demo.large.get_array()) == 16
    demo.set(layer="conv 1")  # of 8 maps, the sixteenth is the eighth
    assert demo.state.chosen == 7


def test_a_click_chooses_a_picture(demo):
    marks = demo.a_picture.marks(demo)
    assert demo.a_picture.picked(demo, 7) == {"picture": 7}
    demo.set(picture=7)
    middle = (np.min(demo.frame.get_data(), axis=1) + np.max(demo.frame.get_data(), axis=1)) / 2
    assert_allclose(middle, (marks[7].x, marks[7].y))
    assert marks[7].name == f"picture 7: {demo.data.classes[demo.pictures.labels[7]]}"


@pytest.mark.parametrize("step", [0, 1, LAST])
def test_it_says_what_the_network_gives_and_how_much_of_the_map_is_positive(demo, step):
    demo.set(step=step, layer="ReLU 1", number=2)
    label = demo.pictures.labels[0]
    state = compute(demo.training, demo.pictures.images[0], "ReLU 1", step)
    when = {0: "Before the first step", 1: "After 1 step"}.get(step, f"After {step} steps")
    assert demo.said() == (
        f"{when} the network gives {demo.data.classes[label]} {100 * state.probabilities[label]:.0f} %; "
        f"map 2 of ReLU 1 is above 0 at {100 * np.mean(state.maps[1] > 0):.0f} % of its places."
    )


def test_bad_input_is_refused_by_name(data, training):
    image = data.test.images[0]
    for values, message in (
        ((image, "ReLU 9", 0), "^layer: expected .*got 'ReLU 9'"),
        ((image, "ReLU 1", LAST + 1), f"^step: expected .*got {LAST + 1}"),
        ((image[:, :5], "ReLU 1", 0), "image: expected shape"),
        ((image, "ReLU 1", 0, 0, 17), "^number: expected .*got 17"),
    ):
        with pytest.raises(ValueError, match=message):
            compute(training, *values)


def test_too_few_images_are_refused():
    from data_loaders import Dataset

    shapes = load_shapes10()
    small = Dataset("few", shapes.train.take(10), shapes.test.take(2), shapes.classes)
    with pytest.raises(ValueError, match="data: expected a Dataset with 320 training"):
        FeatureMapsDemo(small)
