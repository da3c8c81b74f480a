"""How many threads numpy's matrix products use."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any


def one_thread() -> AbstractContextManager:
    """A `with` block whose matrix products run on one thread, for loops over many small ones.

    Sharing out a product of a few million operations gains little, and where other programs keep the cores
    busy the threads wait for each other at every product: a softmax classifier on CIFAR-10 then took eight
    times as long. Without the package threadpoolctl nothing changes.
    """
    libraries = _libraries()
    return nullcontext() if libraries is None else libraries.limit(limits=1, user_api="blas")


@cache
def _libraries() -> Any:
    """What matrix products run on, looked for once: that takes a millisecond."""
    try:
        from threadpoolctl import ThreadpoolController
    except ImportError:
        return None
    return ThreadpoolController()
