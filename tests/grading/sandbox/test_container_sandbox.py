"""The command line of a container, and its kernel over an engine that is made of bubblewrap."""

from __future__ import annotations

import csv
import os
import shlex
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from in_sandbox import course, needs_bubblewrap
from run_notebook import run_notebook

from lib.grading.sandbox import container
from lib.grading.sandbox.bubblewrap import Place
from lib.grading.sandbox.container import (
    IMAGE,
    RECIPE,
    ContainerRelay,
    container_command,
    container_user,
    mount,
)
from lib.grading.sandbox.room import Limits, Room
from lib.grading.sandbox.start import open_sandbox


def words(room, limits=None, **options):
    place = Place(Path("/rooms/w"), Path("/rooms/c"))
    return container_command(["python3", "-V"], room, limits or Limits(), place, "one", "podman", **options)


def value_of(command, option):
    return command[command.index(option) + 1]


def test_it_is_shut_off():
    command = words(Room(Path("/rooms/course"), hidden=("torch",)))
    assert command[:2] == ["podman", "run"]
    assert value_of(command, "--network") == "none"
    assert value_of(command, "--cap-drop") == "ALL"
    assert value_of(command, "--security-opt") == "no-new-privileges"
    assert value_of(command, "--user") == "65534:65534"
    assert value_of(command, "--pull") == "never"
    assert {"--read-only", "--rm"} <= set(command)
    assert not {"--privileged", "--volume", "-v", "--publish", "-p", "--device", "--cap-add"} & set(command)
    assert command[command.index(IMAGE) :] == [IMAGE, *command[command.index(IMAGE) + 1 :]]
    assert command[-2:] == ["python3", "-V"]


def test_only_the_working_folder_is_writable():
    command = words(Room(Path("/rooms/course"), Path("/rooms/data"), hidden=("torch",)))
    mounts = [command[at + 1] for at, word in enumerate(command) if word == "--mount"]
    writable = [mount for mount in mounts if not mount.endswith(",readonly")]
    assert writable == ["type=bind,source=/rooms/w,target=/submission"]
    targets = {mount.partition("target=")[2].partition(",")[0] for mount in mounts}
    assert {"/course", "/data", "/connection"} <= targets
    assert any(target.endswith("site-packages/torch") for target in targets)


def test_limits_are_on_the_command_line():
    limits = Limits(cpu_seconds=7, memory=1 << 30, processes=33, file_bytes=1000, open_files=44)
    command = words(Room(Path("/rooms/course")), limits)
    assert value_of(command, "--memory") == value_of(command, "--memory-swap") == str(1 << 30)
    assert value_of(command, "--pids-limit") == "33"
    assert value_of(command, "--cpus") == "1"
    limited = [command[at + 1] for at, word in enumerate(command) if word == "--ulimit"]
    assert limited == ["core=0:0", "cpu=12:12", "fsize=1000:1000", "nofile=44:44"]
    disks = [command[at + 1] for at, word in enumerate(command) if word == "--tmpfs"]
    assert all("size=" in disk and "nosuid" in disk for disk in disks)


AS_NOBODY = ["--userns", "keep-id:uid=65534,gid=65534"]


@pytest.mark.parametrize(
    "path",
    ["/Users/anna/My Course", "/home/ö/course", "/a,b", '/a "b"', r"C:\Users\Anna\course", "/a=b", "/a:b"],
)
def test_a_mount_says_one_path_whatever_is_in_it(path):
    fields = next(csv.reader([mount(Path(path), "/course", "readonly")]))  # as both engines read it
    assert fields == ["type=bind", f"source={path}", "target=/course", "readonly"]


