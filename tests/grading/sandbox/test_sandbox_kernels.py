"""Kernels in a sandbox, run by nbclient: one leaves nothing for the next, and all of them end."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import tempfile
import time
from pathlib import Path

import nbformat
import pytest
from in_sandbox import course, needs_bubblewrap, still_running
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from run_notebook import run_notebook

from lib.grading.sandbox import provisioner
from lib.grading.sandbox.folders import new_folder
from lib.grading.sandbox.provisioner import BubblewrapSandbox
from lib.grading.sandbox.room import Limits, Room
from lib.grading.sandbox.start import KINDS, open_sandbox

pytestmark = needs_bubblewrap()
KERNELS = ("bubblewrap", "none")


def executed(sandbox, folder, *sources, **options):
    """The text of the outputs of each cell, run in a new kernel."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    notebook = nbformat.v4.new_notebook(cells=cells)
    folder.mkdir(exist_ok=True)
    try:
        run_notebook(notebook, sandbox.kernel(folder), allow_errors=True, timeout=60, **options)
    finally:
        sandbox.close()  # nbclient ends only kernels that it has made itself
    return ["".join(map(said, cell["outputs"])) for cell in cells]


def said(output):
    if output["output_type"] == "error":
        return f"{output['ename']}: {output['evalue']}"
    return output.get("text", "") or output.get("data", {}).get("text/plain", "")


@pytest.fixture
def sandbox():
    with open_sandbox("bubblewrap", Room(course()), Limits(cpu_seconds=20)) as opened:
        yield opened


@pytest.fixture
def rooms(monkeypatch):
    """The folders that were made beside the working folders."""
    made = []
    monkeypatch.setattr(provisioner, "new_folder", lambda: made.append(new_folder()) or made[-1])
    return made


def test_a_notebook_runs_in_it_and_leaves_nothing(sandbox, tmp_path, rooms):
    (tmp_path / "helpers.py").write_text("answer = 42\n")
    (tmp_path / "numpy").mkdir()
    (tmp_path / "numpy" / "__init__.py").write_text("raise RuntimeError('a shadow')\n")
    (tmp_path / "startup").mkdir()
    told = executed(
        sandbox,
        tmp_path,
        "import helpers, numpy\nprint(helpers.answer, numpy.arange(3).sum())",
        "open('left.txt', 'w').write('x'); import os; print(sorted(os.listdir()))",
        "import matplotlib.pyplot as plt; plt.plot([1]); plt.close()",
        "%config Application.verbose_crash",
        "input()",
    )
    assert told[0] == "42 3\n"
    assert "left.txt" in told[1]
    assert "font" not in told[2], "matplotlib's list of fonts was made anew"
    assert "StdinNotImplementedError" in told[4]
    assert (tmp_path / "left.txt").read_text() == "x"
    assert rooms
    assert not any(room.exists() for room in rooms)
    assert 0.1 < sandbox.usage().cpu_seconds < 20
    assert sandbox.usage().memory > 20 << 20
    assert sandbox.usage().ended == ""


LEAVE = """
import os, glob, subprocess, sys
for name in glob.glob('/tmp/course-grading-*/sockets') + ['.', '/tmp', '/dev/shm']:
    for link in ('k-1', 'k-6', 'kernel.json', 'passwd', 'fonts'):
        path = os.path.join(name, link)
        if os.path.lexists(path) and not os.path.isdir(path):
            os.unlink(path)
        os.symlink({victim!r}, path)
    os.makedirs(os.path.join(name, 'closed', 'inside'))
    os.chmod(os.path.join(name, 'closed'), 0)
for path in ('/connection/kernel.json', '/connection/new', {victim!r}):
    try:
        open(path, 'a').write('changed')
        print('wrote', path)
    except OSError:
        pass
subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)', {marker!r}], start_new_session=True)
print('done')
"""


