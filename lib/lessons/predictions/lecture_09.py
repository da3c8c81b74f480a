"""Predictions of lecture 09, convolution and pooling."""

from __future__ import annotations

import numpy as np

from lib.lessons.predictions.kinds import Choice, Number, SeveralNumbers, Sketch, Slider
from lib.lessons.predictions.prediction import Prediction
from lib.lessons.predictions.scale import Scale


def spread_of_dropout(p: np.ndarray) -> np.ndarray:
    """The standard deviation of a 1 behind dropout: it is 1 / (1 − p) with probability 1 − p, else 0."""
    return np.sqrt(p / (1 - p))


predictions = [
    Prediction(
        "09.three_counts",
        "From 32 × 32 × 3 numbers to 32 × 32 × 32: how many weights and biases has each of the three layers?",
        SeveralNumbers(("fully connected", "local", "shared"), 10, 1e9, log=True, close=1.1),
        (100_696_064, 2_490_368, 2_432),
        "Two beliefs about pictures bought this. What belongs together is close together, so a patch is "
        "enough. What is worth finding here is worth finding anywhere, so all places share their weights.",
        tells=("100,696,064", "2,432", "2,490,368", "hundred million"),
    ),
    Prediction(
        "09.alexnet_parameters",
        "AlexNet's first layer is `Conv2d(3, 96, 11)`: 3 channels in, 96 filters of 11 × 11. How many "
        "weights and biases does it have?",
        Number(10, 10_000_000, unit="parameters", log=True, close=1.01),
        34_944,
        "Each of the 96 filters has $3 \\cdot 11 \\cdot 11 = 363$ weights and one bias. The size of the "
        "image does not matter.",
        tells=("34,944", "34944", "363"),
    ),
    Prediction(
        "09.routing",
        "The upper right window holds 0, 1 in its first row and 3, 1 in its second. Its maximum gets the "
        "gradient 20. What does max pooling hand to the four pixels?",
        SeveralNumbers(("the 0", "the first 1", "the 3", "the last 1"), -30, 30, close=0.1),
        (0, 0, 20, 0),
        "Nudge the winner, and the maximum follows one to one. Nudge another one, and nothing happens.",
        tells=("to the winner alone", "winner takes"),
    ),
    Prediction(
        "09.one_pixel",
        "The picture moves by one pixel. Whose numbers change most, in per cent of their length as a vector?",
        Choice("the pixels", "the edges", "the edges behind a maximum of 2 × 2", "the maximum of all edges"),
        "the edges",
        "Edges are thin: a move of one pixel misses them. Each larger window mends some of it. None mends "
        "all, since there is always an edge that steps over a border between two windows.",
        tells=("edges are thin", "worse than pixels"),
    ),
    Prediction(
        "09.not_zero",
        "The scores of 20 pictures were computed, and the loss. On the way back, your layer gets $g$: 20 "
        "pictures, 4 maps, 10 × 10 places, together 8,000 numbers. How many per cent of them are not 0?",
        Slider(0, 100, unit="%", step=1, close=4),
        20,
        "Of each window only the winner gets a gradient: 25 %. And where the winner is below 0, the ReLU "
        "behind the pooling has cut it off. Your loops multiply by 0 four times of five.",
        tells=("20 %", "four times of five", "a fifth of them"),
    ),
    Prediction(
        "09.matrix",
        "An image of 8 × 8, a kernel of 3 × 3, and a border of zeros, so that the output is 8 × 8 as well. "
        "How many entries of $M$ are not 0? And how many different numbers are among them?",
        SeveralNumbers(("not 0", "different"), 1, 5000, log=True, close=1.03),
        (484, 9),
        "Nine for each output would be 576. At the border some of the nine lie beyond the image: along one "
        "axis there are $3 \\cdot 8 - 2 = 22$ pairs of output and input, and $22^2 = 484$.",
        tells=("484", "576"),
    ),
    Prediction(
        "09.moved",
        "Move a picture, then convolve; or convolve, then move. By how much do the two answers differ, away "
        "from the border?",
        Choice("not at all, but for rounding", "a little", "as much as two different pictures"),
        "not at all, but for rounding",
        "All places have the same weights, so no place is special. Nobody had to learn this. At the border "
        "the answers differ: there the layer sees zeros, or what came in again at the other side.",
        tells=("exactly equal", "no place is special"),
    ),
    Prediction(
        "09.patches",
        "64 images of 32 × 32 with 32 channels are 8.4 MB in float32. How many MB are their patches, for a "
        "kernel of 3 × 3 and stride 1?",
        Number(1, 10_000, unit="MB", log=True, close=1.05),
        75.5,
        "Neighbouring patches overlap: each pixel is written down 9 times. The library makes a piece of them "
        "at a time, which stays in the processor's cache, so it needs far less.",
        tells=("75.5", "9 times"),
    ),
    Prediction(
        "09.larger_picture",
        "`Conv2d(16, 10, kernel_size=8)` gets 16 maps of 11 × 9 pixels. At how many places does it give ten "
        "scores?",
        SeveralNumbers(("rows", "columns"), 0, 12, close=0.1),
        (4, 2),
        "The kernel fits at $11 - 8 + 1$ times $9 - 8 + 1$ places. A `Linear` would refuse: it wants 1024 "
        "numbers.",
        tells=("4 × 2", "(1, 10, 4"),
    ),
    Prediction(
        "09.dropout_values",
        "A thousand ones go through `Dropout(0.8)` in training mode. Which numbers come out?",
        Choice("0 and 1", "0 and 1.25", "0 and 5", "0.2 everywhere"),
        "0 and 5",
        "Four of five become 0. The rest is divided by $1 - p = 0.2$, so that the mean stays 1.",
        tells=("0 and 5", "mean stays"),
    ),
    Prediction(
        "09.dropout_spread",
        "A 1 goes through dropout many times. Draw the standard deviation of what comes out against $p$.",
        Sketch(Scale(0, 0.9, "p"), Scale(0, 4, "standard deviation"), points=10),
        spread_of_dropout,
        "It is $\\sqrt{p / (1 - p)}$: 1 at one half, and 3 at 0.9. The more is dropped, the larger is what "
        "remains, and the wilder each step.",
        tells=("\\sqrt{p", "sqrt(p"),
    ),
    Prediction(
        "09.most_parameters",
        "Which layer of this network has most parameters?",
        Choice("the first convolution", "the second", "the third", "the Linear"),
        "the third",
        "It has 128 filters of $64 \\cdot 9$ weights. Its work is another matter: the second convolution has "
        "a quarter of its weights and four times as many places, so both do the same number of "
        "multiplications.",
        tells=("73,856", "73,728"),
    ),
    Prediction(
        "09.accuracy",
        "On CIFAR-10 a linear layer names 41 % of the test images rightly. This network, after 10 epochs?",
        Slider(0, 100, step=1, unit="%", close=4),
        80.8,
        "So we measured it on a JPEG copy of the real images, after just under 10 minutes on one core; 3 "
        "epochs gave 75.3 %.",
        tells=("80.8", "75.3"),
    ),
    Prediction(
        "09.places",
        "Nine test images are one picture of 96 × 96 now. A window of 32 × 32 moves over it in steps of 8 "
        "pixels. How many windows are there?",
        Number(0, 200, close=0.5),
        81,
        "Along each side there are $(96 - 32) / 8 + 1 = 9$.",
        tells=("81", "9 × 9 places"),
    ),
]
