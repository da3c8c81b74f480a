"""Predictions of lecture 05, backpropagation."""

from __future__ import annotations

import numpy as np

from lib.lessons.predictions.kinds import Choice, Number, SeveralNumbers, Sketch, Slider
from lib.lessons.predictions.prediction import Prediction
from lib.lessons.predictions.scale import Scale


def sigmoid_slope(a: np.ndarray) -> np.ndarray:
    """The derivative of 1 / (1 + e^−a)."""
    sigma = 1 / (1 + np.exp(-a))
    return sigma * (1 - sigma)


predictions = [
    Prediction(
        "05.q_and_f",
        "$q = x + y$ and $f = q z$ at $x = -2$, $y = 5$, $z = -4$. What are $q$ and $f$?",
        SeveralNumbers(("q", "f"), -20, 20, close=0.1),
        (3, -12),
        "Each gate computes as soon as its inputs are there: first $q$, then $f$.",
        tells=("−12", "-12"),
    ),
    Prediction(
        "05.three_gradients",
        "$f(x, y, z) = (x + y)\\,z$ at $x = -2$, $y = 5$, $z = -4$. What are the three gradients of $f$?",
        SeveralNumbers(("∂f/∂x", "∂f/∂y", "∂f/∂z"), -10, 10, close=0.1),
        (-4, -4, 3),
        "The gate × gives each input the value of the other one: $q$ gets $z = -4$, and $z$ gets $q = 3$. "
        "The gate + hands its −4 on to $x$ and $y$ unchanged.",
        tells=("−4, −4", "-4, -4"),
    ),
    Prediction(
        "05.branch",
        "$f = xy + xz$ at $x = 2$, $y = 3$, $z = -4$. What is $\\partial f / \\partial x$?",
        Number(-20, 20, close=0.1),
        -1,
        "Through $xy$ comes $y = 3$, through $xz$ comes $z = -4$, and at a branch the two add.",
        tells=("y + z",),
    ),
    Prediction(
        "05.wrong_order",
        "The right $\\partial f / \\partial x$ is 18. What does your engine say if it walks along the list "
        "forward?",
        Choice("18, as before", "36", "6", "0"),
        "0",
        "Every gate but the last multiplies by an upstream gradient that is still 0. By distance, 6 comes "
        "out: $a$ passes on what it has before the share of $b$ is there.",
        tells=("still 0", "is 0 when"),
    ),
    Prediction(
        "05.never_zeroed",
        "The gradients of the first call, with $\\partial f / \\partial x = 18$, are still there when "
        "backward is called again. What does the second call say?",
        Choice("18", "36, twice as much", "more than 36"),
        "more than 36",
        "It says 66: what lies between has kept its gradients, too, so $a$ begins with too much and passes "
        "on too much.",
        tells=("66", "too much"),
    ),
    Prediction(
        "05.xor_starts",
        "Twelve starts, each with other random weights. How many of the twelve learn XOR in 400 steps?",
        Slider(0, 12, step=1, close=1),
        8,
        "In the four others, two or three of the four hidden units have died: they are 0 at all four points, "
        "so their gradient is 0, and they stay so.",
        tells=("8 of", "eight of"),
    ),
    Prediction(
        "05.neuron_bias",
        "What is the gradient of the bias $w_2$? Two decimals are enough.",
        Number(-2, 2, close=0.02),
        0.196612,
        "−0.53 from $1/u$, times 1, times 0.37 from $e^u$, times −1, times 1. Who goes on with the rounded "
        "0.20 finds 0.40 and −0.60 at the inputs in the place of 0.39 and −0.59: digits are lost, and the "
        "method is right.",
        tells=("0.20", "0.197"),
    ),
    Prediction(
        "05.sigmoid_slope",
        "The sigmoid $\\sigma(a) = 1 / (1 + e^{-a})$ rises from 0 to 1. Draw its derivative.",
        Sketch(Scale(-6, 6, "a"), Scale(0, 0.5, "slope of the sigmoid")),
        sigmoid_slope,
        "It is $\\sigma (1 - \\sigma)$: at most a quarter, at $a = 0$, and almost nothing where the sigmoid "
        "is flat. A neuron whose score is far from 0 hardly learns.",
        tells=("a quarter", "0.25", "hardly learns"),
    ),
    Prediction(
        "05.forgetful",
        "Which of the two checks finds the mistake?",
        Choice("only the first", "only check_gate", "both", "neither"),
        "only check_gate",
        "A loss has the upstream gradient 1, and multiplying by 1 may be forgotten. check_gate sends a "
        "random one through the gate, here 0.4552, and compares with $0.4552 \\cdot (-4) = -1.821$. "
        "Check a gate as if it stood in the middle of something.",
        tells=("random upstream", "0.4552"),
    ),
    Prediction(
        "05.fifty_steps",
        "A loop computes $h \\leftarrow 0.9\\,h$ fifty times. What is the gradient of the last $h$ in the "
        "first?",
        Number(0.0001, 10, log=True, close=1.5),
        0.9**50,
        "It is $0.9^{50}$: each step multiplies the gradient by 0.9, and it vanishes. With 1.1 instead, it "
        "grows to 117.",
        tells=("0.005", "117", "w^{50}"),
    ),
    Prediction(
        "05.price_of_nudging",
        "A loss has 2000 weights. How many forward passes do all its slopes cost if you nudge each weight up"
        " and down?",
        Number(1, 1_000_000, unit="passes", log=True, close=1.05),
        4000,
        "Two passes for each weight. Backpropagation needs one pass forward and one back, however many "
        "weights there are.",
        tells=("4000", "4,000"),
    ),
]
