"""How often a student may try something."""

from concurrent.futures import ThreadPoolExecutor

from lib.leaderboard.site.rates import Tries


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def test_so_many_tries_in_so_many_seconds():
    clock = Clock()
    tries = Tries(3, 60, clock)
    for _ in range(3):
        assert tries.take(1) == 0
        clock.now += 10
    assert tries.take(1) == 30  # the first was 30 seconds ago
    clock.now += 29.5
    assert tries.take(1) == 1
    clock.now += 0.5
    assert tries.take(1) == 0
    assert tries.take(1) == 10


def test_refused_tries_do_not_lengthen_the_wait():
    clock = Clock()
    tries = Tries(1, 60, clock)
    assert tries.take(1) == 0
    for _ in range(1000):
        assert tries.take(1) == 60
    clock.now += 60
    assert tries.take(1) == 0


def test_each_student_has_tries_of_its_own():
    tries = Tries(1, 60, Clock())
    assert [tries.take(student) for student in range(100)] == [0] * 100
    assert tries.take(7) > 0


def test_memory_is_bounded_and_who_tried_last_is_remembered():
    tries = Tries(1, 60, Clock(), students=10)
    for student in range(10_000):
        tries.take(student)
    assert len(tries) == 10
    assert tries.take(9_999) > 0
    assert tries.take(0) == 0


def test_threads_share_the_limit():
    tries = Tries(50, 60, Clock())
    with ThreadPoolExecutor(16) as pool:
        waits = list(pool.map(tries.take, [1] * 2000))
    assert waits.count(0) == 50
