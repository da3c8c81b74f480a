"""Predictions of lecture 08, activations and deep gradients."""

from __future__ import annotations

from math import erfc, sqrt

import numpy as np

from lib.lessons.predictions.kinds import Choice, Number, SeveralNumbers, Sketch, Slider
from lib.lessons.predictions.prediction import Prediction
from lib.lessons.predictions.scale import Scale

FLAT = 0.01  # a sigmoid with a smaller slope is called saturated
KEPT_BY_A_SIGMOID_LAYER = 0.234  # of the gradient's size, with Xavier's weights


def tanh_slope_curve(x: np.ndarray) -> np.ndarray:
    """The derivative of tanh."""
    return 1 - np.tanh(x) ** 2


def saturated_share(deviation: np.ndarray) -> np.ndarray:
    """Per cent of the sigmoids with a slope below FLAT, where inputs are Gaussian with this deviation."""
    root = sqrt(1 - 4 * FLAT)  # of σ² − σ + FLAT = 0
    edge = np.log((1 + root) / (1 - root))  # the x at which the slope is FLAT
    return np.array([100 * erfc(edge / (each * sqrt(2))) for each in deviation])


def sigmoid_gradient_sizes(layer: np.ndarray) -> np.ndarray:
    """Size of the gradient in the output of each of 30 sigmoid layers, 1 at the last."""
    return KEPT_BY_A_SIGMOID_LAYER ** (30 - layer)


