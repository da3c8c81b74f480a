"""Trainings that are right although unusual: other libraries, other models, other types."""

import random

import numpy as np
import pytest
import torch
from torch import nn

from lib.tasks import find_task
from lib.tasks.assess import assess

TASK = find_task("a4.reproducible")


def fitted(net, images, labels, seed, epochs, batch=16, rate=0.003, draw=None):
    """A net after training with Adam."""
    draw = draw or torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(net.parameters(), rate)
    net.train()
    for _ in range(epochs):
        for rows in torch.randperm(len(images), generator=draw).split(batch):
            loss = nn.functional.cross_entropy(net(images[rows]), labels[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return net


def small_net(*, norm=None, dropout=0.0):
    layers = [
        nn.Conv2d(3, 16, 5, stride=2, padding=2),
        *([norm(16)] if norm else []),
        nn.ReLU(),
        nn.MaxPool2d(2),
    ]
    layers += [
        nn.Conv2d(16, 16, 3, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Dropout(dropout),
        nn.LazyLinear(10),
    ]
    net = nn.Sequential(*layers)
    net(torch.zeros(2, 3, 32, 32))
    return net


def tensors(images, labels):
    return torch.tensor(images) / 255, torch.tensor(labels)


def with_norm(norm, dropout=0.0):
    def train(images, labels, seed, epochs=3):
        torch.manual_seed(seed)
        return fitted(small_net(norm=norm, dropout=dropout), *tensors(images, labels), seed, epochs)

    return train


@torch.no_grad()
def predict(model, images):
    model.eval()
    return model(torch.tensor(images) / 255).argmax(1)  # a tensor


@torch.no_grad()
def predict_mirrored(model, images):
    """Both the image and its mirror image are asked; a list comes back."""
    model.eval()
    x = torch.tensor(images) / 255
    return torch.cat([model(part) + model(part.flip(3)) for part in x.split(64)]).argmax(1).tolist()


def by_a_loader(images, labels, seed, epochs):
    """Order from a loader, augmentation from Python's and numpy's generators, all of them seeded."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002  # students do
    torch.manual_seed(seed)
    x, y = tensors(images, labels)
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=20, shuffle=True)
    net = small_net(dropout=0.3)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    for epoch in range(epochs):
        for part, truth in loader:
            if random.random() < 0.5:
                part = part.flip(3)
            part = part * float(np.random.uniform(0.9, 1.1))  # noqa: NPY002
            loss = nn.functional.cross_entropy(net(part), truth)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        print("epoch", epoch)
    return net


class InHalfPrecision(nn.Module):
    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x):
        with torch.autocast("cpu", torch.bfloat16):
            return self.net(x).float()


def in_half_precision(images, labels, seed, epochs):
    torch.manual_seed(seed)
    net = InHalfPrecision(small_net(norm=nn.BatchNorm2d))
    return fitted(net, *tensors(images, labels), seed, epochs)


def each_image_scaled(images, labels, seed, epochs):
    """Each image by its own mean and deviation, which has nothing to do with the others."""

    class Own(nn.Module):
        def forward(self, x):
            return (x - x.mean((1, 2, 3), True)) / (x.std((1, 2, 3), keepdim=True) + 0.01)

    torch.manual_seed(seed)
    return fitted(nn.Sequential(Own(), small_net()), *tensors(images, labels), seed, epochs)


def neighbours(images, labels, seed, epochs):
    """No net at all: what is trained is a memory, in a dictionary."""
    return {"images": images.reshape(len(images), -1).astype(np.float32), "labels": labels.copy()}


def nearest(model, images):
    x = images.reshape(len(images), -1).astype(np.float32)
    known = model["images"]
    distances = (x**2).sum(1)[:, None] - 2 * x @ known.T + (known**2).sum(1)
    return model["labels"][distances.argmin(axis=1)].astype(np.uint8)


class Averaged:
    """A model that answers by the vote of three nets; predict is its method."""

    def __init__(self, nets):
        self.nets = nets

    def classes(self, images):
        votes = np.stack([predict(net, images).numpy() for net in self.nets])
        counts = (votes[:, :, None] == np.arange(10)).sum(axis=0)
        return counts.argmax(axis=1)


def ensemble(images, labels, seed, epochs):
    return Averaged([with_norm(nn.BatchNorm2d)(images, labels, seed + k, epochs) for k in range(2)])


class Residual(nn.Module):
    """A net of one's own class, whose layers are used twice."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 12, 4, stride=4)
        self.again = nn.Conv2d(12, 12, 3, padding=1)
        self.head = nn.Linear(12, 10)

    def forward(self, x):
        x = torch.relu(self.stem(x))
        for _ in range(2):
            x = x + torch.relu(self.again(x))
        return self.head(x.mean((2, 3)))


def with_moving_average(images, labels, seed, epochs):
    """A schedule, clipped gradients, and the mean of the weights at the end."""
    torch.manual_seed(seed)
    x, y = tensors(images, labels)
    net = Residual()
    average = torch.optim.swa_utils.AveragedModel(
        net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.8)
    )
    optimizer = torch.optim.AdamW(net.parameters(), 0.01)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 16 * epochs)
    for rows in [rows for _ in range(epochs) for rows in torch.randperm(len(x)).chunk(16)]:
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x[rows]), y[rows], label_smoothing=0.1).backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        average.update_parameters(net)
    return average.module


def least_squares(images, labels, seed, epochs):
    """A formula in place of steps; the seed has nothing to decide."""
    x = np.column_stack([images.reshape(len(images), -1)[:, ::16] / 255, np.ones(len(images))])
    return np.linalg.solve(x.T @ x + 10 * np.eye(x.shape[1]), x.T @ np.eye(10)[labels])


def by_least_squares(model, images):
    x = np.column_stack([images.reshape(len(images), -1)[:, ::16] / 255, np.ones(len(images))])
    return (x @ model).argmax(axis=1)


def softmax_by_hand(images, labels, seed, epochs):
    """Numpy alone, and a generator of its own."""
    rng = np.random.default_rng(seed)
    x, W = images.reshape(len(images), -1)[:, ::16] / 255 - 0.5, None
    W = rng.normal(0, 0.01, (x.shape[1], 10))
    for rows in [rows for _ in range(epochs) for rows in np.array_split(rng.permutation(len(x)), 8)]:
        p = np.exp(x[rows] @ W)
        p /= p.sum(axis=1, keepdims=True)
        W -= 0.05 * x[rows].T @ (p - np.eye(10)[labels[rows]]) / len(rows)
    return W


def by_scores(model, images):
    return [int(row.argmax()) for row in (images.reshape(len(images), -1)[:, ::16] / 255 - 0.5) @ model]


RIGHT = {
    "group norm": (with_norm(lambda channels: nn.GroupNorm(4, channels)), predict),
    "batch norm and dropout": (with_norm(nn.BatchNorm2d, dropout=0.2), predict),
    "mirrored, as a list": (with_norm(None), predict_mirrored),
    "a loader and three generators": (by_a_loader, predict),
    "half precision": (in_half_precision, predict),
    "each image by its own mean": (each_image_scaled, predict),
    "nearest neighbours": (neighbours, nearest),
    "averaged weights of a residual net": (with_moving_average, predict),
    "least squares": (least_squares, by_least_squares),
    "softmax by hand": (softmax_by_hand, by_scores),
    "several nets": (ensemble, lambda model, images: model.classes(images)),
}


@pytest.mark.parametrize("name", RIGHT)
def test_an_unusual_training_is_right(name):
    report = assess(TASK, RIGHT[name], [0])
    assert report.passed, str(report)
