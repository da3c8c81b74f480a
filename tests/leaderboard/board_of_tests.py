"""A small board with people on it, for tests of the challenge's page."""

from __future__ import annotations

import numpy as np
from small_challenge import SECRET, known_share, small_dataset

from lib.leaderboard.board import Board, make_board
from lib.leaderboard.competition import Key, make_competition

NOON = 1_790_683_200.0  # 2026-09-29 12:00 UTC


class Clock:
    """A clock that stands until it is told another time."""

    def __init__(self, at: float = NOON):
        self.at = at

    def __call__(self) -> float:
        return self.at


def small_key(count: int = 200) -> Key:
    return make_competition(small_dataset(count), SECRET).key


def make_small_board(folder, *, count=200, a_day=10, clock=None, title="The challenge"):
    """An open board of a small competition; its clock stands at noon."""
    key = small_key(count)
    make_board(folder / "board.db", key, title=title, a_day=a_day)
    return Board(folder / "board.db", key, clock=clock or Clock())


def invite(board, *students, role="student"):
    """The number of each, by the id; "ada" is called Ada Lovelace."""
    people = [(student, f"{student.title()} Lovelace", f"{student}@example.org") for student in students]
    board.people.invite(people, role)
    return [board.people.find(student).number for student in students]


def guesses(board, share=0.5, seed=0):
    """Labels of which about this share is right, in all images that can be recognised."""
    return known_share(board.key.labels, share, np.asarray(board.key.treatment != 2), seed)


def csv_of(labels, *, header="id,label"):
    """A file of predictions as bytes."""
    lines = [header, *(f"{number},{label}" for number, label in enumerate(labels, start=1))]
    return ("\n".join(lines) + "\n").encode()
