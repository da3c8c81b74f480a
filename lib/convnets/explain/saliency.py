"""Saliency: how much a class's score changes with each pixel; and SmoothGrad, the same with less noise."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn

from lib.checks import as_numbers, check_number, check_whole, mismatch
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

TOGETHER = 16  # noisy copies of an image that go through the net at once


def saliency(model: nn.Module, image: Image, label: int | None = None) -> np.ndarray:
    """The gradient of a class's score, before the softmax, in the image; `heat_of` makes one map of it.

    model: takes (1, C, H, W), gives scores (1, classes)
    image: floats (C, H, W)
    label: the class; None for the one that the net votes for
    returns: (C, H, W), score per unit of the image

    Source: Simonyan, Vedaldi and Zisserman, "Deep inside convolutional networks", 2014.
    """
    model = check_model(model)
    return to_array(_gradients(model, as_input(model, image), label)[0])


def smooth_grad(
    model: nn.Module,
    image: Image,
    label: int | None = None,
    *,
    samples: int = 16,
    noise: float = 0.15,
    seed: int = 0,
) -> np.ndarray:
    """The mean gradient over copies of the image with Gaussian noise: what flickers from copy to copy goes.

    model, image, label: as in `saliency`; None is the vote on the image without noise
    samples: how many copies
    noise: its standard deviation, as a share of the image's largest minus its smallest number
    returns: (C, H, W), score per unit of the image

    Source: Smilkov et al., "SmoothGrad: removing noise by adding noise", 2017.
    """
    means = _smooth_grad(model, image, label, samples=samples, noise=noise, seed=seed, together=TOGETHER)
    *_, mean = means
    return mean


def smooth_grad_steps(
    model: nn.Module,
    image: Image,
    label: int | None = None,
    *,
    samples: int = 16,
    noise: float = 0.15,
    seed: int = 0,
) -> Iterator[np.ndarray]:
    """`smooth_grad` step by step: the mean over the first copy, the first two, and so on up to `samples`."""
    return _smooth_grad(model, image, label, samples=samples, noise=noise, seed=seed, together=1)


def _smooth_grad(
    model: nn.Module,
    image: Image,
    label: int | None,
    *,
    samples: int,
    noise: float,
    seed: int,
    together: int,
) -> Iterator[np.ndarray]:
    """The mean gradient so far, after each `together` copies; arguments are checked before the first."""
    model = check_model(model)
    samples = check_whole(samples, name="samples", low=1)
    noise = check_number(noise, name="noise", low=0)
    rng = np.random.default_rng(check_whole(seed, name="seed"))
    x = as_input(model, image)
    with evaluating(model):
        label = choose_label(scores_of(model, x), label)
    deviation = noise * float(x.max() - x.min())

    def means() -> Iterator[np.ndarray]:
        total = torch.zeros_like(x[0])
        for first in range(0, samples, together):
            count = min(together, samples - first)
            normal = rng.standard_normal((count, *x.shape[1:]))
            noisy = x + torch.as_tensor(deviation * normal, dtype=x.dtype).to(x.device)
            total = total + _gradients(model, noisy, label).sum(dim=0)
            yield to_array(total / (first + count))

    return means()


def _gradients(model: nn.Module, batch: Tensor, label: int | None) -> Tensor:
    """The gradient of the score in each image of a batch, (N, C, H, W); None is the vote on the first."""
    with evaluating(model, gradient=True):
        x = batch.detach().clone().requires_grad_()
        scores = scores_of(model, x)
        chosen = choose_label(scores.detach(), label)
        return gradient_of(scores[:, chosen].sum(), x)  # images do not meet in evaluation mode


def heat_of(gradient: np.ndarray) -> np.ndarray:
    """One map of a gradient (C, H, W): at each pixel the largest size among its channels, (H, W), ≥ 0.

    Source: Simonyan, Vedaldi and Zisserman, 2014, section 3.1.

    >>> heat_of(np.array([[[0.5, 0.0]], [[-2.0, 0.25]]]))
    array([[2.  , 0.25]])
    """
    gradient = as_numbers(gradient, name="gradient")
    if gradient.ndim != 3 or not gradient.size:
        raise mismatch("", "gradient", "(C, H, W)", f"shape {gradient.shape}")
    return np.abs(gradient).max(axis=0)
