"""What code in bubblewrap sees, where it can write, what it can't reach; as root and as an ordinary user."""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
from itertools import pairwise
from pathlib import Path

import pytest
from in_sandbox import course, facts, needs_bubblewrap, run_code, still_running, ways

from lib.grading.sandbox import bubblewrap
from lib.grading.sandbox.bubblewrap import (
    CHECKOUT,
    Interpreter,
    Place,
    bubblewrap_command,
    environment,
    prepare,
    this_interpreter,
    write_new,
)
from lib.grading.sandbox.fonts import warm_fonts
from lib.grading.sandbox.privileges import Account
from lib.grading.sandbox.room import Limits, Room

pytestmark = needs_bubblewrap()
LOOK = """
import ctypes, errno, glob, socket, sys
found["uid"] = os.getuid()
status = dict(line.split(":", 1) for line in open("/proc/self/status").read().splitlines())
names = ("CapEff", "CapPrm", "CapBnd", "NoNewPrivs", "Seccomp")
found["status"] = {name: status[name].strip() for name in names}
found["networks"] = [name for _, name in socket.if_nameindex()]
mounts = [line.split() for line in open("/proc/self/mountinfo")]
found["writable"] = sorted({m[4] for m in mounts if "rw" in m[5].split(",") and os.access(m[4], os.W_OK)})
found["top"] = sorted(os.listdir("/"))
found["environ"] = dict(os.environ)
found["processes"] = sorted(map(int, filter(str.isdigit, os.listdir("/proc"))))
told = b""
for path in glob.glob("/proc/[0-9]*/environ"):
    try:
        told += open(path, "rb").read()
    except OSError:
        pass
found["all environments"] = told.decode("utf-8", "replace")
found["namespaces"] = {}
libc = ctypes.CDLL(None, use_errno=True)
for name, flag in [("user", 0x10000000), ("mount", 0x20000), ("pid", 0x20000000), ("net", 0x40000000)]:
    done = libc.unshare(flag)
    found["namespaces"][name] = "made" if done == 0 else errno.errorcode[ctypes.get_errno()]
for path in ["/x", "/etc/x", "/dev/x", "/usr/x", "/course/x", "/connection/x", "/proc/sys/kernel/hostname"]:
    try:
        open(path, "w").close()
        found.setdefault("wrote", []).append(path)
    except OSError:
        pass
found["path"] = sys.path
found["working folder"] = os.getcwd()
found["limits"] = {}
import resource
for name in ("CORE", "FSIZE", "NOFILE", "NPROC", "DATA", "CPU"):
    found["limits"][name] = resource.getrlimit(getattr(resource, "RLIMIT_" + name))
"""


@pytest.fixture(scope="module", params=ways())
def seen(request):
    return {"way": request.param, **facts(LOOK, request.param)}


def test_it_has_no_rights(seen):
    assert seen["uid"] != 0
    assert set(seen["status"].values()) <= {"0" * 16, "1", "2"}
    assert seen["status"]["NoNewPrivs"] == "1"


def test_system_calls_are_filtered(seen):
    assert seen["status"]["Seccomp"] == "2"


def test_namespaces_cannot_be_made(seen):
    assert set(seen["namespaces"].values()) == {"EPERM"}


def test_there_is_no_network(seen):
    assert seen["networks"] == ["lo"]


def test_only_its_folder_and_disks_in_memory_can_be_written(seen):
    devices = {f"/dev/{name}" for name in ("null", "zero", "full", "random", "urandom", "tty", "pts")}
    assert set(seen["writable"]) - devices - {"/proc"} == {"/submission", "/tmp", "/dev/shm"}
    assert "wrote" not in seen


def test_it_sees_the_system_python_and_the_course_only(seen):
    known = {"bin", "connection", "course", "dev", "etc", "lib", "lib64", "proc", "sbin", "submission", "tmp"}
    known |= {"usr", "lib32", "libx32", "nix", "gnu"}
    pythons = {path.parts[1] for path in this_interpreter().folders} if seen["way"] == "root" else set()
    assert set(seen["top"]) <= known | pythons


