"""What an examination leaves on the disk when its grader is killed: nothing, once the next one has begun."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from examined import notebook_of

from lib.assignments.places import ROOT
from lib.grading.sandbox import folders
from lib.grading.sandbox.folders import remove_left_over

GRADER = """
import asyncio, os, signal, sys
from pathlib import Path
from types import SimpleNamespace
from lib.grading.examination.client import SandboxClient
from lib.grading.examination.examination import _Examination
from lib.grading.examination.job import Allowance, Job
def at_work(client):
    print(client.resources["metadata"]["path"], flush=True)
    if sys.argv[1] == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    sys.stdin.read()
async def start(client):
    at_work(client)
SandboxClient.start = start
job = Job("a2", Path(sys.argv[2]).read_bytes(), (), {}, {"helper.py": b"x = 1"})
one = _Examination(job, SimpleNamespace(kernel=lambda folder: None))
asyncio.run(one.begin(one.notebook))
"""


@pytest.fixture
def here(monkeypatch):
    """A folder for temporary files, with a path short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="t-", dir="/tmp") as folder:
        monkeypatch.setattr(folders, "_above", lambda: Path(folder))
        yield Path(folder)


def grader(here, tmp_path, end):
    (tmp_path / "a2.ipynb").write_bytes(notebook_of("x = 1"))
    return subprocess.Popen(
        [sys.executable, "-c", GRADER, end, str(tmp_path / "a2.ipynb")],
        env={**os.environ, "TMPDIR": str(here), "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.mark.family(share=3)
@pytest.mark.skipif(sys.platform == "win32", reason="there are no locks of this kind")
def test_the_working_folder_of_a_killed_grader_goes_and_that_of_a_living_one_stays(here, tmp_path):
    with grader(here, tmp_path, "killed") as killed, grader(here, tmp_path, "lives") as living:
        left, work = (Path(one.stdout.readline().strip()) for one in (killed, living))
        assert killed.wait() == -signal.SIGKILL
        for folder in (left, work):
            assert folder.is_relative_to(here)
            assert (folder / "helper.py").read_text() == "x = 1"
        remove_left_over()
        assert not left.exists()
        assert (work / "helper.py").exists()
        living.kill()
        living.wait()
        remove_left_over()
        assert list(here.iterdir()) == []
