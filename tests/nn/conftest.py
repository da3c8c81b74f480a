"""torch, our oracle, on one thread: on arrays this small, threads wait for each other most of the time."""

import sys

import pytest


@pytest.fixture(scope="module", autouse=True)
def one_torch_thread():
    if (torch := sys.modules.get("torch")) is None:  # not installed, or not wanted by this module
        yield
        return
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
