"""Ctrl-C in a terminal, once and twice: `course grade` ends within seconds, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest
from test_killed_for_real import (  # noqa: F401  # undisturbed is a fixture
    HERE,
    NAME,
    ROOT,
    STUDENTS,
    end_of,
    forget_results,
    run,
    undisturbed,
)

pty = pytest.importorskip("pty", reason="needs pseudo-terminals")
END = 25  # seconds at most; two or three on a computer that does nothing else


class Terminal:
    """A program in a terminal of its own."""

    def __init__(self, command, environment):
        self.ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", IN_FRONT, *command], stdin=theirs, stdout=theirs, stderr=theirs,
            env=environment, start_new_session=True,
        )  # fmt: skip
        os.close(theirs)
        self.said = b""

    def read(self, until=lambda: False):
        """What it says, until something is true or it has ended."""
        os.set_blocking(self.ours, False)
        while not until():
            try:
                self.said += os.read(self.ours, 4096)
            except BlockingIOError:
                time.sleep(0.01)
            except OSError:  # nobody has the other end any more
                break

    def press(self, key):
        os.write(self.ours, key)


IN_FRONT = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


@pytest.mark.timeout(300)
@pytest.mark.family(share=40)
@pytest.mark.parametrize(
    ("when", "times"),
    [("the canary", 1), ("the canary", 2), ("the class", 1), ("the class", 4), ("nearly all", 2)],
)
def test_ctrl_c_in_a_terminal(undisturbed, tmp_path, when, times):  # noqa: F811
    root, secret, expected = undisturbed
    forget_results(root)
    if when == "the canary":
        (root / "grading" / "canary" / f"{NAME}.json").unlink(missing_ok=True)
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    environment = {
        **os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(HERE)]), "COURSE_SECRET": str(secret),
        "TMPDIR": str(temporary),
    }  # fmt: skip
    terminal = Terminal([str(HERE / "real_run.py"), "grade", str(root)], environment)
    enough = {"the canary": 0, "the class": 1, "nearly all": STUDENTS - 1}[when]
    inside = []

    def soon():
        with contextlib.suppress(psutil.Error):
            inside[:] = psutil.Process(terminal.process.pid).children(recursive=True)
        return len(inside) >= 3 and len(list((root / "grading").glob("results/*/*.json"))) >= enough

    terminal.read(until=soon)
    for _ in range(times):
        terminal.press(b"\x03")
        time.sleep(0.1)
    terminal.read()
    status = terminal.process.wait(timeout=END)
    assert status in (130, -signal.SIGINT), terminal.said.decode()  # a shell shows 130 for both
    said = terminal.said.decode()
    assert "Traceback" not in said
    assert "Exception ignored" not in said
    assert "interrupted" in said
    assert psutil.wait_procs(inside, timeout=10)[1] == []
    assert sorted(temporary.iterdir()) == []
    assert "Not graded" not in run("grade", root, secret)
    assert end_of(root, secret) == expected
