"""The block of one thread limits numpy's BLAS, and only inside."""

import sys

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

from lib.blas import one_thread


def threads():
    """Of numpy's BLAS; other packages that a test before has imported bring their own."""
    np.ones((2, 2)) @ np.ones((2, 2))
    pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    of_numpy = [pool for pool in pools if "numpy" in pool["filepath"]] or pools
    return [pool["num_threads"] for pool in of_numpy]


def test_blas_has_one_thread_inside_the_block_only():
    with threadpool_limits(2, user_api="blas"):
        assert set(threads()) == {2}
        with one_thread():
            assert set(threads()) == {1}
        assert set(threads()) == {2}


def test_without_the_package_nothing_changes(monkeypatch):
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    with one_thread():
        pass
