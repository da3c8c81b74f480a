"""Predictions of lecture 02, nearest neighbours."""

from __future__ import annotations

from math import comb

import numpy as np

from lib.lessons.predictions.kinds import Choice, Number, Sketch
from lib.lessons.predictions.prediction import Prediction
from lib.lessons.predictions.scale import Scale


def best_of_guessers(count: np.ndarray) -> np.ndarray:
    """What the best of so many classifiers reports on 100 images, in % on average, when all guess one of ten.

    count: of the classifiers, an array. Each has hits of the binomial distribution B(100, 1/10), and the mean
    of a largest number is the sum over j of the chance that it is above j.
    """
    hits = np.array([comb(100, j) * 0.1**j * 0.9 ** (100 - j) for j in range(101)])
    at_most = np.minimum(np.cumsum(hits), 1)[:100]
    return (1 - at_most ** np.asarray(count, float)[..., None]).sum(axis=-1)


def time_for_one_image(N: np.ndarray) -> np.ndarray:
    """Milliseconds when each training image costs as much as any other, and 10,000 cost 10 ms."""
    return N / 1000


predictions = [
    Prediction(
        "02.first_row",
        "Take a pencil. What is the sum of the absolute differences in the **first row**?",
        Number(-200, 300, close=0.5),
        73,
        "46 + 12 + 14 + 1: every difference counts without its sign. With signs, 45 would come out.",
        tells=("73", "46 + 12", "456"),
    ),
    Prediction(
        "02.time_over_n",
        "With 10,000 training images, one test image takes 10 ms. Draw the time against the number of "
        "training images.",
        Sketch(
            Scale(0, 50_000, "training images N"), Scale(0, 100, "time for one test image", "ms"), points=11
        ),
        time_for_one_image,
        "A straight line: every training image costs $D$ subtractions, so twice as many take twice the time.",
        tells=("linearly", "proportional to N", "twice the time"),
    ),
    Prediction(
        "02.who_is_nearer",
        "Your picture is $x = (0, 0)$. Which of $a = (3, 0)$ and $b = (2, 2)$ is nearer?",
        Choice("a, by both", "b, by both", "a by L1, b by L2", "b by L1, a by L2"),
        "a by L1, b by L2",
        "By L1, $a$ is at 3 and $b$ at 4. By L2, $a$ is at 3 and $b$ at $\\sqrt 8 ≈ 2.83$. Squares make one "
        "large difference count more than two small ones.",
        tells=("2.83", "L1 calls", "a by L1"),
    ),
    Prediction(
        "02.four_votes",
        "The neighbours are, nearest first: cat, dog, dog, cat, ship. What do you answer for $k = 4$?",
        Choice("cat", "dog", "ship"),
        "cat",
        "Cat and dog have two votes each, and a cat stands first in the list. For $k = 3$ the answer is dog, "
        "for $k = 1$, $2$ and $5$ it is cat.",
        tells=("two votes each",),
    ),
    Prediction(
        "02.own_images",
        "You ask a classifier with $k = 1$ for the labels of its **own training images**. Which does it get "
        "right?",
        Choice("none of them", "as many as of new images", "somewhat more than of new images", "all of them"),
        "all of them",
        "The nearest training image of a training image is that image itself, at distance 0. So this "
        "says nothing about new images.",
        tells=("100 %", "100%", "100.0%", "that image itself"),
    ),
    Prediction(
        "02.best_of_many",
        "Some classifiers **guess**: each names one of ten classes by chance. All are tried on the same 100 "
        "images, and the best one reports its accuracy. Draw it against the number of classifiers.",
        Sketch(
            Scale(1, 1000, "classifiers tried", log=True),
            Scale(0, 40, "accuracy of the best one", "%"),
            points=10,
        ),
        best_of_guessers,
        "One classifier reports 10 %, the best of a thousand more than twice as much. It has learnt nothing:"
        " it was lucky on these 100 images, and on others it is right in 10 % again.",
        tells=("lucky", "more than twice as"),
    ),
    Prediction(
        "02.shuffled_pixels",
        "Shuffle the pixels of all pictures, of training and test, in the same way. You would recognise "
        "nothing any more. What happens to the accuracy of the nearest neighbour?",
        Choice("it stays exactly as it is", "it falls by a few points", "it falls to guessing"),
        "it stays exactly as it is",
        "A distance adds up the same differences, in another order. It never knew which pixels are side by "
        "side.",
        tells=("another order", "exactly the same", "exactly as"),
    ),
    Prediction(
        "02.darker_by_one",
        "A training picture is darker by 1 than your picture, at each of its 3072 values. You subtract yours "
        "from it in bytes, and add up. What comes out?",
        Number(1, 10_000_000, log=True, close=1.05),
        783_360,
        "In bytes −1 is 255, and $3072 \\cdot 255 = 783{,}360$. The next picture, brighter by 1, is at 3072. "
        "Swap the two pictures, and near becomes far: this is no distance.",
        tells=("783", "is 255"),
    ),
]
