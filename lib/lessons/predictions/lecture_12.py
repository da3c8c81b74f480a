"""Predictions of lecture 12, training at speed."""

from __future__ import annotations

import math

import numpy as np

from lib.lessons.predictions.kinds import Choice, Number, SeveralNumbers, Sketch, Slider
from lib.lessons.predictions.prediction import Prediction
from lib.lessons.predictions.scale import Scale


def whole_step(times: np.ndarray) -> np.ndarray:
    """How many times as fast a step gets when a part that took 0.8 of it gets so many times as fast."""
    return 1 / (0.2 + 0.8 / times)


def five_steps_of_muon(v: np.ndarray) -> np.ndarray:
    """A singular value v after five times v ← a v + b v³ + c v⁵."""
    for _ in range(5):
        v = 3.4445 * v - 4.7750 * v**3 + 2.0315 * v**5
    return v


predictions = [
    Prediction(
        "12.first_of_each",
        "Each of the three stages has two convolutions. The first works before the pooling, on large maps. "
        "The second works after it, and has as many filters. In `fast_half` 24 channels go into the first "
        "stage, and the filters of the three stages are 32, 128 and 128. Which share of all multiply–adds "
        "of the net do the three *first* ones make?",
        Slider(0, 100, unit="%", step=1, close=5),
        67.0,
        "The map after the pooling has about a quarter of the places. But each filter of a second one may "
        "see more channels than a filter of the first, so that the first ones do not make four fifths.",
        tells=("67 %", "67%", "two thirds of"),
    ),
    Prediction(
        "12.backward",
        "Forward, a layer multiplies its weights by its inputs: one product. How many products of that size "
        "does it need on the way back?",
        Choice("half a product", "one", "two", "three"),
        "two",
        "The gradient $g$ comes back to $W x$. One product is $W^\\top g$, for the layer below. The other is "
        "$g x^\\top$, for the weights. A first layer whose weights stay fixed needs neither.",
        tells=("two products", "g x^", "W^\\top g"),
    ),
    Prediction(
        "12.amdahl",
        "One part takes 80 % of a step. Somebody makes it 2, 10, 100 times as fast, and leaves the rest as "
        "it is. Draw how many times as fast the whole step gets.",
        Sketch(
            Scale(1, 100, "the part is so many times as fast", log=True),
            Scale(0, 20, "the step is so many times as fast"),
            points=9,
        ),
        whole_step,
        "It never gets more than 5 times as fast: the other 20 % stay. This is Amdahl's law (1967).",
        tells=("more than 5", "at most five", "0.2 +"),
    ),
    Prediction(
        "12.both_sides",
        "A coin decides in each epoch whether an image is mirrored. How many per cent of the images have "
        "been seen from both sides after two epochs, and after four?",
        SeveralNumbers(("two epochs", "four epochs"), 0, 100, unit="%", close=2),
        (50, 87.5),
        "Two coins show the same side in half of the cases, four coins in one case of eight.",
        tells=("87.5", "case of eight"),
    ),
    Prediction(
        "12.best_gap",
        "With `eps = 0` no gap between the right score and the others is large enough. Now let `eps = 0.2`, "
        "$C = 10$, and all other scores be equal. At which gap is the loss smallest?",
        Number(0, 20, close=0.1),
        math.log(41),
        "The loss is smallest where softmax gives the targets, 0.82 and 0.02. Then the gap is $\\log(0.82 / "
        "0.02) = \\log 41$.",
        tells=("3.71", "log 41", "log(41"),
    ),
    Prediction(
        "12.muon",
        "A singular value $v$ goes through $v \\leftarrow 3.4445\\,v - 4.7750\\,v^3 + 2.0315\\,v^5$ five "
        "times. Draw what comes out, for $v$ from 0.001 to 1.",
        Sketch(Scale(0.001, 1, "v before", log=True), Scale(0, 2, "v after five times"), points=13),
        five_steps_of_muon,
        "All that was between 0.01 and 1 ends near 1, from 0.68 to 1.13. It does not become exactly 1: the "
        "three constants were chosen to lift small values fast.",
        tells=("0.68 to", "lift small"),
    ),
    Prediction(
        "12.no_evidence",
        "The table has 17 comparisons of the kind that you have just judged, with five seeds each. For how "
        'many of them is the word "no evidence"?',
        Slider(0, 17, step=1, close=1),
        10,
        "Most of them are tricks that nearly everybody uses. Five seeds cannot tell whether they help here. "
        "This does not show that they do not.",
        tells=("10 of", "ten of", "nearly everybody"),
    ),
    Prediction(
        "12.seeds",
        "Differences between seeds scatter by $\\sigma_\\delta = 0.5$ points. The half-width must be below "
        "0.2 points. How many seeds does it take?",
        Number(2, 1000, unit="seeds", log=True, close=1.2),
        27,
        "With $q \\approx 2$, $S$ must be above $(2 \\cdot 0.5 / 0.2)^2 = 25$, and $q$ is a little above 2. "
        "For half the effect it takes four times as many. Many published tricks are worth about 0.1 points, "
        "and were measured with one seed.",
        tells=("27 seeds", "= 25", "four times as many"),
    ),
    Prediction(
        "12.two_processes",
        "Two processes take half of each batch and average their gradients; then one process takes whole "
        "batches. The net is linear, and the start is the same. How do the losses of the *whole* batches "
        "compare?",
        Choice("with two, they fall faster", "with two, they fall more slowly", "they are equal"),
        "they are equal",
        "But for rounding: the mean of the gradients of two equal halves *is* the gradient of the whole "
        "batch. A net with batch norm differs a little, since each process takes the means of its own "
        "images.",
        tells=("but for rounding", "*is* the gradient"),
    ),
]
