"""The training loop: one for every net and every device."""

from __future__ import annotations

from collections.abc import Iterable

from lib.checks import check_whole, mismatch, shown
from lib.convnets.device import Stretch
from lib.convnets.ema import EMA
from lib.convnets.evaluate import accuracy
from lib.convnets.history import History
from lib.convnets.hooks import Hook
from lib.convnets.learner import Learner
from lib.convnets.losses import Losses
from lib.convnets.recipe import Recipe
from lib.convnets.run import Data, Run, check_parts


def fit(
    learner: Learner,
    data: Data,
    recipe: Recipe,
    *,
    validation: Data | None = None,
    seed: int = 0,
    hooks: Iterable[Hook] = (),
) -> History:
    """Trains a net by a recipe; returns the history. What counts is the net after the last epoch.

    learner: a `TorchLearner` or a `NumpyLearner`
    data: what it learns from, such as `DeviceImages`
    recipe: how; with `ema`, a hook for it comes first
    validation: images that are only measured, after each epoch; never the test set
    seed: of the order of the images, of their augmentation, and of dropout
    hooks: what else happens: checkpoints, a progress bar, …

    Raises `ValueError` where an argument is something else, and `FloatingPointError` that names the step
    whose loss was no finite number.
    """
    check_whole(seed, name="seed")
    hooks = check_parts(learner, data, recipe, hooks)
    for name, images in (("data", data), ("validation", validation)):
        if getattr(images, "is_test", False):
            advice = "split it off the training images; the test set is for the end: history.score_test"
            raise mismatch("", name, "images that are not the test set", shown(images), advice)
    epoch_steps = len(data.starts(recipe.batch_size, world=learner.world))
    steps = max(round(recipe.epochs * epoch_steps), 1)
    averages = [EMA(recipe.ema)] if recipe.ema else []
    in_order = sorted([*averages, *hooks], key=lambda hook: hook.order)
    known = getattr(data, "classes", 0)
    learner.classes = known if isinstance(known, int) else 0
    run = Run(learner, data, recipe, validation, seed, in_order, epoch_steps, steps)
    rate = recipe.rate(steps)
    try:
        run.tell("start")
        while run.step < steps:
            stretch = Stretch()
            run.losses = Losses(steps)
            learner.begin(seed, run.epoch)
            batches = data.batches(
                recipe.batch_size, seed=seed, epoch=run.epoch, rank=learner.rank, world=learner.world
            )
            for images, labels in batches:
                run.rate = rate(run.step)
                loss = learner.step(images, labels, run.rate)
                run.step += 1
                run.losses.add(run.step, loss, learner.hits, learner.count)
                run.tell("after_step")
                if run.step >= steps:
                    break
            run.losses.read()
            run.epoch += 1
            write_down(run, stretch.stop())
            run.tell("after_epoch")
    finally:
        try:
            run.tell("end")
        finally:
            learner.end()
    return run.history


def write_down(run: Run, stretch: Stretch) -> None:
    """Adds the row of an epoch to the history; says so where other programs slow it down."""
    if run.learner.world == 1:  # several processes wait for each other
        stretch.say_if_busy(run.learner.device)
    run.history.losses += run.losses.numbers
    run.history.add(
        epoch=run.epoch,
        steps=run.step,
        loss=run.losses.mean,
        train_accuracy=run.losses.accuracy,
        validation_accuracy=None if run.validation is None else accuracy(run.learner, run.validation),
        learning_rate=run.rate,
        seconds=stretch.wall,
    )
