"""Mirror images in turn."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "12.in_turn",
    "Mirror images in turn",
    defines=("in_turn",),
    parts={"even epochs": 1, "odd epochs": 1},
    hints=(
        "In the epochs 0, 2, 4 … each image is as the coin said. In the others it is the other way round.",
        "epoch % 2 is 1 in odd epochs. ~coins turns every True into False, and every False into True.",
    ),
    minutes=2,
    tells=("coins ^", "~coins", "coins !="),
)


def mirrored_in(in_turn: Any, rng: np.random.Generator, epochs: tuple[int, ...]) -> dict[str, Any]:
    """Which of nine images are mirrored in these epochs."""
    coins = rng.permutation(np.arange(9) < 4)
    return {f"epoch {epoch}": np.asarray(in_turn(coins.copy(), epoch)) for epoch in epochs}


@task.check("even epochs")
def mirrored_in_even_epochs(in_turn: Any, rng: np.random.Generator) -> dict[str, Any]:
    """epochs 0, 2 and 6"""
    return mirrored_in(in_turn, rng, (0, 2, 6))


@task.check("odd epochs")
def mirrored_in_odd_epochs(in_turn: Any, rng: np.random.Generator) -> dict[str, Any]:
    """epochs 1, 3 and 7"""
    return mirrored_in(in_turn, rng, (1, 3, 7))


@task.reference
def in_turn(coins, epoch):
    return ~coins if epoch % 2 else coins


@task.wrong(
    0,
    "Every epoch shows the same side: from one epoch to the next all images must turn.",
    breaks="odd epochs",
)
def never_turned(coins, epoch):
    return coins


@task.wrong(
    0, "You turn the images in every epoch. In even ones they are as the coin said.", breaks="even epochs"
)
def turned_always(coins, epoch):
    return ~coins


@task.wrong(
    0,
    "All images are mirrored together, and the coins are not used: in each epoch half of them must be.",
    breaks=("even epochs", "odd epochs"),
)
def all_together(coins, epoch):
    return np.full(len(coins), epoch % 2 == 1)


@task.wrong(
    0,
    "The epochs are exchanged: epoch 0 is the coins themselves, and 1 is the first that turns them.",
    breaks=("even epochs", "odd epochs"),
)
def begins_with_the_other(coins, epoch):
    return coins if epoch % 2 else ~coins


@task.wrong(
    0, "Not only epoch 0 is as the coin said, but every second one: 0, 2, 4 and so on.", breaks="even epochs"
)
def only_the_first_as_the_coin_said(coins, epoch):
    return coins if epoch == 0 else ~coins


@task.wrong(
    0,
    "These are the numbers 0 and 1. Return True and False, so that others can pick images with them.",
    breaks=("even epochs", "odd epochs"),
)
def zeros_and_ones(coins, epoch):
    return (coins + epoch) % 2


@task.wrong(
    0,
    "1 - coins makes the numbers 0 and 1. Return True and False: ~ turns them round.",
    breaks="odd epochs",
)
def one_minus_the_coins(coins, epoch):
    return 1 - coins if epoch % 2 else coins