def test_it_sees_no_other_processes(seen):
    assert len(seen["processes"]) <= 3


def test_its_environment_is_ours(seen, monkeypatch):
    known = {*environment(Room(course()), this_interpreter()), "PWD", "LC_CTYPE", "SHLVL", "_"}
    assert set(seen["environ"]) <= known
    assert "kept outside" not in seen["all environments"]


def test_no_variable_of_the_graders_reaches_it(monkeypatch):
    monkeypatch.setenv("A_SECRET", "kept outside")
    assert "kept outside" not in facts(LOOK)["all environments"]


def test_the_course_comes_first_and_its_own_folder_not_at_all(seen):
    assert seen["path"][0] == "/course"
    assert not {"", "/submission"} & set(seen["path"])
    assert seen["working folder"] == "/submission"


def test_limits_of_the_system_are_set(seen):
    allowed = Limits(cpu_seconds=20)
    assert seen["limits"] == {
        "CORE": [0, 0],
        "FSIZE": [allowed.file_bytes] * 2,
        "NOFILE": [allowed.open_files] * 2,
        "NPROC": [allowed.processes] * 2,
        "DATA": [allowed.memory] * 2,
        "CPU": [25, 25],
    }


@pytest.mark.parametrize("way", ways())
def test_what_lies_outside_cannot_be_read(way, tmp_path):
    kept = [tmp_path / name for name in ("gradebook.db", "solutions/a1.ipynb", "submitted/anna/a1/a1.ipynb")]
    for path in kept:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("kept outside")
    names = [
        *kept,
        *(path for path in Path(CHECKOUT).iterdir() if not Path(sys.prefix).is_relative_to(path)),
        Path.home() / ".bashrc",
        "/home",
        "/etc/shadow",
        "/run",
        "/var",
    ]
    names += [
        "/etc/hostname",
        "/root/.ssh",
        "/sys/class",
        "/boot",
        "/proc/1/root/home",
        *Path("/tmp").iterdir(),
    ]
    names = [name for name in map(str, names) if not name.startswith("/tmp/matplotlib")]
    assert facts(f"found['there'] = [name for name in {names!r} if os.path.exists(name)]", way)["there"] == []


@pytest.mark.parametrize("way", ways())
def test_sockets_outside_cannot_be_reached(way, tmp_path):
    with socket.socket() as over_network, socket.socket(socket.AF_UNIX) as abstract:
        over_network.bind(("127.0.0.1", 0))
        over_network.listen()
        abstract.bind(f"\0course-{os.getpid()}")
        abstract.listen()
        addresses = over_network.getsockname(), abstract.getsockname()
        code = f"""
import socket
for kind, address in zip((socket.AF_INET, socket.AF_UNIX), {addresses!r}):
    try:
        socket.socket(kind).connect(address)
        found[str(address)] = "reached"
    except OSError as error:
        pass
"""
        assert facts(code, way) == {}


@pytest.mark.parametrize("way", ways())
def test_four_hundred_processes_are_too_many(way):
    code = """
import signal
started = 0
try:
    for _ in range(400):
        if os.fork() == 0:
            signal.pause()
        started += 1
except OSError as error:
    found["error"] = type(error).__name__
found["started"] = started
"""
    found = facts(code, way, Limits(cpu_seconds=20, processes=64))
    assert found["error"] == "BlockingIOError"
    assert 20 < found["started"] < 64


def test_the_processes_of_one_submission_are_not_counted_for_another():
    code = (
        "import os, time\nfor _ in range(50):\n    if os.fork() == 0: time.sleep(1); os._exit(0)\nprint(50)"
    )
    limits = Limits(cpu_seconds=20, processes=64)
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(run_code(code, "", limits))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.output for answer in answers] == ["50"] * 3


@pytest.mark.parametrize("way", ways())
def test_five_gigabytes_are_an_error_in_the_code(way):
    code = "try:\n    bytearray(5 << 30)\nexcept MemoryError:\n    found['said'] = 'MemoryError'"
    assert facts(code, way) == {"said": "MemoryError"}


