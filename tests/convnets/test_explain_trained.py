"""A net that was trained to find the brighter quarter: every explanation points at it."""

import numpy as np
import pytest
import torch
from nets_to_explain import images_of_quarters, quarter, trained_net

from lib.convnets import explain
from lib.convnets.explain import probabilities


@pytest.fixture(scope="module")
def net():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)  # of its dropout
        return trained_net()


@pytest.fixture(scope="module")
def examples(net):
    """Images that it has not seen, and their labels; it knows them all."""
    images, labels = images_of_quarters(24, seed=1)
    assert [probabilities(net, image).argmax() for image in images] == labels.tolist()
    return list(zip(images, labels, strict=True))


def share_in_quarter(heat, label):
    """How much of a map of what is ≥ 0 lies in the quarter; a map that knows nothing has 0.25."""
    return heat[quarter(label, heat.shape[-1])].sum() / heat.sum()


def method_grad_cam(net, image, label):
    return explain.grad_cam(net, image, "4", label)


def method_occlusion(net, image, label):
    return explain.occlusion(net, image, label, size=4, stride=4, fill=0.2).clip(min=0)


@pytest.mark.parametrize("method", [method_grad_cam, method_occlusion])
def test_the_map_lies_where_the_net_looks(method, net, examples):
    shares = [share_in_quarter(method(net, image, int(label)), label) for image, label in examples]
    assert np.mean(shares) > 0.6


def test_saliency_says_that_more_light_in_the_quarter_and_less_elsewhere_helps(net, examples):
    for method in (explain.saliency, explain.smooth_grad):
        for image, label in examples:
            gradient = method(net, image, int(label)).mean(axis=0)
            inside = gradient[quarter(label)].mean()
            assert inside > 0 > (gradient.sum() - 64 * inside) / 192


def test_small_noise_changes_the_vote_and_pgd_needs_no_more_than_fgsm(net, examples):
    fooled = {"fgsm": 0, "pgd": 0, "random": 0}
    for image, label in examples:
        label, epsilon = int(label), 0.1
        *_, last = explain.pgd(net, image, label, epsilon=epsilon)
        noise = np.random.default_rng(0).choice([-1.0, 1.0], image.shape)
        changed = {
            "fgsm": explain.fgsm(net, image, label, epsilon=epsilon),
            "pgd": last,
            "random": explain.perturb(image, noise, epsilon),
        }
        for name, one in changed.items():
            fooled[name] += probabilities(net, one).argmax() != label
    assert fooled["random"] <= 2
    assert fooled["fgsm"] >= 20
    assert fooled["pgd"] >= fooled["fgsm"]


def test_pgd_reaches_any_class_that_it_goes_towards(net, examples):
    for image, label in examples[:4]:
        for target in range(4):
            *_, last = explain.pgd(net, image, target, epsilon=0.2, targeted=True)
            assert probabilities(net, last).argmax() == target, (label, target)


def test_what_a_class_wants_to_see_is_a_bright_quarter(net):
    for label in range(4):
        *_, (image, value) = explain.ascend(net, label, size=16, jitter=0)
        assert image[quarter(label)].mean() > image.mean() + 0.1
        assert probabilities(net, image).argmax() == label
        assert value > 5
