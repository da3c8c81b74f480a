"""Steps and bytes are counted wherever a loop or an array hides, and all is as before afterwards."""

import functools
import math
import sys
import threading
import tracemalloc
from contextlib import suppress

import numpy as np
import pytest

from lib.tasks.counting import peak_bytes, steps

W = np.random.default_rng(0).normal(size=(4, 6))


def recursion(x):
    return [] if not len(x) else [x[0].sum(), *recursion(x[1:])]


def generator(x):
    for row in x:
        yield W @ row


def while_in_one_line(x):
    k = 0
    while k < len(x): k += 1  # fmt: skip # noqa: E701


def in_a_thread(x):
    thread = threading.Thread(target=lambda: [row.sum() for row in x])
    thread.start()
    thread.join()


LOOPS = {
    "two loops": lambda x: [[2 * a for a in row] for row in x],
    "comprehension": lambda x: [row @ W.T for row in x],
    "set": lambda x: {float(row.sum()) for row in x},
    "generator": lambda x: np.array(list(generator(x))),
    "expression": lambda x: sum(row.sum() for row in x),
    "while": while_in_one_line,
    "map and lambda": lambda x: list(map(lambda row: W @ row, x)),  # noqa: C417
    "map of C": lambda x: list(map(W.__matmul__, x)),
    "map of C over another's rows": lambda x: np.fromiter(map(len, np.asarray(x)), float),
    "map of several": lambda x: list(map(np.dot, np.asarray(x), np.asarray(x))),
    "filter": lambda x: list(filter(np.any, x)),
    "vectorize": lambda x: np.vectorize(lambda a: a + 1)(x),
    "frompyfunc": lambda x: np.frompyfunc(lambda a: a + 1, 1, 1)(x),
    "apply_along_axis": lambda x: np.apply_along_axis(lambda row: W @ row, 1, x),
    "recursion": recursion,
    "reduce": lambda x: functools.reduce(np.add, x),
    "list": lambda x: sum(list(x)),
    "rows as lists": lambda x: [sum(row) for row in x.tolist()],
    "sort by a key": lambda x: sorted(x.tolist(), key=lambda row: row[0]),
    "exec": lambda x: exec("for row in x: row.sum()", {"x": x}),
    "another thread": in_a_thread,
}
WITHOUT = {
    "product": lambda x: x @ W.T,
    "einsum": lambda x: np.einsum("nd,fd->nf", x, W),
    "softmax": lambda x: np.exp(x - x.max(axis=1, keepdims=True)).sum(axis=1),
    "indices": lambda x: x[np.arange(len(x)), x.argmax(axis=1)].sum(),
    "sort": lambda x: np.argsort(x, axis=1)[:, :3].mean(),
    "add.at": lambda x: np.add.at(np.zeros(6), x.argmax(axis=1), 1.0),
    "in its place": lambda x: np.multiply(x, 2, out=x),
    "lists": lambda x: np.asarray(x.tolist()).sum(),
}


@pytest.mark.parametrize("name", LOOPS)
def test_a_loop_is_seen_wherever_it_hides(name):
    few, many = (steps(LOOPS[name], np.ones((size, 6))) for size in (20, 200))
    assert many > 3 * few


@pytest.mark.parametrize("name", WITHOUT)
def test_without_a_loop_the_count_stays(name):
    WITHOUT[name](np.ones((2, 6)))  # what numpy imports late
    few, many = (steps(WITHOUT[name], np.ones((size, 6))) for size in (20, 200))
    assert few == many < 200


def test_imports_do_not_count():
    sys.modules.pop("colorsys", None)

    def first():
        import colorsys  # noqa: F401

    assert steps(first) < 20


def test_too_many_steps_end_the_call():
    assert math.isnan(steps(lambda: [0 for _ in range(10**12)], limit=1000))
    assert steps(lambda: [0 for _ in range(10)], limit=1000) < 100


def test_an_answer_can_neither_hold_it_up_nor_end_the_count():
    def swallows(x):
        try:
            for _ in range(10**6):
                pass
        except BaseException:
            pass

    def unseen(x):
        sys.settrace(None)
        for _ in range(10**4):
            pass

    assert math.isnan(steps(swallows, 0, limit=1000))
    assert math.isnan(steps(unseen, 0))


def fails():
    raise KeyError("of the answer")


@pytest.mark.parametrize("function", [fails, lambda: [0 for _ in range(10**6)], lambda: None])
def test_tracers_and_map_are_as_before(function):
    def tracer(frame, event, arg):
        return None

    before = sys.gettrace(), threading.gettrace()
    sys.settrace(tracer)
    try:
        with suppress(KeyError):
            steps(function, limit=1000)
        assert (sys.gettrace(), threading.gettrace()) == (tracer, before[1])
        assert type(map(abs, [1])) is map
    finally:
        sys.settrace(before[0])


def test_arrays_are_handed_over_as_views_and_act_as_usual():
    x = np.arange(6.0).reshape(2, 3)
    seen = []

    def look(x):
        x[0, 0] = 7
        votes = {x.argmax(): 1, x.sum(): 2, x.max(axis=1).sum(): 3}  # numbers, which a dictionary takes
        seen.extend([isinstance(x, np.ndarray), x.T @ x, len(votes), np.float64(x.mean())])

    steps(look, x)
    assert x[0, 0] == 7
    assert seen[0] is True
    np.testing.assert_array_equal(seen[1], x.T @ x)
    assert seen[3] == x.mean()


def test_the_peak_is_that_of_arrays_too():
    x = np.ones((100, 50))
    big = peak_bytes(lambda x: ((x[:, None] - x) ** 2).sum(axis=2), x)
    small = peak_bytes(lambda x: x @ x.T, x)
    assert big > 8 * 100 * 100 * 50 > 40 * small
    assert not tracemalloc.is_tracing()


def test_memory_that_was_there_before_does_not_count():
    tracemalloc.start()
    try:
        kept = np.ones(10**6)
        assert 8000 < peak_bytes(np.ones, 1000) < 20_000
        assert tracemalloc.is_tracing()
        assert kept.size
    finally:
        tracemalloc.stop()


def test_an_error_of_the_answer_comes_through():
    with pytest.raises(KeyError):
        peak_bytes(fails)
    assert not tracemalloc.is_tracing()


def forgets(x):
    found = ((x[:, None] - x) ** 2).sum(axis=2)
    tracemalloc.reset_peak()
    return found


def forgets_in_one_line(x):
    return (((x[:, None] - x) ** 2).sum(axis=2), tracemalloc.reset_peak())[0]


def stops(x):
    tracemalloc.stop()
    found = ((x[:, None] - x) ** 2).sum(axis=2)
    tracemalloc.start()
    return found


def untraced(x):
    sys.settrace(None)
    found = ((x[:, None] - x) ** 2).sum(axis=2)
    tracemalloc.reset_peak()
    return found


def clears(x):
    found = ((x[:, None] - x) ** 2).sum(axis=2)
    tracemalloc.clear_traces()
    return found


@pytest.mark.parametrize("function", [forgets, forgets_in_one_line, stops, untraced, clears])
def test_memory_that_is_to_be_forgotten_is_seen(function):
    assert peak_bytes(function, np.ones((80, 80))) > 80**3 * 8 / 4
