"""Saliency is autograd's gradient and the slope that finite differences find; SmoothGrad is its mean."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from nets_to_explain import Quadrant, random_image, random_net
from numpy.testing import assert_allclose

from lib.convnets.explain import heat_of, saliency, smooth_grad, smooth_grad_steps


def gradient_of_torch(net, image, label):
    x = torch.tensor(image, requires_grad=True)
    net.eval()(x[None])[0, label].backward()
    return x.grad.numpy()


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 1000), half=st.integers(2, 6), label=st.integers(0, 4))
def test_equals_the_gradient_of_autograd(seed, half, label):
    net = random_net(seed, side=2 * half, dtype=torch.float64)
    image = random_image(seed, side=2 * half, dtype=np.float64)
    assert_allclose(saliency(net, image, label), gradient_of_torch(net, image, label), rtol=1e-12)


def test_equals_finite_differences():
    net = random_net(2, side=6, width=2, dtype=torch.float64).eval()
    net[1], net[2] = torch.nn.Softplus(), torch.nn.AvgPool2d(2)  # smooth: no kink within a step
    image, h = random_image(2, side=6, dtype=np.float64), 1e-5
    steps = np.eye(image.size).reshape(-1, *image.shape) * h
    with torch.no_grad():
        up, down = (net(torch.as_tensor(image + sign * steps))[:, 3].numpy() for sign in (1, -1))
    slopes = ((up - down) / (2 * h)).reshape(image.shape)
    assert_allclose(saliency(net, image, 3), slopes, rtol=1e-6, atol=1e-9)


def test_equals_that_of_captum():
    attr = pytest.importorskip("captum.attr")
    net, image = random_net(4).eval(), random_image(4)
    x = torch.as_tensor(image)[None].requires_grad_()
    theirs = attr.Saliency(net).attribute(x, 2, abs=False)[0].detach()
    assert_allclose(saliency(net, image, 2), theirs, rtol=1e-5, atol=1e-8)


def test_a_net_that_looks_at_one_quarter_is_sensitive_only_there():
    for gradient in (saliency(Quadrant(), random_image(), 1), smooth_grad(Quadrant(), random_image(), 1)):
        heat = heat_of(gradient)
        assert (heat[:8, :8] > 0).all()
        heat[:8, :8] = 0
        assert not heat.any()


def test_without_a_label_it_explains_the_vote():
    net, image = random_net(1).eval(), random_image(1)
    vote = int(net(torch.as_tensor(image)[None]).argmax())
    assert_allclose(saliency(net, image), saliency(net, image, vote))
    assert_allclose(smooth_grad(net, image, noise=0.5), smooth_grad(net, image, vote, noise=0.5))


@pytest.mark.parametrize("samples", [1, 2, 16, 17, 40])
def test_smooth_grad_is_the_mean_gradient_of_noisy_copies(samples):
    net, image = random_net(3, dtype=torch.float64), random_image(3, dtype=np.float64)
    rng = np.random.default_rng(9)
    deviation = 0.2 * (image.max() - image.min())
    noisy = [image + deviation * rng.standard_normal(image.shape) for _ in range(samples)]
    expected = np.mean([gradient_of_torch(net, one, 2) for one in noisy], axis=0)
    assert_allclose(smooth_grad(net, image, 2, samples=samples, noise=0.2, seed=9), expected, atol=1e-12)


def test_smooth_grad_step_by_step_ends_at_the_same_mean():
    net, image = random_net(3, dtype=torch.float64), random_image(3, dtype=np.float64)
    steps = list(smooth_grad_steps(net, image, 2, samples=20, seed=4))
    assert len(steps) == 20
    for count in (1, 7, 20):
        assert_allclose(steps[count - 1], smooth_grad(net, image, 2, samples=count, seed=4), atol=1e-12)


def test_smooth_grad_without_noise_is_saliency_and_its_seed_decides():
    net, image = random_net(3), random_image(3)
    assert_allclose(smooth_grad(net, image, 1, noise=0), saliency(net, image, 1), atol=1e-6)
    assert_allclose(smooth_grad(net, image, 1, seed=5), smooth_grad(net, image, 1, seed=5), rtol=0)
    assert not np.array_equal(smooth_grad(net, image, 1, seed=5), smooth_grad(net, image, 1, seed=6))


def test_smooth_grad_has_less_noise_than_one_gradient():
    """Between two images that look alike, it changes less."""
    net = random_net(8)
    one = random_image(8)
    other = one + np.random.default_rng(1).normal(0, 0.02, one.shape).astype(np.float32)

    def change(method):
        a, b = method(net, one, 1), method(net, other, 1)
        return np.linalg.norm(a - b) / np.linalg.norm(a)

    assert change(lambda *some: smooth_grad(*some, samples=64)) < change(saliency)
