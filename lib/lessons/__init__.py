"""What a lecture is made of beside text: exercises, hints, predictions, and what waits for them."""

from lib.lessons.exercises import check, hint, or_ours
from lib.lessons.predictions import after, predict, revealed

__all__ = ["after", "check", "hint", "or_ours", "predict", "revealed"]
