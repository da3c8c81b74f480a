"""How often a student may try something, wherever the tries come from."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

MOST_STUDENTS = 10_000


class Tries:
    """At most so many tries in so many seconds, counted for each student; threads may share it.

        wait = tries.take(participant.number)
        if wait:
            ...  # 429, Retry-After: wait

    limit: tries, at least 1
    seconds: in which they may be made; each try comes back that long after it was made
    clock: seconds, which never go back
    students: about whom something is remembered; of more, those are forgotten who tried longest ago

    A classroom has one address, so addresses do not count.
    """

    def __init__(
        self,
        limit: int,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
        *,
        students: int = MOST_STUDENTS,
    ):
        self.limit, self.seconds, self.clock, self.students = limit, seconds, clock, students
        self._made: OrderedDict[int, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """About how many students something is remembered."""
        return len(self._made)

    def take(self, student: int) -> int:
        """Makes a try; returns 0, or the whole seconds until there is one, and then it was none.

        student: the number of the participant
        """
        with self._lock:
            now = self.clock()
            made = self._made.setdefault(student, deque())
            while made and made[0] <= now - self.seconds:
                made.popleft()
            if len(made) >= self.limit:
                return max(1, math.ceil(made[0] + self.seconds - now))
            made.append(now)
            self._made.move_to_end(student)
            while len(self._made) > self.students:
                self._made.popitem(last=False)
            return 0
