"""Ctrl-C ends a command once; whoever presses it again while it ends does not tear that apart."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

PAUSE = 10.0  # seconds after one Ctrl-C in which the next ones change nothing


@contextmanager
def one_interrupt() -> Iterator[None]:
    """Within this block a Ctrl-C raises `KeyboardInterrupt`, and those that follow soon do not.

    After one, this stays so until the program's end, which is near.
    """
    if threading.current_thread() is not threading.main_thread():  # only there are signals seen
        yield
        return
    pressed: list[float] = []

    def handle(number: int, frame: FrameType | None) -> None:
        if not pressed or time.monotonic() - pressed[-1] > PAUSE:
            pressed.append(time.monotonic())
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        if not pressed:
            signal.signal(signal.SIGINT, before)
