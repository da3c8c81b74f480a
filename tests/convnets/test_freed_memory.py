"""Freed memory that stays with the process."""

import subprocess
import sys

import pytest

PROGRAM = """
import resource, torch
from lib.convnets.freed_memory import keep_freed_memory

def faults(count):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(count):
        torch.ones(12 * 2**20)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

faults(2)
plain = faults(4)
print(keep_freed_memory())
faults(20)  # until the places are found
print(plain, faults(4))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the C library of GNU")
def test_a_tensor_takes_the_memory_of_the_one_before_it():
    answer = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    able, plain, kept = answer.stdout.split()
    if able == "False":
        pytest.skip("this C library cannot be told")
    assert int(kept) < int(plain) / 10


def test_elsewhere_nothing_is_asked(monkeypatch):
    from lib.convnets import freed_memory

    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(freed_memory.ctypes, "CDLL", lambda name: pytest.fail("asked"))
    assert not freed_memory.keep_freed_memory()
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(freed_memory.ctypes, "CDLL", lambda name: object())  # such as musl
    assert not freed_memory.keep_freed_memory()
