"""`train` and `predict`: a right answer, a small net in numpy, and those that cannot be trusted."""

from __future__ import annotations

import numpy as np

from lib.tasks.a4.reproducible import task


class Net:
    """Every 16th pixel → 64 hidden numbers, normalised over the batch in training → ten scores."""

    def __init__(self, images, rng):
        x = pixels(images)
        self.mean, self.deviation = x.mean(axis=0), x.std(axis=0) + 1e-3
        self.first = rng.normal(0, 0.1, (x.shape[1], 64))
        self.second = rng.normal(0, 0.1, (64, 10))
        self.seen = np.zeros(64), np.ones(64)  # mean and variance over the batches so far

    def scaled(self, images):
        return (pixels(images) - self.mean) / self.deviation

    def hidden(self, x, training, drop=0.0, rng=None):
        h = x @ self.first
        mean, variance = (h.mean(axis=0), h.var(axis=0)) if training else self.seen
        h = np.maximum((h - mean) / np.sqrt(variance + 1e-5), 0)
        return h * (rng.random(h.shape) >= drop) / (1 - drop) if drop else h

    def step(self, x, labels, rng, rate=0.1):
        h = x @ self.first
        now = h.mean(axis=0), h.var(axis=0)
        self.seen = tuple(0.8 * old + 0.2 * new for old, new in zip(self.seen, now, strict=True))
        h = self.hidden(x, training=True, drop=0.2, rng=rng)
        scores = h @ self.second
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        grad = shares / shares.sum(axis=1, keepdims=True)
        grad[np.arange(len(x)), labels] -= 1
        grad /= len(x)
        back = grad @ self.second.T * (h > 0) / np.sqrt(now[1] + 1e-5)
        self.second -= rate * h.T @ grad
        self.first -= rate * x.T @ back


def pixels(images):
    return images[:, :, ::4, ::4].reshape(len(images), -1) / 255


def trained(images, labels, rng, epochs):
    net = Net(images, rng)
    for _ in range(epochs):
        order = rng.permutation(len(images))
        for rows in np.array_split(order, max(1, len(images) // 12)):
            net.step(net.scaled(images[rows]), labels[rows], rng)
    return net


@task.reference
def train(images, labels, seed, epochs=6):
    return trained(images, labels, np.random.default_rng(seed), epochs)


@task.reference
def predict(model, images):
    return (model.hidden(model.scaled(images), training=False) @ model.second).argmax(axis=1)


@task.wrong(
    137,
    "Two trainings with the same seed give two nets: seed every generator inside train, also that of the "
    "order and of the augmentation.",
    breaks="repeatable",
    replaces="train",
)
def without_seed(images, labels, seed, epochs=6):
    return trained(images, labels, np.random.default_rng(), epochs)


@task.wrong(
    137,
    "Your net knows nothing of the images and labels that train was given: does train use its arguments, or "
    "files and variables from elsewhere?",
    breaks="predictions",
    replaces="train",
)
def on_other_data(images, labels, seed, epochs=6):
    rng = np.random.default_rng(seed)
    elsewhere = np.random.default_rng(5).integers(0, 256, images.shape).astype(np.uint8)
    return trained(elsewhere, rng.integers(0, 10, len(labels)), rng, epochs)


@task.wrong(
    0,
    "Your train changes the images that it is given, so the next training sees other ones: augment copies.",
    breaks="repeatable",
    replaces="train",
)
def augmented_in_place(images, labels, seed, epochs=6):
    rng = np.random.default_rng(seed)
    images[:] = np.where(rng.random((len(images), 1, 1, 1)) < 0.5, images[:, :, :, ::-1], images) // 2
    return trained(images, labels, rng, epochs)


@task.wrong(
    136,
    "An image's label depends on which others come with it: scale with the mean and deviation of the "
    "training images, which the model keeps, not with those of the images that come.",
    breaks="predictions",
    replaces="predict",
)
def scaled_by_what_comes(model, images):
    x = pixels(images)
    x = (x - x.mean(axis=0)) / (x.std(axis=0) + 1e-3)
    return (model.hidden(x, training=False) @ model.second).argmax(axis=1)


@task.wrong(
    136,
    "The labels come in another order than the images: the loader of the test images must not shuffle.",
    breaks=("repeatable", "predictions"),
    replaces="predict",
)
def shuffled(model, images):
    return predict(model, np.random.default_rng().permutation(images))


@task.wrong(
    138,
    "Batch normalisation still uses the batch, so that labels change with its size and order: model.eval() "
    "belongs before predicting.",
    breaks="predictions",
    replaces="predict",
)
def normalised_by_the_batch(model, images):
    batches = np.array_split(model.scaled(images), max(1, len(images) // 100))
    scores = [model.hidden(x, training=True) @ model.second for x in batches]
    return np.concatenate(scores).argmax(axis=1)


@task.wrong(
    138,
    "Asked twice, your net gives two answers, as dropout does in training: model.eval() belongs before "
    "predicting.",
    breaks=("repeatable", "predictions"),
    replaces="predict",
)
def with_dropout(model, images):
    h = model.hidden(model.scaled(images), training=False, drop=0.5, rng=np.random.default_rng())
    return (h @ model.second).argmax(axis=1)


@task.wrong(
    0,
    "Your predict returns scores; the label is the place of an image's largest one: argmax over classes.",
    breaks=("repeatable", "predictions"),
    replaces="predict",
)
def scores(model, images):
    return model.hidden(model.scaled(images), training=False) @ model.second