@pytest.mark.family(share=2)
def test_links_left_behind_are_not_followed(sandbox, tmp_path, rooms):
    victim, marker = tmp_path / "victim", f"left-{os.urandom(6).hex()}"
    victim.write_text("kept")
    victim.chmod(0o600)
    told = executed(sandbox, tmp_path / "first", LEAVE.format(victim=str(victim), marker=marker))
    assert told == ["done\n"]
    assert still_running(marker) == []
    seen = "import os, glob; print(sorted(os.listdir()), [x for x in glob.glob('/tmp/*') + "
    seen += "glob.glob('/dev/shm/*') + glob.glob('/tmp/course-grading-*/sockets/*') "
    seen += "if 'closed' in x or 'json' in x])"
    assert executed(sandbox, tmp_path / "second", seen) == ["[] []\n"]
    assert victim.read_text() == "kept"
    assert victim.stat().st_mode & 0o777 == 0o600
    assert victim.stat().st_uid == os.getuid()
    assert rooms
    assert not any(room.exists() for room in rooms)


PUT_IN_PLACE = """
import glob, json, os, stat, time
places = [os.getcwd(), '/connection', '/tmp', '/dev/shm']
places += [*glob.glob('/tmp/course-grading-*/*'), *glob.glob('/k*')]
found = sorted(name for top in places for name in os.listdir(top) if name.startswith(('k-', 'kernel.json')))
for place in places:
    for number in range(1, 7):
        path = f'{{place}}/k-{{number}}'
        try:
            if os.path.lexists(path):
                os.unlink(path)
            os.symlink({victim!r}, path)
        except OSError:
            pass
print(found)
for number in map(int, os.listdir('/proc/self/fd')):  # whoever is connected comes again
    try:
        if number > 2 and stat.S_ISSOCK(os.fstat(number).st_mode):
            os.close(number)
    except OSError:
        pass
time.sleep(2)
os._exit(0)
"""


@pytest.mark.family(share=2)
def test_a_link_in_the_place_of_a_socket_leads_the_grader_nowhere(sandbox, tmp_path):
    """The folder of the kernel's sockets was the submission's to change: the grader followed a link there."""
    victim = Path(tempfile.mkdtemp(prefix="v-", dir="/tmp")) / "of the grader"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(victim))
        listener.listen()
        listener.settimeout(0)
        with pytest.raises((DeadKernelError, RuntimeError)):
            executed(sandbox, tmp_path, "1", PUT_IN_PLACE.format(victim=str(victim)))
        with pytest.raises(BlockingIOError):
            listener.accept()
    victim.unlink()
    victim.parent.rmdir()


def test_a_kernel_has_no_file_and_no_folder_of_sockets(sandbox, tmp_path):
    look = (
        "import os; print(sorted(os.listdir('/connection')), [n for n in os.listdir('/tmp') if n[0] == 'k'])"
    )
    assert executed(sandbox, tmp_path, look) == ["['fonts', 'group', 'kernel.py', 'passwd'] []\n"]


TOO_MUCH = """
kept = bytearray(b"x" * (100 << 20))
import os, time
for _ in range(4):
    if os.fork() == 0:
        time.sleep(20)
time.sleep(20)
"""


@pytest.mark.family(share=2)
@pytest.mark.parametrize("kind", KERNELS)
@pytest.mark.parametrize(
    ("code", "ended"),
    [
        ("import os; os._exit(3)", "exit 3"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "signal 11"),
        ("while True: pass", "cpu"),
        ("import os\nos.fork()\nwhile True: pass", "cpu"),
        ("import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass", "cpu"),
        (TOO_MUCH, "memory"),
    ],
    ids=["exit", "crash", "loop", "two loops", "deaf loop", "memory"],
)
def test_what_ended_a_kernel_is_said(kind, code, ended, tmp_path):
    limits = Limits(cpu_seconds=1.0, memory=(500 << 20) if ended == "memory" else 1 << 30)
    with open_sandbox(kind, Room(course()), limits) as sandbox:
        with pytest.raises(DeadKernelError):
            executed(sandbox, tmp_path, code)
        assert sandbox.usage().ended == ended


