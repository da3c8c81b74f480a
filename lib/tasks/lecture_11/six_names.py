"""Which mistake belongs to which curves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lib.tasks.task import Task

LETTERS = "ABCDEF"

task = Task(
    "11.six_names",
    "Six names",
    defines=("six_names",),
    parts=dict.fromkeys(LETTERS, 1),
    hints=(
        "Look at the training loss first. In which two trainings is it that of the healthy one?",
        "Those two have a mistake in the measurement. Is the same net, measured twice, right equally often?",
        "In one, training climbs and validation stays at 10 %: it learns by heart what is not true. "
        "In another, the loss has a wave as long as an epoch.",
        "Two are left. One starts like the healthy one and then explodes; the other hangs from the start on, "
        "until the schedule lowers the rate.",
    ),
    minutes=6,
    tells=('"A": "augmented"', "piles up", "pile up", "a wave"),
)


def named(letter: str) -> Callable[[Any, np.random.Generator], dict[str, Any]]:
    """A check of one letter."""

    def name_of_a_letter(six_names: Any, rng: np.random.Generator) -> dict[str, Any]:
        return {f"the name of {letter}": six_names()[letter]}

    name_of_a_letter.__name__ = f"name_of_{letter.lower()}"
    name_of_a_letter.__doc__ = f"what is wrong in {letter}"
    return name_of_a_letter


for each in LETTERS:
    task.check(each)(named(each))


@task.reference
def six_names():
    return {
        "A": "augmented",
        "B": "zero_grad",
        "C": "labels",
        "D": "rate",
        "E": "order",
        "F": "batch norm",
    }


@task.wrong(
    0,
    "Both are wrong only where they measure. Two looks at one net that differ show something random: "
    "augmentation. Two that agree, far too low: batch norm.",
    breaks=("A", "F"),
)
def measurements_exchanged():
    return six_names() | {"A": "batch norm", "F": "augmented"}


@task.wrong(
    0,
    "Gradients need some steps to pile up: it starts like the healthy one, then explodes. Too high a rate "
    "hurts at once.",
    breaks=("B", "D"),
)
def explosions_exchanged():
    return six_names() | {"B": "rate", "D": "zero_grad"}


@task.wrong(
    0,
    "A wave as long as an epoch comes from the order of the images. Wrong labels are learnt by heart: "
    "training climbs, validation does not.",
    breaks=("C", "E"),
)
def labels_for_order():
    return six_names() | {"C": "order", "E": "labels"}


@task.wrong(
    0,
    "Where validation climbs too, if late, the labels are true; by heart, it would stay at 10 %.",
    breaks=("C", "D"),
)
def late_for_false():
    return six_names() | {"C": "rate", "D": "labels"}
