"""Runs the checks of a task on an answer: values come out, and nothing is judged here."""

from __future__ import annotations

import io
import random
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, redirect_stderr, redirect_stdout
from typing import Any
from zlib import crc32

import numpy as np

from lib.tasks.facts import Fact, handed_on, settled
from lib.tasks.forbidden import Watch
from lib.tasks.task import Check, Task
from lib.tasks.values import Plain, plain_value

Trace = dict[str, dict[str, Plain]]  # check → name of a value → value


def trace(task: Task, given: Sequence[Any], seed: int, watch: Watch | None = None) -> Trace:
    """What an answer does in each check of a task; an error ends its check and no other.

    given: what the answer defines, in the order of `task.defines`
    seed: of all numbers and sizes that the checks draw
    watch: notes what the answer uses
    """
    found = {check.name: run_check(check, given, seed, watch) for check in task.checks}
    return {name: {n: settled(value) for n, value in values.items()} for name, values in found.items()}


def run_check(
    check: Check, given: Sequence[Any], seed: int, watch: Watch | None = None
) -> dict[str, Plain | Fact]:
    """The named values of one check; {"error": …} where the answer raised one. Facts are not settled yet."""
    rng = np.random.default_rng([seed, crc32(check.name.encode())])  # whatever other checks draw
    with quiet():
        random.seed(0)  # an answer that draws without a seed of its own draws the same each time
        np.random.seed(0)  # noqa: NPY002
        try:
            with watch.running() if watch else nullcontext():
                found = check.run(*given, rng)
                values = {name: handed_on(thing) for name, thing in found.items()}
            if watch and watch.lost:
                raise RecursionError("maximum recursion depth exceeded")
            return values
        except KeyboardInterrupt:
            raise  # of whoever waits
        except Exception as error:
            return {"error": plain_value(error)}
        except BaseException as error:  # exit, or a class of somebody's own
            came = "it called exit" if isinstance(error, SystemExit) else f"it raised {type(error).__name__}"
            return {"error": plain_value(Exception(came))}


@contextmanager
def quiet() -> Iterator[None]:
    """Prints and warnings of an answer go nowhere, and the random generators of others stay as they were."""
    states = random.getstate(), np.random.get_state()  # noqa: NPY002  # of what an answer may use
    nowhere = io.StringIO()
    try:
        with (
            redirect_stdout(nowhere),
            redirect_stderr(nowhere),
            warnings.catch_warnings(),
            np.errstate(all="ignore"),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])  # noqa: NPY002
