"""A template as a sandbox: what starts kernels notices nothing, and it is replaced when it is gone."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from run_notebook import run_notebook

from lib.grading.sandbox.room import Room
from lib.grading.sandbox.start import open_sandbox
from lib.grading.sandbox.watch import descendants
from lib.grading.template import TemplateSandbox, client, provisioner, template_offered
from lib.grading.template.client import KERNEL_MODULES
from tests.grading.template.conftest import output_of, running

CELLS = [
    "import helpers\nhelpers.answer",
    "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
    "print('printed')\nimport os, sys\nos.write(1, b'low\\n'); print(os.getcwd(), file=sys.stderr)",
    "!echo from a shell",
    "1 / 0",
]


def notebook(cells=CELLS):
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])


def kinds(outputs):
    return [sorted(output.get("data", {})) or output.get("ename") or output["name"] for output in outputs]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "submission").mkdir()
    (tmp_path / "submission" / "helpers.py").write_text("answer = 42")
    return tmp_path / "submission"


def printed_lines(outputs):
    """What is printed below Python comes on a way of its own: before or after the rest is chance."""
    said = {name: "".join(o.text for o in outputs if o.get("name") == name) for name in ("stdout", "stderr")}
    return {name: sorted(text.splitlines()) for name, text in said.items()}


def shown(outputs):
    return [output for output in outputs if output.output_type != "stream"]


def executed(sandbox, folder, cells=CELLS):
    book = notebook(cells)
    run_notebook(book, sandbox.kernel(folder), allow_errors=True, timeout=60)
    return book


def test_nbclient_runs_a_notebook_in_a_fork(sandbox, folder):
    book = executed(sandbox, folder)
    outputs = [kinds(cell.outputs) for cell in book.cells]
    assert outputs[0] == [["text/plain"]]
    assert outputs[1] == [["image/png", "text/plain"]]
    assert set(outputs[2]) == {"stdout", "stderr"}
    assert "from a shell" in book.cells[3].outputs[0].text
    assert outputs[4] == ["ZeroDivisionError"]
    assert 0 < sandbox.usage().cpu_seconds < 2
    assert sandbox.usage().ended == ""
    assert sandbox.usage().memory > 1 << 20
    assert sorted(path.name for path in folder.iterdir()) == ["helpers.py"]


@pytest.mark.family(share=3)
def test_a_fork_and_a_fresh_kernel_say_the_same(sandbox, folder, course, limits):
    ours = executed(sandbox, folder)
    with open_sandbox("bubblewrap", Room(course), limits) as fresh:
        theirs = executed(fresh, folder)
    for mine, other in zip(ours.cells, theirs.cells, strict=True):
        assert printed_lines(mine.outputs) == printed_lines(other.outputs), mine.source
        assert shown(mine.outputs) == shown(other.outputs), mine.source


def test_the_kind_is_known_by_name(course, limits):
    opened = open_sandbox("template", Room(course), limits)
    assert isinstance(opened, TemplateSandbox)
    assert opened.kind == "template"
    opened.close()


def test_an_interrupt_reaches_a_cell_and_the_kernel_lives_on(sandbox, folder):
    async def interrupted():
        async with running(sandbox, folder) as (manager, client):
            await output_of(manager, client, "x = 5")
            waiting = asyncio.ensure_future(
                output_of(manager, client, "print('begun', flush=True)\nwhile True: pass", seconds=20)
            )
            await asyncio.sleep(0.5)
            await manager.interrupt_kernel()
            return await waiting, await output_of(manager, client, "print(x)")

    first, second = asyncio.run(interrupted())
    assert first.startswith("begun")
    assert "KeyboardInterrupt" in first
    assert second == "5\n"
    assert sandbox.usage().ended == ""


@pytest.mark.parametrize("now", [True, False])
def test_a_kernel_shuts_down_when_it_is_asked_to(sandbox, folder, now):
    async def shut():
        async with running(sandbox, folder) as (manager, client):
            assert await manager.is_alive()
            await output_of(manager, client, "x = 5")
            await manager.shutdown_kernel(now=now)
            return await manager.is_alive()

    assert asyncio.run(shut()) is False
    assert sandbox.usage().ended in ("", "exit 0")  # whether it is quick enough to leave by itself is chance


@pytest.mark.family(share=3)
def test_a_template_that_is_killed_is_replaced(sandbox, folder):
    async def killed():
        async with running(sandbox, folder) as (manager, client):
            signal.pidfd_send_signal(sandbox._process._inside, signal.SIGKILL)
            answer = await output_of(manager, client, "while True: pass", seconds=20)
            return answer, await manager.is_alive()

    assert asyncio.run(killed()) == (None, False)
    assert sandbox.usage().ended == "signal 9"
    assert "".join(executed(sandbox, folder, ["print(1)"]).cells[0].outputs[0].text) == "1\n"
    assert sandbox.usage().ended == ""


@pytest.mark.family(share=3)
def test_one_that_cannot_be_emptied_is_replaced(sandbox, folder, monkeypatch):
    executed(sandbox, folder, ["1"])
    process = sandbox._process
    ask = process.ask
    monkeypatch.setattr(
        process,
        "ask",
        lambda what, *a, **k: {**ask(what, *a, **k), **({"clean": False} if what == "end" else {})},
    )
    executed(sandbox, folder, ["1"])
    executed(sandbox, folder, ["1"])
    assert sandbox._process is not process


def test_an_older_manager_reaches_no_newer_kernel(sandbox, folder):
    async def both():
        older = sandbox.kernel(folder)
        await older.start_kernel()
        async with running(sandbox, folder) as (manager, client):
            assert not await older.is_alive()
            await older.interrupt_kernel()
            await older.shutdown_kernel(now=True)
            assert await manager.is_alive()
            with pytest.raises(RuntimeError, match="an older one"):
                await older.start_kernel()
            return await output_of(manager, client, "print(5)")

    assert asyncio.run(both()) == "5\n"


GRADER = """
import asyncio, sys
from pathlib import Path
from lib.grading.sandbox.room import Limits, Room
from lib.grading.template import TemplateSandbox
course, folder = map(Path, sys.argv[1:])
sandbox = TemplateSandbox(Room(course), Limits())
async def begin():
    manager = sandbox.kernel(folder)
    await manager.start_kernel()
    print(sandbox._process._process.pid, flush=True)  # bubblewrap
    await asyncio.sleep(100)
