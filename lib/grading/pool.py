"""Threads that work with a sandbox of their own each; what goes wrong with one item touches no other."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterable
from typing import Any, Generic, TypeVar

from lib.grading.sandbox.room import Sandbox

Item = TypeVar("Item")
Made = TypeVar("Made")
IN_FLIGHT = 4  # kernels a core: most of them wait, for their start or for a program that sleeps
EACH = 1 << 30  # bytes of memory that a kernel should find free
PATIENCE = 20.0  # seconds for threads that have been told to end


def usual_workers() -> int:
    """How many kernels run at a time where nobody says it: from cores and free memory."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(IN_FLIGHT * cores, free_memory() // EACH))


def free_memory() -> int:
    """Bytes that a program could have now; a large number where the system does not tell."""
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            found = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in file)}
        return found["MemAvailable"] << 10
    except (OSError, KeyError, ValueError, IndexError):
        return 1 << 40


class _Worker(threading.Thread):
    """One thread, its sandbox, and since when it has been busy with which item."""

    def __init__(self, pool: SandboxPool[Any, Any]):
        super().__init__(daemon=True)  # one that hangs must not keep the program
        self.pool = pool
        self.sandbox: Sandbox | None = None
        self.item: Any = None
        self.since = 0.0  # 0 while it has no item
        self.left = False  # nobody waits for it any more

    def run(self) -> None:
        while not self.left:
            try:
                item = self.pool.waiting.get_nowait()
            except queue.Empty:
                break
            self.item, self.since = item, time.monotonic()
            made = self._made(item)
            self.since = 0.0
            self._hand_over(item, made)
        self.close()

    def _made(self, item: Any) -> Any:
        """What was made of an item, or the error, which belongs to it whatever it is.

        Where a sandbox does not start or is killed by somebody, a second try tells whether it was the item.
        """
        for last in (False, True):
            try:
                if self.sandbox is None:
                    self.sandbox = self.pool.open_sandbox()
                if self.left:  # told to end while the sandbox was being opened
                    return None
                made: Any = self.pool.work(item, self.sandbox)
                if last or self.left or not self.pool.again(made):
                    return made
            except BaseException as error:
                made = error if isinstance(error, Exception) else RuntimeError(repr(error))
                self.close()  # the next item begins with a new one
                if last or self.left or not isinstance(error, RuntimeError):
                    return made
        raise AssertionError

    def _hand_over(self, item: Any, made: Any) -> None:
        """Waits while many results are waiting: each holds a notebook."""
        while not self.left:
            with contextlib.suppress(queue.Full):
                self.pool.finished.put((self, item, made), timeout=0.5)
                break

    def close(self) -> None:
        sandbox, self.sandbox = self.sandbox, None
        if sandbox is not None:
            with contextlib.suppress(Exception):
                sandbox.close()


class SandboxPool(Generic[Item, Made]):
    """Does the same work with many items, some at a time.

    open_sandbox: called in each thread
    work: takes an item and the thread's sandbox
    count: of threads
    again: what was made → whether it is tried once more
    longest: seconds after which nobody waits for an item any longer; the limits of the sandbox come before
    """

    def __init__(
        self,
        open_sandbox: Callable[[], Sandbox],
        work: Callable[[Item, Sandbox], Made],
        count: int,
        again: Callable[[Made], bool] = lambda made: False,
        longest: float = float("inf"),
    ):
        self.open_sandbox, self.work = open_sandbox, work
        self.count, self.longest, self.again = count, longest, again
        self.waiting: queue.SimpleQueue[Item] = queue.SimpleQueue()
        self.finished: queue.Queue[tuple[_Worker, Item, Any]] = queue.Queue(2 * count)
        self.workers: list[_Worker] = []

    def run(self, items: Iterable[Item]) -> Generator[tuple[Item, Made | Exception], None, None]:
        """Each item with what was made of it, or with the error, in the order in which they are done.

        Where this is ended before its end, all sandboxes are closed.
        """
        left = 0
        for item in items:
            self.waiting.put(item)
            left += 1
        try:
            for _ in range(min(self.count, left)):
                self._start()
            while left:
                try:
                    worker, item, made = self.finished.get(timeout=0.5)
                except queue.Empty:
                    late = [w for w in self.workers if w.since and time.monotonic() - w.since > self.longest]
                    for worker in late:
                        item = worker.item
                        self._leave(worker)
                        self._start()
                        left -= 1
                        yield item, TimeoutError(f"it was not done after {self.longest:.0f} seconds")
                    continue
                if worker.left:
                    continue
                left -= 1
                yield item, made
        finally:
            self._end()

    def _start(self) -> None:
        worker = _Worker(self)
        self.workers.append(worker)
        worker.start()

    def _leave(self, worker: _Worker) -> None:
        """Waits for this thread no longer; without its sandbox it soon comes to an end."""
        worker.left = True
        self.workers.remove(worker)
        worker.close()

    def _end(self) -> None:
        for worker in self.workers:
            worker.left = True
            if worker.since:
                worker.close()
        end = time.monotonic() + PATIENCE
        for worker in self.workers:
            worker.join(max(0.0, end - time.monotonic()))
