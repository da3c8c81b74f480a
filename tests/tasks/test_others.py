"""A thread or process that was there before is seen where it computes, and left in peace where it waits."""

import _thread
import math
import multiprocessing
import queue
import sys
import threading
import time
from contextlib import contextmanager

import numpy as np
import pytest

from lib.tasks.counting import steps
from lib.tasks.others import clocks_of_others, worked

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the clocks of others are Linux' own")
X = np.ones((5, 3))


def serve(asked, answers):
    while (x := asked()) is not None:
        answers(np.array([np.where(row > 0, row, 0.0) for row in x]))


@contextmanager
def older_thread(start):
    asked, answers, ended = queue.Queue(), queue.Queue(), threading.Event()

    def work():
        serve(asked.get, answers.put)
        ended.set()

    start(work)

    def relu(x):
        asked.put(np.asarray(x))
        return answers.get(timeout=5)

    try:
        yield relu
    finally:
        asked.put(None)
        ended.wait(5)


def threads(work):
    threading.Thread(target=work, daemon=True).start()


def hidden(work):
    _thread.start_new_thread(work, ())


def grandchild(there, program):
    child = multiprocessing.get_context("fork").Process(target=program, args=(there.recv, there.send))
    child.start()
    child.join()


@contextmanager
def older_process(target, arguments):
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=target, args=arguments(there))
    process.start()

    def relu(x):
        here.send(np.asarray(x))
        return here.recv()

    try:
        yield relu
    finally:
        here.send(None)
        process.join(5)
        here.close()
        there.close()


OLDER = {
    "a thread": lambda: older_thread(threads),
    "a thread that threading does not know": lambda: older_thread(hidden),
    "a process": lambda: older_process(serve, lambda there: (there.recv, there.send)),
    "a process of a process": lambda: older_process(grandchild, lambda there: (there, serve)),
}


@pytest.mark.parametrize("kind", OLDER)
def test_what_an_older_one_computes_is_no_few_steps(kind):
    with OLDER[kind]() as relu:
        assert relu(X).tolist() == X.tolist()  # it is there, and has begun
        assert steps(relu, X) == math.inf


@pytest.mark.parametrize("kind", [kind for kind in OLDER if "not know" not in kind])
def test_one_that_waits_changes_nothing(kind):
    with OLDER[kind]() as relu:
        relu(X)
        time.sleep(0.05)
        before = clocks_of_others()
        assert before
        assert steps(lambda x: np.where(x > 0, x, 0.0), X) != math.inf
        assert not worked(before, clocks_of_others())


def test_nor_does_one_that_looks_now_and_then():
    ended = threading.Event()

    def tick():
        while not ended.wait(0.005):
            pass

    ticking = threading.Thread(target=tick)
    ticking.start()
    try:
        assert [steps(lambda x: x.sum(), X) != math.inf for _ in range(200)] == [True] * 200
    finally:
        ended.set()
        ticking.join()


def test_a_process_that_is_new_has_worked_and_one_that_has_ended_too():
    assert worked({}, {("process", 7): 5})
    assert worked({("process", 7): 5}, {})
    assert not worked({}, {("thread", 7): 5})  # a tracer was set in it as it began
    assert not worked({("thread", 7): 5}, {("thread", 7): 5})
