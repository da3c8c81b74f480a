"""Predictions: a question, the student's guess, then the truth beside it. Start reading at prediction.py.

The questions of a lecture stand in lecture_NN.py, never in its notebook.
"""

from lib.lessons.predictions.card import predict
from lib.lessons.predictions.closed import after
from lib.lessons.predictions.kinds import Choice, Number, SeveralNumbers, Sketch, Slider
from lib.lessons.predictions.prediction import Prediction, find_prediction, prediction_names
from lib.lessons.predictions.scale import Scale
from lib.lessons.predictions.session import revealed

__all__ = [
    "Choice",
    "Number",
    "Prediction",
    "Scale",
    "SeveralNumbers",
    "Sketch",
    "Slider",
    "after",
    "find_prediction",
    "predict",
    "prediction_names",
    "revealed",
]  # fmt: skip
