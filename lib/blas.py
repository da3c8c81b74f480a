"""How many threads numpy's matrix products use."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext


def one_thread() -> AbstractContextManager:
    """A `with` block whose matrix products run on one thread, for loops over many small ones.

    Sharing out a product of a few million operations gains little, and where other programs keep the cores
    busy the threads wait for each other at every product: a softmax classifier on CIFAR-10 then took eight
    times as long. Without the package threadpoolctl nothing changes.
    """
    try:
        from threadpoolctl import threadpool_limits
    except ImportError:
        return nullcontext()
    return threadpool_limits(1, user_api="blas")
