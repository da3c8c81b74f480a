"""The challenge: test images without labels, the key that is kept apart, files of predictions, and scores."""

from lib.leaderboard.competition import Competition, Key, make_competition
from lib.leaderboard.predictions import read_predictions, write_predictions
from lib.leaderboard.student_files import read_challenge, write_challenge

__all__ = [
    "Competition",
    "Key",
    "make_competition",
    "read_challenge",
    "read_predictions",
    "write_challenge",
    "write_predictions",
]
