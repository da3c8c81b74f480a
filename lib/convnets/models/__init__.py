"""The nets by name. Each is built in a file of its own, to be read beside its row in the layer table."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from difflib import get_close_matches
from functools import partial
from typing import Any

import torch
from torch import nn

from lib.checks import called_like, check_whole, mismatch, shown, wrong_call
from lib.convnets.models.alexnet import alexnet, alexnet_cifar
from lib.convnets.models.allcnn import allcnn
from lib.convnets.models.fast import fast
from lib.convnets.models.linear import linear
from lib.convnets.models.mirror import fast_mirror
from lib.convnets.models.resnet import cifar_resnet, resnet
from lib.convnets.models.small import small
from lib.convnets.models.vgg import vgg
from lib.convnets.models.whitening import whiten

__all__ = ["MODELS", "build_model", "whiten"]

# Each takes the number of classes and the input size; what else it takes, its docstring says.
MODELS: dict[str, Callable[..., nn.Module]] = {
    "linear": linear,
    "small": small,
    "alexnet": alexnet,
    "alexnet_cifar": alexnet_cifar,
    "vgg16": partial(vgg, depth=16),
    "vgg19": partial(vgg, depth=19),
    "allcnn": allcnn,
    "resnet18": partial(resnet, depth=18),
    "resnet50": partial(resnet, depth=50),
    "resnet152": partial(resnet, depth=152),
    "resnet20": partial(cifar_resnet, depth=20),
    "resnet56": partial(cifar_resnet, depth=56),
    "plain20": partial(cifar_resnet, depth=20, skips=False),
    "plain56": partial(cifar_resnet, depth=56, skips=False),
    "fast": fast,
    "fast_half": partial(fast, width=32),
    "fast_mirror": fast_mirror,
}


@called_like('build_model("small", num_classes=10, input_size=32)')
def build_model(
    name: str, num_classes: int = 10, input_size: int = 32, *, seed: int = 0, **options: Any
) -> nn.Module:
    """A net with fresh weights, on the CPU: images (N, 3, input_size, input_size) → scores (N, num_classes).

    name: one of `MODELS`
    input_size: height and width of the images, in pixels; nets for ImageNet take their original form at 224
    seed: of the start values; the same seed draws the same, and torch's own generator stays as it is
    options: what else this net's builder takes, such as build_model("fast", width=48)
    Raises `ValueError` for an unknown name, and for images too small for the net.

    Under `with torch.device("meta"):` the net has shapes but no numbers, and is there at once.

    >>> build_model("linear")(torch.zeros(2, 3, 32, 32)).shape
    torch.Size([2, 10])
    """
    if not isinstance(name, str) or name not in MODELS:
        near = get_close_matches(str(name).lower(), MODELS, 1)
        advice = f"did you mean {near[0]!r}?" if near else ""
        raise mismatch("build_model", "name", f"one of {', '.join(MODELS)}", shown(name), advice)
    check_whole(num_classes, name="num_classes", owner=name, low=1)
    check_whole(input_size, name="input_size", owner=name, low=1)
    check_whole(seed, name="seed", owner=name, high=2**63 - 1)
    build = MODELS[name]
    known = inspect.signature(build).parameters.values()
    write = ", ".join([repr(name), *(f"{p.name}={p.default!r}" for p in known if p.default is not p.empty)])
    if error := wrong_call(name, build, (num_classes, input_size), options, write=f"build_model({write})"):
        raise error
    device = "meta" if torch.get_default_device().type == "meta" else "cpu"
    with torch.random.fork_rng(devices=[]), torch.device(device):  # each device would draw other numbers
        torch.default_generator.manual_seed(seed)
        return build(num_classes, input_size, **options)
