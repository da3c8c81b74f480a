"""One epoch of training with a net, a loss and an optimiser that are given."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.lecture_11._training import Descent, Net, SquaredError
from lib.tasks.task import Task

task = Task(
    "11.one_epoch",
    "One epoch",
    defines=("one_epoch",),
    parts={"weights": 1, "mode": 1, "mean loss": 1},
    hints=(
        "Before the loop: the net has just been tested, so put it into training mode, model.train().",
        "Five things for a batch: forget the old gradients, scores, loss, backward, step.",
        "optimizer.zero_grad() forgets, loss.backward() adds gradients, optimizer.step() moves the weights.",
        "A loss is the mean over a batch: add loss.item() * len(labels), and divide by all images.",
    ),
    minutes=7,
    tells=("loss.item() * ", "len(labels)"),
)


def after_an_epoch(one_epoch: Any, rng: np.random.Generator, rate: float) -> tuple[Net, Any]:
    """The net after an epoch of three batches, the last of which is shorter, and what was returned."""
    net = Net(rng.normal(size=4))
    batches = [(rng.normal(size=(size, 4)), rng.normal(size=size)) for size in (6, 6, 2)]
    found = one_epoch(net, SquaredError(net), Descent(net, rate), batches)
    return net, found


@task.check("weights", within=1e-9)
def weights_after_an_epoch(one_epoch: Any, rng: np.random.Generator) -> dict[str, Any]:
    """three batches, rate 0.1"""
    return {"weights after the epoch": after_an_epoch(one_epoch, rng, 0.1)[0].weight}


@task.check("mode")
def mode_of_each_batch(one_epoch: Any, rng: np.random.Generator) -> dict[str, Any]:
    """a net that was tested before"""
    net, _ = after_an_epoch(one_epoch, rng, 0.1)
    return {"every batch is seen in training mode": all(net.modes), "how many batches": len(net.modes)}


@task.check("mean loss", within=1e-9)
def mean_loss_of_an_epoch(one_epoch: Any, rng: np.random.Generator) -> dict[str, Any]:
    """what is returned; the weights stay where they are, since the rate is 0"""
    return {"mean loss of 6 + 6 + 2 images": float(after_an_epoch(one_epoch, rng, 0.0)[1])}


@task.reference
def one_epoch(model, criterion, optimizer, batches):
    model.train()
    total, seen = 0.0, 0
    for images, labels in batches:
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(labels)
        seen += len(labels)
    return total / seen


@task.wrong(
    0,
    "Each gradient is added to all before it: call zero_grad once for every batch.",
    breaks="weights",
)
def gradients_pile_up(model, criterion, optimizer, batches):
    optimizer.zero_grad = lambda: None
    return one_epoch(model, criterion, optimizer, batches)


@task.wrong(
    0,
    "The gradients are forgotten between backward and step, so nothing moves: forget them before backward.",
    breaks="weights",
)
def forgotten_too_late(model, criterion, optimizer, batches):
    step = optimizer.step
    optimizer.step = lambda: (optimizer.zero_grad(), step())
    return one_epoch(model, criterion, optimizer, batches)


@task.wrong(
    0,
    "Every step is taken before backward, with no gradient of this batch: first backward, then step.",
    breaks="weights",
)
def step_before_backward(model, criterion, optimizer, batches):
    model.train()
    total, seen = 0.0, 0
    for images, labels in batches:
        loss = criterion(model(images), labels)
        optimizer.step()
        optimizer.zero_grad()
        loss.backward()
        total, seen = total + loss.item() * len(labels), seen + len(labels)
    return total / seen


@task.wrong(
    0,
    "Only one step is taken, at the end, with the gradients of all batches: take a step for every batch.",
    breaks="weights",
)
def one_step_at_the_end(model, criterion, optimizer, batches):
    model.train()
    optimizer.zero_grad()
    total, seen = 0.0, 0
    for images, labels in batches:
        loss = criterion(model(images), labels)
        loss.backward()
        total, seen = total + loss.item() * len(labels), seen + len(labels)
    optimizer.step()
    return total / seen


@task.wrong(
    0,
    "The net is still in the mode of the test before: batch norm and dropout need model.train().",
    breaks="mode",
)
def still_in_test_mode(model, criterion, optimizer, batches):
    model.train = lambda mode=True: model
    return one_epoch(model, criterion, optimizer, batches)


@task.wrong(
    0,
    "This is the mean over batches: the few images of the last one count more than the others.",
    breaks="mean loss",
)
def mean_over_batches(model, criterion, optimizer, batches):
    losses = [one_epoch(model, criterion, optimizer, [batch]) for batch in batches]
    return sum(losses) / len(losses)


@task.wrong(
    0, "This is the loss of the last batch; the mean over all images is asked for.", breaks="mean loss"
)
def last_loss_only(model, criterion, optimizer, batches):
    return [one_epoch(model, criterion, optimizer, [batch]) for batch in batches][-1]


@task.wrong(0, "The losses are added up and not divided by the number of images.", breaks="mean loss")
def never_divided(model, criterion, optimizer, batches):
    images = sum(len(labels) for _, labels in batches)
    return one_epoch(model, criterion, optimizer, batches) * images


@task.wrong(
    0,
    "The losses of all images are divided by the number of batches: divide by the number of images.",
    breaks="mean loss",
)
def divided_by_batches(model, criterion, optimizer, batches):
    images = sum(len(labels) for _, labels in batches)
    return one_epoch(model, criterion, optimizer, batches) * images / len(batches)


@task.wrong(
    0,
    "A loss is already a mean over its batch: multiply it by the size of the batch before you add it.",
    breaks="mean loss",
)
def means_added_and_divided_by_images(model, criterion, optimizer, batches):
    images = sum(len(labels) for _, labels in batches)
    losses = [one_epoch(model, criterion, optimizer, [batch]) for batch in batches]
    return sum(losses) / images


@task.wrong(
    0,
    "Scores and labels are exchanged, and so the net learns the opposite: criterion(scores, labels).",
    breaks="weights",
)
def labels_before_scores(model, criterion, optimizer, batches):
    return one_epoch(model, lambda scores, labels: criterion(labels, scores), optimizer, batches)
