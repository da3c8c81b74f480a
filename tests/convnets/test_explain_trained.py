"""A net that was trained to tell the colour of a square: every explanation points at it."""

import numpy as np
import pytest
from nets_to_explain import images_of_colours, trained_net

from lib.convnets import explain
from lib.convnets.explain import probabilities


@pytest.fixture(scope="module")
def net():
    return trained_net()


@pytest.fixture(scope="module")
def examples(net):
    """Images that it has not seen, and their labels; it knows nearly all of them."""
    images, labels, inside = images_of_colours(24, seed=1)
    known = [probabilities(net, image).argmax() == label for image, label in zip(images, labels, strict=True)]
    assert np.mean(known) > 0.9
    return [
        (image, int(label), where)
        for image, label, where, right in zip(images, labels, inside, known, strict=True)
        if right
    ]


def map_of_grad_cam(net, image, label):
    return explain.grad_cam(net, image, "5", label)


def map_of_occlusion(net, image, label):
    falls = explain.occlusion(net, image, label, size=4, stride=2).clip(min=0)
    return explain.spread(falls, image.shape[1:], size=4, stride=2)


@pytest.mark.parametrize("method", [map_of_grad_cam, map_of_occlusion])
def test_the_map_lies_on_the_square(method, net, examples):
    """A map that knows nothing has 14 % of itself there, the share of its pixels."""
    shares = []
    for image, label, where in examples:
        heat = method(net, image, label)
        shares.append(heat[where].sum() / heat.sum())
    assert np.mean(shares) > 0.4


def test_saliency_asks_for_more_of_the_colour_in_the_square(net, examples):
    for method in (explain.saliency, explain.smooth_grad):
        slopes = np.array(
            [method(net, image, label)[:, where].mean(axis=1) for image, label, where in examples]
        )
        labels = [label for _, label, _ in examples]
        assert (slopes.argmax(axis=1) == labels).mean() > 0.9


def test_small_noise_changes_the_vote_and_noise_by_chance_does_not(net, examples):
    fooled = {"fgsm": 0, "pgd": 0, "chance": 0}
    for image, label, _ in examples:
        epsilon, chance = 0.1, np.random.default_rng(0).choice([-1.0, 1.0], image.shape)
        *_, last = explain.pgd(net, image, label, epsilon=epsilon)
        changed = {
            "fgsm": explain.fgsm(net, image, label, epsilon=epsilon),
            "pgd": last,
            "chance": explain.perturb(image, chance, epsilon),
        }
        for name, one in changed.items():
            fooled[name] += probabilities(net, one).argmax() != label
    count = len(examples)
    assert fooled["chance"] <= 0.2 * count
    assert fooled["fgsm"] >= 0.8 * count
    assert fooled["pgd"] >= 0.9 * count


def test_pgd_reaches_any_class_that_it_goes_towards(net, examples):
    for image, _, _ in examples[:4]:
        for target in range(3):
            *_, last = explain.pgd(net, image, target, epsilon=0.2, targeted=True)
            assert probabilities(net, last).argmax() == target


def test_what_a_class_wants_to_see_is_its_colour(net):
    for label in range(3):
        first, *_, last = explain.ascend(net, label, size=16)
        assert last.image.mean(axis=(1, 2)).argmax() == label
        assert probabilities(net, last.image).argmax() == label
        assert last.value > first.value + 1
