"""Predictions of lecture 03, linear classifiers."""

from __future__ import annotations

import numpy as np

from lib.lessons.predictions.kinds import Choice, Number, SeveralNumbers, Sketch, Slider
from lib.lessons.predictions.prediction import Prediction
from lib.lessons.predictions.scale import Scale

# Validation accuracy in % of the demo's classifier for λ = 10⁻⁴ … 10²: L2, 1000 training images of Shapes-10.
STRENGTHS = np.arange(-4, 2.01, 0.5)
ACCURACY = (18.6, 19.9, 21.6, 25.0, 27.4, 30.8, 33.1, 33.8, 34.0, 33.0, 30.6, 25.6, 22.1)


def hinge_of_the_cat(score: np.ndarray) -> np.ndarray:
    """The hinge loss of the cat image against the score of cat; car has 5.1, frog −1.7."""
    return np.maximum(0, 5.1 - score + 1) + np.maximum(0, -1.7 - score + 1)


def validation_accuracy(strength: np.ndarray) -> np.ndarray:
    """The measured accuracies, joined by straight lines over log λ."""
    return np.interp(np.log10(strength), STRENGTHS, ACCURACY)


predictions = [
    Prediction(
        "03.four_pixels",
        "The four pixels are $x = (2, 0, 1, 3)$. What are the scores $s = W x + b$ of the three classes?",
        SeveralNumbers(("cat", "dog", "ship"), -10, 20, close=0.05),
        (5, 4, 1.5),
        "Cat: $1 \\cdot 2 - 1 \\cdot 0 + 0 \\cdot 1 + 2 \\cdot 3 - 3 = 5$, the largest. So the classifier "
        "says cat.",
        tells=("5, 4, 1.5", "[5. 4. 1.5]", "says cat"),
    ),
    Prediction(
        "03.numbers_kept",
        "Nearest neighbours kept 153,600,000 numbers of CIFAR-10. How many does a linear classifier keep for"
        " its ten classes?",
        Number(10, 1_000_000_000, unit="numbers", log=True, close=1.05),
        30_730,
        "$10 \\cdot 3072$ in $W$ and 10 in $b$: 5,000 times fewer.",
        tells=("30,730", "30730", "5,000 times"),
    ),
    Prediction(
        "03.car_may_fall",
        "The car image has the scores cat 1.3, car 4.9, frog 2.0, and its loss is 0. By how much may the "
        "score of the right class, car, fall before the loss rises?",
        Number(0, 5, close=0.05),
        1.9,
        "From 4.9 to 3.0, which leads the next best, the frog's 2.0, by just $\\Delta = 1$. Until then "
        "hinge does not care how good the score is.",
        tells=("1.9", "from 4.9 to"),
    ),
    Prediction(
        "03.hinge_curve",
        "On the cat image car has the score 5.1 and frog −1.7. The score of the right class, cat, rises from"
        " −3 to 9. Draw the hinge loss, with $\\Delta = 1$.",
        Sketch(Scale(-3, 9, "score of cat"), Scale(0, 12, "hinge loss"), points=13),
        hinge_of_the_cat,
        "Up to −0.7 car and frog both pay, and the slope is −2. From there on only car pays, with slope −1. "
        "From 6.1 on nobody pays, and the loss is flat.",
        tells=("6.1", "−0.7", "slope is −2"),
    ),
    Prediction(
        "03.probability_of_cat",
        "The cat image has the scores cat 3.2, car 5.1, frog −1.7. Which probability does softmax give to "
        "cat?",
        Slider(0, 1, step=0.01, close=0.03),
        0.13,
        "Car leads by 1.9, and $e^{1.9}$ is nearly 7: car gets about seven times as much as cat. Frog gets "
        "almost nothing.",
        tells=("0.13", "seven times"),
    ),
    Prediction(
        "03.losses_at_the_start",
        "Ten classes, and $W$ is tiny and random: all scores are about 0. What are the two losses, on "
        "average?",
        SeveralNumbers(("hinge", "softmax"), 0, 20, close=0.05),
        (9, 2.303),
        "Hinge: each of the $C - 1 = 9$ wrong classes pays $\\Delta = 1$. Softmax: every class has $p = "
        "1/10$, and $-\\log \\tfrac{1}{10} = 2.303$. If a program starts elsewhere, look for a mistake.",
        tells=("2.303", "log 10", "log(10)", "C − 1", "C - 1"),
    ),
    Prediction(
        "03.smaller_penalty",
        "$w_1 = (1, 0, 0, 0)$ and $w_2 = (\\tfrac14, \\tfrac14, \\tfrac14, \\tfrac14)$ give $x = (1, 1, 1, "
        "1)$ the same score. Which of them has the smaller penalty?",
        Choice("L2 prefers w₁, L1 w₂", "L2 prefers w₂, L1 w₁", "L2 prefers w₂, L1 neither", "both prefer w₂"),
        "L2 prefers w₂, L1 neither",
        "The squares add up to 1 and to 0.25: L2 likes weights that are spread, which listen to all pixels a "
        "little. The absolute values add up to 1 both times.",
        tells=("0.25", "prefers $w_2$", "indifferent"),
    ),
    Prediction(
        "03.validation_curve",
        "A linear classifier learns from 1,000 images of Shapes-10, with an L2 penalty of strength $\\lambda"
        "$. How many *validation* images does it get right? Guessing gives 10 %. Draw the curve.",
        Sketch(
            Scale(1e-4, 1e2, "strength λ", log=True), Scale(0, 60, "validation images right", "%"), points=13
        ),
        validation_accuracy,
        "Best near $\\lambda = 1$, 34 %. With less penalty $W$ fits the 1,000 images and little else: 99 % "
        "of them are right, and 19 % of others. With too much it learns hardly anything.",
        tells=("34 %", "little else", "near λ = 1"),
    ),
    Prediction(
        "03.linear_on_cifar",
        "In the full CIFAR-10, with 50,000 training images, nearest neighbours had 38.6 % of the test images"
        " right. How many does the linear classifier with the softmax loss get right?",
        Slider(0, 100, step=1, unit="%", close=4),
        41.3,
        "We measured 41.3 % for softmax, 40.4 % for least squares and 39.5 % for hinge: the loss matters "
        "little. What holds all three back is that there is only one template a class.",
        tells=("41.3", "40%", "40 %", "39.5"),
    ),
    Prediction(
        "03.wrong_gradient",
        "What is wrong with the gradient of `careless`?",
        Choice(
            "its sign",
            "W is missing in it",
            "it is the sum over the images, not the mean",
            "it is transposed",
        ),
        "it is the sum over the images, not the mean",
        "`cross_entropy` returns the mean loss of six images, and the gradient adds up six images: it is six "
        "times too large everywhere.",
        tells=("six times", "/ 6", "divide by N"),
    ),
    Prediction(
        "03.best_of_xor",
        "Four clouds of points lie at the corners of a square, and opposite corners belong to one class. How "
        "many points can the best straight line get right?",
        Choice("about 50 %", "about 75 %", "about 90 %", "100 %"),
        "about 75 %",
        "A line can cut off one corner: three corners are right, and the fourth is wrong.",
        tells=("75", "three corners"),
    ),
]
