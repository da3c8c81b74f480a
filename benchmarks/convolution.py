"""Convolution against the bare matrix products and torch; the memory it takes; a small convnet against torch.

Forward and backward with every gradient, float32, one thread. torch gets (N, C, H, W) in memory, as its users
give it; ours gets images as they come from the layer before it, channels last. Targets depend on numpy's
matrix product: with AVX-512 it is as wide as torch's, with AVX2 half as wide.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median

import numpy as np
import threadpoolctl
import torch
from torch.nn import functional

from benchmarks.measure import Row, interleaved, ratios
from lib import nn

WIDE = {"SkylakeX", "Cooperlake", "SapphireRapids"}  # OpenBLAS's kernels with AVX-512
MEGABYTES = 100


@dataclass(frozen=True)
class Case:
    """A layer and its images; the targets against torch are for AVX2 and for AVX-512."""

    number: int
    images: int
    channels: int
    size: int
    filters: int
    stride: int
    against_torch: tuple[float, float]

    @property
    def what(self) -> str:
        images = f"{self.images} × {self.channels} × {self.size}²"
        return f"case {self.number}: {images}, {self.filters} filters 3 × 3, stride {self.stride}"


CASES = (
    Case(2, 64, 32, 16, 64, 1, (2.3, 1.5)),
    Case(3, 128, 64, 32, 64, 1, (1.3, 1.0)),
    Case(5, 64, 32, 32, 64, 2, (1.5, 1.1)),
)


def rows(quick: bool) -> Iterator[Row]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for case in CASES:
            yield from conv_rows(case, images=2 if quick else case.images, turns=1 if quick else 9)
        yield memory_row(CASES[1], images=2 if quick else CASES[1].images)
        yield convnet_row(images=4 if quick else 64, turns=1 if quick else 15)
    finally:
        torch.set_num_threads(threads)


def conv_rows(case: Case, *, images: int, turns: int) -> Iterator[Row]:
    """Ours, the bare products of the same sizes, with their patches ready and all at once, and torch."""
    layer, x, grad_output = _layer(case, images)
    tensors = [torch.tensor(a).contiguous().requires_grad_() for a in (x, layer.weight, layer.bias)]
    upstream = torch.tensor(grad_output).contiguous()

    def ours():
        layer.forward(x)
        layer.backward(x, grad_output)

    def theirs():
        output = functional.conv2d(*tensors, stride=case.stride, padding=1)
        torch.autograd.grad(output, tensors, upstream)

    products = _products(layer, grad_output)
    seconds = interleaved({"ours": ours, "products": products, "torch": theirs}, turns=turns)
    kernel, column = _blas()
    for peer, target in (("products", (1.4, 1.35)), ("torch", case.against_torch)):
        yield Row(
            f"Conv2d / {'matrix products' if peer == 'products' else peer}",
            f"{case.what}; {kernel}",
            ratios(seconds["ours"], seconds[peer]),
            at_most=target[column],
            ours=_milliseconds(seconds["ours"]),
            peer=_milliseconds(seconds[peer]),
        )


def memory_row(case: Case, *, images: int) -> Row:
    """The most that numpy held at a time in forward and backward, beyond x, grad_output and parameters."""
    layer, x, grad_output = _layer(case, images)
    tracemalloc.start()
    layer.forward(x)
    layer.backward(x, grad_output)
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    results = (layer.output.nbytes + layer.grad_input.nbytes) / 1e6
    what = f"{case.what}; {results:.0f} MB of it are the results"
    return Row("memory of Conv2d", what, [peak], unit="MB", at_most=MEGABYTES)


def convnet_row(*, images: int, turns: int) -> Row:
    """One training step, update included: both sides start alike, and must go through the same losses."""
    ours, theirs = _convnets()
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((images, 3, 32, 32), np.float32), rng.integers(0, 10, images)
    tensor, labels = torch.tensor(x), torch.tensor(y)
    criterion, losses, their_losses = nn.CrossEntropyLoss(), [], []

    def our_step():
        ours.zero_grad_parameters()
        output = ours.forward(x)
        losses.append(criterion.forward(output, y))
        ours.backward(x, criterion.backward(output, y), need_grad_input=False)
        ours.update_parameters(0.01)

    def their_step():
        theirs.zero_grad()
        loss = functional.cross_entropy(theirs(tensor), labels)
        their_losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            for parameter in theirs.parameters():
                parameter -= 0.01 * parameter.grad

    seconds = interleaved({"ours": our_step, "torch": their_step}, turns=turns)
    np.testing.assert_allclose(losses, their_losses, rtol=1e-3)
    kernel, column = _blas()
    return Row(
        "convnet, training step / torch",
        f"{images} × 3 × 32², 32 and 64 filters 5 × 5, fc10; {kernel}",
        ratios(seconds["ours"], seconds["torch"]),
        at_most=(2.1, 1.5)[column],
        ours=_milliseconds(seconds["ours"]),
        peer=_milliseconds(seconds["torch"]),
    )


def _layer(case: Case, images: int) -> tuple[nn.Conv2d, np.ndarray, np.ndarray]:
    """The layer, x and a gradient of its output, with the channels last in memory."""
    rng = np.random.default_rng(0)
    layer = nn.Conv2d(case.channels, case.filters, 3, case.stride, padding=1)

    def draw(channels: int, size: int) -> np.ndarray:
        return rng.standard_normal((images, size, size, channels), np.float32).transpose(0, 3, 1, 2)

    return layer, draw(case.channels, case.size), draw(case.filters, case.size // case.stride)


def _products(layer: nn.Conv2d, grad_output: np.ndarray) -> Callable[[], None]:
    """The three products of a convolution, each at once: patches with weights, and both with the gradient."""
    weights = layer.weight.reshape(len(layer.weight), -1).T.copy()
    gradient = grad_output.transpose(0, 2, 3, 1).reshape(-1, len(layer.weight))
    patches = np.random.default_rng(0).standard_normal((len(gradient), len(weights)), np.float32)
    output, grad_weights, grad_patches = (np.zeros_like(a) for a in (gradient, weights, patches))

    def run():
        np.matmul(patches, weights, out=output)
        np.matmul(patches.T, gradient, out=grad_weights)
        np.matmul(gradient, weights.T, out=grad_patches)

    return run


def _convnets() -> tuple[nn.Sequential, torch.nn.Sequential]:
    """The same network twice, with the same weights."""
    ours, theirs = (
        side.Sequential(
            side.Conv2d(3, 32, 5, padding=2),
            side.ReLU(),
            side.MaxPool2d(2),
            side.Conv2d(32, 64, 5, padding=2),
            side.ReLU(),
            side.MaxPool2d(2),
            side.Flatten(),
            side.Linear(64 * 8 * 8, 10),
        )
        for side in (nn, torch.nn)
    )
    for parameter, tensor in zip(ours.reset(0).parameters()[0], theirs.parameters(), strict=True):
        tensor.data = torch.tensor(parameter)
    return ours, theirs


def _blas() -> tuple[str, int]:
    """The kernel of numpy's matrix product, and the column of targets for it: 0 for AVX2, 1 for AVX-512."""
    pools = threadpoolctl.threadpool_info()
    kernels = (pool["architecture"] for pool in pools if pool["internal_api"] == "openblas")
    kernel = next(kernels, "unknown BLAS")
    return kernel, int(kernel in WIDE)


def _milliseconds(seconds: list[float]) -> str:
    return f"{1000 * median(seconds):.3g} ms"
