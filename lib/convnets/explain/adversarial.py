"""Adversarial noise: a change too small to see, after which the net votes for something else."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn

from lib.checks import as_numbers, check_number, check_switch, check_whole, mismatch
from lib.convnets.explain.network import (
    Image,
    as_input,
    check_model,
    choose_label,
    evaluating,
    gradient_of,
    scores_of,
    to_array,
)


def fgsm_direction(
    model: nn.Module, image: Image, label: int | None = None, *, targeted: bool = False
) -> np.ndarray:
    """The direction of the fast gradient sign method: for each number of the image, the sign of ∂loss/∂image.

    It does not depend on ε: computed once, it serves every ε with `perturb`, which needs no net.

    model: takes pixels from 0 to 1, (1, C, H, W), gives scores (1, classes) of at least two classes
    image: pixels from 0 to 1, (C, H, W)
    label: its true class, away from which it goes; None for the one that the net votes for
    targeted: True to go towards `label` instead, any class
    returns: −1, 0 or 1, (C, H, W)

    Source: Goodfellow, Shlens and Szegedy, "Explaining and harnessing adversarial examples", 2015.
    """
    model = check_model(model)
    away = _away(label, targeted)
    return to_array(away * _loss_gradient(model, as_input(model, image, pixels=True), label)[0].sign())


def perturb(image: np.ndarray, direction: np.ndarray, epsilon: float) -> np.ndarray:
    """image + ε · direction, cut to what pixels can be, 0 to 1.

    image: floats from 0 to 1, (C, H, W)
    direction: from `fgsm_direction`, of the same shape
    epsilon: ε, from 0 to 1; the bytes of an image are steps of 1/255
    returns: of the image's dtype; no number is more than ε away from that of the image

    >>> perturb(np.array([[[0.5, 0.9]]]), np.array([[[-1.0, 1.0]]]), 0.25)
    array([[[0.25, 1.  ]]])
    """
    image, direction = as_numbers(image, name="image"), as_numbers(direction, name="direction")
    if image.dtype.kind != "f" or not image.size or not ((image >= 0) & (image <= 1)).all():
        advice = "bytes become such with image / 255" if image.dtype == np.uint8 else ""
        raise mismatch("", "image", "pixels from 0 to 1", f"{image.dtype} {image.shape}", advice)
    if direction.shape != image.shape:
        raise mismatch("", "direction", f"the shape of the image, {image.shape}", str(direction.shape))
    epsilon = check_number(epsilon, name="epsilon", low=0, high=1)
    return np.clip(image + image.dtype.type(epsilon) * direction.astype(image.dtype), 0, 1)


def fgsm(
    model: nn.Module, image: Image, label: int | None = None, *, epsilon: float, targeted: bool = False
) -> np.ndarray:
    """The image after one step of size ε up the loss: the fast gradient sign method.

    model, image, label, targeted: as in `fgsm_direction`
    epsilon: ε, from 0 to 1, by which each pixel may change
    returns: (C, H, W), from 0 to 1
    """
    direction = fgsm_direction(model, image, label, targeted=targeted)
    return perturb(to_array(as_input(check_model(model), image)[0]), direction, epsilon)


def pgd(
    model: nn.Module,
    image: Image,
    label: int | None = None,
    *,
    epsilon: float,
    steps: int = 10,
    step_size: float | None = None,
    targeted: bool = False,
    seed: int | None = None,
) -> Iterator[np.ndarray]:
    """Projected gradient descent: many small steps of FGSM, each cut back to within ε of the image.

    model, image, label, targeted: as in `fgsm_direction`
    epsilon: ε, from 0 to 1, by which each pixel may change in all
    steps: how many
    step_size: by which each pixel changes in one; None for ε / 4
    seed: of a random start within ε of the image; None starts at the image
    yields: the image after each step, (C, H, W), from 0 to 1

    Source: Madry et al., "Towards deep learning models resistant to adversarial attacks", 2018.
    """
    model = check_model(model)
    away = _away(label, targeted)
    epsilon = check_number(epsilon, name="epsilon", low=0, high=1)
    steps = check_whole(steps, name="steps", low=1)
    if step_size is None:
        step_size = epsilon / 4
    step_size = check_number(step_size, name="step_size", low=0, high=1, otherwise=", or None for ε / 4")
    rng = None if seed is None else np.random.default_rng(check_whole(seed, name="seed"))
    start = as_input(model, image, pixels=True)
    with evaluating(model):
        label = choose_label(_of_two_classes(scores_of(model, start)), label)
    low, high = (start - epsilon).clamp(min=0), (start + epsilon).clamp(max=1)

    def positions() -> Iterator[np.ndarray]:
        x = start
        if rng is not None:
            share = torch.as_tensor(rng.random(tuple(x.shape)), dtype=x.dtype).to(x.device)
            x = low + share * (high - low)
        for _ in range(steps):
            x = x + away * step_size * _loss_gradient(model, x, label).sign()
            x = x.maximum(low).minimum(high)
            yield to_array(x[0])

    return positions()


def _loss_gradient(model: nn.Module, x: Tensor, label: int | None) -> Tensor:
    """The gradient of the cross-entropy in an image (1, C, H, W), up to a positive factor.

    It is that of log Σ exp(other scores) − score of the label, which is the cross-entropy's divided by
    1 − p(label). So it does not vanish by rounding where the net is sure, p = 1: its sign would be noise.
    """
    with evaluating(model, gradient=True):
        x = x.detach().clone().requires_grad_()
        scores = _of_two_classes(scores_of(model, x))
        label = choose_label(scores.detach(), label)
        others = torch.cat((scores[0, :label], scores[0, label + 1 :]))
        return gradient_of(others.logsumexp(dim=0) - scores[0, label], x)


def _of_two_classes(scores: Tensor) -> Tensor:
    if scores.shape[1] < 2:
        raise mismatch("", "model", "scores of at least two classes", f"shape {tuple(scores.shape)}")
    return scores


def _away(label: int | None, targeted: bool) -> int:
    """1 to go up the loss, −1 to go down."""
    if not check_switch(targeted, name="targeted"):
        return 1
    if label is None:
        raise mismatch("", "label", "the class to go towards, where targeted=True", "None")
    return -1
