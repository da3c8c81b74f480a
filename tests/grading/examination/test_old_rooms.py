"""Rooms that nobody has used for thirty days go; none that is in use, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lib.grading.examination import old_rooms, sandbox_room
from lib.grading.examination.old_rooms import hold_room, remove_old_rooms

ROOT = Path(__file__).parents[3]
DAY = 24 * 3600
USES_ONE = """
import os, sys, time
from pathlib import Path
from lib.grading.examination.old_rooms import hold_room
room = Path(sys.argv[1])
assert hold_room(room)
os.utime(room, (0, 0))
print("kept", flush=True)
time.sleep(30)
"""


def make(folder: Path, name: str, days: float = 0.0) -> Path:
    room = folder / name
    (room / "lib" / "nn").mkdir(parents=True)
    (room / "lib" / "nn" / "layers.py").write_text("x")
    used = time.time() - days * DAY
    os.utime(room, (used, used))
    return room


@pytest.mark.parametrize(
    ("name", "days", "stays"),
    [
        ("a2-0123456789abcdef", 31, False),
        ("a2-0123456789abcdef", 29, True),
        ("a2-0123456789abcdef", -400, True),  # the clock was wrong
        ("a10-0123456789abcdef", 31, False),
        (".a2-0123456789abcdef-x_1yz", 31, False),  # half made by a process that was killed
        (".a2-0123456789abcdef-x_1yz", 1, True),
        ("data", 400, True),
        ("a2", 400, True),
        ("a2-0123456789abcde", 400, True),
        ("my own notes", 400, True),
        (".git", 400, True),
    ],
)
def test_only_old_rooms_go(name, days, stays, tmp_path):
    room = make(tmp_path, name, days)
    remove_old_rooms(tmp_path)
    assert room.exists() == stays
    assert list(tmp_path.iterdir()) == ([room] if stays else [])


def test_one_that_is_used_today_is_not_old(tmp_path):
    room = make(tmp_path, "a2-0123456789abcdef", 100)
    assert hold_room(room)
    assert time.time() - room.stat().st_mtime < DAY
    remove_old_rooms(tmp_path)
    assert room.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="no locks of folders there")
def test_one_in_which_a_process_grades_stays_however_old(tmp_path):
    room = make(tmp_path, "a2-0123456789abcdef", 100)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", USES_ONE, str(room)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as grader:
        assert grader.stdout.readline() == "kept\n"
        remove_old_rooms(tmp_path)
        assert (room / "lib" / "nn" / "layers.py").exists()
        grader.kill()
        grader.wait()
    remove_old_rooms(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_one_of_this_process_stays_too(tmp_path):
    room = make(tmp_path, "a2-0123456789abcdef")
    assert hold_room(room)
    assert hold_room(room)
    os.utime(room, (0, 0))
    if sys.platform != "win32":
        remove_old_rooms(tmp_path)
        assert room.exists()
        os.close(old_rooms._in_use.pop(room))
    remove_old_rooms(tmp_path)
    assert not room.exists()


def test_what_is_not_there_is_not_kept(tmp_path):
    assert not hold_room(tmp_path / "a2-0123456789abcdef")
    remove_old_rooms(tmp_path / "nowhere")


def test_a_link_is_not_followed(tmp_path):
    kept = make(tmp_path / "elsewhere", "kept")
    link = tmp_path / "a2-0123456789abcdef"
    link.symlink_to(kept)
    os.utime(link, (0, 0), follow_symlinks=False)
    remove_old_rooms(tmp_path)
    assert (kept / "lib" / "nn" / "layers.py").exists()


def test_a_room_that_is_asked_for_takes_old_ones_away(tmp_path, monkeypatch):
    old = make(tmp_path, "a2-0123456789abcdef", 31)
    monkeypatch.setattr(sandbox_room, "course_for", lambda *_: make(tmp_path, "a2-fedcba9876543210"))
    monkeypatch.setattr(sandbox_room, "data_for", lambda *_: tmp_path / "data")
    room = sandbox_room.room_of("a2", tmp_path)
    assert not old.exists()
    assert room.course.exists()
