"""Ctrl-C raises once, and does not tear apart what ends after it."""

from __future__ import annotations

import os
import signal
import threading
from dataclasses import dataclass

import pytest

from lib.grading import command, interrupt
from lib.grading.coordinator import INTERRUPTED, Outcome
from lib.grading.interrupt import one_interrupt


@pytest.fixture(autouse=True)
def as_before():
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


def press():
    os.kill(os.getpid(), signal.SIGINT)


@one_interrupt()
def pressed_thrice(done):
    try:
        press()
    finally:
        press()
        press()
        done.append(True)


def test_the_second_and_third_of_a_row_change_nothing():
    done = []
    with pytest.raises(KeyboardInterrupt):
        pressed_thrice(done)
    press()  # while Python itself comes to its end
    assert done == [True]


def test_one_that_comes_much_later_counts_again(monkeypatch):
    monkeypatch.setattr(interrupt, "PAUSE", 0.0)
    with one_interrupt():
        for _ in range(2):
            with pytest.raises(KeyboardInterrupt):
                press()


def test_without_any_all_is_as_before():
    before = signal.getsignal(signal.SIGINT)
    with one_interrupt():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_in_a_thread_nothing_changes():
    done = []
    thread = threading.Thread(target=one_interrupt()(lambda: done.append(True)))
    thread.start()
    thread.join()
    assert done == [True]


@dataclass
class Planned:
    """What there is to do."""

    outcome: Outcome
    todo: tuple[str, ...] = ("ada",)

    def finished(self, *, write):
        return self.outcome


def test_ctrl_c_before_the_first_submission_is_told(monkeypatch):
    monkeypatch.setattr(command, "plan_class", lambda *all, **options: Planned(Outcome()))
    monkeypatch.setattr(command, "chosen_kind", lambda args: press())
    run = object.__new__(command.GradingRun)
    run.group, run.students = None, ["ada"]
    run.args = command.argparse.Namespace(unsandboxed=False)
    with one_interrupt():
        assert run.graded(None, force=False).stopped == INTERRUPTED