def test_with_selinux_files_get_labels_or_docker_none():
    """Without, a container may open none of them on Fedora."""
    room = Room(Path("/rooms/course"), Path("/rooms/data"), hidden=("torch",))
    place = Place(Path("/rooms/w"), Path("/rooms/c"))
    given = {
        name: container_command(["true"], room, Limits(), place, "one", name, labels=True)
        for name in ("/usr/bin/podman", "/usr/bin/docker")
    }
    mounts = [word for word in given["/usr/bin/podman"] if word.startswith("type=bind")]
    labels = {word.partition("target=")[2].partition(",")[0]: word.rpartition(",")[2] for word in mounts}
    assert {labels.pop("/course"), labels.pop("/data")} == {"relabel=shared"}
    assert set(labels.values()) == {"relabel=private"}
    assert "label=disable" not in given["/usr/bin/podman"]
    assert "label=disable" in given["/usr/bin/docker"]
    assert not any("relabel" in word for word in given["/usr/bin/docker"])
    assert not any("label" in word for word in words(room))


@pytest.mark.parametrize(
    ("program", "platform", "uid", "expected"),
    [
        ("/usr/bin/docker", "linux", 0, ["--user", "65534:65534"]),
        ("/usr/bin/podman", "linux", 0, ["--user", "65534:65534"]),
        ("/usr/bin/docker", "linux", 1000, ["--user", "1000:65534"]),
        ("/usr/bin/podman", "linux", 1000, [*AS_NOBODY, "--user", "65534:65534"]),
        ("/opt/homebrew/bin/podman", "darwin", 501, [*AS_NOBODY, "--user", "65534:65534"]),
        ("/usr/local/bin/docker", "darwin", 501, ["--user", "65534:65534"]),
        (r"C:\Program Files\RedHat\Podman\podman.exe", "win32", 1000, [*AS_NOBODY, "--user", "65534:65534"]),
        (r"C:\docker.exe", "win32", 1000, ["--user", "65534:65534"]),
    ],
)
def test_it_never_runs_as_root(program, platform, uid, expected):
    assert container_user(program, platform, uid) == expected


def test_the_recipe_pins_what_it_installs():
    assert "-c /tmp/constraints.txt" in RECIPE
    assert "torch" not in RECIPE


def test_a_missing_engine_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(container, "engine", lambda: "")
    with (
        open_sandbox("container", Room(course()), Limits()) as sandbox,
        pytest.raises(RuntimeError, match="podman or docker"),
    ):
        run_notebook(nbformat.v4.new_notebook(), sandbox.kernel(tmp_path))


def test_a_relay_joins_a_port_and_a_program():
    relay = ContainerRelay([sys.executable, "-c", "import sys; print(input()[::-1], flush=True)"])
    with socket.create_connection(("127.0.0.1", relay.port), timeout=20) as end:
        end.sendall(b"abc\n")
        assert end.makefile().read() == "cba\n"
    relay.close()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", relay.port), timeout=5)


# An engine as far as this course needs one: run, exec, rm. A container is a bubblewrap.
ENGINE = """
import json, os, subprocess, sys, time
from pathlib import Path
state, words = Path({state!r}), sys.argv[1:]
def real(arguments):
    return [{python!r} if word == "/usr/local/bin/python3" else word for word in arguments]
if words[0] == "run":
    at = words.index({image!r})
    options, arguments = words[1:at], real(words[at + 1:])
    name = options[options.index("--name") + 1]
    command = ["bwrap", "--unshare-pid", "--unshare-net", "--die-with-parent", "--clearenv"]
    for folder in ("/usr", "/lib", "/lib64", "/bin", {prefix!r}, {base!r}):
        link = os.path.islink(folder)
        command += ["--symlink", os.readlink(folder), folder] if link else ["--ro-bind", folder, folder]
    command += ["--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--tmpfs", "/tmp"]
    command += ["--perms", "1777", "--tmpfs", "/sockets", "--ro-bind", str(state / "group"), "/sys/fs/cgroup"]
    for option, value in zip(options, options[1:]):
        if option == "--mount":
            parts = dict(part.split("=") for part in value.split(",") if "=" in part)
            if "site-packages" not in parts["target"]:
                how = "--ro-bind" if value.endswith("readonly") else "--bind"
                command += [how, parts["source"], parts["target"]]
        if option == "--env":
            command += ["--setenv", *value.split("=", 1)]
        if option == "--workdir":
            command += ["--chdir", value]
    reader, writer = os.pipe()
    run = subprocess.Popen([*command, "--info-fd", str(writer), "--", *arguments], pass_fds=[writer])
    os.close(writer)
    told = b""
    while b"}}" not in told:  # it comes in parts
        told += os.read(reader, 1000)
    (state / name).write_text(str(json.loads(told)["child-pid"]))
    sys.exit(run.wait())
elif words[0] == "exec":
    name = next(word for word in words[1:] if word.startswith("course-"))
    try:
        first = (state / name).read_text()
    except OSError:
        sys.exit(1)
    enter = ["nsenter", "-t", first, "-m", "-p", "-r"]
    os.execvp("nsenter", [*enter, *real(words[words.index(name) + 1:])])
elif words[0] == "rm":
    try:
        os.kill(int((state / words[-1]).read_text()), 9)
    except OSError:
        pass
"""


