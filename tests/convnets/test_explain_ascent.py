"""Feature visualisation: every step raises what it should, and the answer is found where it is known."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from nets_to_explain import Quadrant, random_image, random_net
from numpy.testing import assert_allclose
from torch import nn

from lib.convnets.explain import ascend
from lib.convnets.models import build_model


def last_of(steps):
    *_, last = steps
    return last


@pytest.mark.parametrize("layer", [None, "0", "3", "4"])
def test_the_value_rises(layer):
    net = random_net(1)
    for channel in range(4):
        first, *_, last = ascend(net, channel, layer=layer, size=16, steps=30)
        assert last.value > first.value


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 1000), smooth=st.integers(0, 5), layer=st.sampled_from([None, "3"]))
def test_a_small_step_goes_up_however_smooth(seed, smooth, layer):
    net = random_net(seed, dtype=torch.float64)
    start = random_image(seed, dtype=np.float64)
    first, second = ascend(net, 2, layer=layer, start=start, steps=1, rate=1e-5, jitter=0, smooth=smooth)
    assert second.value > first.value
    assert np.array_equal(first.image, start)
    assert_allclose(np.sqrt(np.mean((second.image - first.image) ** 2)), 1e-5, rtol=1e-6)


@pytest.mark.parametrize("layer", [None, "3"])
def test_the_value_is_that_of_the_image_beside_it(layer):
    net = random_net(2, dtype=torch.float64).eval()
    for image, value in ascend(net, 1, layer=layer, size=16, steps=3, jitter=0):
        with torch.no_grad():
            x = torch.as_tensor(image)[None]
            expected = net(x)[0, 1] if layer is None else net[:4](x)[0, 1].mean()
        assert value == pytest.approx(float(expected), rel=1e-9)


def test_the_step_is_the_gradient_scaled():
    net, start = random_net(3, dtype=torch.float64).eval(), random_image(3, dtype=np.float64)
    x = torch.tensor(start, requires_grad=True)
    net(x[None])[0, 4].backward()
    _, second = ascend(net, 4, start=start, steps=1, rate=0.001, jitter=0, smooth=0)
    step = x.grad * 0.001 / x.grad.square().mean().sqrt()
    assert_allclose(second.image - start, step, rtol=1e-6, atol=1e-12)


def test_the_image_that_pleases_a_filter_most_is_known():
    """A 1 × 1 filter that likes red and dislikes blue: all red, no blue."""
    look = nn.Conv2d(3, 1, 1, bias=False)
    look.weight.data = torch.tensor([1.0, 0.0, -1.0])[None, :, None, None]
    net = nn.Sequential(look, nn.Flatten(), nn.Linear(64, 2))
    image, value = last_of(ascend(net, 0, layer="0", size=8, steps=60))
    assert_allclose(image[0], 1)
    assert_allclose(image[2], 0)
    assert value == pytest.approx(1)


def test_a_net_that_looks_at_one_quarter_asks_for_light_only_there():
    steps = list(ascend(Quadrant(), 1, size=16, steps=60, jitter=0, smooth=0))
    assert_allclose(steps[-1].image[:, :8, :8], 1)
    assert np.array_equal(steps[-1].image[:, 8:], steps[0].image[:, 8:])


def test_pixels_stay_from_0_to_1_and_steps_are_counted():
    steps = list(ascend(random_net(4), 0, size=16, steps=20, rate=0.3))
    assert len(steps) == 21
    assert all(step.image.min() >= 0 and step.image.max() <= 1 for step in steps)
    assert len(list(ascend(random_net(4), 0, size=16, steps=0))) == 1


def test_the_seed_decides():
    one, same, other = (last_of(ascend(random_net(5), 0, size=16, steps=5, seed=s)).image for s in (0, 0, 1))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_jitter_moves_the_gradient_and_moves_it_back():
    """Of a mean over all places around the edge, no move changes anything: the same image comes out."""
    look = nn.Conv2d(3, 2, 3, padding=1, padding_mode="circular")
    net = nn.Sequential(look, nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()).double()
    start = random_image(1, dtype=np.float64)
    still = last_of(ascend(net, 0, start=start, steps=4, jitter=0)).image
    moved = last_of(ascend(net, 0, start=start, steps=4, jitter=3)).image
    assert_allclose(moved, still, atol=1e-9)


def test_smooth_steps_have_less_of_the_finest_pattern():
    def roughness(smooth):
        image = last_of(ascend(random_net(6), 2, size=16, steps=20, smooth=smooth)).image
        return np.abs(np.diff(image, axis=2)).mean() / image.std()

    assert roughness(3) < roughness(1) < roughness(0)


def test_a_silent_filter_leaves_the_image_as_it_is():
    net = random_net(7)
    with torch.no_grad():
        net[0].weight[1], net[0].bias[1] = 0, -1
    steps = list(ascend(net, 1, layer="1", size=16, steps=3))  # behind the ReLU
    assert [step.value for step in steps] == [0, 0, 0, 0]
    assert all(np.array_equal(step.image, steps[0].image) for step in steps)


def test_a_walk_that_is_left_early_leaves_no_trace_and_two_do_not_meet():
    net = random_net(8).train()
    one, other = ascend(net, 0, layer="3", size=16), ascend(net, 1, layer="3", size=16)
    for _ in range(3):
        next(one), next(other)
        assert net.training
        assert not any(module._forward_hooks for module in net.modules())
    alone = ascend(random_net(8), 1, layer="3", size=16)
    assert [next(alone) for _ in range(4)][-1].value == next(other).value


@pytest.mark.parametrize(("name", "layer"), [("small", "3"), ("resnet20", "3.body.0"), ("fast_half", None)])
def test_our_nets_have_something_to_see(name, layer):
    first, *_, last = ascend(build_model(name), 3, layer=layer, steps=5)
    assert last.image.shape == (3, 32, 32)
    assert last.value > first.value


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"channel": 5}, "channel: expected a whole number from 0 to 4, the classes of the net, got 5"),
        (
            {"channel": -1, "layer": "0"},
            "channel: expected a whole number from 0 to 5, the maps of '0', got -1",
        ),
        (
            {"channel": 6, "layer": "0"},
            "channel: expected a whole number from 0 to 5, the maps of '0', got 6",
        ),
        ({"channel": 1.0}, "channel: expected a whole number from 0 to 4, the classes of the net, got 1.0"),
        ({"layer": "9"}, "layer: expected the name of a layer, or the layer, got '9'"),
        ({"layer": "8"}, "layer: expected a layer that gives (N, C, H, W), got shape (1, 5) from '8'"),
        ({"rate": 0}, "rate: expected a number above 0, got 0"),
        ({"steps": -1}, "steps: expected a whole number of at least 0, got -1"),
        ({"jitter": 0.5}, "jitter: expected a whole number of at least 0, got 0.5"),
        ({"smooth": -1}, "smooth: expected a whole number of at least 0, got -1"),
        ({"seed": -1}, "seed: expected a whole number of at least 0, got -1"),
        ({"size": 0}, "size: expected a whole number of at least 1, got 0"),
        ({"size": 15}, "model: expected a net that takes images (1, 3, 15, 15), got Sequential, where torch"),
        ({"start": random_image() - 1}, "image: expected pixels from 0 to 1, got -0."),
    ],
)
def test_what_does_not_fit_is_refused_at_the_call(wrong, message):
    with pytest.raises(ValueError, match="expected") as caught:
        ascend(**{"model": random_net(), "channel": 0, "size": 16} | wrong)
    assert str(caught.value).startswith(message)
