"""The feature-map demo: maps, probabilities and losses against torch, with the remembered weights."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from torch.nn.functional import conv2d, cross_entropy, linear, max_pool2d, relu, softmax

from data_loaders import load_shapes10
from lib.demos.feature_maps import BATCH, LAST, LAYERS, TRAINING, FeatureMapsDemo, compute, paint, train


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


def test_the_picture_shows_filters_and_maps(data, training):
    before, after = (paint(compute(training, data.test.images[0], "ReLU 1", step)) for step in (0, LAST))
    assert before.shape == (400, 400, 3)
    assert (before[:200] != after[:200]).any()  # filters
    assert (before[200:] != after[200:]).any()  # maps


def test_bad_input_is_refused_by_name(data, training):
    image = data.test.images[0]
    for values, message in (
        ((image, "ReLU 9", 0), "^layer: expected .*got 'ReLU 9'"),
        ((image, "ReLU 1", LAST + 1), f"^step: expected .*got {LAST + 1}"),
        ((image[:, :5], "ReLU 1", 0), "image: expected shape"),
    ):
        with pytest.raises(ValueError, match=message):
            compute(training, *values)


def test_too_few_images_are_refused():
    from data_loaders import Dataset

    shapes = load_shapes10()
    small = Dataset("few", shapes.train.take(10), shapes.test.take(2), shapes.classes)
    with pytest.raises(ValueError, match="data: expected a Dataset with 320 training"):
        FeatureMapsDemo(small)
