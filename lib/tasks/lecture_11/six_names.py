"""Which mistake belongs to which curves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lib.tasks.task import Task

LETTERS = "ABCDEF"
NAMES = (
    "rate too high", "no shuffling", "train mode at test", "no zero_grad", "augmented test images",
    "shuffled labels",
)  # fmt: skip

task = Task(
    "11.six_names",
    "Six names",
    defines=("six_names",),
    parts={"letters": 1, **dict.fromkeys(LETTERS, 1)},
    hints=(
        "Look at the training loss first. In which two trainings is it that of the healthy one?",
        "Those two have a mistake in the measurement. Is the same net, measured twice, right equally often?",
        "In one, training climbs and validation stays at 10 %: it memorises labels that are not true. "
        "In another, the loss has a wave as long as an epoch.",
        "Two are left. One starts like the healthy one and then explodes; the other hangs from the start on, "
        "until the schedule lowers the rate.",
    ),
    minutes=8,
    tells=('"A": "augmented', "piles up", "pile up", "a wave"),
)


def by_letter(found: Any) -> dict[str, Any]:
    """Letter → name, also of a list of names, of small letters, and of name → letter."""
    if isinstance(found, list | tuple):
        found = dict(zip(LETTERS, found, strict=False))
    pairs = found.items() if isinstance(found, dict) else ()
    turned = [(key, name) if len(str(key)) == 1 else (name, key) for key, name in pairs]
    return {str(letter).upper(): name for letter, name in turned}


def as_seen(name: Any) -> str:
    """A name of the list; all others are alike."""
    if name in NAMES:
        return str(name)
    listed = str(name).lower() in NAMES
    return "a name with capital letters" if listed else "a name that is not in the list"


@task.check("letters")
def letters_of_the_dictionary(six_names: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the letters of the dictionary"""
    found = six_names()
    keys = ", ".join(sorted(map(str, found))) if isinstance(found, dict) else type(found).__name__
    return {"before the names": keys}


def named(letter: str) -> Callable[[Any, np.random.Generator], dict[str, Any]]:
    """A check of one letter."""

    def name_of_a_letter(six_names: Any, rng: np.random.Generator) -> dict[str, Any]:
        found = by_letter(six_names())
        return {letter: as_seen(found[letter]) if letter in found else "no name"}

    name_of_a_letter.__name__ = f"name_of_{letter.lower()}"
    name_of_a_letter.__doc__ = "which mistake it is"
    return name_of_a_letter


for each in LETTERS:
    task.check(each, keeps=True)(named(each))


@task.reference
def six_names():
    return {
        "A": "augmented test images",
        "B": "no zero_grad",
        "C": "shuffled labels",
        "D": "rate too high",
        "E": "no shuffling",
        "F": "train mode at test",
    }


# What a student is told of a guess does not say the right one: it is what that mistake would look like.


@task.wrong(
    0,
    "A rate that is too high makes the loss fall late, when the schedule lowers the rate, and validation "
    "climbs with it. Here it is not so.",
    breaks=tuple("ABCEF"),
)
def rate_everywhere():
    return dict.fromkeys(LETTERS, "rate too high")


@task.wrong(
    0,
    "Images that come class by class make a wave in the loss, as long as an epoch: each class is forgotten "
    "for the next. Here is none.",
    breaks=tuple("ABCDF"),
)
def order_everywhere():
    return dict.fromkeys(LETTERS, "no shuffling")


@task.wrong(
    0,
    "Training mode at the test leaves the training loss like the healthy one, and two measurements of a net "
    "agree. Here, one of these is not so.",
    breaks=tuple("ABCDE"),
)
def mode_everywhere():
    return dict.fromkeys(LETTERS, "train mode at test")


@task.wrong(
    0,
    "Gradients that pile up need some steps: the loss starts like the healthy one, then climbs far above "
    "guessing. Here it does not.",
    breaks=tuple("ACDEF"),
)
def zero_grad_everywhere():
    return dict.fromkeys(LETTERS, "no zero_grad")


@task.wrong(
    0,
    "Augmented test images leave the training loss like the healthy one, and two measurements of a net "
    "differ. Here, one of these is not so.",
    breaks=tuple("BCDEF"),
)
def augmented_everywhere():
    return dict.fromkeys(LETTERS, "augmented test images")


@task.wrong(
    0,
    "Shuffled labels can only be memorised: the training accuracy climbs, and validation stays at "
    "10 %. Here, one of these is not so.",
    breaks=tuple("ABDEF"),
)
def labels_everywhere():
    return dict.fromkeys(LETTERS, "shuffled labels")


@task.wrong(
    0,
    "The names stand first here. Turn the dictionary round: the letters first, then the names.",
    breaks="letters",
)
def names_first():
    return {name: letter for letter, name in six_names().items()}


@task.wrong(0, 'Write the letters as they stand in the demo: "A", not "a".', breaks="letters")
def small_letters():
    return {letter.lower(): name for letter, name in six_names().items()}


@task.wrong(
    0, "These are the names alone. Return a dictionary: each letter, a colon, and its name.", breaks="letters"
)
def names_alone():
    return list(six_names().values())


@task.wrong(0, "Write each name as it stands in the list, with small letters.", breaks=tuple(LETTERS))
def capital_names():
    return {letter: name.capitalize() for letter, name in six_names().items()}


@task.wrong(
    0, "This name is not in the list: copy one of the six from there, word for word.", breaks=tuple(LETTERS)
)
def names_of_ones_own():
    return dict.fromkeys(LETTERS, "learning rate")


@task.wrong(0, "A letter has no name yet: return all six of them.", breaks=("letters", *LETTERS))
def no_names():
    return {}
