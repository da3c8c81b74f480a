"""Grad-CAM: beside a computation by hand, beside captum's, and on nets of which the answer is known."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from nets_to_explain import ElsewhereQuadrant, Quadrant, random_image, random_net
from numpy.testing import assert_allclose
from torch import nn

from lib.convnets.explain import FromPixels, grad_cam, layers_with_maps
from lib.convnets.models import build_model


def by_hand(net, image, layer, label):
    """The net cut in two at a layer: the gradient in its maps from autograd, the rest in loops of numpy."""
    net.eval()
    x = torch.as_tensor(image)[None]
    maps = net[: layer + 1](x).detach().requires_grad_()
    net[layer + 1 :](maps)[0, label].backward()
    slopes, maps = maps.grad[0].numpy(), maps.detach()[0].numpy()
    heat = np.zeros(maps.shape[1:])
    for slope, channel in zip(slopes, maps, strict=True):
        heat += slope.sum() / slope.size * channel
    return np.where(heat > 0, heat, 0)


@settings(deadline=None, max_examples=15)
@given(
    seed=st.integers(0, 1000),
    half=st.integers(2, 6),
    width=st.integers(1, 5),
    layer=st.sampled_from([0, 1, 2, 3, 4, 5]),
    label=st.integers(0, 4),
)
def test_equals_the_formula_computed_by_hand(seed, half, width, layer, label):
    net = random_net(seed, side=2 * half, width=width, dtype=torch.float64)
    image = random_image(seed, side=2 * half, dtype=np.float64)
    heat = grad_cam(net, image, str(layer), label, resize=False)
    assert_allclose(heat, by_hand(net, image, layer, label), rtol=1e-9, atol=1e-12)


def test_equals_the_formula_with_gradients_by_finite_differences():
    net, image = (
        random_net(3, side=8, width=2, dtype=torch.float64).eval(),
        random_image(3, side=8, dtype=np.float64),
    )
    with torch.no_grad():
        maps = net[:4](torch.as_tensor(image)[None])

        def score(change):
            return float(net[4:](maps + change)[0, 2])

        heat, h = torch.zeros(maps.shape[2:], dtype=torch.float64), 1e-5
        for channel in range(maps.shape[1]):
            step = torch.zeros_like(maps)
            step[0, channel] = h  # all places of a map together: the sum of its slopes
            slope = (score(step) - score(-step)) / (2 * h) / maps[0, channel].numel()
            heat += slope * maps[0, channel]
    assert_allclose(grad_cam(net, image, "3", 2, resize=False), heat.clamp(min=0), rtol=1e-7, atol=1e-10)


def test_before_a_mean_and_a_linear_layer_it_is_the_class_activation_map():
    body = random_net(5, side=8, dtype=torch.float64)[:6]
    linear = nn.Linear(12, 4).double()
    net, image = nn.Sequential(body, nn.AdaptiveAvgPool2d(1), nn.Flatten(), linear), random_image(5, side=8)
    maps = body.eval()(torch.as_tensor(image).double()[None])[0].detach().numpy()
    for label in range(4):
        weights = linear.weight[label].detach().numpy() / maps[0].size
        expected = np.maximum(np.tensordot(weights, maps, 1), 0)
        assert_allclose(grad_cam(net, image, body, label, resize=False), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("layer", ["0", "1", "3", "5"])
def test_equals_that_of_captum(layer):
    attr = pytest.importorskip("captum.attr")
    net, image = random_net(7).eval(), random_image(7)
    x = torch.as_tensor(image)[None].requires_grad_()
    theirs = attr.LayerGradCam(net, net.get_submodule(layer)).attribute(x, 1, relu_attributions=True)
    assert_allclose(grad_cam(net, image, layer, 1, resize=False), theirs[0, 0].detach(), rtol=1e-5, atol=1e-7)
    large = attr.LayerAttribution.interpolate(theirs, (16, 16), "bilinear")
    assert_allclose(grad_cam(net, image, layer, 1), large[0, 0].detach(), rtol=1e-5, atol=1e-7)


def test_a_net_that_looks_at_one_quarter_lights_up_only_there():
    heat = grad_cam(Quadrant(), random_image(), "look", 1)
    assert heat.shape == (16, 16)
    assert (heat[:8, :8] > 0).all()
    heat[:8, :8] = 0
    assert not heat.any()
    assert not grad_cam(Quadrant(), random_image(), "look", 0).any()  # its score never changes


def test_the_maps_decide_where_it_lights_up_even_where_the_head_does_not_look():
    assert (grad_cam(ElsewhereQuadrant(), random_image(), "look", 1) > 0).all()  # as its docstring says


def test_without_a_label_it_explains_the_vote():
    net, image = random_net(1).eval(), random_image(1)
    vote = int(net(torch.as_tensor(image)[None]).argmax())
    assert_allclose(grad_cam(net, image, "5"), grad_cam(net, image, "5", vote))


def test_a_layer_is_given_by_name_or_itself_and_a_relu_in_place_behind_it_changes_nothing():
    net, same = random_net(2), random_net(2, inplace=True)
    for layer in (0, 3, 4):
        heat = grad_cam(net, random_image(), str(layer), 2)
        assert_allclose(grad_cam(net, random_image(), net[layer], 2), heat)
        assert_allclose(grad_cam(same, random_image(), str(layer), 2), heat)


def test_names_stay_the_same_within_from_pixels():
    net, image = random_net(2), random_image()
    wrapped = FromPixels(net, (0.5, 0.4, 0.3), (0.2, 0.2, 0.3))
    scaled = (image - np.float32([0.5, 0.4, 0.3])[:, None, None]) / np.float32([0.2, 0.2, 0.3])[:, None, None]
    assert layers_with_maps(wrapped, image) == layers_with_maps(net, image)
    assert_allclose(grad_cam(wrapped, image, "3", 1), grad_cam(net, scaled, "3", 1), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", ["small", "resnet20", "plain20", "fast_half"])
def test_every_layer_with_maps_of_our_nets_has_one(name):
    net, image = build_model(name), random_image(side=32)
    layers = layers_with_maps(net, image)
    assert len(layers) > 4
    for layer in (layers[0], layers[len(layers) // 2], layers[-1]):
        heat = grad_cam(net, image, layer, 3)
        assert heat.shape == (32, 32)
        assert (heat >= 0).all()


def test_layers_come_in_the_order_in_which_they_run_and_only_those_with_maps():
    class Backwards(nn.Module):
        def __init__(self):
            super().__init__()
            self.last, self.first = nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 1)
            self.never, self.twice = nn.Conv2d(3, 3, 1), nn.ReLU()
            self.pool = nn.AdaptiveAvgPool2d(1)

        def forward(self, x):
            return self.pool(self.last(self.twice(self.twice(self.first(x))))).flatten(1)

    assert layers_with_maps(Backwards(), random_image()) == ["first", "last"]
    with pytest.raises(
        ValueError, match=r"layer: expected a layer that runs once an image, got 'twice', which ran 2"
    ):
        grad_cam(Backwards(), random_image(), "twice")
    with pytest.raises(ValueError, match=r"layer: .*'never', which ran 0 times"):
        grad_cam(Backwards(), random_image(), "never")
