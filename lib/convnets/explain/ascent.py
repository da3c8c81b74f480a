"""Feature visualisation: an image grows, step by step, into what a filter or a class answers to most."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, pad

from lib.checks import check_number, check_whole
from lib.convnets.explain.layers import find_layer, the_map, watching
from lib.convnets.explain.network import (
    Image,
    as_input,
    check_model,
    evaluating,
    gradient_of,
    scores_of,
    to_array,
)


class Ascent(NamedTuple):
    """An image on its way up.

    image: (C, H, W), pixels from 0 to 1
    value: what it reaches: the mean of the filter's map, or the score of the class
    """

    image: np.ndarray
    value: float


def ascend(
    model: nn.Module,
    channel: int,
    *,
    layer: str | nn.Module | None = None,
    start: Image | None = None,
    size: int = 32,
    steps: int = 60,
    rate: float = 0.02,
    jitter: int = 2,
    smooth: int = 1,
    seed: int = 0,
) -> Iterator[Ascent]:
    """Gradient ascent in the image: each step raises the mean of a filter's map, or the score of a class.

    model: takes pixels from 0 to 1, (1, C, H, W), gives scores (1, classes); see `FromPixels`
    channel: which filter of the layer; without a layer, which class
    layer: one that gives (1, K, h, w), or its name; best before the ReLU, behind which a silent filter has no
        slope; None to raise the score of a class
    start: pixels from 0 to 1, (C, H, W); None for grey with a little noise, three channels, `size` × `size`
    steps: how many; one image more comes, the start
    rate: the root mean square of what a step adds to a pixel, before it is cut to 0 … 1
    jitter: each step looks at the image moved by up to so many pixels, around the edge: what one pixel does
        for one place of the grid of strides is not what the filter wants
    smooth: how many times a step is averaged with its neighbours, weights ¼, ½, ¼: fine noise grows slower,
        and the step still goes up
    seed: of the noise and of the moves
    yields: the start and the image after each step, with the value that it reached where it was moved to

    Sources: Simonyan, Vedaldi and Zisserman, 2014; Olah, Mordvintsev and Schubert, "Feature visualization",
    Distill, 2017.
    """
    model = check_model(model)
    named = None if layer is None else find_layer(model, layer)
    steps, jitter = check_whole(steps, name="steps"), check_whole(jitter, name="jitter")
    rate = check_number(rate, name="rate", low=0, open_low=True)
    smooth = check_whole(smooth, name="smooth")
    rng = np.random.default_rng(check_whole(seed, name="seed"))
    if start is None:
        size = check_whole(size, name="size", low=1)
        start = np.clip(0.5 + 0.02 * rng.standard_normal((3, size, size)), 0, 1)
    x = as_input(model, start, pixels=True)
    with evaluating(model):
        _objective(model, x, named, channel)

    def images() -> Iterator[Ascent]:
        now = x
        for step in range(steps + 1):
            down, right = (int(move) for move in rng.integers(-jitter, jitter + 1, 2))
            with evaluating(model, gradient=True):
                moved = now.clone().roll((down, right), (2, 3)).requires_grad_()
                value = _objective(model, moved, named, channel)
                gradient = gradient_of(value, moved).roll((-down, -right), (2, 3))
            yield Ascent(to_array(now[0]), float(value.detach()))
            if step == steps:
                return
            for _ in range(smooth):
                gradient = _average(gradient)
            length = gradient.square().mean().sqrt()
            tiny = torch.finfo(gradient.dtype).tiny
            now = (now + rate * gradient / length.clamp(min=tiny)).clamp(0, 1)

    return images()


def _objective(model: nn.Module, x: Tensor, layer: tuple[str, nn.Module] | None, channel: int) -> Tensor:
    """What is to rise, a single number."""
    if layer is None:
        scores = scores_of(model, x)
        return scores[0, _check_channel(channel, scores, "the classes of the net")]
    name, module = layer
    with watching({name: module}) as seen:
        scores_of(model, x)
    maps = the_map(seen, name)
    return maps[0, _check_channel(channel, maps, f"the maps of {name!r}")].mean()


def _check_channel(channel: int, values: Tensor, of: str) -> int:
    return check_whole(channel, name="channel", high=values.shape[1] - 1, of=of)


def _average(gradient: Tensor) -> Tensor:
    """Each number averaged with its neighbours, around the edge; of (1, C, H, W).

    Its Fourier coefficients are multiplied by cos²(ω/2) ≥ 0 along both sides, so the angle between the result
    and the gradient stays below a right one.
    """
    weights = torch.tensor([0.25, 0.5, 0.25], dtype=gradient.dtype, device=gradient.device)
    kernel = (weights[:, None] * weights)[None, None]
    channels = pad(gradient.transpose(0, 1), (1, 1, 1, 1), mode="circular")
    return conv2d(channels, kernel).transpose(0, 1)
