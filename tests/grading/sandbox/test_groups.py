"""Control groups count what ran, and folders of ours go even where a process of ours was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from in_sandbox import ROOT, course, needs_bubblewrap, run_code, still_running

from lib.grading.sandbox import folders, groups
from lib.grading.sandbox.folders import disk_use, emptied, remove_left_over
from lib.grading.sandbox.groups import end_group, group_seconds, in_group, new_group, possible_groups
from lib.grading.sandbox.room import Limits

MOUNT = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw"
group_here = pytest.mark.skipif(
    not any(os.access(group / "cgroup.procs", os.W_OK) for group in possible_groups()),
    reason="this user may not make control groups here",
)


@pytest.mark.parametrize(
    ("mounts", "own", "expected"),
    [
        (MOUNT, "0::/", ["/sys/fs/cgroup"]),
        (MOUNT, "0::/user.slice/a.scope", ["/sys/fs/cgroup/user.slice", "/sys/fs/cgroup/user.slice/a.scope"]),
        (MOUNT, "0::/../outside", []),
        ("1 2 0:1 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw", "4:cpu:/", []),
        ("", "", []),
    ],
)
def test_groups_are_made_beside_our_own_or_in_it(mounts, own, expected):
    assert possible_groups(mounts, own) == list(map(Path, expected))


@group_here
def test_a_group_counts_and_ends_all_in_it():
    group = new_group(Limits())
    assert group is not None
    busy = (
        "import time; end = time.process_time() + 0.2\nwhile time.process_time() < end: pass\ntime.sleep(60)"
    )
    process = subprocess.Popen(in_group(group, [sys.executable, "-c", busy]))
    for _ in range(200):
        if group_seconds(group) >= 0.2:
            break
        time.sleep(0.05)
    assert 0.2 <= group_seconds(group) < 2
    end_group(group)
    assert process.wait(10) == -signal.SIGKILL
    assert not group.exists()


def test_without_a_group_the_command_is_as_it_was(tmp_path):
    assert in_group(None, ["true"]) == ["true"]
    assert new_group(Limits(), [tmp_path / "nowhere"]) is None
    assert subprocess.run(in_group(tmp_path / "gone", ["true"])).returncode == 0


def test_limits_are_set_where_the_group_has_them(tmp_path, monkeypatch):
    (tmp_path / "cgroup.procs").touch()
    made = Path.mkdir

    def with_files(self, *arguments, **options):
        made(self, *arguments, **options)
        for name in ("memory.max", "pids.max"):
            (self / name).touch()

    monkeypatch.setattr(Path, "mkdir", with_files)
    group = new_group(Limits(memory=1 << 30, processes=10), [tmp_path])
    assert (group / "memory.max").read_text() == str((1 << 30) + groups.ROOM_FOR_FILES)
    assert (group / "pids.max").read_text() == "18"
    assert not (group / "memory.swap.max").exists()


MAKES_ONE = """
import sys, time
from pathlib import Path
from lib.grading.sandbox.groups import new_group
from lib.grading.sandbox.room import Limits
print(new_group(Limits(), [Path(sys.argv[1])]), flush=True)
time.sleep(20)
"""


def test_a_group_that_a_living_process_has_made_and_not_entered_stays(tmp_path):
    """Another grader took it away in that moment."""
    (tmp_path / "cgroup.procs").touch()
    own = new_group(Limits(), [tmp_path])
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", MAKES_ONE, str(tmp_path)]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as other:
        others = Path(other.stdout.readline().strip())
        assert others.parent == tmp_path
        groups.remove_empty_groups([tmp_path])
        assert own.is_dir()
        assert others.is_dir()
        other.kill()
        other.wait()
        groups.remove_empty_groups([tmp_path])
    assert own.is_dir()
    assert not others.exists()


def test_only_groups_whose_maker_is_gone_are_taken_away(tmp_path):
    own = groups._maker(os.getpid())
    space, pid, started = own.split("-")
    names = {
        f"{own}-a": True,
        f"{space}-{pid}-{int(started) + 1}-b": False,  # an earlier process had this number
        f"{space}-{2**22 + 1}-{started}-c": False,  # a number that no process has
        f"{int(space) + 1}-{2**22 + 1}-{started}-d": True,  # in a container: who knows
        f"{space}-x-{started}-e": True,
        "0123456789ab": True,  # of an earlier version of the course
    }
    for name in names:
        (tmp_path / f"deep-vision-{name}").mkdir()
    busy = tmp_path / f"deep-vision-{space}-{2**22 + 1}-1-g"
    busy.mkdir()
    (busy / "in use").touch()  # as a group refuses in which something runs
    (tmp_path / "another").mkdir()
    groups.remove_empty_groups([tmp_path])
    assert {name: (tmp_path / f"deep-vision-{name}").exists() for name in names} == names
    assert busy.exists()
    assert (tmp_path / "another").exists()
    groups.remove_empty_groups([tmp_path / "nowhere"])


FORKS = """
import os, signal
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
while True:
    if os.fork() == 0:
        sum(range(300_000))
        os._exit(0)
    try:
        os.wait()
    except ChildProcessError:
        pass
