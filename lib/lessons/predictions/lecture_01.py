"""Predictions of lecture 01, image classification."""

from __future__ import annotations

import inspect

import numpy as np

from data_loaders.shapes10 import NUISANCES, render
from lib.classifiers import hand_coded
from lib.lessons.predictions.kinds import Choice, Number, Slider
from lib.lessons.predictions.prediction import Prediction


def lines_of_the_rules() -> int:
    """Lines of the hand-written classifier that are not empty."""
    return sum(bool(line.strip()) for line in inspect.getsource(hand_coded).splitlines())


def strongest_nuisance() -> str:
    """The nuisance that changes most numbers of the lecture's heart at strength 0.2."""
    clean = render("heart", seed=5, size=64)
    changed = {name: np.mean(render("heart", seed=5, size=64, **{name: 0.2}) != clean) for name in NUISANCES}
    return max(changed, key=lambda name: changed[name])


predictions = [
    Prediction(
        "01.lines_of_code",
        "You named the ten pictures at a glance. How many lines has a program that does the same, with rules"
        " written by hand?",
        Number(10, 100_000, unit="lines", log=True, close=2),
        lines_of_the_rules,
        "That is the length of the attempt in section 7. It names ten simple shapes on clean pictures, and "
        "no cat. For real pictures nobody has ever finished such a program.",
        tells=("108", "hundred lines"),
    ),
    Prediction(
        "01.alexnet_error",
        "In 2012 the best team with hand-made features had a top-5 error of 26.2 %. What was the error of "
        "the convolutional network, AlexNet?",
        Slider(0, 40, step=0.2, unit="%", close=1),
        15.4,
        "The network made {truth} errors: two of five mistakes were gone at once. From 2010 to 2011 the best"
        " error had only gone from 28.2 to 25.8 %.",
        tells=("15.4", "15.3"),
    ),
    Prediction(
        "01.numbers_in_a_picture",
        "A colour picture is 300 pixels wide and 100 pixels high. How many numbers does the computer get?",
        Number(100, 10_000_000, unit="numbers", log=True, close=1.01),
        90_000,
        "One number for each of three colours in each pixel: $300 \\cdot 100 \\cdot 3$.",
        tells=("90,000", "90\\,000"),
    ),
    Prediction(
        "01.sum_of_bytes",
        "Two numbers of type `uint8` hold 200 and 100. What is their sum in numpy?",
        Choice("300", "255", "44", "an error"),
        "44",
        "A byte ends at 255 and starts again at 0: $300 - 256 = 44$, and nothing warns you. Convert to a "
        "larger type before you add or subtract pictures.",
        tells=("again at 0", "= 44"),
    ),
    Prediction(
        "01.strongest_nuisance",
        "Each nuisance changes the same picture of a heart a little, with strength 0.2. Which one changes "
        "most of its 12,288 numbers?",
        Choice(*NUISANCES),
        strongest_nuisance,
        "It hardly disturbs your eye. How many numbers change says little about how hard a picture is to "
        "name.",
        tells=("illumination changes",),
    ),
]
