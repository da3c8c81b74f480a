"""Predictions of lecture 01, image classification."""

from __future__ import annotations

import inspect

import numpy as np

from data_loaders.shapes10 import NUISANCES, render
from lib.classifiers import hand_coded
from lib.lessons.predictions.kinds import Choice, Number, Sketch, Slider
from lib.lessons.predictions.prediction import Prediction
from lib.lessons.predictions.scale import Scale

# Top-5 errors in per cent. AlexNet's is that of its seven networks on the validation images, as it became
# known; the contest's table, of test images, says 15.3. All others are of that table.
ALEXNET, RUNNER_UP = 15.4, 26.2
WINNERS = {2010: 28.2, 2011: 25.8, 2012: 15.3, 2013: 11.7, 2014: 6.7, 2015: 3.6, 2016: 3.0, 2017: 2.3}
PERSON = 5.1  # one who had practised; Russakovsky et al., 2015


def lines_of_the_rules() -> int:
    """Lines of the hand-written classifier that are not empty."""
    return sum(bool(line.strip()) for line in inspect.getsource(hand_coded).splitlines())


def error_of_the_winner(year: np.ndarray) -> np.ndarray:
    """The winner's top-5 error, in per cent, with straight lines from year to year."""
    return np.interp(year, list(WINNERS), list(WINNERS.values()))


def strongest_nuisance() -> str:
    """The nuisance that changes most numbers of the lecture's heart at strength 0.2."""
    clean = render("heart", seed=5, size=64)
    changed = {name: np.mean(render("heart", seed=5, size=64, **{name: 0.2}) != clean) for name in NUISANCES}
    return max(changed, key=lambda name: changed[name])


predictions = [
    Prediction(
        "01.lines_of_code",
        "You named the ten pictures at a glance. Section 5 has a program that names drawings of ten simple "
        "shapes, by rules written by hand. How many lines is it long, with its comments?",
        Number(10, 100_000, unit="lines", log=True, close=2),
        lines_of_the_rules,
        "It names ten simple shapes on clean pictures, and no cat. For real pictures nobody "
        "has ever finished such a program.",
        tells=("108", "hundred lines"),
    ),
    Prediction(
        "01.alexnet_error",
        "In 2012 the best team with hand-made features had a top-5 error of 26.2 %. What was the error of "
        "the convolutional network, AlexNet?",
        Slider(0, 40, step=0.2, unit="%", close=1),
        ALEXNET,
        "The network's error was {truth}: two of five mistakes were gone at once. From 2010 to 2011 the best "
        "error had only gone from 28.2 to 25.8 %. (This is AlexNet's error on the validation images; on the "
        "test images, where the others were measured, it was 15.3 %.)",
        tells=("15.4", "15.3", "41"),
    ),
    Prediction(
        "01.winners",
        "The contest was held each year from 2010 to 2017. Draw the winner's top-5 error.",
        Sketch(Scale(2010, 2017, "year"), Scale(0, 30, "top-5 error", unit="%"), points=8),
        error_of_the_winner,
        "From 2012 on all winners were deep networks. In 2015 the winner was better than a person who had "
        "practised, and who made 5.1 %.",
        tells=("11.7", "5.1", "all winners", "better than a person"),
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
        "Two arrays of type `uint8` hold 200 and 100. What is their sum in numpy?",
        Choice("300", "255", "44", "an error"),
        "44",
        "A byte ends at 255 and starts again at 0: $300 - 256 = 44$, and for arrays nothing warns you. "
        "Convert to a larger type before you add or subtract pictures.",
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
    Prediction(
        "01.first_to_break",
        "Each nuisance grows slowly from 0 to 1 while the six others stay at 0. Which one is the first with "
        "which the rules name less than half of the pictures rightly?",
        Choice(*NUISANCES),
        "viewpoint",
        "At a quarter of its strength only four of ten pictures are still named rightly. The second rule "
        "asks whether the left half mirrors the right half, and that ends as soon as the camera turns.",
        tells=("camera turns", "viewpoint breaks", "viewpoint is the first"),
    ),
    Prediction(
        "01.fair_fight",
        "Which of the three names most of the test images rightly?",
        Choice("1, the rules", "2, nearest mean of pixels", "3, nearest mean of the measurements"),
        "3, nearest mean of the measurements",
        "It is right about 55 times in 100, the rules 30 times, and pixels 20 times. The first and the last "
        "look at the same six numbers: what differs is who decided, a person or the data. And pixels show "
        "that data alone are not enough: what is measured matters, too.",
        tells=("55 times", "data alone", "what is measured matters"),
    ),
    Prediction(
        "01.memoriser",
        "It has seen 2,000 training images, and is then asked about them and about 2,000 test images. How "
        "many does it name rightly?",
        Choice(
            "all training images, all test images",
            "all training images, half of the test images",
            "all training images, a tenth of the test images",
            "half of both",
        ),
        "all training images, a tenth of the test images",
        "It is perfect on what it knows. On all others it gives one fixed answer, and guessing does as well.",
        tells=("a tenth of", "perfect on"),
    ),
]
