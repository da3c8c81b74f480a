"""Kernels in a container of podman or docker: for macOS and Windows, where there is no bubblewrap.

A container has no network at all. Its kernel listens on sockets inside; each connection from outside goes
through `docker exec`, which works wherever the engine runs, in a virtual machine too. The image holds Python
and the packages of the course (`RECIPE`), and nothing of the instructor's.
"""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path, PureWindowsPath
from typing import Any
from uuid import uuid4

from .bubblewrap import (
    CONNECTION,
    COURSE,
    DATA,
    FONTS,
    KERNEL,
    WORK,
    Interpreter,
    Place,
    environment,
    prepare,
    write_new,
)
from .privileges import Account
from .provisioner import KernelSandbox, SandboxedProvisioner
from .room import Limits, Room, Usage

ENGINES = ("podman", "docker")
IMAGE = "deep-vision-course"
SOCKETS, IMAGE_FONTS = "/sockets", "/opt/fonts"
IMAGE_PYTHON = "/usr/local/bin/python3"
MINOR = sys.version_info.minor
IMAGE_PACKAGES = f"/usr/local/lib/python3.{MINOR}/site-packages"
INSIDE_FILE = "inside.json"  # the connection, as the kernel sees it
NOBODY = 65534
# From the course's folder: podman build -t deep-vision-course -f RECIPE .
RECIPE = f"""FROM docker.io/library/python:3.{MINOR}-slim
COPY constraints.txt /tmp/
RUN pip install --no-cache-dir -c /tmp/constraints.txt numpy matplotlib pillow ipykernel ipywidgets tqdm \\
    platformdirs filelock certifi threadpoolctl
RUN MPLCONFIGDIR={IMAGE_FONTS} python3 -c "import matplotlib.font_manager"
"""
WITH_FONTS = f'cp -r {IMAGE_FONTS} {FONTS} 2>/dev/null; exec "$@"'
# Two small programs that run inside. The first joins its own input and output to a socket:
RELAY = """
import os, socket, sys, threading
end = socket.socket(socket.AF_UNIX)
end.connect(sys.argv[1])
def outward():
    while data := end.recv(65536):
        while data:
            data = data[os.write(1, data):]
    os._exit(0)
threading.Thread(target=outward, daemon=True).start()
while data := os.read(0, 65536):
    end.sendall(data)
"""
# The second says again and again what the container took; as another user, whom a submission cannot stop.
METER = """
import time
def number(file, word):
    for line in open("/sys/fs/cgroup/" + file):
        if line.split()[0] == word or not word:
            return int(line.split()[-1])
while True:
    try:
        memory = number("memory.peak", "")
    except OSError:
        memory = 0
    print(number("cpu.stat", "usage_usec"), memory, flush=True)
    time.sleep(0.2)
"""


def engine() -> str:
    """The program of podman or docker; "" where there is neither."""
    return next((found for name in ENGINES if (found := shutil.which(name))), "")


def engine_answers(program: str) -> str:
    """Why it cannot start containers of the course's image; "" where it can."""
    for words, said in (
        (["info"], "it does not run"),
        (["image", "inspect", IMAGE], f"there is no image {IMAGE} (docs/instructors.md says how it is made)"),
    ):
        try:
            answer = subprocess.run([program, *words], capture_output=True, timeout=60)
        except (OSError, subprocess.SubprocessError) as error:
            return str(error)
        if answer.returncode:
            return f"{Path(program).name}: {said}"
    return ""


def container_user(program: str, platform: str = sys.platform, uid: int | None = None) -> list[str]:
    """Options that say as whom it runs: such that it can write the working folder, and never as root.

    uid: of whoever grades, by default this user's; 0 is root
    """
    own = (os.getuid() if hasattr(os, "getuid") else 1000) if uid is None else uid
    nobody = ["--user", f"{NOBODY}:{NOBODY}"]
    if platform == "linux" and own == 0:
        return nobody  # to whom the folder is given
    if is_podman(program):  # who starts it is called nobody inside; in a virtual machine its user, too
        return ["--userns", f"keep-id:uid={NOBODY},gid={NOBODY}", *nobody]
    return ["--user", f"{own}:{NOBODY}"] if platform == "linux" else nobody  # Docker Desktop asks no owner