asyncio.run(begin())
"""


@pytest.mark.family(share=3)
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_lives_on_when_the_grader_is_killed(sandbox, course, folder, number):
    grader = subprocess.Popen(
        [sys.executable, "-c", GRADER, str(course), str(folder)],
        cwd=Path(__file__).parents[3],
        stdout=subprocess.PIPE,
        text=True,
    )
    bubblewrap = int(grader.stdout.readline())
    children = Path(f"/proc/{bubblewrap}/task/{bubblewrap}/children").read_text().split()
    assert children
    grader.send_signal(number)
    grader.wait()
    grader.stdout.close()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and any(Path(f"/proc/{child}").exists() for child in children):
        time.sleep(0.05)
    assert not [child for child in children if Path(f"/proc/{child}").exists()]


@pytest.mark.family(share=3)
def test_a_template_with_threads_is_refused(sandbox, course, limits):
    """A fork has only one of them, and locks that the others held stay shut."""
    (course / "with_a_thread.py").write_text(
        "import threading, time\nthreading.Thread(target=time.sleep, args=(100,), daemon=True).start()\n"
    )
    opened = TemplateSandbox(Room(course, preload=("with_a_thread",)), limits)
    with pytest.raises(RuntimeError, match="one thread"):
        opened.kernel(course)
    opened.close()


@pytest.mark.family(share=3)
def test_all_that_a_kernel_imports_is_there_before_the_fork(sandbox, folder, course, limits):
    show = "import sys; print(' '.join(sys.modules))"
    with open_sandbox("bubblewrap", Room(course), limits) as fresh:
        alone = executed(fresh, folder, [show]).cells[0].outputs[0].text.split()
    code = (
        "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)\nprint(*sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, *KERNEL_MODULES, *Room(course).preload],
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(alone) - set(run.stdout.split()) - {"faulthandler", "resource", "pwd"} == set()


def test_where_it_is_not_offered_the_reason_is_said(monkeypatch):
    assert template_offered() == (True, "") or template_offered()[1]
    monkeypatch.setattr(provisioner, "landlock_abi", lambda: 5)
    offered, why = template_offered()
    assert not offered
    assert "Linux" in why
    monkeypatch.setattr(provisioner.platform, "system", lambda: "Darwin")
    assert template_offered() == (False, "it needs Linux")


def test_one_that_is_killed_while_it_starts_is_noticed_at_once(sandbox, course, limits, monkeypatch):
    """It was waited for as long as imports may take, since the grader held the other end of its channel."""
    start = client.TemplateProcess._start

    def started_and_killed(self, *given):
        start(self, *given)
        for pid in reversed(list(descendants(self._process.pid))):
            os.kill(pid, signal.SIGKILL)

    monkeypatch.setattr(client.TemplateProcess, "_start", started_and_killed)
    begun = time.monotonic()
    with pytest.raises(RuntimeError, match="template: expected it to start"):
        client.TemplateProcess(Room(course), limits)
    assert time.monotonic() - begun < client.START / 3
