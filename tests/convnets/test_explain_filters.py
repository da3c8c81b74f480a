"""Filters as images, feature maps of chosen layers."""

import numpy as np
import pytest
import torch
from nets_to_explain import Quadrant, random_image, random_net
from numpy.testing import assert_allclose
from torch import nn

from lib.convnets.explain import feature_maps, filter_images
from lib.convnets.models import build_model


@pytest.mark.parametrize(("name", "shape"), [("small", (32, 3, 5, 5)), ("resnet20", (16, 3, 3, 3))])
def test_filters_of_the_first_layer_are_images(name, shape):
    net = build_model(name)
    images = filter_images(net)
    assert images.shape == shape
    first = next(module for module in net.modules() if isinstance(module, nn.Conv2d))
    weights = first.weight.detach().numpy()
    for image, weight in zip(images, weights, strict=True):
        assert_allclose(image, 0.5 + weight / (2 * np.abs(weight).max()), rtol=1e-6)
        assert max(image.max() - 0.5, 0.5 - image.min()) == pytest.approx(0.5)


def test_a_filter_of_zeros_is_grey_and_a_filter_of_one_channel_is_shown_too():
    net = nn.Sequential(nn.Conv2d(1, 2, 3))
    with torch.no_grad():
        net[0].weight[1] = 0
    images = filter_images(net)
    assert images.shape == (2, 1, 3, 3)
    assert (images[1] == 0.5).all()


def test_filters_in_16_bits_are_shown_too():
    net = random_net(1)
    assert_allclose(filter_images(net.bfloat16(), "0"), filter_images(net.float(), net[0]), atol=1e-6)


def test_maps_are_what_comes_out_of_the_layers():
    net, image = random_net(2).eval(), random_image(2)
    maps = feature_maps(net, image, ["4", net[0], "2"])
    assert list(maps) == ["4", "0", "2"]
    with torch.no_grad():
        for name, values in maps.items():
            expected = net[: int(name) + 1](torch.as_tensor(image)[None])[0]
            assert_allclose(values, expected, rtol=1e-5, atol=1e-6)


def test_maps_before_a_relu_in_place_keep_what_is_below_zero():
    maps = feature_maps(random_net(3, inplace=True), random_image(), ["0", "1"])
    assert maps["0"].min() < 0
    assert_allclose(maps["1"], np.maximum(maps["0"], 0))


def test_a_net_that_looks_at_one_quarter_has_maps_only_there():
    values = feature_maps(Quadrant(), random_image(), ["look"])["look"]
    assert (values[:, :8, :8] > 0).all()
    assert not values[:, 8:].any()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: filter_images(random_net(), "3"),
            "layer: expected a Conv2d of 3 input channels, or 1, got '3'",
        ),
        (
            lambda: filter_images(random_net(), "1"),
            "layer: expected a Conv2d of 3 input channels, or 1, got '1', ReLU",
        ),
        (lambda: filter_images(build_model("linear")), "model: expected a net with a Conv2d, got Sequential"),
        (
            lambda: filter_images(random_net(), "conv"),
            "layer: expected the name of a layer, or the layer, got 'conv'",
        ),
        (
            lambda: filter_images(random_net(), nn.Conv2d(3, 3, 1)),
            "layer: expected a layer of the model, got another",
        ),
        (
            lambda: feature_maps(random_net(), random_image(), "0"),
            "layers: expected a list of layers or of their",
        ),
        (
            lambda: feature_maps(random_net(), random_image(), []),
            "layers: expected a list of layers or of their",
        ),
        (
            lambda: feature_maps(random_net(), random_image(), [0]),
            "layer: expected the name of a layer, or the layer",
        ),
        (
            lambda: feature_maps(random_net(), random_image(), ["8"]),
            "layer: expected a layer that gives (N, C, H, W)",
        ),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match="expected") as caught:
        call()
    assert str(caught.value).startswith(message)
