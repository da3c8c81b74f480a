"""Ten entries from one midnight (UTC) to the next, whatever the clock of the server does."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import numpy as np
import pytest
from small_board import DAY, NOON, HandClock, right_on, small_board

from lib.leaderboard.board import TooMany


def at(*moment):
    return datetime(*moment, tzinfo=UTC).timestamp()


def fill(board, number=1, most=30):
    """Hands in until it is refused; how many were taken, and how long the refusal says to wait."""
    for taken in range(most):
        once = f"{number} {len(board.entries.of(number))}"
        try:
            board.entries.add(number, right_on(board.key, 1), once=once)
        except TooMany as error:
            return taken, error.seconds
    raise AssertionError(f"{most} entries were taken")


def days_of(board, number=1):
    """How many entries stand on each day, by their own times."""
    numbers, counts = np.unique(
        [int(entry.at // DAY) for entry in board.entries.of(number)], return_counts=True
    )
    return dict(zip(numbers.tolist(), counts.tolist(), strict=True))


MIDNIGHTS = [
    pytest.param((2028, 2, 29), id="leap day begins"),
    pytest.param((2028, 3, 1), id="leap day ends"),
    pytest.param((2027, 3, 1), id="no leap day"),
    pytest.param((2027, 1, 1), id="new year"),
    pytest.param((2026, 3, 29), id="summer time begins in Europe"),
    pytest.param((2026, 10, 25), id="summer time ends in Europe"),
    pytest.param((2038, 1, 20), id="after the last second of 32 bits"),
    pytest.param((1970, 1, 2), id="a clock that was never set"),
]


@pytest.mark.parametrize("midnight", MIDNIGHTS)
def test_at_midnight_exactly_there_are_ten_new_ones(tmp_path, midnight):
    clock = HandClock(at(*midnight) - 0.001)
    board = small_board(tmp_path, clock=clock)
    assert fill(board) == (10, 1)
    assert board.entries.used_today(1) == 10
    clock.now = at(*midnight)
    assert board.entries.used_today(1) == 0
    assert fill(board) == (10, 86_400)
    clock.now = at(*midnight) + DAY - 0.5
    assert fill(board) == (0, 1)
    clock.now += 0.5
    assert fill(board)[0] == 10
    assert list(days_of(board).values()) == [10, 10, 10]
    assert [entry.of_the_day for entry in board.entries.of(1)] == list(range(10, 0, -1)) * 3


def test_a_clock_that_goes_back_over_midnight_gives_no_new_ones(tmp_path):
    clock = HandClock(at(2026, 10, 25) - 1800)
    board = small_board(tmp_path, clock=clock)
    assert fill(board)[0] == 10
    clock.now += 3600
    for once in "abcd":
        board.entries.add(1, right_on(board.key, 1), once=once)
    clock.now -= 3600  # an hour back, into the day that is used
    assert fill(board) == (0, 1800)
    assert board.entries.used_today(1) == 10
    clock.now += 3600
    assert fill(board)[0] == 6
    assert list(days_of(board).values()) == [10, 10]


def test_a_clock_that_goes_back_a_day_loses_nothing(tmp_path):
    clock = HandClock()
    board = small_board(tmp_path, clock=clock)
    best = board.entries.add(1, right_on(board.key, 90), once="best")
    clock.now -= DAY
    assert fill(board)[0] == 10
    clock.now += DAY
    assert fill(board)[0] == 9
    assert len(board.entries.of(1)) == 20
    assert board.entries.counting(1) == best
    assert list(days_of(board).values()) == [10, 10]


def test_a_clock_that_jumps_about_never_gives_more_than_ten_a_day(tmp_path):
    rng = np.random.default_rng(0)
    clock = HandClock()
    board = small_board(tmp_path, clock=clock, a_day=3)
    taken = 0
    for step in range(150):
        clock.now = NOON + rng.integers(-4, 4) * DAY / 2 + rng.integers(-2, 3) * 3600
        try:
            made = board.entries.add(1, right_on(board.key, 1), once=str(step))
        except TooMany:
            assert board.entries.used_today(1) == 3
            continue
        taken += 1
        assert made.at == clock.now
    assert max(days_of(board).values()) == 3
    assert len(board.entries.of(1)) == taken == sum(days_of(board).values())


@pytest.mark.family(share=2)
def test_two_hundred_threads_at_once_use_exactly_ten(tmp_path):
    board = small_board(tmp_path)
    labels = right_on(board.key, 1)

    def hand_in(once):
        try:
            return board.entries.add(1 + once % 2, labels, once=str(once))
        except TooMany:
            return None

    with ThreadPoolExecutor(200) as pool:
        made = [entry for entry in pool.map(hand_in, range(200)) if entry]
    for number in (1, 2):
        mine = sorted(entry.of_the_day for entry in made if entry.owner == number)
        assert mine == list(range(1, 11))
        assert board.entries.used_today(number) == len(board.entries.of(number)) == 10
    assert {row.owner: row.entries for row in board.standing()} == {1: 10, 2: 10}


def test_the_day_of_one_student_is_not_that_of_another(tmp_path):
    board = small_board(tmp_path)
    assert fill(board, 1)[0] == 10
    assert fill(board, 2)[0] == 10
    assert board.entries.used_today(3) == 0
