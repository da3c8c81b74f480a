"""What a lecture is made of beside text: predictions, and what waits for them."""

from lib.lessons.predictions import after, predict, revealed

__all__ = ["after", "predict", "revealed"]