@pytest.mark.family(share=2)
@pytest.mark.parametrize("way", ways())
def test_memory_of_several_processes_counts_together(way):
    code = """
import os, time
for _ in range(3):
    if os.fork() == 0:
        kept = bytearray(b"x" * (120 << 20))
        time.sleep(20)
time.sleep(20)
"""
    finished = run_code(code, way, Limits(cpu_seconds=20, memory=300 << 20))
    assert finished.usage.ended == "memory"
    assert finished.usage.memory > 300 << 20


HELD = """
import mmap, os, time
kept = []
for number in range(60):
    if {mapped}:
        part = mmap.mmap(-1, 10 << 20)
        part.write(b"x" * (10 << 20))
        part.madvise(mmap.MADV_DONTNEED)  # no longer in the process, but still in memory
    else:
        part = os.memfd_create("held")
        os.write(part, bytes(10 << 20))
    kept.append(part)
time.sleep(20)
"""


@pytest.mark.family(share=2)
@pytest.mark.parametrize("mapped", [True, False])
@pytest.mark.parametrize("way", ways())
def test_memory_that_belongs_to_no_process_counts(way, mapped):
    finished = run_code(HELD.format(mapped=mapped), way, Limits(cpu_seconds=20, memory=300 << 20))
    assert finished.usage.ended == "memory" or "OSError" in finished.errors


@pytest.mark.family(share=2)
@pytest.mark.parametrize("way", ways())
@pytest.mark.parametrize("processes", [1, 2])
def test_an_endless_loop_ends_with_its_time_on_the_processor(way, processes):
    code = f"import os\nfor _ in range({processes - 1}):\n    os.fork()\nwhile True: pass"
    finished = run_code(code, way, Limits(cpu_seconds=0.5))
    assert finished.usage.ended == "cpu"
    assert 0.5 < finished.usage.cpu_seconds < 3


@pytest.mark.family(share=2)
def test_sleeping_costs_nothing():
    finished = run_code("import time; time.sleep(1.5)", "", Limits(cpu_seconds=0.5))
    assert (finished.status, finished.usage.ended) == (0, "")


@pytest.mark.family(share=2)
def test_children_that_nobody_waits_for_cost_their_time():
    code = """
import os, signal, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
while True:
    if os.fork() == 0:
        end = time.process_time() + 0.5
        while time.process_time() < end: pass
        os._exit(0)
    try:
        os.wait()
    except ChildProcessError:
        pass
"""
    finished = run_code(code, "", Limits(cpu_seconds=1.2, wall_seconds=30))
    assert finished.usage.ended == "cpu"


@pytest.mark.parametrize("way", ways())
def test_files_have_a_greatest_size(way):
    code = """
for path in ["/submission/x", "/tmp/x", "/dev/shm/x"]:
    try:
        with open(path, "wb") as file:
            for _ in range(30):
                file.write(bytes(1 << 20))
                file.flush()
    except OSError as error:
        found[path] = type(error).__name__
"""
    assert set(facts(code, way, Limits(file_bytes=20 << 20))) == {"/submission/x", "/tmp/x", "/dev/shm/x"}


def test_disks_in_memory_are_small():
    code = """
import shutil
found["sizes"] = [shutil.disk_usage(path).total for path in ("/tmp", "/dev/shm")]
"""
    assert facts(code, "", Limits(memory=1 << 30))["sizes"] == [1 << 27, 1 << 28]


@pytest.mark.parametrize("way", ways())
def test_nothing_runs_on_afterwards(way):
    marker = f"daemon-{os.urandom(6).hex()}"
    code = f"""
import os, subprocess, sys
if os.fork() == 0:
    os.setsid()
    sleep = "import time; time.sleep(60)"
    subprocess.Popen([sys.executable, "-c", sleep, {marker!r}], start_new_session=True)
    os._exit(0)
os.wait()
print("left")
"""
    assert run_code(code, way).output == "left"
    assert still_running(marker) == []