predictions = [
    Prediction(
        "08.tanh_slope",
        "tanh rises from −1 to 1, through 0. Draw its derivative.",
        Sketch(Scale(-4, 4, "x"), Scale(0, 1.5, "slope of tanh"), points=17),
        tanh_slope_curve,
        "It is steepest at 0, where its slope is 1. The sigmoid is steepest at 0 as well, and reaches only ¼ "
        "there. Both are nearly flat outside.",
        tells=("reaches only", "is steepest at 0"),
    ),
    Prediction(
        "08.saturated",
        "A sigmoid with a slope below 0.01 passes on less than a hundredth of the gradient: it is saturated. "
        "Its inputs are Gaussian, with mean 0. Draw the share of units that are saturated against the "
        "deviation of the inputs.",
        Sketch(
            Scale(0.5, 20, "deviation of the inputs"), Scale(0, 100, "saturated units", unit="%"), points=14
        ),
        saturated_share,
        "Up to a deviation of about 2, hardly any unit is saturated. At 5 it is more than a third, at 20 "
        "more than four fifths: the slope is below 0.01 wherever the input is beyond ±4.6.",
        tells=("four fifths", "4.6", "82%", "82 %", "more than a third"),
    ),
    Prediction(
        "08.relu_gradient",
        "ReLU gets $x = (-0.0044, -0.1521, 0.4794, -0.1014, 0.4201)$, and $\\partial L / \\partial y = (1, 2,"
        " 3, 4, 5)$ comes back. What is $\\partial L / \\partial x$?",
        SeveralNumbers(("1", "2", "3", "4", "5"), -10, 10, close=0.01),
        (0, 0, 3, 0, 5),
        "The gradient passes where the number passed, and arrives unchanged.",
        tells=("0, 0, 3", "0. 0. 3", "where the number passed"),
    ),
    Prediction(
        "08.holes",
        "A square sheet is folded to a quarter, which is stretched to the size of the sheet. This is done "
        "three times. Then one round hole is cut through all layers. How many holes has the open sheet?",
        Number(1, 1000, unit="holes", log=True, close=1.001),
        64,
        "Each time four quarters come to lie on each other, so each time there are four times as many "
        "layers, and holes: 4, 16, 64.",
        tells=("64 holes", "4, 16", "16, 64"),
    ),
    Prediction(
        "08.sigmoid_flow",
        "Thirty layers of 64 sigmoids, untrained. Their weights have the deviation $1/\\sqrt{64}$: alone, "
        "they would keep the size of the gradient. It is 1 at the output of layer 30. Draw it down to "
        "layer 1.",
        Sketch(Scale(1, 30, "layer"), Scale(1e-20, 10, "size of the gradient", log=True), points=15),
        sigmoid_gradient_sizes,
        "Each layer multiplies it by a little less than a quarter, the largest slope of a sigmoid. Only "
        "about $10^{-18}$ arrives.",
        tells=("10^{-18}", "10⁻¹⁸", "less than a quarter"),
    ),
    Prediction(
        "08.xavier_relu",
        "ReLU layers of $n$ units, with weights of deviation $\\sigma_W = 1/\\sqrt n$. By which factor "
        "is the *size* of the outputs multiplied from layer to layer? Size is the root of the mean square.",
        Slider(0, 2, step=0.01, close=0.03),
        sqrt(0.5),
        "The mean square is halved, $\\frac12 n \\sigma_W^2$, so the size is multiplied by $\\sqrt{1/2}$. "
        "After 30 layers less than a ten-thousandth is left.",
        tells=("0.71", "0.707", "ten-thousandth", "\\sqrt{1/2}"),
    ),
    Prediction(
        "08.way_around",
        "One unit in each of 30 layers, and the body of each has the slope 0.01. Without a way around, "
        "$0.01^{30} = 10^{-60}$ of the gradient is left. How much is left with it?",
        Number(1e-60, 1e10, log=True, close=1.2),
        1.01**30,
        "Each factor is $1 + 0.01$: a product of small numbers has become nearly a sum.",
        tells=("1.35", "1.34", "nearly a sum"),
    ),
    Prediction(
        "08.norm_going_back",
        "ReLU layers with Kaiming's weights keep the size of the gradient. Now put batch normalisation "
        "before each ReLU. What happens to the gradient on its way back through 30 layers?",
        Choice("it stays as large as it is", "it shrinks", "it grows"),
        "it grows",
        "It grows by about 1.2 in each layer. For very wide layers the factor is $\\sqrt{\\pi / (\\pi - 1)} "
        "\\approx 1.211$ (Yang and others, 2019): 300 in 30 layers, $10^{12}$ in 150.",
        tells=("1.211", "1.2 in each", "**grows**"),
    ),
    Prediction(
        "08.one_bend",
        "A ReLU on each of the lines $-2x - 8$, $3x + 12$ and $x + 4$, and then the sum of the three. At "
        "how many places is it bent?",
        Choice("1", "2", "3", "4"),
        "1",
        "All three lines cross zero at the same place, $x = -4$. Left of it the slope is −2, and right of it "
        "$3 + 1 = 4$.",
        tells=("x = -4", "x = −4", "One bend", "cross zero"),
    ),
    Prediction(
        "08.four_lines",
        "One line parts the plane into two regions, two lines make four. How many regions do four lines "
        "make, at most?",
        Number(1, 50, close=0.1),
        11,
        "The third line adds 3, the fourth adds 4: a new line meets $n$ old ones in $n$ points, which cut it "
        "into $n + 1$ pieces, and each piece splits one region in two.",
        tells=("7, 11", "11 regions", "4, 7"),
    ),
    Prediction(
        "08.signs",
        "The inputs $a$ of a unit are outputs of sigmoids, all positive. What do you know of the signs in "
        "$\\partial L / \\partial w = \\delta\\,a$ for one example?",
        Choice("nothing", "all components are positive", "all have the same sign"),
        "all have the same sign",
        "It is the sign of $\\delta$, which is one number. So for one example all weights of a unit grow "
        "together or shrink together.",
        tells=("same sign", "one sign", "grow together"),
    ),
    Prediction(
        "08.never_learns",
        "Four networks of twenty layers. One of them learns nothing at all. Which one?",
        Choice(
            "sigmoid, Xavier",
            "sigmoid, batch norm",
            "ReLU, Kaiming",
            "ReLU, skip, batch norm",
        ),
        "sigmoid, Xavier",
        "Its loss stays at $\\ln 10 \\approx 2.303$, that of guessing: nothing arrives at its first layers. "
        "One change, batch normalisation, and it learns.",
        tells=("learns nothing", "stays at"),
    ),
]
