"""What a lecture is made of beside its text: exercises, hints, predictions, and what one has done so far."""

from lib.lessons.exercises import check, hint, or_ours
from lib.lessons.predictions import after, predict

__all__ = ["after", "check", "hint", "or_ours", "predict"]