def is_podman(program: str) -> bool:
    return PureWindowsPath(program).name.lower().startswith("podman")


def mount(source: Path, target: str, *more: str) -> str:
    """One mount as podman and docker read it: a line of CSV, in which a path may hold commas and quotes."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(["type=bind", f"source={source}", f"target={target}", *more])
    return line.getvalue()


def container_command(
    arguments: Sequence[str],
    room: Room,
    limits: Limits,
    place: Place,
    name: str,
    program: str,
    user: Sequence[str] = ("--user", f"{NOBODY}:{NOBODY}"),
    labels: bool = False,
) -> list[str]:
    """The whole command line that runs a program in a new container.

    name: of the container
    program: the engine
    user: as whom, see `container_user`
    labels: whether this computer has SELinux, which lets containers open only files with their label
    """
    command = [program, "run", "--rm", "--name", name, "--network", "none", "--read-only", "--pull", "never"]
    command += ["--cap-drop", "ALL", "--security-opt", "no-new-privileges", *user]
    command += ["--pids-limit", str(limits.processes), "--cpus", "1"]
    command += ["--memory", str(limits.memory), "--memory-swap", str(limits.memory)]
    for name_of_limit, value in (
        ("core", 0),
        ("cpu", int(limits.cpu_seconds) + 5),
        ("fsize", limits.file_bytes),
        ("nofile", limits.open_files),
    ):
        command += ["--ulimit", f"{name_of_limit}={value}:{value}"]
    for folder, size in ((SOCKETS, 1 << 20), ("/tmp", limits.memory // 8)):
        command += ["--tmpfs", f"{folder}:rw,nosuid,nodev,size={size},mode=1777"]
    command += ["--shm-size", str(limits.memory // 4), "--workdir", WORK]
    shown = [(place.work, WORK, "rw"), (room.course, COURSE, "ro"), (place.connection, CONNECTION, "ro")]
    shown += [(room.data, DATA, "ro")] if room.data else []
    for package in room.hidden:
        shown.append((place.connection / "hidden" / package, f"{IMAGE_PACKAGES}/{package}", "ro"))
    for source, target, how in shown:
        more = ["readonly"] if how == "ro" else []
        if labels and is_podman(program):
            own = source == place.work or source.is_relative_to(place.connection)
            more.append(f"relabel={'private' if own else 'shared'}")
        command += ["--mount", mount(source, target, *more)]
    if labels and not is_podman(program):  # docker has no labels for --mount
        command += ["--security-opt", "label=disable"]
    inside = Interpreter(IMAGE_PYTHON, (), ())
    for variable, text in environment(room, inside).items():
        command += ["--env", f"{variable}={text}"]
    return [*command, IMAGE, "sh", "-c", WITH_FONTS, "sh", *arguments]


class ContainerProvisioner(SandboxedProvisioner):
    """Starts a kernel in a container of its own."""

    name, program = "", ""
    _usage = Usage()
    _meter: subprocess.Popen[bytes] | None = None
    _relays: list[ContainerRelay]

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """The kernel listens on sockets inside, and we on ports of this computer."""
        manager: Any = self.parent
        kwargs = await super().pre_launch(**kwargs)
        inside = manager.get_connection_info()
        inside |= {"transport": "ipc", "ip": f"{SOCKETS}/k", "key": inside["key"].decode()}
        self._relays, self._usage = [], Usage()
        self.program, self.name = engine(), f"course-{uuid4().hex[:12]}"
        if not self.program:
            raise RuntimeError("sandbox: expected podman or docker, got neither; see: course doctor")
        manager.transport, manager.ip = "tcp", "127.0.0.1"
        for number, channel in enumerate(("shell", "iopub", "stdin", "hb", "control"), 1):
            relay = ContainerRelay([*self._exec(), IMAGE_PYTHON, "-c", RELAY, f"{SOCKETS}/k-{number}"])
            self._relays.append(relay)
            setattr(manager, f"{channel}_port", relay.port)
            inside[f"{channel}_port"] = number
        assert self.base is not None
        write_new(self.base / "connection" / INSIDE_FILE, json.dumps(inside))
        self.connection_info = manager.get_connection_info()
        return kwargs

    def _exec(self, *user: str) -> list[str]:
        return [self.program, "exec", "-i", *user, self.name]

    def _launch(self, cmd: list[str]) -> None:
        user = container_user(self.program)
        root = hasattr(os, "geteuid") and os.geteuid() == 0
        prepare(self.room, self.place, Account(NOBODY, drops=root))
        labels = sys.platform == "linux" and Path("/sys/fs/selinux/enforce").exists()
        command = container_command(
            cmd, self.room, self.allowed, self.place, self.name, self.program, user, labels
        )
        nothing = subprocess.DEVNULL
        self.process = subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=self.said)
        threading.Thread(target=self._measure, name="container meter", daemon=True).start()

    def _measure(self) -> None:
        """Reads what the container took, and ends it where that is too much."""
        command = [*self._exec("-u", "0"), IMAGE_PYTHON, "-I", "-c", METER]
        process = self.process
        while process is not None and process.poll() is None:  # it may not run yet
            self._meter = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            assert self._meter.stdout is not None
            for line in self._meter.stdout:
                microseconds, memory = map(int, line.split())
                self._usage = replace(self._usage, cpu_seconds=microseconds / 1e6, memory=memory)
                if self._usage.cpu_seconds > self.allowed.cpu_seconds and not self._usage.ended:
                    self._usage = replace(self._usage, ended="cpu")
                    self._stop()
            self._meter.wait()
            time.sleep(0.2)

    def _note_end(self) -> None:
        status = None if self.process is None or self.asked else self.process.poll()
        if status is not None:
            why = self._usage.ended or self.reason(status, self._usage)
            self._usage = replace(self._usage, ended=why)

    def _end(self) -> None:
        if self.process is not None and not self.asked:
            self._note_end()
            self.asked = True
            self._stop()

    def _stop(self) -> None:
        with suppress(OSError, subprocess.SubprocessError):
            at_once = ["--time", "0"] if is_podman(self.program) else []
            command = [self.program, "rm", "--force", *at_once, self.name]
            subprocess.run(command, capture_output=True, timeout=60)

    def usage(self) -> Usage:
        return self._usage

    def _forget(self) -> None:
        for relay in getattr(self, "_relays", []):
            relay.close()
        super()._forget()


class ContainerRelay:
    """Listens on a port of this computer alone; each connection is a run of a program, its input and output.

    command: the program
    """

    def __init__(self, command: Sequence[str]):
        self.command = command
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open = True
        threading.Thread(target=self._accept, name="container relay", daemon=True).start()

    def _accept(self) -> None:
        while self._open:
            try:
                end, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._join, args=(end,), daemon=True).start()

    def _join(self, end: socket.socket) -> None:
        pipe = subprocess.PIPE
        with end, subprocess.Popen(self.command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL) as run:
            threading.Thread(target=_inward, args=(end, run), daemon=True).start()
            assert run.stdout is not None
            with suppress(OSError):
                while data := os.read(run.stdout.fileno(), 65536):
                    end.sendall(data)
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            run.kill()

    def close(self) -> None:
        self._open = False
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def _inward(end: socket.socket, run: subprocess.Popen[bytes]) -> None:
    assert run.stdin is not None
    with suppress(OSError, ValueError):
        while data := end.recv(65536):
            run.stdin.write(data)
            run.stdin.flush()
    with suppress(OSError, ValueError):
        run.stdin.close()


class ContainerSandbox(KernelSandbox):
    """A new container for each kernel."""

    kind = "container"
    provisioner = ContainerProvisioner

    def arguments(self) -> list[str]:
        return [IMAGE_PYTHON, "-c", KERNEL, "-f", f"{CONNECTION}/{INSIDE_FILE}"]
