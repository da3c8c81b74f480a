"""Predictions: a question, the student's guess, then the truth beside it. Start reading at prediction.py.

The questions of a lecture stand in lecture_NN.py, never in its notebook. This file loads neither widgets nor
matplotlib: commands such as `course start` read the names alone.
"""

from lib.lessons.predictions.in_lectures import after, predict, revealed
from lib.lessons.predictions.prediction import Prediction, find_prediction, prediction_names

__all__ = ["Prediction", "after", "find_prediction", "predict", "prediction_names", "revealed"]