def write_engine(program, state, python=sys.executable):
    """A shell starts it: the first line of a script holds no spaces, and no more than 250 characters."""
    code = program.with_suffix(".py")
    prefix, base = sys.prefix, sys.base_prefix
    code.write_text(
        ENGINE.format(state=str(state), image=IMAGE, python=python, prefix=prefix, base=base), "utf-8"
    )
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(str(python))} {shlex.quote(str(code))} "$@"\n', "utf-8")
    program.chmod(0o755)


@pytest.mark.skipif(os.name != "posix", reason="a script for the shell")
@pytest.mark.parametrize(
    "name", ["plain", "with space", "ö ü", "it's", 'a "word"', "$HOME", "new\nline", "long/" * 60, "`x`"]
)
def test_the_engine_of_these_tests_runs_wherever_python_lies(tmp_path, name):
    folder = tmp_path / name
    folder.mkdir(parents=True)
    python = folder / "python"
    python.symlink_to(sys.executable)
    write_engine(folder / "podman", folder, python)
    run = subprocess.run([folder / "podman", "exec", "course-none"], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (1, "")  # there is no such container


@pytest.fixture
def fake_engine(tmp_path, monkeypatch):
    state = tmp_path / "state"
    (state / "group").mkdir(parents=True)
    (state / "group" / "cpu.stat").write_text("usage_usec 1500000\nuser_usec 1\n")
    (state / "group" / "memory.peak").write_text("123456\n")
    program = tmp_path / "podman"
    write_engine(program, state)
    monkeypatch.setattr(container, "engine", lambda: str(program))
    return state


needs_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0 or shutil.which("nsenter") is None,
    reason="the engine of this test needs root",
)


@needs_bubblewrap()
@needs_root
@pytest.mark.family(share=4)
def test_a_kernel_in_a_container_runs_and_ends(fake_engine, tmp_path):
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell("import os; open('x', 'w'); print(os.getcwd())")]
    work = tmp_path / "work"
    work.mkdir()
    with open_sandbox("container", Room(course()), Limits(cpu_seconds=20)) as sandbox:
        manager = sandbox.kernel(work)
        run_notebook(notebook, manager, timeout=60)
        process = manager.provisioner.process
        assert process.poll() is None
        usage = sandbox.usage()
    assert notebook.cells[0].outputs[0].text == "/submission\n"
    assert (work / "x").exists()
    assert (usage.cpu_seconds, usage.memory, usage.ended) == (1.5, 123456, "")
    assert process.poll() is not None


@needs_bubblewrap()
@needs_root
@pytest.mark.family(share=4)
def test_a_container_that_takes_too_much_ends(fake_engine, tmp_path):
    (fake_engine / "group" / "cpu.stat").write_text("usage_usec 30000000\n")
    work = tmp_path / "work"
    work.mkdir()
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import time; time.sleep(60)")])
    with open_sandbox("container", Room(course()), Limits(cpu_seconds=20)) as sandbox:
        with pytest.raises(RuntimeError, match="died"):
            run_notebook(notebook, sandbox.kernel(work), timeout=60)
        assert sandbox.usage().ended == "cpu"
