"""Whatever an answer does while it is looked at, a trace comes out, and the world is as before."""

import random
import sys
import warnings

import numpy as np
import pytest

from lib.tasks import Task
from lib.tasks.trace import trace

task = Task("a0.answer", "An answer", ("answer",), {"value": 1, "other": 1})


@task.check("value")
def value(answer, rng):
    """asked"""
    return {"answer(x)": answer(rng.normal(size=3))}


@task.check("other")
def other(answer, rng):
    """asked for something else"""
    return {"answer(2)": answer(2), "drawn": rng.integers(10**9)}


def numbers(found):
    return {
        check: {name: value.array.tolist() for name, value in some.items()} for check, some in found.items()
    }


def test_a_check_draws_the_same_whatever_others_draw():
    few = Task("a0.answer", "An answer", ("answer",), {"other": 1}, checks=task.checks[1:])
    both = trace(task, [lambda x: 2 * x], 5)
    alone = trace(few, [lambda x: 2 * x], 5)
    assert numbers(both)["other"] == numbers(alone)["other"]
    assert numbers(both) == numbers(trace(task, [lambda x: 2 * x], 5))
    assert numbers(both) != numbers(trace(task, [lambda x: 2 * x], 6))


def prints(x):
    print("loud")
    print("loud", file=sys.stderr)
    warnings.warn("loud", stacklevel=1)
    return x


def divides(x):
    return np.float64(1) / np.float64(0)


@pytest.mark.parametrize("answer", [prints, divides])
def test_prints_and_warnings_go_nowhere(answer, capfd):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        trace(task, [answer], 0)
        with pytest.raises(UserWarning):
            warnings.warn("the filters are as before", stacklevel=1)
    assert capfd.readouterr() == ("", "")


def raises(error):
    def answer(x):
        raise error

    return answer


@pytest.mark.parametrize(
    ("answer", "dtype"),
    [
        (raises(KeyError("a")), "KeyError"),
        (raises(NotImplementedError()), "NotImplementedError"),
        (raises(RecursionError()), "RecursionError"),
        (raises(MemoryError()), "MemoryError"),
        (raises(StopIteration()), "StopIteration"),
        (lambda x: sys.exit(), "Exception"),
        (lambda x: exit(0), "Exception"),
        (None, "TypeError"),
    ],
)
def test_an_error_is_a_value(answer, dtype):
    found = trace(task, [answer], 0)
    assert found.keys() == {"value", "other"}
    assert all(some["error"].kind == "error" and some["error"].dtype == dtype for some in found.values())


def test_an_error_without_words_is_one_too():
    class Silent(Exception):
        def __str__(self):
            raise RuntimeError

    assert trace(task, [raises(Silent())], 0)["value"]["error"].dtype == "Silent"


def test_one_error_ends_no_other_check():
    found = trace(task, [lambda x: x if isinstance(x, int) else 1 / 0], 0)
    assert found["value"].keys() == {"error"}
    assert found["other"].keys() == {"answer(2)", "drawn"}


def test_random_generators_of_others_are_as_before():
    def draws(x):
        random.seed(3)
        np.random.seed(3)  # noqa: NPY002
        return [random.random(), np.random.rand()]  # noqa: NPY002

    random.seed(1)
    np.random.seed(1)  # noqa: NPY002
    expected = random.random(), np.random.rand()  # noqa: NPY002
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002
    trace(task, [draws], 0)
    assert (random.random(), np.random.rand()) == expected  # noqa: NPY002


def test_an_answer_that_draws_without_a_seed_draws_the_same_each_time():
    answer = [lambda x: np.random.rand() + random.random()]  # noqa: NPY002
    assert numbers(trace(task, answer, 0)) == numbers(trace(task, answer, 0))
