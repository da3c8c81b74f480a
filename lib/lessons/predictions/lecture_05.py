"""Predictions of lecture 05, backpropagation."""

from __future__ import annotations

import numpy as np

from lib.lessons.predictions.kinds import Choice, Number, SeveralNumbers, Sketch
from lib.lessons.predictions.prediction import Prediction
from lib.lessons.predictions.scale import Scale


def sigmoid_slope(a: np.ndarray) -> np.ndarray:
    """The derivative of 1 / (1 + e^−a)."""
    sigma = 1 / (1 + np.exp(-a))
    return sigma * (1 - sigma)


predictions = [
    Prediction(
        "05.three_gradients",
        "$f(x, y, z) = (x + y)\\,z$ at $x = -2$, $y = 5$, $z = -4$. What are the three gradients of $f$?",
        SeveralNumbers(("∂f/∂x", "∂f/∂y", "∂f/∂z"), -10, 10, close=0.1),
        (-4, -4, 3),
        "The gate × gives each input the value of the other one: $q$ gets $z = -4$, and $z$ gets $q = 3$. "
        "The gate + hands its −4 on to $x$ and $y$ unchanged.",
    ),
    Prediction(
        "05.routing_gate",
        "Backward, one of these gates sends its whole gradient to one input and nothing to the other. Which "
        "one?",
        Choice("x + y", "max(x, y)", "x · y"),
        "max(x, y)",
        "A small change of the smaller input changes nothing, so its gradient is 0. The gate + gives the "
        "same to both inputs, and the gate × gives each the value of the other.",
    ),
    Prediction(
        "05.sigmoid_slope",
        "The sigmoid $\\sigma(a) = 1 / (1 + e^{-a})$ rises from 0 to 1. Draw its derivative.",
        Sketch(Scale(-6, 6, "a"), Scale(0, 0.5, "slope of the sigmoid")),
        sigmoid_slope,
        "It is $\\sigma (1 - \\sigma)$: at most a quarter, at $a = 0$, and almost nothing where the sigmoid "
        "is flat. A neuron whose score is far from 0 hardly learns.",
    ),
    Prediction(
        "05.price_of_nudging",
        "A loss has 2000 weights. How many forward passes do all its slopes cost if you nudge each weight up"
        " and down?",
        Number(1, 1_000_000, unit="passes", log=True, close=1.05),
        4000,
        "Two passes for each weight. Backpropagation needs one pass forward and one back, however many "
        "weights there are.",
    ),
    Prediction(
        "05.price_of_backward",
        "The forward pass through a large network takes one second. How long does the backward pass take, "
        "for the gradients of all weights?",
        Number(0.01, 10_000, unit="s", log=True, close=1.5),
        2,
        "Nearly all time goes into matrix products. Where forward has one, backward has two: one for the "
        "gradient in the weights and one for the gradient in the inputs. So it takes about {truth}, whatever"
        " the number of weights.",
    ),
    Prediction(
        "05.fifty_steps",
        "A loop computes $h \\leftarrow 0.9\\,h$ fifty times. What is the gradient of the last $h$ in the "
        "first?",
        Number(0.0001, 10, log=True, close=1.5),
        0.9**50,
        "It is $0.9^{50}$: each step multiplies the gradient by 0.9, and it vanishes. With 1.1 instead, it "
        "grows to 117.",
    ),
]
