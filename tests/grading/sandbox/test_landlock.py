"""What a process can no longer do once Landlock restricts it, and what it still can."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from lib.grading.sandbox.landlock import SCOPES_SINCE, landlock_abi, restrict_writing

pytestmark = pytest.mark.skipif(
    landlock_abi() < SCOPES_SINCE, reason="this kernel has no Landlock of version 6"
)

START = """
import json, os, signal, socket, subprocess, sys
from pathlib import Path
from lib.grading.sandbox.landlock import restrict_writing
found = {}
def tried(name, action):
    try:
        action()
        found[name] = "fine"
    except OSError as error:
        found[name] = type(error).__name__
"""


def in_a_child(code, *arguments):
    run = subprocess.run(
        [sys.executable, "-c", START + textwrap.dedent(code) + "\nprint(json.dumps(found))", *arguments],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def test_only_the_folder_can_be_written(tmp_path):
    mine, other = tmp_path / "mine", tmp_path / "other"
    mine.mkdir()
    other.mkdir()
    (other / "there").write_text("read me")
    found = in_a_child(
        """
        mine, other = map(Path, sys.argv[1:])
        restrict_writing([mine], ["/dev/null"])
        tried("write", lambda: (mine / "a").write_text("a"))
        tried("append", lambda: open(mine / "a", "a").write("b"))
        tried("folder", lambda: (mine / "b").mkdir())
        tried("rename", lambda: (mine / "a").rename(mine / "b" / "c"))
        tried("link", lambda: (mine / "link").symlink_to(other / "there"))
        tried("remove", lambda: (mine / "b" / "c").unlink())
        tried("null", lambda: open("/dev/null", "w").write("x"))
        tried("read", lambda: (other / "there").read_text())
        tried("list", lambda: list(other.iterdir()))
        tried("socket", lambda: socket.socket(socket.AF_UNIX).bind(str(mine / "s")))
        tried("program", lambda: subprocess.run(["true"], check=True))

        tried("write there", lambda: (other / "x").write_text("x"))
        tried("change there", lambda: open(other / "there", "a"))
        tried("through a link", lambda: open(mine / "link", "a"))
        tried("cut there", lambda: os.truncate(other / "there", 0))
        tried("remove there", lambda: (other / "there").unlink())
        tried("folder there", lambda: (other / "x").mkdir())
        tried("rename there", lambda: (other / "there").rename(mine / "there"))
        tried("hard link", lambda: os.link(other / "there", mine / "hard"))
        tried("link there", lambda: (other / "l").symlink_to("x"))
        tried("socket there", lambda: socket.socket(socket.AF_UNIX).bind(str(other / "s")))
        tried("device", lambda: os.mknod(mine / "null", 0o20666, os.makedev(1, 3)))
        tried("in /tmp", lambda: open("/tmp/landlock", "w"))
        tried("in memory", lambda: open("/dev/shm/landlock", "w"))
        """,
        str(mine),
        str(other),
    )
    first_refused = list(found).index("write there")
    words = list(found.items())
    assert {name: word for name, word in words[:first_refused] if word != "fine"} == {}
    assert {name: word for name, word in words[first_refused:] if word == "fine"} == {}
    assert (other / "there").read_text() == "read me"


def test_signals_and_abstract_sockets_stay_inside(tmp_path):
    name = f"\0landlock {os.getpid()}"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(name)
        listening.listen()
        found = in_a_child(
            """
            name = sys.argv[1]
            tried("before", lambda: socket.socket(socket.AF_UNIX).connect("\\0" + name))
            restrict_writing([])
            tried("connect", lambda: socket.socket(socket.AF_UNIX).connect("\\0" + name))
            tried("signal", lambda: os.kill(os.getppid(), 0))
            tried("all", lambda: os.kill(1, 0))
            child = subprocess.Popen(["sleep", "20"])
            tried("own child", child.kill)
            child.wait()
            own = socket.socket(socket.AF_UNIX)
            own.bind("\\0own " + name)
            own.listen()
            tried("own socket", lambda: socket.socket(socket.AF_UNIX).connect("\\0own " + name))
            """,
            name[1:],
        )
    assert found == {
        "before": "fine", "connect": "PermissionError", "signal": "PermissionError", "all": "PermissionError",
        "own child": "fine", "own socket": "fine",
    }  # fmt: skip


def test_children_inherit_it_and_cannot_widen_it(tmp_path):
    found = in_a_child(
        """
        folder = sys.argv[1]
        restrict_writing([])
        code = "import sys; from lib.grading.sandbox.landlock import restrict_writing; "
        code += "restrict_writing([sys.argv[1]]); open(sys.argv[1] + '/x', 'w')"
        child = subprocess.run([sys.executable, "-c", code, folder], capture_output=True, text=True)
        found["child"] = child.stderr
        """,
        str(tmp_path),
    )
    assert found["child"].strip().splitlines()[-1].startswith("PermissionError")


def test_memory_of_the_parent_is_out_of_reach():
    found = in_a_child(
        """
        import ctypes, ctypes.util
        if os.getuid() == 0:  # root may look into everything, Landlock or not
            os.setgroups([]); os.setgid(65534); os.setuid(65534)
            ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # PR_SET_DUMPABLE: setuid has switched it off
        ours, theirs = os.pipe()
        parent = os.getpid()
        if os.fork() == 0:
            tried("before", lambda: open(f"/proc/{parent}/environ").read())
            restrict_writing([])
            tried("environ", lambda: open(f"/proc/{parent}/environ").read())
            tried("memory", lambda: open(f"/proc/{parent}/mem", "rb"))
            tried("files", lambda: os.readlink(f"/proc/{parent}/fd/0"))
            tried("root", lambda: os.listdir(f"/proc/{parent}/root/"))
            os.write(theirs, json.dumps(found).encode())
            os._exit(0)
        os.wait()
        found = json.loads(os.read(ours, 10_000))
        """
    )
    assert found.pop("before") == "fine"
    assert set(found.values()) == {"PermissionError"}, found


def test_an_old_kernel_is_named(monkeypatch):
    monkeypatch.setattr("lib.grading.sandbox.landlock.landlock_abi", lambda: 5)
    with pytest.raises(OSError, match=r"no Landlock of version 6.*Linux 6\.12"):
        restrict_writing([])
