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


predictions = [
    Prediction(
        "04.small_step",
        "The loss is $L(w) = w^2$ and $w = 10$. By how much does the loss grow when $w$ grows by 0.01?",
        Number(0, 1, close=0.001),
        0.2001,
        "The slope $2w = 20$ times the step 0.01 gives 0.2. The last 0.0001 is the square of the step.",
        tells=("0.2001",),
    ),
    Prediction(
        "04.error_of_a_nudge",
        "A slope is computed with a small step $h$: $(L(w + h) - L(w)) / h$. How does its error change while"
        " $h$ shrinks from $10^{-1}$ to $10^{-14}$?",
        Sketch(
            Scale(1e-14, 1e-1, "step h", log=True), Scale(1e-12, 1, "error of the slope", log=True), points=14
        ),
        error_of_the_forward_slope,
        "The error falls with $h$, but only down to about $10^{-8}$. For smaller steps it grows again: $L(w "
        "+ h)$ and $L(w)$ share nearly all their digits, and what is left is rounding.",
        tells=("digits cancel", "then rises"),
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
        "04.rate_too_high",
        "Gradient descent on $L = w^2$ starts at $w = 10$. Which learning rate never arrives at the minimum?",
        Choice("0.01", "0.1", "0.5", "0.9", "1.1"),
        "1.1",
        "Each step multiplies $w$ by $1 - 2\\eta$. For $\\eta = 1.1$ this is −1.2: every step jumps over the"
        " minimum and lands further away. With 0.9 it jumps over it too, and still comes nearer.",
        tells=("1.1 climbs", "−1.2"),
    ),
]
