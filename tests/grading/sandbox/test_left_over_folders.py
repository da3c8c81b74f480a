"""Folders of graders that were killed go with the next run; what somebody holds, or is not ours, stays."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from in_sandbox import ROOT

from lib.grading.sandbox import folders
from lib.grading.sandbox.folders import (
    PREFIX,
    SHORT,
    forget_folder,
    new_folder,
    passing_folder,
    remove_left_over,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no locks of this kind")


@pytest.fixture
def here(monkeypatch):
    """A folder for temporary files, with a path short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="t-", dir="/tmp") as folder:
        monkeypatch.setattr(folders, "_above", lambda: Path(folder))
        yield Path(folder)


def python(here, code, *words):
    """A process that runs some code, and makes its folders here."""
    env = os.environ | {"TMPDIR": str(here), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code, *words]
    return subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


HOLDS = """
import sys
from lib.grading.sandbox.folders import new_folder
base = new_folder()
(base / "work").mkdir()
(base / "work" / "file").write_text("x")
print(base, flush=True)
sys.stdin.read()
"""


def test_the_folder_of_a_living_process_stays_and_goes_once_it_is_killed(here):
    with python(here, HOLDS) as grader:
        base = Path(grader.stdout.readline().strip())
        assert base.parent == here
        assert remove_left_over() == []
        assert (base / "work" / "file").exists()
        grader.send_signal(signal.SIGKILL)
        grader.wait()
        assert remove_left_over() == [base]
        assert not base.exists()


@pytest.mark.parametrize("inside", ["", "connection", "work/of/a/student"])
def test_what_a_kill_left_half_made_or_half_deleted_goes_too(here, inside):
    base = here / f"{PREFIX}abcd_123"
    (base / inside).mkdir(parents=True)
    assert remove_left_over() == [base]
    assert list(here.iterdir()) == []


def test_what_is_not_ours_stays(here):
    own, elsewhere = new_folder(), here / "elsewhere"
    others = [elsewhere, here / "k-abcd_123", here / PREFIX.rstrip("-"), here / f"x{PREFIX}1"]
    for folder in others:
        folder.mkdir()
    link, file = here / f"{PREFIX}link", here / f"{PREFIX}file"
    link.symlink_to(elsewhere)
    file.write_text("x")
    assert remove_left_over() == []
    assert all(os.path.lexists(path) for path in (own, *others, link, file))
    forget_folder(own)
    assert not own.exists()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives folders away")
def test_the_folder_of_another_user_stays(here):
    base = here / f"{PREFIX}abcd_123"
    base.mkdir()
    os.chown(base, 65534, 65534)
    assert remove_left_over() == []
    assert base.exists()


@pytest.mark.parametrize("moment", ["before it is opened", "before it is held"])
def test_a_folder_that_another_run_removes_while_it_is_new_is_made_again(here, monkeypatch, moment):
    import fcntl

    lost = []

    def lose(base):
        if not lost:
            lost.append(base)
            shutil.rmtree(base)

    def opened(path, *flags, **more):
        lose(path)
        return usual_open(path, *flags, **more)

    def locked(file, how):
        lose(os.readlink(f"/proc/self/fd/{file}"))
        return usual_lock(file, how)

    usual_open, usual_lock = os.open, fcntl.flock
    if moment == "before it is opened":
        monkeypatch.setattr(folders.os, "open", opened)
    elif not Path("/proc/self/fd").exists():
        pytest.skip("only Linux tells which file is open")
    else:
        monkeypatch.setattr(fcntl, "flock", locked)
    base = new_folder()
    monkeypatch.undo()
    assert lost
    assert base != Path(lost[0])
    assert (base / "connection").is_dir()
    forget_folder(base)


RUNS = """
import sys
from lib.grading.sandbox.folders import forget_folder, new_folder, remove_left_over
for number in range(int(sys.argv[1])):
    base = new_folder()
    (base / "file").write_text("x")
    removed = remove_left_over()
    assert base not in removed
    assert (base / "file").read_text() == "x"
    assert (base / "connection").is_dir()
    forget_folder(base)
print("done", flush=True)
"""


@pytest.mark.family(share=2)
def test_two_runs_at_the_same_moment_take_nothing_from_each_other(here):
    runs = [python(here, RUNS, "100") for _ in range(3)]
    for run in runs:
        assert run.communicate(timeout=120)[0] == "done\n"
        assert run.returncode == 0
    assert list(here.iterdir()) == []


def test_paths_of_sockets_are_short_enough_for_linux_and_macos():
    longest = SHORT - 1 + len(f"/{PREFIX}abcd_123/sockets/k-6")
    assert longest <= 103


def test_a_passing_folder_is_one_of_them(here):
    with passing_folder() as folder:
        assert folder.parent == here
        assert folder.name.startswith(PREFIX)
    assert list(here.iterdir()) == []
