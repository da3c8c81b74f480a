"""Nets of which the right explanation is known, and random ones."""

import numpy as np
import torch
from torch import nn


class Quadrant(nn.Module):
    """Looks only at the upper left quarter of an image: class 1 scores how bright it is, class 0 scores 0."""

    def __init__(self, side=16):
        super().__init__()
        self.register_buffer("window", torch.zeros(side, side))
        self.window[: side // 2, : side // 2] = 1
        self.look = nn.Conv2d(3, 4, 1, bias=False)
        nn.init.uniform_(self.look.weight, 0.5, 1.0, generator=torch.Generator().manual_seed(0))

    def forward(self, x):
        bright = self.look(x * self.window).mean(dim=(1, 2, 3))
        return torch.stack([torch.zeros_like(bright), bright], dim=1)


class ElsewhereQuadrant(Quadrant):
    """The same, but its convolution sees the whole image; what follows looks only at the quarter."""

    def forward(self, x):
        bright = (self.look(x) * self.window).mean(dim=(1, 2, 3))
        return torch.stack([torch.zeros_like(bright), bright], dim=1)


def random_net(seed=0, *, side=16, width=6, classes=5, dtype=torch.float32, inplace=False):
    """Convolutions, a batch norm with statistics of its own, dropout: everything that has two modes."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = nn.Sequential(
            nn.Conv2d(3, width, 3, padding=1),
            nn.ReLU(inplace=inplace),
            nn.MaxPool2d(2),
            nn.Conv2d(width, 2 * width, 3, padding=1),
            nn.BatchNorm2d(2 * width),
            nn.Softplus() if dtype == torch.float64 else nn.ReLU(inplace=inplace),
            nn.Dropout(0.5),
            nn.Flatten(),
            nn.Linear(2 * width * (side // 2) ** 2, classes),
        )
        net[4].running_mean.normal_()
        net[4].running_var.uniform_(0.5, 2)
    return net.to(dtype)


def random_image(seed=0, *, side=16, dtype=np.float32):
    return np.random.default_rng(seed).uniform(0.1, 0.9, (3, side, side)).astype(dtype)


def whole_state(net):
    """All that an explanation must leave as it was: modes, numbers, gradients, hooks."""
    modes = [module.training for module in net.modules()]
    hooks = [
        (len(m._forward_hooks), len(m._forward_pre_hooks), len(m._backward_hooks)) for m in net.modules()
    ]
    numbers = {name: value.detach().clone() for name, value in net.state_dict().items()}
    grads = [None if p.grad is None else p.grad.clone() for p in net.parameters()]
    return modes, hooks, numbers, grads, [p.requires_grad for p in net.parameters()]


def assert_same_state(before, after):
    assert before[:2] == after[:2]
    assert before[4] == after[4]
    for name, value in before[2].items():
        assert torch.equal(value, after[2][name]), name
    for one, other in zip(before[3], after[3], strict=True):
        assert (one is None) == (other is None)
        assert one is None or torch.equal(one, other)


def images_of_colours(count, seed=0, *, side=16):
    """Grey noise with a small square of one colour somewhere.

    returns: the images; the labels, 0 red, 1 green, 2 blue; where the square is, bool (count, side, side)
    """
    rng = np.random.default_rng(seed)
    images = rng.uniform(0.3, 0.7, (count, 3, side, side)).astype(np.float32)
    labels, inside = rng.integers(0, 3, count), np.zeros((count, side, side), bool)
    for image, label, where in zip(images, labels, inside, strict=True):
        row, column = rng.integers(0, side - 5, 2)
        where[row : row + 6, column : column + 6] = True
        image[label, where] += 0.2
    return images, labels, inside


def trained_net(steps=40):
    """A net that has learned which colour the square has; it takes the mean over all places in the end."""
    images, labels, _ = images_of_colours(128)
    x, y = torch.as_tensor(images), torch.as_tensor(labels)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)  # of its start and of its dropout
        net = random_net(0)
        net[1], net[5], net[8] = nn.GELU(), nn.GELU(), nn.Linear(12, 3)  # GELU: no unit is silent for good
        net.insert(7, nn.AdaptiveAvgPool2d(1))
        optimizer = torch.optim.SGD(net.parameters(), 0.1, momentum=0.9)
        for _ in range(steps):
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(x), y).backward()
            optimizer.step()
    net.zero_grad()
    return net.eval()