"""


@needs_bubblewrap()
@group_here
@pytest.mark.family(share=2)
def test_many_short_children_that_nobody_waits_for_cost_their_time():
    finished = run_code(FORKS, "", Limits(cpu_seconds=1, wall_seconds=30))
    assert finished.usage.ended == "cpu"


@needs_bubblewrap()
def test_a_submission_cannot_fill_the_disk():
    code = "for n in range(1000):\n    open(str(n), 'wb').write(bytes(9 << 20))"
    finished = run_code(code, "", Limits(cpu_seconds=20, file_bytes=20 << 20))
    assert finished.usage.ended == "disk"


@needs_bubblewrap()
def test_a_submission_cannot_fill_the_disk_with_empty_files():
    finished = run_code(
        "for n in range(10 ** 7):\n    open(str(n), 'wb').close()", "", Limits(cpu_seconds=60)
    )
    assert finished.usage.ended == "disk"


def test_what_a_folder_uses_is_counted_without_links(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x").write_bytes(bytes(10_000))
    (tmp_path / "link").symlink_to("/usr")
    size, number = disk_use(tmp_path, 100)
    assert 10_000 <= size < 40_000
    assert number == 3
    assert disk_use(Path("/usr"), 50)[1] < 10_000


def test_what_lies_deeper_than_a_path_can_say_is_counted(tmp_path, monkeypatch):
    with monkeypatch.context() as at:
        at.chdir(tmp_path)
        for _ in range(200):
            os.mkdir("d" * 60)
            os.chdir("d" * 60)
        with open("file", "wb") as file:
            file.write(bytes(10_000))
    size, number = disk_use(tmp_path, 1000)
    assert number == 201
    assert size >= 10_000
    assert 50 < disk_use(tmp_path, 50)[1] < 100
    emptied(tmp_path)


@pytest.mark.parametrize(
    ("name", "is_short"),
    [("x" * 30, True), ("x" * 60, False), ("ö" * 40, False), ("🐍" * 15, False), ("with space", True)],
)
def test_sockets_have_short_paths_wherever_temporary_files_lie(name, is_short, monkeypatch):
    """Bytes count, not letters."""
    above = Path(f"/a/{name}")
    monkeypatch.setattr(folders.tempfile, "gettempdir", lambda: str(above))
    assert folders._above() == (above if is_short else Path("/tmp"))


def test_a_short_link_to_a_long_folder_is_long(tmp_path, monkeypatch):
    (tmp_path / ("x" * 60)).mkdir()
    (tmp_path / "link").symlink_to(tmp_path / ("x" * 60))
    monkeypatch.setattr(folders.tempfile, "gettempdir", lambda: str(tmp_path / "link"))
    assert folders._above() == Path("/tmp")


@pytest.mark.parametrize("deep", [False, True])
def test_emptying_follows_no_links_and_opens_what_is_closed(deep, tmp_path):
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").write_text("x")
    room = tmp_path / "room"
    (room / "closed" / "inside").mkdir(parents=True)
    (room / "link").symlink_to(kept)
    (room / "closed" / "link").symlink_to(kept / "file")
    (room / "closed").chmod(0)
    if deep:
        before = os.open(".", os.O_RDONLY)
        os.chdir(room)
        for _ in range(25):  # the path of the deepest is longer than a path may be
            os.mkdir("a" * 200)
            os.chdir("a" * 200)
        os.fchdir(before)
        os.close(before)
        assert disk_use(room, 5000)[1] == 29
    emptied(room)
    assert not room.exists()
    assert (kept / "file").read_text() == "x"


GRADER = '''
import os, sys, time
from pathlib import Path
from lib.grading.sandbox.bubblewrap import Place
from lib.grading.sandbox.folders import new_folder
from lib.grading.sandbox.launch import launch
from lib.grading.sandbox.room import Limits, Room
base = new_folder()
(base / "work").mkdir()
program = """
import subprocess, sys, time
if len(sys.argv) < 3:
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", *sys.argv], start_new_session=True)
time.sleep(60)
"""
room, place = Room(Path(sys.argv[1])), Place(base / "work", base / "connection")
launch([sys.executable, "-c", program, sys.argv[2]], room, Limits(), place)
time.sleep(0.5)
print("runs", flush=True)
time.sleep(60)
'''


@needs_bubblewrap()
def test_nothing_outlives_a_grader_that_is_killed():
    marker = f"orphan-{os.urandom(6).hex()}"
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", GRADER, str(course()), marker]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE) as grader:
        assert grader.stdout.readline() == b"runs\n"
        assert len(still_running(marker)) > 1
        grader.kill()
    for _ in range(100):
        if not still_running(marker):
            break
        time.sleep(0.05)
    assert still_running(marker) == []
    remove_left_over()
    for _ in range(100):  # what has just ended still counts for a moment
        groups.remove_empty_groups()
        left = [group for above in possible_groups() for group in above.glob(f"deep-vision-*-{grader.pid}-*")]
        if not any(map(is_empty, left)):
            break
        time.sleep(0.05)
    assert not [group for group in left if is_empty(group)]


def is_empty(group):
    try:
        return not (group / "cgroup.procs").read_text()
    except OSError:  # of another test, and gone by now
        return False
