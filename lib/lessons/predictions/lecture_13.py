"""Predictions of lecture 13, object detection."""

from __future__ import annotations

import numpy as np

from lib.lessons.predictions.kinds import Choice, Number, SeveralNumbers, Sketch, Slider
from lib.lessons.predictions.prediction import Prediction
from lib.lessons.predictions.scale import Scale


def shifted_squares(shift: np.ndarray) -> np.ndarray:
    """The IoU of a square and itself, moved to the right and down by this part of its side."""
    shared = np.maximum(1 - shift, 0) ** 2
    return shared / (2 - shared)


predictions = [
    Prediction(
        "13.shifted",
        "A square is moved to the right *and* down, both by the same part of its side. Draw its IoU with "
        "the square that stayed.",
        Sketch(Scale(0, 1, "moved by this part of the side"), Scale(0, 1, "IoU"), points=11),
        shifted_squares,
        "It falls fast: moved by a tenth, the IoU is 0.68, and by a quarter, 0.39. So an IoU of 0.5 is a "
        "better fit than it sounds.",
        tells=("0.68", "falls fast"),
    ),
    Prediction(
        "13.square_windows",
        "Now 782 square boxes, *the same in every scene*: four sizes, each moved in steps of 8 pixels. They "
        "never look at the picture. How many per cent of the objects do they find, at an IoU of 0.5?",
        SeveralNumbers(("pasted squares", "shapes by their outlines"), 0, 100, unit="%", close=5),
        (100.0, 68.1),
        "All that was pasted as a square is found, without a look at a single pixel.",
        tells=("a look at a single", "68 %", "68.1"),
    ),
    Prediction(
        "13.five_boxes",
        "The threshold is 0.5. Which of the five boxes stay?",
        Choice("B and E", "B, D and E", "B alone", "all five"),
        "B, D and E",
        "B takes A and C away, whose IoU with it is 0.6. D has 0.6 with C, but C is gone already; its IoU "
        "with B is only 0.33.",
        tells=("C is gone", "B, D and E", "B, D, E"),
    ),
    Prediction(
        "13.ten",
        "Ten detections, the best first: hit, miss, hit, hit, miss, hit, miss, miss, hit, miss. There are 6 "
        "objects. How large is the average precision?",
        Slider(0, 1, step=0.01, close=0.02),
        0.62,
        "Each of five hits adds a sixth, times the best precision from there on: 1, 3/4, 3/4, 4/6 and 5/9. "
        "The sixth object adds nothing.",
        tells=("3/4, 3/4", "0.62"),
    ),
    Prediction(
        "13.stricter",
        "With box regression, the mean average precision of the SVMs rises from 0.92 to 0.97. A hit needed "
        "an IoU of 0.5. Now it needs 0.75: without regression the value is 0.51. What is it with regression?",
        Slider(0, 1, step=0.01, close=0.04),
        0.88,
        "A box that is nearly right was a hit before it moved, so 0.5 hardly sees what regression does. "
        "The stricter measure sees it.",
        tells=("0.88", "hardly sees"),
    ),
    Prediction(
        "13.shared",
        "R-CNN sends 2,000 crops of a scene through the net, each 32 × 32 here. Now the convolutions see the "
        "whole scene once, 128 × 192 pixels. How many times fewer multiply–adds is that?",
        Number(1, 10_000, log=True, close=1.3),
        71.0,
        "The scene has as many pixels as 24 crops; at the borders of small crops some products are saved, "
        "so that it costs as much as 28 of them.",
        tells=("as 24 crops", "71 times", "as 28"),
    ),
]
