"""Who takes part in a competition, what they have handed in, and how it stands: one file of SQLite."""

from lib.leaderboard.board.board import A_DAY, Board, make_board
from lib.leaderboard.board.records import (
    BoardEntry,
    Day,
    Decision,
    Invitation,
    Participant,
    RerunNote,
    Rules,
    StandingRow,
    percent,
)
from lib.leaderboard.board.refusals import Closed, NotNow, Refusal, TooMany

__all__ = [
    "A_DAY",
    "Board",
    "BoardEntry",
    "Closed",
    "Day",
    "Decision",
    "Invitation",
    "NotNow",
    "Participant",
    "Refusal",
    "RerunNote",
    "Rules",
    "StandingRow",
    "TooMany",
    "make_board",
    "percent",
]
