"""The convnets on one thread of this processor: how much faster bfloat16 is than float32.

Forward, backward and update of each net by its recipe, images channels_last. The ratio is the time in float32
over the one in bfloat16, turn by turn: it holds on a busy machine too, while images a second, beside it, are
of this moment. Where the processor has no bfloat16 there is nothing to compare.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from statistics import median

import torch

from benchmarks.measure import Row, interleaved, ratios
from lib.convnets.device import cpu_has_bf16
from lib.convnets.learner import PRECISIONS, TorchLearner
from lib.convnets.models import build_model
from lib.convnets.recipe import RECIPES

NETS = ("small", "fast_half", "fast", "resnet20", "alexnet_cifar", "allcnn", "vgg16", "resnet18")
BATCH = 50


def rows(quick: bool) -> Iterator[Row]:
    nets, batch, turns = (NETS[:1], 8, 1) if quick else (NETS, BATCH, 5)
    precisions = PRECISIONS if cpu_has_bf16() else ("fp32",)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for net in nets:
            seconds = interleaved({name: step(net, name, batch) for name in precisions}, turns=turns)
            yield row(net, batch, seconds)
    finally:
        torch.set_num_threads(threads)


def step(net: str, precision: str, batch: int) -> Callable[[], object]:
    """One training step of a net on images of noise."""
    learner = TorchLearner(build_model(net), RECIPES[net], precision=precision)
    images = torch.randn(batch, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    images = images.contiguous(memory_format=torch.channels_last)
    labels = torch.arange(batch) % 10
    return lambda: learner.step(images, labels, 1e-6)


def row(net: str, batch: int, seconds: dict[str, list[float]]) -> Row:
    """The row of a net; its name says so where there is only one precision."""
    speed = {name: f"{batch / median(values):,.0f}/s" for name, values in seconds.items()}
    what = f"a step on {batch} images, channels_last, one thread"
    if "bf16" not in seconds:
        values = [batch / value for value in seconds["fp32"]]
        return Row(f"{net}, fp32 (no bf16 here)", what, values, unit="images/s")
    faster = ratios(seconds["fp32"], seconds["bf16"])
    return Row(f"{net}: fp32 / bf16", what, faster, ours=speed["bf16"], peer=speed["fp32"])
