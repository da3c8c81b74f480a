"""A step never waits for the device: nothing in it turns a tensor into a number of Python."""

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from lib.convnets import images as device_images
from lib.convnets.augmentation import Augmentation, crop
from lib.convnets.hooks import Hook
from lib.convnets.images import DeviceImages
from lib.convnets.learner import TorchLearner
from lib.convnets.loop import fit
from lib.convnets.models import build_model
from lib.convnets.muon import Muon
from lib.convnets.recipe import RECIPES

# What makes a GPU's host wait: a number read (`if tensor`, int, item, …), and results of unknown size.
WAITING = {"aten::_local_scalar_dense", "aten::nonzero", "aten::masked_select", "aten::equal"}


class Waiting(TorchDispatchMode):
    """The operations that would wait, while it is active."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        if (name := function._schema.name) in WAITING:
            self.seen.append(name)
        return function(*args, **(kwargs or {}))


class AfterStep(Hook):
    """Notes how much has been seen after each step."""

    def __init__(self, waiting):
        self.waiting, self.counts = waiting, []

    def after_step(self, run):
        self.counts.append(len(self.waiting.seen))


@pytest.mark.parametrize("flip", ["none", "random", "alternating"])
@pytest.mark.parametrize("net", ["small", "fast_half"])
def test_no_step_waits_whatever_the_augmentation_and_with_an_average(net, flip, monkeypatch):
    monkeypatch.setattr(device_images, "crop_by_stretches", crop)  # as on a GPU
    recipe = RECIPES[net].replace(
        epochs=2, batch_size=8, optimizer="sgd", flip=flip, shift=2, cutout=4, brightness=0.1, ema=0.9
    )
    rng = np.random.default_rng(0)
    pixels, labels = rng.integers(0, 256, (36, 3, 32, 32), np.uint8), rng.integers(0, 10, 36)
    data = DeviceImages(pixels, labels, augmentation=Augmentation.of(recipe), classes=10)
    learner = TorchLearner(build_model(net), recipe, precision="bf16")
    with Waiting() as waiting:
        hook = AfterStep(waiting)
        fit(learner, data, recipe, hooks=[hook])
    assert len(hook.counts) == 10
    assert hook.counts[-1] == 0


def test_a_step_of_muon_does_not_wait():
    filters = [torch.nn.Parameter(torch.randn(4, 3, 3, 3)) for _ in range(2)]
    optimizer = Muon(filters, 0.01)
    for weight in filters:
        weight.grad = torch.randn_like(weight)
    with Waiting() as waiting:
        optimizer.step()
    assert waiting.seen == []


def test_what_waits_would_be_seen():
    with Waiting() as waiting:
        assert torch.ones(3).sum().item() == 3
        assert torch.ones(3).bool().all()
        torch.ones(3).nonzero()
    assert waiting.seen == ["aten::_local_scalar_dense", "aten::_local_scalar_dense", "aten::nonzero"]
