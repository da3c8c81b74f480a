"""A template, and a way to run cells in a fork of it."""

from __future__ import annotations

import asyncio
import json
import os
import textwrap
from contextlib import asynccontextmanager

import pytest

from lib.grading.sandbox.room import Limits, Room
from lib.grading.template import TemplateSandbox, template_offered

PROBES = """
import ctypes, errno, json, os, signal, socket, subprocess, sys, time
found = {}
def tried(name, action):
    try:
        action()
        found[name] = "fine"
    except (OSError, MemoryError) as error:
        found[name] = errno.errorcode.get(getattr(error, "errno", None), type(error).__name__)
def say(thing=None):
    print("SAID" + json.dumps(found if thing is None else thing))
"""


@pytest.fixture(scope="session")
def course(tmp_path_factory):
    """A students' copy of the course, as good as empty."""
    folder = tmp_path_factory.mktemp("course")
    folder.chmod(0o755)
    (folder / "lib").mkdir()
    (folder / "lib" / "__init__.py").write_text("")
    return folder


@pytest.fixture(scope="session")
def limits():
    return Limits(cpu_seconds=3, wall_seconds=60, memory=1 << 30, processes=64, file_bytes=20 << 20)


@pytest.fixture(scope="session")
def sandbox(course, limits):
    """One template for all tests: so each is the next submission of the one before."""
    offered, why = template_offered()
    if not offered:
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI has to run the template: {why}")
        pytest.skip(why)
    with TemplateSandbox(Room(course), limits) as opened:
        yield opened


@asynccontextmanager
async def running(sandbox, folder):
    """A kernel, and a client that is connected to it."""
    manager = sandbox.kernel(folder)
    await manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=60)
        yield manager, client
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)


async def output_of(manager, client, code, seconds=60):
    """What one cell prints, or how it fails; None where the kernel dies of it."""
    message = client.execute(code)
    printed = ""
    for _ in range(int(seconds * 10)):
        try:
            answer = await client.get_iopub_msg(timeout=0.1)
        except Exception:  # queue.Empty
            if not await manager.is_alive():
                return None
            continue
        if answer["parent_header"].get("msg_id") != message:
            continue
        match answer["msg_type"], answer["content"]:
            case "stream", {"text": text}:
                printed += text
            case "error", {"ename": name, "evalue": value}:
                printed += f"{name}: {value}"
            case "status", {"execution_state": "idle"}:
                return printed
    raise TimeoutError(f"no end of: {code}")


@pytest.fixture
def submit(sandbox, tmp_path):
    """Runs cells as one submission; the values that its last cell has said, or None if it died."""

    def submit(*cells, box=None, files=None):
        folder = tmp_path / f"submission {len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        for name, text in (files or {}).items():
            (folder / name).write_text(text)

        async def run():
            async with running(box or sandbox, folder) as (manager, client):
                outputs = [await output_of(manager, client, PROBES)]
                for cell in cells:
                    outputs.append(await output_of(manager, client, textwrap.dedent(cell)))
                    if outputs[-1] is None:
                        return outputs
                return outputs

        outputs = asyncio.run(run())
        last = outputs[-1]
        if last is None:
            return None
        assert "SAID" in last, outputs
        told = last.rpartition("SAID")[2]  # IPython may complain below it that its history cannot be written
        return json.JSONDecoder().raw_decode(told)[0]

    return submit
