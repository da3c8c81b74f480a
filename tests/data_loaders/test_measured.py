"""The measure itself: memory is found wherever it is taken, however large the process is that measures."""

import os
import subprocess
import sys

import pytest

if not hasattr(os, "fork") or sys.platform != "linux":
    pytest.skip("memory is measured on Linux", allow_module_level=True)
from measured import measured

TAKE = "import time; taken = bytearray(400 << 20); time.sleep(0.1)"


def take_here():
    assert bytearray(400 << 20)


def take_in_a_copy():
    if not (child := os.fork()):
        exec(TAKE)
        os._exit(0)
    os.waitpid(child, 0)


def take_in_a_program():
    subprocess.run([sys.executable, "-c", TAKE], check=True)


@pytest.fixture(scope="module", params=[0, 600], ids=["small", "600 MB before"])
def ballast(request):
    return bytearray(os.urandom(1 << 20)) * request.param


@pytest.mark.family(share=2)
@pytest.mark.parametrize("take", [take_here, take_in_a_copy, take_in_a_program])
def test_what_is_taken_is_found(take, ballast):
    outcome = measured(take)
    assert outcome.kind == ""
    # The system counts pages in batches; a copy begins without the pages of files that its parent has read.
    assert 390 << 20 <= outcome.memory < 500 << 20
    assert outcome.complaint(0).endswith("MB of memory for a file of 0 MB")


@pytest.mark.parametrize("call", [lambda: None, lambda: subprocess.run([sys.executable, "-c", "pass"])])
def test_what_takes_little_takes_little(call, ballast):
    assert measured(call).memory < 60 << 20


KEPT = """
from lib.convnets.freed_memory import keep_freed_memory
from measured import measured
keep_freed_memory()
kept = bytearray(600 << 20)
del kept
print(measured(lambda: bytearray(400 << 20)).memory >> 20)
"""


def test_memory_that_the_process_has_kept_is_found_again():
    paths = os.pathsep.join([os.path.dirname(__file__), os.getcwd(), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": paths}
    ran = subprocess.run([sys.executable, "-c", KEPT], env=environment, capture_output=True, text=True)
    assert 390 <= int(ran.stdout) < 500, ran.stderr
