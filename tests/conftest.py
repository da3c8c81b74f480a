"""What every test runs with: quick mode, built-in data, its own folders, a slice of families, wide limits."""

import gc
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import slices
from slowness import slowness
from sockets import open_sockets, watch_sockets

from data_loaders import load_cifar10

UNPACK = (
    Path(__file__).parents[2] / "shared" / "data" / "unpack-cifar10"
)  # beside the course, where its makers work
WORKERS = pytest.StashKey[float]()  # CPU time of xdist's worker processes, in seconds


def pytest_configure(config):
    """Set before anything is collected; xdist's workers inherit it, so that Shapes-10 is generated once."""
    os.environ.setdefault("COURSE_QUICK", "1")
    os.environ.setdefault("COURSE_DATASET", "shapes10")
    if "COURSE_DATA" not in os.environ:
        folder = os.environ["COURSE_DATA"] = tempfile.mkdtemp(prefix="course-tests-")
        os.environ["COURSE_DATA_IS_NEW"] = "1"  # all that is in it comes from this run
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    os.environ.setdefault("COURSE_JUPYTER", os.path.join(os.environ["COURSE_DATA"], "jupyter"))
    os.environ.setdefault("COURSE_WORK", os.path.join(os.environ["COURSE_DATA"], "work"))
    os.environ.setdefault("COURSE_PROGRESS", os.path.join(os.environ["COURSE_DATA"], "progress.json"))
    if config.getoption("numprocesses", None):  # a worker a core: threads of theirs would wait for each other
        os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    slowness()  # measured before the tests keep every processor busy
    watch_sockets()
    slices.chosen()  # before there are worker processes, which inherit it
    config.addinivalue_line("markers", "family(share): of these cases one in `share` runs (tests/slices.py)")


def pytest_collection_finish():
    """Thousands of tests stay until the end: the garbage collector need not look at them again and again."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish(session):
    """A worker process tells how many cases it left out, and what its tests cost."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left out"] = session.config.stash.get(slices.LEFT_OUT, 0)
        session.config.workeroutput["CPU time"] = sum(os.times()[:4])  # with what they started


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    """Each worker collects all tests, and leaves out the same; what they cost adds up."""
    told, stash = getattr(node, "workeroutput", {}), node.config.stash
    stash[slices.LEFT_OUT] = max(told.get("left out", 0), stash.get(slices.LEFT_OUT, 0))
    stash[WORKERS] = told.get("CPU time", 0.0) + stash.get(WORKERS, 0.0)


def pytest_terminal_summary(terminalreporter, config):
    if count := config.stash.get(slices.LEFT_OUT, 0):
        terminalreporter.write_line(slices.summary(count))
    if workers := config.stash.get(WORKERS, 0.0):
        seconds = workers + sum(os.times()[:2])
        terminalreporter.write_line(f"{seconds:.0f} s of CPU time, of all workers and what they started")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """A slice of each family; limits of time follow the computer's speed, but not one of the command line."""
    slices.leave_out(config, items)
    if slowness() == 1 or config.getoption("timeout", None) is not None:
        return
    for item in items:
        marker = item.get_closest_marker("timeout")
        seconds = marker.args[0] if marker and marker.args else float(config.getini("timeout") or 0)
        item.add_marker(pytest.mark.timeout(seconds * slowness()), append=False)


def ours():
    """The working folder, and of the environment what is not some library's own."""
    names = ("COURSE", "PYTHON", "JUPYTER", "IPYTHON", "NBGRADER", "PATH", "HOME")
    return os.getcwd(), {name: value for name, value in os.environ.items() if name.startswith(names)}


@pytest.fixture(autouse=True)
def nothing_is_left_behind():
    """A test leaves the folder and the environment as it found them: the next one runs there, too."""
    before, opened = ours(), open_sockets()
    yield
    left = ours()
    os.chdir(before[0])
    assert left == before
    assert open_sockets() <= opened, "stop the client's channels, or its socket warns in some later test"


@pytest.fixture(scope="session")
def cifar10(tmp_path_factory):
    """The real images, of this computer or unpacked from beside the course; skipped where neither is."""
    try:
        return load_cifar10(announce=False)
    except FileNotFoundError:
        if not UNPACK.exists():
            pytest.skip("CIFAR-10 is not on this computer: python3 course.py data fetch cifar10")
    folder = tmp_path_factory.mktemp("cifar10")
    subprocess.run([sys.executable, UNPACK, folder], check=True)
    return load_cifar10(folder, announce=False)