@pytest.mark.family(share=2)
@pytest.mark.parametrize("kind", KERNELS)
def test_a_cell_can_be_interrupted(kind, tmp_path):
    with open_sandbox(kind, Room(course()), Limits(cpu_seconds=20)) as sandbox:
        notebook = nbformat.v4.new_notebook()
        notebook.cells = [
            nbformat.v4.new_code_cell(each) for each in ("import time; time.sleep(60)", "1 + 1")
        ]
        run_notebook(
            notebook, sandbox.kernel(tmp_path), allow_errors=True, timeout=1, interrupt_on_timeout=True
        )
    assert notebook.cells[0].outputs[0].ename == "KeyboardInterrupt"
    assert notebook.cells[1].outputs[0].data["text/plain"] == "2"


@pytest.mark.family(share=2)
def test_a_cell_that_hangs_ends_with_its_kernel(sandbox, tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import time; time.sleep(60)")])
    start = time.monotonic()
    with pytest.raises(CellTimeoutError):
        run_notebook(notebook, sandbox.kernel(tmp_path), timeout=1)
    assert time.monotonic() - start < 20
    assert sandbox.usage().ended == ""


def test_close_ends_a_kernel_that_runs(tmp_path):
    with open_sandbox("bubblewrap", Room(course()), Limits(cpu_seconds=20)) as sandbox:
        manager = sandbox.kernel(tmp_path)
        asyncio.run(manager.start_kernel())
        process = manager.provisioner.process
        assert process.poll() is None
        sandbox.close()
        assert process.poll() == -signal.SIGKILL or process.poll() == 128 + signal.SIGKILL
        asyncio.run(manager.cleanup_resources())


def test_a_sandbox_that_cannot_be_made_says_so(tmp_path):
    with (
        open_sandbox("bubblewrap", Room(tmp_path / "nowhere"), Limits()) as sandbox,
        pytest.raises(RuntimeError, match="nowhere"),
    ):
        executed(sandbox, tmp_path / "work", "1")


def test_without_a_sandbox_the_environment_is_clean_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setenv("A_SECRET", "kept outside")
    (tmp_path / "numpy").mkdir()
    (tmp_path / "numpy" / "__init__.py").write_text("raise RuntimeError('a shadow')\n")
    with open_sandbox("none", Room(course(), hidden=("torch",)), Limits(cpu_seconds=20)) as sandbox:
        told = executed(
            sandbox,
            tmp_path,
            "import os; print(os.environ.get('A_SECRET'), os.getcwd())",
            "import numpy; print(1)",
            "import torch",
        )
    assert told[0] == f"None {tmp_path}\n"
    assert told[1] == "1\n"
    assert told[2] == "ModuleNotFoundError: torch is not here while this assignment is graded"


@pytest.mark.family(share=2)
@pytest.mark.parametrize("kind", KERNELS)
def test_what_a_kernel_started_ends_with_it(kind, tmp_path):
    marker = f"child-{os.urandom(6).hex()}"
    code = "import subprocess, sys, time; sleep = 'import time; time.sleep(60)'\n"
    code += (
        f"subprocess.Popen([sys.executable, '-c', sleep, {marker!r}], start_new_session=True); time.sleep(.5)"
    )
    with open_sandbox(kind, Room(course()), Limits(cpu_seconds=20)) as sandbox:
        executed(sandbox, tmp_path, code)
    assert still_running(marker) == []


def test_every_kind_has_a_name_that_is_its_own():
    assert BubblewrapSandbox.kind == "bubblewrap"
    with pytest.raises(ValueError, match="one of template, bubblewrap, container, none"):
        open_sandbox("jail", Room(Path("/")), Limits())
    assert set(KINDS) == {"template", "bubblewrap", "container", "none"}
