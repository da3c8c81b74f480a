"""A long command with its output in a log file, and one line on the screen that shows that it goes on."""

from __future__ import annotations

import queue
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path


def run_recorded(
    command: Sequence[str | Path],
    log: Path,
    *,
    cwd: Path,
    env: dict[str, str],
    descriptors: Sequence[int] = (),
) -> tuple[int, str]:
    """Run a command; returns its exit status and its output, which is also written to `log`.

    descriptors: open files that the command inherits
    """
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=env,
        pass_fds=tuple(descriptors),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(process, lines), daemon=True).start()
    output = []
    started = time.monotonic()
    with log.open("w", encoding="utf-8") as file, process:
        latest = ""
        while True:
            _show(latest, time.monotonic() - started)
            try:
                line = lines.get(timeout=0.5)
            except queue.Empty:
                continue
            if line is None:
                break
            file.write(line)
            file.flush()
            output.append(line)
            latest = line.strip() or latest
        _clear()
    return process.returncode, "".join(output)


def _read(process: subprocess.Popen[str], lines: queue.SimpleQueue[str | None]) -> None:
    with suppress(ValueError):  # after Ctrl-C the output is closed while this waits for more of it
        for line in process.stdout or ():
            lines.put(line)
    lines.put(None)


def _show(line: str, seconds: float) -> None:
    if sys.stdout.isatty():
        width = shutil.get_terminal_size().columns - 1
        sys.stdout.write(f"\r{f'  {seconds:4.0f} s  {line}'[:width]:{width}}")
        sys.stdout.flush()


def _clear() -> None:
    if sys.stdout.isatty():
        sys.stdout.write("\r" + " " * (shutil.get_terminal_size().columns - 1) + "\r")
