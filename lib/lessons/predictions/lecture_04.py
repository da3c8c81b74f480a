"""Predictions of lecture 04, optimisation."""

from __future__ import annotations

import numpy as np

from lib.lessons.predictions.kinds import Choice, Number, Sketch
from lib.lessons.predictions.prediction import Prediction
from lib.lessons.predictions.scale import Scale


def error_of_the_forward_slope(h: np.ndarray) -> np.ndarray:
    """How far (L(w + h) − L(w)) / h is from the slope of L(w) = log(1 + e^−w) at w = 1: its typical size.

    The truncation is h L″ / 2. The rounding is one of chance; its typical size is that of the last digit of a
    float64 near L, divided by h.
    """
    w = 1.0
    curvature = np.exp(-w) / (1 + np.exp(-w)) ** 2
    return h * curvature / 2 + np.spacing(np.log1p(np.exp(-w))) / h


def momentum_on_a_constant_slope(t: np.ndarray) -> np.ndarray:
    """m after t steps of m ← 0.9 m + 0.1 from 0."""
    return 1 - 0.9**t


predictions = [
    Prediction(
        "04.random_or_zero",
        "A hundred random matrices $W$ are tried on 200 images of ten classes, and the best one is kept. Its"
        " loss is compared with that of $W = 0$, which is $\\log 10 \\approx 2.303$. Which is smaller?",
        Choice("that of the best random W", "that of W = 0", "both are nearly equal"),
        "that of W = 0",
        'A random matrix is often very sure, and mostly wrong, which costs a lot. $W = 0$ says "one in ten"'
        " to everything. A hundred tries are nothing in 30,730 dimensions.",
        tells=("mostly wrong", "worse than that of"),
    ),
    Prediction(
        "04.small_step",
        "The loss is $L(w) = w^2$ and $w = 10$. By how much does the loss grow when $w$ grows by 0.01?",
        Number(0, 1, close=0.001),
        0.2001,
        "The slope $2w = 20$ times the nudge 0.01 gives 0.2. The last 0.0001 is the square of the nudge.",
        tells=("0.2001",),
    ),
    Prediction(
        "04.error_of_a_nudge",
        "A slope is computed with a small nudge $h$: $(L(w + h) - L(w)) / h$. How does its error change while"
        " $h$ shrinks from $10^{-1}$ to $10^{-14}$?",
        Sketch(
            Scale(1e-14, 1e-1, "nudge h", log=True),
            Scale(1e-12, 1, "error of the slope", log=True),
            points=14,
        ),
        error_of_the_forward_slope,
        "The error falls with $h$, but only down to about $10^{-8}$. For smaller nudges it grows again: $L(w "
        "+ h)$ and $L(w)$ share nearly all their digits, and what is left is rounding.",
        tells=("digits cancel", "then rises", "grows again"),
    ),
    Prediction(
        "04.losses_for_a_gradient",
        "Our classifier has 30,730 weights. How often must you compute the loss to get all its slopes with "
        "central differences?",
        Number(1, 10_000_000, unit="times", log=True, close=1.05),
        61_460,
        "Two losses for each weight, one on either side. A formula gives all slopes at the price of a few "
        "losses.",
        tells=("61,460", "two losses"),
    ),
    Prediction(
        "04.find_the_mistake",
        "The loss of `my_loss` is right. What is wrong with its gradient?",
        Choice(
            "the penalty is not in it",
            "it is not divided by the number of examples",
            "its shape is that of W, transposed",
            "nothing",
        ),
        "the penalty is not in it",
        "The loss has $0.1 \\sum W^2$, so $0.2\\,W$ belongs to the gradient. The mean is taken in "
        "`cross_entropy` already.",
        tells=("0.2 * W", "0.2\\,W", "gradient of the penalty"),
    ),
    Prediction(
        "04.rate_too_high",
        "Gradient descent on $L = w^2$ starts at $w = 10$. Which learning rate never arrives at the minimum?",
        Choice("0.01", "0.1", "0.5", "0.9", "1.1"),
        "1.1",
        "Each step multiplies $w$ by $1 - 2\\eta$. For $\\eta = 1.1$ this is −1.2: every step jumps over the"
        " minimum and lands further away. With 0.9 it jumps over it too, and still comes nearer.",
        tells=("1.1 climbs", "−1.2"),
    ),
    Prediction(
        "04.examples_of_sgd",
        "Gradient descent needs 4 iterations, so 80,000 examples, until only 1 % of the excess loss is left. "
        "How many examples does SGD need, with one in each iteration?",
        Number(1, 1_000_000, unit="examples", log=True, close=2),
        102,
        "A single step of gradient descent takes 20,000. But the examples resemble each other, and a hundred "
        "of them say nearly what all say.",
        tells=("102", "hundred examples", "resemble"),
    ),
    Prediction(
        "04.momentum_grows",
        "The slope $g$ is 1 at every step, $\\eta = 0.1$ and $\\alpha = 0.9$. Gradient descent without "
        "momentum moves by 0.1 each time. Draw how far momentum moves in each step. At step 0, before the "
        "first one, $m$ is 0.",
        Sketch(Scale(0, 50, "step"), Scale(0, 2, "distance moved, m"), points=13),
        momentum_on_a_constant_slope,
        "It grows to $\\eta / (1 - \\alpha) = 1$: the steps become ten times as long. So with momentum 0.9 "
        "begin with a learning rate that is about ten times smaller.",
        tells=("ten times as long", "\\eta / (1"),
    ),
    Prediction(
        "04.long_memory",
        "In the ravine, each optimiser gets its best learning rate. Momentum has $\\alpha = 0.9$. Whose loss "
        "is smaller after 60 steps?",
        Choice("that of momentum, by far", "that of momentum, a little", "that of plain gradient descent"),
        "that of plain gradient descent",
        "So long a memory keeps rolling: its steps cannot fade faster than by $\\sqrt{\\alpha} = 0.95$ "
        "each, and gradient descent has 0.92 here. With $\\alpha = 0.5$ momentum is far ahead. In a "
        "ravine that is much narrower, the long memory wins.",
        tells=("cannot fade", "keeps rolling", "memory is too long"),
    ),
    Prediction(
        "04.much_too_high",
        "A good learning rate for our classifier is 5. What does its training loss do with 40?",
        Choice(
            "it falls faster",
            "it falls, and stops a little higher",
            "it stays high and jumps about",
            "it grows beyond all bounds, to nan",
        ),
        "it stays high and jumps about",
        "Each step overshoots. But the gradient of softmax is bounded, so the loss cannot grow for ever; "
        "in a deep network it can, and then the loss is `nan`.",
        tells=("stays high", "jumps about", "cannot grow"),
    ),
]
