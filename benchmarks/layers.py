"""Pooling, batch normalisation and dropout, forward and backward, against torch on one thread.

torch gets NCHW images, its default; ours come as our convolution hands them on: NCHW in shape, channels-last
in memory. Rows without a target show other layouts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from statistics import median

import numpy as np
import torch

from benchmarks.measure import Row, interleaved, ratios
from lib import nn

SHAPE = (32, 64, 32, 32)  # two million numbers
LAYOUTS = {"channels-last": (0, 2, 3, 1), "NCHW": (0, 1, 2, 3)}
PAIRS = [("channels-last", "NCHW"), ("NCHW", "NCHW"), ("channels-last", "channels-last")]  # ours, torch


def rows(quick: bool) -> Iterator[Row]:
    shape, turns = ((2, 8, 16, 16), 1) if quick else (SHAPE, 41)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for name, ours, theirs, target in (
            ("MaxPool2d 2×2", nn.MaxPool2d(2), torch.nn.MaxPool2d(2), 0.6),
            ("MaxPool2d 3×3, stride 2", nn.MaxPool2d(3, 2, 1), torch.nn.MaxPool2d(3, 2, 1), None),
            ("BatchNorm2d", nn.BatchNorm2d(shape[1]), torch.nn.BatchNorm2d(shape[1]), 1.2),
            ("Dropout(0.5)", nn.Dropout(0.5), torch.nn.Dropout(0.5), 0.25),
            ("Dropout(0.1)", nn.Dropout(0.1), torch.nn.Dropout(0.1), None),
            ("ReLU", nn.ReLU(), torch.nn.ReLU(), None),
        ):
            yield from layer_rows(name, ours, theirs, shape, turns, target)
    finally:
        torch.set_num_threads(threads)


def layer_rows(
    name: str,
    ours: nn.Module,
    theirs: torch.nn.Module,
    shape: tuple[int, ...],
    turns: int,
    target: float | None,
) -> Iterator[Row]:
    """One layer in training mode, forward and backward, in each pair of layouts."""
    for our_layout, their_layout in PAIRS:
        steps = {
            "ours": our_step(ours, images(shape, our_layout)),
            "torch": torch_step(theirs, images(shape, their_layout)),
        }
        seconds = interleaved(steps, turns=turns)
        yield Row(
            f"{name} / torch",
            f"{shape} float32, forward + backward; ours {our_layout}, torch {their_layout}",
            ratios(seconds["ours"], seconds["torch"]),
            at_most=target if our_layout != their_layout else None,
            ours=f"{1000 * median(seconds['ours']):.2f} ms",
            peer=f"{1000 * median(seconds['torch']):.2f} ms",
        )


def our_step(layer: nn.Module, x: np.ndarray) -> Callable[[], object]:
    grad_output = np.ones_like(layer.forward(x))  # laid out as the output is
    return lambda: (layer.forward(x), layer.backward(x, grad_output))


def torch_step(layer: torch.nn.Module, x: np.ndarray) -> Callable[[], object]:
    x = torch.from_numpy(x).requires_grad_()
    grad_output = torch.ones_like(layer(x))
    wanted = [x, *layer.parameters()]
    return lambda: torch.autograd.grad(layer(x), wanted, grad_output)


def images(shape: tuple[int, ...], layout: str) -> np.ndarray:
    """Random images, NCHW in shape, in memory as the layout says."""
    order = LAYOUTS[layout]
    x = np.random.default_rng(0).standard_normal(shape, np.float32)
    return np.ascontiguousarray(x.transpose(order)).transpose(np.argsort(order))
