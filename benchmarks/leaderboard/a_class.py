"""A board with a class that has handed in before, everybody with a session."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from lib.leaderboard.board import Board, make_board
from lib.leaderboard.board.days import DAY
from lib.leaderboard.competition import Key

IMAGES = 10_000
CLASSES = tuple(f"class {number}" for number in range(10))


def a_key(seed: int = 0) -> Key:
    """A key of 10,000 images, as `make_competition` divides them; there are no images."""
    rng = np.random.default_rng(seed)
    treatment = rng.choice(3, IMAGES, p=[0.47, 0.5, 0.03]).astype(np.int8)
    public = (rng.random(IMAGES) < 0.5) & (treatment != 2)
    return Key(rng.integers(0, 10, IMAGES), treatment, public, CLASSES, "a benchmark", "0" * 64)


def predictions_of(key: Key, share: float, seed: int = 0) -> np.ndarray:
    """Labels of which about this share is right."""
    rng = np.random.default_rng(seed)
    return np.where(rng.random(IMAGES) < share, key.labels, rng.integers(0, 10, IMAGES))


def as_csv(labels: Iterable[object]) -> bytes:
    """A file of predictions as students hand it in, of numbers or names."""
    return ("id,label\n" + "".join(f"{row},{label}\n" for row, label in enumerate(labels, start=1))).encode()


def a_board(path: Path, key: Key, students: int, *, before: int = 3) -> tuple[list[str], list[str]]:
    """Makes a board with students who have one entry each, spread over some days until yesterday.

    Returns the session of each student, and the names by which others see them.
    """
    make_board(path, key)
    now = [time.time()]
    board = Board(path, key, clock=lambda: now[0])
    made = board.people.invite((f"s{number:04}", f"Student {number}", "") for number in range(students))
    sessions = [board.doors.use_link(one.token) or "" for one in made]
    files = [predictions_of(key, share, seed) for seed, share in enumerate(np.linspace(0.2, 0.7, 10))]
    everybody = board.people.all()
    for at, person in enumerate(everybody):
        now[0] = time.time() - DAY * (before - before * at // students)
        board.entries.add(person.number, files[at % len(files)], once="first", file="predictions.csv")
    board.close()
    return sessions, [person.pseudonym for person in everybody]
