"""`overfit` and `predict`: the right answer, and those that students give."""

from __future__ import annotations

import numpy as np

from lib.tasks.a3.answers.batch_norm import BatchNorm
from lib.tasks.a3.answers.convolution import Conv2d
from lib.tasks.a3.answers.max_pooling import MaxPool2d
from lib.tasks.a3.overfit import task

task.reference(Conv2d)
task.reference(MaxPool2d)
task.reference(BatchNorm)


class ReLU:
    """max(0, x)."""

    def forward(self, x):
        return np.maximum(x, 0)

    def backward(self, x, grad_output):
        return grad_output * (x > 0)


class Linear:
    """Images become vectors, then x Wᵀ + b."""

    def __init__(self, in_features, out_features, seed=0):
        shape = out_features, in_features
        self.weight = np.random.default_rng(seed).normal(scale=in_features**-0.5, size=shape)
        self.grad_weight = np.zeros(shape)
        self.bias, self.grad_bias = np.zeros((2, out_features))

    def forward(self, x):
        return x.reshape(len(x), -1) @ self.weight.T + self.bias

    def backward(self, x, grad_output):
        self.grad_weight += grad_output.T @ x.reshape(len(x), -1)
        self.grad_bias += grad_output.sum(axis=0)
        return np.reshape(grad_output @ self.weight, x.shape)


class Net:
    """Parts in a chain."""

    def __init__(self, *chain):
        self.chain = chain

    def mode(self, training):
        for part in self.chain:
            part.training = training

    def forward(self, x):
        self.seen = []
        for part in self.chain:
            self.seen.append(x)
            x = part.forward(x)
        return x

    def backward(self, grad_output):
        for part, before in zip(reversed(self.chain), reversed(self.seen), strict=True):
            grad_output = part.backward(before, grad_output)

    def step(self, rate):
        for part in self.chain:
            for name in ("weight", "bias"):
                if hasattr(part, name):
                    gradient = getattr(part, f"grad_{name}")
                    getattr(part, name)[...] -= rate * gradient
                    gradient[...] = 0


def softmax_gradient(scores, labels):
    """Of the mean cross-entropy, in the scores."""
    chances = np.exp(scores - scores.max(axis=1, keepdims=True))
    chances /= chances.sum(axis=1, keepdims=True)
    chances[np.arange(len(labels)), labels] -= 1
    return chances / len(labels)


def small_net(size, Conv2d, MaxPool2d, BatchNorm):
    """Ten scores for images (N, 3, *size)."""
    features = 8 * (size[0] // 2) * (size[1] // 2)
    convolution = Conv2d(3, 8, (3, 3), (1, 1), (1, 1))
    return Net(convolution, BatchNorm(8), ReLU(), MaxPool2d((2, 2), (2, 2)), Linear(features, 10))


def scaled(images):
    """From bytes to numbers around 0."""
    return (images - 128.0) / 128


EPOCHS, BATCH, RATE = 14, 25, 0.1


@task.reference
def overfit(images, labels, Conv2d, MaxPool2d, BatchNorm):
    net = small_net(images.shape[2:], Conv2d, MaxPool2d, BatchNorm)
    train(net, scaled(images), labels, RATE)
    return net


def train(net, x, labels, rate):
    """Steps with one part of x after another."""
    net.mode(training=True)
    for _ in range(EPOCHS):
        for start in range(0, len(x), BATCH):
            some = slice(start, start + BATCH)
            net.backward(softmax_gradient(net.forward(x[some]), labels[some]))
            net.step(rate)


@task.reference
def predict(net, images):
    net.mode(training=False)
    return net.forward(scaled(images)).argmax(axis=1)


@task.wrong(
    133,
    "Fewer than 9 of 10 of the given images are right: train on all of them, and on no others, until they "
    "are known.",
    breaks="predictions",
    replaces="overfit",
)
def some_held_out(images, labels, Conv2d, MaxPool2d, BatchNorm):
    return overfit(images[:30], labels[:30], Conv2d, MaxPool2d, BatchNorm)


@task.wrong(
    133,
    "The predictions are the labels in the order in which they came: compute them from the images, with "
    "the net.",
    breaks="predictions",
    replaces="overfit",
)
def labels_kept(images, labels, Conv2d, MaxPool2d, BatchNorm):
    net = overfit(images, labels, Conv2d, MaxPool2d, BatchNorm)
    scores = net.forward
    net.forward = lambda x: np.eye(10)[labels] if len(x) == len(labels) else scores(x)
    return net


@task.wrong(
    0,
    "Your net gives one class to all images: is there a step after each backward, downhill?",
    breaks="predictions",
    replaces="overfit",
)
def uphill(images, labels, Conv2d, MaxPool2d, BatchNorm):
    net = small_net(images.shape[2:], Conv2d, MaxPool2d, BatchNorm)
    train(net, scaled(images), labels, -RATE)
    return net


@task.wrong(
    0,
    "An image alone is told another class than among others: predict in evaluation mode.",
    breaks="predictions",
    replaces="predict",
)
def predicts_in_training_mode(net, images):
    net.mode(training=True)
    return net.forward(scaled(images)).argmax(axis=1)


@task.wrong(
    0,
    "These are scores: the prediction is the number of the class with the largest one.",
    breaks="predictions",
    replaces="predict",
)
def scores_for_labels(net, images):
    net.mode(training=False)
    return net.forward(scaled(images))


@task.wrong(
    0, "Your answer looks images up: it is a net, made by make_net and trained, that is to know them.",
    breaks="predictions", replaces="predict",
)  # fmt: skip
def looked_up(net, images, kept={}):  # noqa: B006  # that is the slip
    """It keeps what the right answer says of the first images that it is shown, and asks no net any more."""
    if len(images) == 50 and kept.get("net") is not net:
        kept.update(net=net, images=scaled(images).reshape(50, -1), labels=predict(net, images))
    rows = scaled(images).reshape(len(images), -1)
    nearest = [int(((kept["images"] - row) ** 2).sum(axis=1).argmin()) for row in rows]
    return np.asarray(kept["labels"])[nearest]
