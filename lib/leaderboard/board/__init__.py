"""Who takes part in a competition, what they have handed in, and how it stands: one file of SQLite."""

from lib.leaderboard.board.board import A_DAY, Board, make_board
from lib.leaderboard.board.records import (
    Day,
    Decision,
    Entry,
    Invitation,
    Participant,
    Place,
    Rerun,
    percent,
)
from lib.leaderboard.board.refusals import Closed, NotNow, Refusal, TooMany

__all__ = [
    "A_DAY",
    "Board",
    "Closed",
    "Day",
    "Decision",
    "Entry",
    "Invitation",
    "NotNow",
    "Participant",
    "Place",
    "Refusal",
    "Rerun",
    "TooMany",
    "make_board",
    "percent",
]
