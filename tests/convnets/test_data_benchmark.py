"""Both sides of the benchmark of batches do the same work."""

import random

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from benchmarks.convnet_data import SHIFT, OneByOne, use, with_pillow, with_tensors
from lib.training.images import PixelScale


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (20, 3, 32, 32), np.uint8)


@pytest.mark.parametrize("change", [with_pillow, with_tensors])
@pytest.mark.parametrize("mirrored", [False, True])
def test_the_peer_normalises_shifts_and_mirrors_each_image(monkeypatch, images, change, mirrored):
    down, right = 2, -3
    scale, offsets = PixelScale.of(images), iter([SHIFT - right, SHIFT - down] * 20)
    monkeypatch.setattr(random, "randint", lambda low, high: next(offsets))
    monkeypatch.setattr(random, "random", lambda: 0.1 if mirrored else 0.9)
    loader = DataLoader(OneByOne(images, np.arange(20), change(scale)), 20)
    x, y = next(iter(loader))
    expected = torch.tensor(scale(images))
    assert torch.equal(y, torch.arange(20))
    x = x.flip(3) if mirrored else x
    torch.testing.assert_close(x[:, :, down:, :right], expected[:, :, :-down, -right:], rtol=1e-4, atol=1e-4)


def test_as_many_images_are_used_as_are_measured():
    taken = []
    use(((taken.append(x) or x, None) for x in [[0] * 4] * 4), 8)
    assert len(taken) == 2