def test_a_hidden_package_says_why():
    code = """
import importlib.util, sys
sys.path[:] = [each for each in sys.path if each != "/course"]
try:
    import nbformat
except ModuleNotFoundError as error:
    found["said"] = str(error)
import traitlets
"""
    said = facts(code, room=Room(course(), hidden=("nbformat", "not_installed")))["said"]
    assert said == "nbformat is not here while this assignment is graded"


def test_data_is_seen_and_cannot_be_changed(tmp_path):
    (tmp_path / "set.npz").write_bytes(b"1")
    tmp_path.chmod(0o755)
    code = "found['data'] = os.listdir(os.environ['COURSE_DATA']), os.access('/data', os.W_OK)"
    assert facts(code, room=Room(course(), tmp_path))["data"] == [["set.npz"], False]


def command_for(tmp_path, interpreter, monkeypatch, checkout=None):
    monkeypatch.setattr(bubblewrap, "CHECKOUT", checkout or CHECKOUT)
    place = Place(tmp_path / "work", tmp_path / "connection")
    for folder in (place.work, place.connection):
        folder.mkdir()
    account = Account(1000, False)
    prepare(Room(course()), place, account)
    return bubblewrap_command(["true"], Room(course()), Limits(), place, account, interpreter)


def test_the_course_is_hidden_where_the_environment_lies_around_it(tmp_path, monkeypatch):
    around = Interpreter("/opt/conda/bin/python", (Path("/opt/conda"),), ())
    words = " ".join(command_for(tmp_path, around, monkeypatch, Path("/opt/conda/course")))
    assert "--tmpfs /opt/conda/course" in words
    assert "--remount-ro /opt/conda/course" in words


def test_the_folder_around_an_environment_is_not_shown(tmp_path, monkeypatch):
    inside = Interpreter("/home/i/course/.venv/bin/python", (Path("/home/i/course/.venv"),), ())
    words = command_for(tmp_path, inside, monkeypatch, Path("/home/i/course"))
    shown = [word for option, word in pairwise(words) if option == "--ro-bind"]
    assert "/home/i/course/.venv" in shown
    assert "/home/i/course" not in shown


@pytest.mark.parametrize(
    ("folder", "said"),
    [
        ("/home/i/course", "apart from the course's files"),
        ("/course/.venv", "outside of /course"),
        ("/submission/env", "outside of /submission"),
    ],
)
def test_an_environment_that_would_show_too_much_is_refused(folder, said, tmp_path, monkeypatch):
    with pytest.raises(ValueError, match=said):
        command_for(tmp_path, Interpreter("python", (Path(folder),), ()), monkeypatch, Path("/home/i/course"))


def test_files_of_ours_are_never_written_through_a_link(tmp_path):
    (tmp_path / "victim").write_text("kept")
    (tmp_path / "passwd").symlink_to(tmp_path / "victim")
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "passwd", "new")
    assert (tmp_path / "victim").read_text() == "kept"


def test_packages_are_hidden_wherever_one_may_look():
    packages = this_interpreter().packages
    assert Path(sys.prefix) / "lib" / f"python3.{sys.version_info.minor}" / "site-packages" in packages
    assert set(Path("/usr").glob("lib/python3*/dist-packages")) <= set(packages)
    assert len(packages) == len(set(packages))


def test_this_interpreter_needs_no_folder_twice():
    folders = this_interpreter().folders
    assert all(not one.is_relative_to(other) for one in folders for other in folders if one != other)
    assert Path(sys.prefix) in folders or sys.prefix == "/usr"


def test_the_list_of_fonts_names_only_what_is_seen_inside():
    fonts = warm_fonts()
    assert fonts is not None
    named = [Path(font["fname"]) for font in json.loads(fonts.read_text())["ttflist"]]
    assert named
    seen = (Path("/usr"), *this_interpreter().folders)
    assert all(not path.is_absolute() or any(map(path.is_relative_to, seen)) for path in named)
