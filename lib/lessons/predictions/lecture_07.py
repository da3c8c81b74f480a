"""Predictions of lecture 07, modules and the chain rule."""

from __future__ import annotations

from itertools import permutations

import numpy as np

from lib.lessons.predictions.kinds import Choice, Number, SeveralNumbers, Sketch, Slider
from lib.lessons.predictions.prediction import Prediction
from lib.lessons.predictions.scale import Scale


def times_as_many(width: np.ndarray) -> np.ndarray:
    """Multiplications for matrix × matrix, as a multiple of those for row × matrix."""
    return width**3 / width**2


def own_inverses(features: int) -> int:
    """How many orders undo themselves when they are used twice."""
    home = tuple(range(features))
    return sum(tuple(order[k] for k in order) == home for order in permutations(home))


def lost_in_place(constant: float) -> float:
    """How many per cent of 100,000 drawn numbers change when they are multiplied and divided in float32."""
    x = np.random.default_rng(0).standard_normal(100_000).astype(np.float32)
    return float(100 * np.mean(x * np.float32(constant) / np.float32(constant) != x))


predictions = [
    Prediction(
        "07.not_zero",
        "A linear layer takes 6 numbers to 6 numbers, and a batch of 4 examples goes through it: 24 numbers "
        "in, 24 out. How many of the $24 \\cdot 24 = 576$ entries of its Jacobian are not 0?",
        Number(0, 576, unit="entries", close=1),
        144,
        "An output depends on the inputs of its own example only: 6 entries in each of 24 rows. They are "
        "four blocks, and each block is the same matrix $W$.",
        tells=("144", "four blocks", "own example"),
    ),
    Prediction(
        "07.batch_of_16",
        "For one example the Jacobian takes 64 MB. How many MB for a batch of 16?",
        Number(10, 1_000_000, unit="MB", log=True, close=1.05),
        16_384,
        "The batch has 16 times as many outputs and 16 times as many inputs: $16^2 \\cdot 64$ MB, which is "
        "16 GB. It is 4,295 million entries.",
        tells=("4,295", "4295", "16,384", "16384", "16 GB", "16^2"),
    ),
    Prediction(
        "07.from_the_right",
        "Five layers of width $d$. From the left, each costs $d^2$ multiplications. Draw how many times as "
        "many each costs from the right.",
        Sketch(Scale(8, 1024, "width d", log=True), Scale(1, 10_000, "times as many", log=True), points=8),
        times_as_many,
        "From the right it is always matrix × matrix, $d^3$ multiplications, so $d$ times as many. The row "
        "is short because the loss is one number: start at the loss.",
        tells=("d^3", "d times", "134 million"),
    ),
    Prediction(
        "07.accumulate",
        "All numbers of $x$ and of `grad_output` are 1, and there are two examples. `backward` is called "
        "with scale 1, again with scale 1, then with scale 0.5. What is `grad_weight[0, 0]` after each?",
        SeveralNumbers(("after the first", "after the second", "after the third"), 0, 10, close=0.1),
        (2, 4, 5),
        "Each call adds the sum over its two examples, times scale: 2, then 2 more, then 1 more.",
        tells=("two examples, times", "2.0, 4.0"),
    ),
    Prediction(
        "07.never_zeroed",
        "The small network learns from one example at a time. What happens when it never sets its gradients "
        "to zero?",
        Choice(
            "it learns faster",
            "it learns more slowly",
            "it learns just as well",
            "the loss grows beyond all bounds",
        ),
        "the loss grows beyond all bounds",
        "Each step is the sum of all gradients so far, old ones too. It runs past every valley, faster and "
        "faster, until no number is left of it.",
        tells=("beyond all bounds", "past every valley"),
    ),
    Prediction(
        "07.own_inverse",
        "There are 24 orders of four features. With how many of them does the wrong layer pass?",
        Number(0, 24, unit="orders", close=1),
        lambda: own_inverses(4),
        "It passes with each order that is its own inverse: nothing moved (1), two features exchanged (6), or"
        " two pairs exchanged (3). With two features *every* order is of that kind.",
        tells=("10 of", "ten of", "own inverse"),
    ),
    Prediction(
        "07.content",
        "The scores are $(2, 0.5, -1)$ and class 0 is right. Which criterion is content, with gradient 0?",
        Choice("MSELoss", "L1Loss", "CrossEntropyLoss", "MultiMarginLoss"),
        "MultiMarginLoss",
        "The right score leads by 1.5 and by 3, more than the margin of 1. The others never rest: "
        "probabilities are never quite 1, and 2 is not the target 1.",
        tells=("is content:", "leads by"),
    ),
    Prediction(
        "07.times_three",
        "Numbers in float32 are multiplied by 3 and divided by 3 again. How many of 100 are not what they "
        "were?",
        Slider(0, 100, step=1, unit="%", close=3),
        lambda: lost_in_place(3),
        "The last digit of some is lost to rounding. With 2 in the place of 3 none is lost; with 0, all.",
        tells=("14.6", "15 of", "last digit"),
    ),
    Prediction(
        "07.shuffled",
        "Two equal networks of linear layers are trained, one on images, one on the same images with their "
        "3072 numbers in another order. What does the shuffling cost?",
        Choice("next to nothing", "a third of the accuracy", "nearly all: it falls to chance"),
        "next to nothing",
        "To a linear layer the pixels are a list, and any order of it is as good as another. It does not know"
        " which pixels are neighbours. (On real CIFAR-10 images we measured 45.5 % and 45.6 %.)",
        tells=("45.5", "next to nothing", "as good as another"),
    ),
]
