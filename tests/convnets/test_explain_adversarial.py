"""FGSM and PGD: up the loss, within ε and within what pixels can be."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from nets_to_explain import Quadrant, random_image, random_net
from numpy.testing import assert_allclose
from torch import nn

from lib.convnets.explain import FromPixels, fgsm, fgsm_direction, perturb, pgd, probabilities
from lib.convnets.models import build_model


def loss(net, image, label):
    with torch.no_grad():
        scores = net.eval()(torch.as_tensor(image)[None].to(next(net.parameters()).dtype))
    return float(nn.functional.cross_entropy(scores, torch.tensor([label])))


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 1000), half=st.integers(2, 6), label=st.integers(0, 4))
def test_the_direction_is_the_sign_of_the_gradient_of_the_cross_entropy(seed, half, label):
    net = random_net(seed, side=2 * half, dtype=torch.float64).eval()
    image = random_image(seed, side=2 * half, dtype=np.float64)
    x = torch.tensor(image, requires_grad=True)
    nn.functional.cross_entropy(net(x[None]), torch.tensor([label])).backward()
    sure = x.grad.abs() > 1e-12
    assert sure.float().mean() > 0.9
    direction = fgsm_direction(net, image, label)
    assert_allclose(direction[sure], x.grad.sign()[sure])
    assert_allclose(fgsm_direction(net, image, label, targeted=True), -direction)


def test_the_direction_does_not_vanish_where_the_net_is_sure():
    net, image = random_net(1), random_image(1)
    direction = fgsm_direction(net, image)
    with torch.no_grad():
        net[-1].weight *= 1e4  # p = 1 to all digits: the gradient of the cross-entropy in float32 is 0
        net[-1].bias *= 1e4
    assert probabilities(net, image).max() == 1
    x = torch.tensor(image, requires_grad=True)
    scores = net.eval()(x[None])
    nn.functional.cross_entropy(scores, scores.argmax(1)).backward()
    assert not x.grad.any()
    assert (fgsm_direction(net, image) != 0).mean() > 0.9
    assert (fgsm_direction(net, image) == direction).mean() > 0.5


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 1000), epsilon=st.floats(1e-4, 0.02), label=st.integers(0, 4))
def test_fgsm_increases_the_loss_within_epsilon(seed, epsilon, label):
    net, image = random_net(seed, dtype=torch.float64), random_image(seed, dtype=np.float64)
    changed = fgsm(net, image, label, epsilon=epsilon)
    assert loss(net, changed, label) > loss(net, image, label)
    assert np.abs(changed - image).max() <= epsilon + 1e-15
    towards = fgsm(net, image, label, epsilon=epsilon, targeted=True)
    assert loss(net, towards, label) < loss(net, image, label)


@pytest.mark.parametrize("epsilon", [0.0, 0.004, 0.3, 1.0])
def test_pixels_stay_from_0_to_1_and_within_epsilon(epsilon):
    net, image = random_net(2), random_image(2)
    image[0], image[1] = 0, 1  # at the ends of what is possible
    for changed in (fgsm(net, image, epsilon=epsilon), *pgd(net, image, epsilon=epsilon, steps=5, seed=1)):
        assert changed.dtype == np.float32
        assert changed.shape == image.shape
        assert changed.min() >= 0
        assert changed.max() <= 1
        assert np.abs(changed.astype(float) - image).max() <= epsilon + 1e-6
    assert np.array_equal(fgsm(net, image, epsilon=0), image)


def test_one_direction_serves_every_epsilon():
    net, image = random_net(3), random_image(3)
    direction = fgsm_direction(net, image, 2)
    assert set(np.unique(direction)) <= {-1, 0, 1}
    for epsilon in (0.0, 1 / 255, 0.1, 0.9):
        assert np.array_equal(perturb(image, direction, epsilon), fgsm(net, image, 2, epsilon=epsilon))


def test_a_net_that_looks_at_one_quarter_is_fooled_only_there():
    image = random_image()
    assert (fgsm_direction(Quadrant(), image, 1)[:, :8, :8] == -1).all()  # darker
    for changed in (fgsm(Quadrant(), image, 1, epsilon=0.1), *pgd(Quadrant(), image, 1, epsilon=0.1)):
        assert np.array_equal(changed[:, 8:], image[:, 8:])
        assert np.array_equal(changed[:, :, 8:], image[:, :, 8:])
        assert (changed[:, :8, :8] < image[:, :8, :8]).all()


def test_pgd_takes_small_steps_and_gets_further_than_fgsm():
    net = random_net(4, dtype=torch.float64)
    better = 0
    for seed in range(10):
        image = random_image(seed, dtype=np.float64)
        steps = list(pgd(net, image, 1, epsilon=0.05, steps=12, step_size=0.01))
        assert len(steps) == 12
        before = image
        for step in steps:
            assert np.abs(step - before).max() <= 0.01 + 1e-12
            assert np.abs(step - image).max() <= 0.05 + 1e-12
            before = step
        assert loss(net, steps[-1], 1) > loss(net, steps[0], 1) > loss(net, image, 1)
        better += loss(net, steps[-1], 1) >= loss(net, fgsm(net, image, 1, epsilon=0.05), 1)
    assert better >= 9


def test_pgd_starts_anywhere_within_epsilon():
    net, image = random_net(5), random_image(5)
    one, same, other = (next(pgd(net, image, epsilon=0.1, seed=seed)) for seed in (0, 0, 1))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    assert np.abs(one - next(pgd(net, image, epsilon=0.1))).max() > 0.01


def test_the_label_of_pgd_stays_the_first_vote_when_the_net_changes_its_mind():
    net, image = random_net(6), random_image(6)
    vote = int(probabilities(net, image).argmax())
    fooled = list(pgd(net, image, epsilon=0.2, steps=8))
    assert probabilities(net, fooled[-1]).argmax() != vote
    assert all(map(np.array_equal, fooled, pgd(net, image, vote, epsilon=0.2, steps=8)))


@pytest.mark.parametrize("name", ["linear", "small", "fast_half"])
def test_our_nets_are_fooled(name):
    net, image = FromPixels(build_model(name), [0.5] * 3, [0.25] * 3), random_image(side=32)
    vote = int(probabilities(net, image).argmax())
    assert probabilities(net, fgsm(net, image, epsilon=0.1))[vote] < probabilities(net, image)[vote]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"epsilon": -0.1}, "epsilon: expected a number from 0 to 1, got -0.1"),
        ({"epsilon": 8}, "epsilon: expected a number from 0 to 1, got 8"),
        ({"epsilon": np.nan}, "epsilon: expected a finite number from 0 to 1, got nan"),
        ({"epsilon": "0.1"}, "epsilon: expected a number from 0 to 1, got '0.1'"),
        ({"targeted": 1}, "targeted: expected True or False, got 1"),
        ({"targeted": True}, "label: expected the class to go towards, where targeted=True, got None"),
        ({"label": 5}, "label: expected a whole number from 0 to 4, the classes of the net, got 5"),
        ({"label": True}, "label: expected a whole number from 0 to 4, the classes of the net, got True"),
        ({"image": random_image() * 3 - 1}, "image: expected pixels from 0 to 1, got -"),
        ({"image": np.full((3, 16, 16), 200, np.uint8)}, "image: expected floats, got uint8; bytes become"),
    ],
)
@pytest.mark.parametrize("attack", [fgsm, pgd])
def test_what_does_not_fit_is_refused_at_the_call(attack, wrong, message):
    with pytest.raises(ValueError, match="expected") as caught:
        attack(**{"model": random_net(), "image": random_image(), "epsilon": 0.1} | wrong)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"steps": 0}, "steps: expected a whole number of at least 1, got 0"),
        ({"step_size": -1}, "step_size: expected a number from 0 to 1, or None for ε / 4, got -1"),
        ({"seed": 0.5}, "seed: expected a whole number of at least 0, got 0.5"),
    ],
)
def test_what_does_not_fit_pgd_is_refused_at_the_call(wrong, message):
    with pytest.raises(ValueError, match="expected") as caught:
        pgd(random_net(), random_image(), epsilon=0.1, **wrong)
    assert str(caught.value).startswith(message)


def test_one_class_cannot_be_attacked():
    for attack in (fgsm, pgd):
        with pytest.raises(
            ValueError, match=r"model: expected scores of at least two classes, got shape \(1, 1\)"
        ):
            attack(random_net(classes=1), random_image(), epsilon=0.1)


@pytest.mark.parametrize(
    ("image", "direction", "epsilon"),
    [
        (random_image(), np.ones((3, 8, 8)), 0.1),
        (random_image(), np.ones((3, 16, 16)), 2),
        (random_image() + 1, np.ones((3, 16, 16)), 0.1),
        (random_image() * np.nan, np.ones((3, 16, 16)), 0.1),
        (np.zeros((3, 16, 16), np.uint8), np.ones((3, 16, 16)), 0.1),
    ],
)
def test_perturb_refuses_what_does_not_fit(image, direction, epsilon):
    with pytest.raises(ValueError, match=r"^(image|direction|epsilon): expected"):
        perturb(image, direction, epsilon)
