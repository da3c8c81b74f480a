"""A small board for tests, and a clock that goes as they want it."""

from __future__ import annotations

import numpy as np
from small_challenge import SECRET, small_dataset

from lib.leaderboard import make_competition
from lib.leaderboard.board import Board, Participant, make_board
from lib.leaderboard.competition import Key

IMAGES = 200
NOON = 1_767_268_800.0  # 2026-01-01 12:00 UTC
DAY = 86_400.0


class HandClock:
    """Seconds since 1970, as a test sets them."""

    def __init__(self, now: float = NOON):
        self.now = now

    def __call__(self) -> float:
        return self.now


def small_key(count: int = IMAGES) -> Key:
    return make_competition(small_dataset(count), SECRET).key


def small_board(folder, *, students=3, a_day=10, clock=None, count=IMAGES, **options) -> Board:
    """A board in a new folder, with students s1, s2, … who are numbered from 1."""
    key = small_key(count)
    make_board(folder / "board.db", key, a_day=a_day)
    board = Board(folder / "board.db", key, clock=clock or HandClock(), **options)
    board.people.invite([(f"s{k}", f"Name {k}", f"s{k}@example.org") for k in range(1, students + 1)])
    return board


def participant(board: Board, student: str = "s1") -> Participant:
    return board.people.find(student)


def right_on(key: Key, public: int, private: int = 0) -> np.ndarray:
    """Predictions that are right on so many images of each half, and wrong elsewhere."""
    labels = (key.labels + 1) % 10
    for half, count in ((key.public, public), (key.private, private)):
        rows = np.flatnonzero(half)[:count]
        labels[rows] = key.labels[rows]
    return labels
