"""Small data and nets for the tests of the training loop."""

import numpy as np
import torch
from torch import nn


class Images:
    """Random images in memory; their labels can be learnt: which of the channels is the brightest."""

    def __init__(self, count=60, size=8, seed=0, dtype=torch.float32):
        rng = np.random.default_rng(seed)
        self.labels = torch.from_numpy(rng.integers(0, 3, count))
        images = rng.normal(size=(count, 3, size, size))
        images[np.arange(count), self.labels] += 1.0
        self.images = torch.from_numpy(images).to(dtype)

    def __len__(self):
        return len(self.labels)

    def batches(self, batch_size, *, seed, epoch, shuffle, rank=0, world=1):
        order = (
            np.random.default_rng([seed, epoch]).permutation(len(self)) if shuffle else np.arange(len(self))
        )
        for start in range(0, len(self), batch_size):
            rows = np.array_split(order[start : start + batch_size], world)[rank]
            yield self.images[rows], self.labels[rows]


def net(seed=0, dropout=0.0):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return nn.Sequential(
            nn.Conv2d(3, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(4, 6, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Dropout(dropout), nn.Linear(96, 3),
        )  # fmt: skip
