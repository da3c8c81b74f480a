"""Small data and nets for the tests of the training loop."""

import numpy as np
import torch
from torch import nn

from lib import nn as numpy_nn
from lib.convnets.augmentation import Augmentation
from lib.convnets.images import DeviceImages


class Images:
    """Random images in memory; their labels can be learnt: which of the channels is the brightest.

    They have the methods of `DeviceImages` that the loop uses.
    """

    def __init__(self, count=60, size=8, seed=0, dtype=torch.float32, is_test=False):
        rng = np.random.default_rng(seed)
        self.labels = torch.from_numpy(rng.integers(0, 3, count))
        images = rng.normal(size=(count, 3, size, size))
        images[np.arange(count), self.labels] += 1.0
        self.images = torch.from_numpy(images).to(dtype)
        self.is_test = is_test

    def __len__(self):
        return len(self.labels)

    def starts(self, batch_size, *, world=1):
        return range(0, len(self), batch_size)

    def batches(self, batch_size, *, seed, epoch, rank=0, world=1):
        order = np.random.default_rng([seed, epoch]).permutation(len(self))
        for start in self.starts(batch_size):
            rows = order[start : start + batch_size][rank::world]
            yield self.images[rows], self.labels[rows]

    def in_order(self, batch_size=1000):
        for start in self.starts(batch_size):
            yield self.images[start : start + batch_size], self.labels[start : start + batch_size]


def real_images(count=60, dtype=torch.float32, kind=DeviceImages):
    """Bytes as `DeviceImages`, with every augmentation."""
    rng = np.random.default_rng(4)
    change = Augmentation(flip="alternating", shift=2, cutout=3, brightness=0.2)
    bytes_ = rng.integers(0, 256, (count, 3, 8, 8), np.uint8)
    return kind(bytes_, rng.integers(0, 3, count), dtype=dtype, augmentation=change)


def net(seed=0, dropout=0.0, classes=3):
    """A convnet in torch, for images of 8 × 8 pixels."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return nn.Sequential(
            nn.Conv2d(3, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(4, 6, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Dropout(dropout),
            nn.Linear(96, classes),
        )  # fmt: skip


def numpy_net(twin):
    """The same net in numpy, in float64, with the weights of its twin in torch."""
    model = numpy_nn.Sequential(
        numpy_nn.Conv2d(3, 4, 3, padding=1, bias=False), numpy_nn.BatchNorm2d(4), numpy_nn.ReLU(),
        numpy_nn.MaxPool2d(2), numpy_nn.Conv2d(4, 6, 3, padding=1), numpy_nn.ReLU(), numpy_nn.Flatten(),
        numpy_nn.Dropout(twin[7].p), numpy_nn.Linear(96, 3),
    ).double()  # fmt: skip
    for name, array in model.state().items():
        array[...] = twin.state_dict()[name].numpy()
    return model


def plain_net(seed=0):
    """A convnet without batch norm, whose gradients for an image do not depend on the other images."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return nn.Sequential(
            nn.Conv2d(3, 4, 3, padding=1), nn.Tanh(), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(64, 3)
        )
