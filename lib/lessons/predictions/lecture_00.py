"""The prediction of lecture 00, which shows how predictions work."""

from __future__ import annotations

from lib.lessons.predictions.kinds import Choice
from lib.lessons.predictions.prediction import Prediction

predictions = [
    Prediction(
        "00.red_and_green",
        "What colour is 255 red, 255 green and 0 blue?",
        Choice("brown", "yellow", "orange", "grey"),
        "yellow",
        "Light adds up, unlike paint: red and green light together look yellow.",
        tells=("yellow",),
    ),
]
