"""Starts one program in bubblewrap, and watches it; any Python can, since only its own modules are needed."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .bubblewrap import Interpreter, Place, bubblewrap_command, prepare, this_interpreter
from .filter import filter_file
from .folders import forget_folder, new_folder
from .groups import end_group, in_group, new_group
from .privileges import Account, new_account
from .room import Limits, Room, Usage
from .watch import Watcher

PATIENCE = 30.0  # seconds for bubblewrap's first word
Stream = IO[bytes] | int


@dataclass
class Launched:
    """A program that runs in bubblewrap.

    process: bubblewrap, outside
    watcher: of bubblewrap's first process inside and all others
    """

    process: subprocess.Popen[bytes]
    watcher: Watcher


def launch(
    program: Sequence[str],
    room: Room,
    limits: Limits,
    place: Place,
    *,
    fonts: Path | None = None,
    account: Account | None = None,
    interpreter: Interpreter | None = None,
    output: Stream = subprocess.DEVNULL,
    errors: Stream = subprocess.DEVNULL,
    files: Sequence[int] = (),
) -> Launched:
    """Starts a program; the thread that calls this must outlive it.

    place: new folders
    fonts: matplotlib's list of fonts
    account: as whom it runs, by default a new one
    output, errors: where it prints
    files: numbers of open files that it inherits
    Raises `RuntimeError` where the sandbox cannot be made.
    """
    for folder in (room.course, place.work, *([room.data] if room.data else [])):
        if not folder.is_dir():
            raise RuntimeError(f"sandbox: expected a folder for the room, got {folder}")
    account = account or new_account()
    prepare(room, place, account, fonts)
    rules = filter_file()
    if rules is None and account.drops:
        raise RuntimeError(
            "sandbox: expected an x86_64 or ARM processor when root grades, got another one; "
            "grade as an ordinary user"
        )
    bubblewrap = shutil.which("bwrap")
    if bubblewrap is None:
        raise RuntimeError("sandbox: expected the program bwrap, got none; see: course doctor")
    group = new_group(limits)
    reader, writer = os.pipe()
    handed = [writer, *([] if rules is None else [rules])]
    try:
        command = bubblewrap_command(
            program,
            room,
            limits,
            place,
            account,
            interpreter or this_interpreter(),
            seccomp=rules,
            info=writer,
        )
        process = subprocess.Popen(
            in_group(group, [bubblewrap, *command[1:]]),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            env={},
            cwd="/",
            pass_fds=[*handed, *files],
        )
        while handed:
            os.close(handed.pop())
        first = _first_process(reader)
    finally:
        for descriptor in (reader, *handed):
            os.close(descriptor)
    watcher = None
    if first is not None:
        with suppress(OSError):
            watcher = Watcher(first, limits, group, folders=[place.work])
    if watcher is None:
        process.kill()
        process.wait()
        if group:
            end_group(group)
        raise RuntimeError("sandbox: expected bubblewrap to start, got its end; see: course doctor")
    watcher.start()
    return Launched(process, watcher)


def _first_process(reader: int) -> int | None:
    """What bubblewrap says of its first process inside; None where it ends without a word."""
    told = b""
    while b"}" not in told and select.select([reader], [], [], PATIENCE)[0]:
        part = os.read(reader, 4096)
        if not part:
            break
        told += part
    return int(json.loads(told)["child-pid"]) if b"}" in told else None


@dataclass(frozen=True)
class Finished:
    """What a program that has ended said.

    status: 0 where it went well
    output, errors: the beginnings of them
    """

    status: int
    output: str
    errors: str
    usage: Usage


def run_in_bubblewrap(
    program: Sequence[str],
    room: Room,
    limits: Limits,
    account: Account | None = None,
    interpreter: Interpreter | None = None,
    work: Path | None = None,
) -> Finished:
    """Runs a program to its end.

    work: its working folder, by default a new one
    Raises `RuntimeError` where the sandbox cannot be made, with the words of bubblewrap.
    """
    base = new_folder()
    if work is None:
        work = base / "work"
        work.mkdir(mode=0o755)
    try:
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            try:
                running = launch(
                    program,
                    room,
                    limits,
                    Place(work, base / "connection"),
                    account=account,
                    interpreter=interpreter,
                    output=output,
                    errors=errors,
                )
            except RuntimeError as error:
                raise RuntimeError(_beginning(errors) or str(error)) from error
            try:
                status = running.process.wait(limits.wall_seconds)
            except subprocess.TimeoutExpired:
                status = -1
            running.watcher.close()
            running.process.wait()
            return Finished(status, _beginning(output), _beginning(errors), running.watcher.usage)
    finally:
        forget_folder(base)


def _beginning(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read(20_000).decode("utf-8", "replace").strip()
