"""Faults of an installation, each in one sentence that says what to do."""

from __future__ import annotations

import errno
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

DISK = r"No space left on device|not enough space on the disk|\[Errno 28\]|Disk quota exceeded"
CERTIFICATE = r"CERTIFICATE_VERIFY_FAILED|SSLError|SSL: "
NETWORK = (
    r"NewConnectionError|NameResolutionError|Temporary failure in name resolution|getaddrinfo failed"
    r"|Connection refused|Max retries exceeded|ProxyError|ConnectTimeoutError|ReadTimeoutError|Read timed out"
    r"|Network is unreachable|Connection broken|Connection aborted|ConnectionResetError"
)
NO_VENV = r"ensurepip is not\s+available|No module named '?(venv|ensurepip)"
NOT_FOUND = r"No matching distribution found for ([\w.-]+)"
LITTLE = 50_000_000  # bytes: with less room than this, a failure is one of room, whatever was said
AGAIN = "then run the same command again"


@dataclass
class Problem(Exception):
    """A fault of the installation, told to the person at the terminal.

    sentence: what is wrong, and what mends it
    kind: "disk", "network", "venv" or "other"
    """

    sentence: str
    kind: str = "other"

    def __str__(self) -> str:
        return self.sentence


def from_output(output: str, folder: Path, log: Path | None = None) -> Problem:
    """The problem behind the output of venv or pip.

    folder: where the course is being installed
    log: the file that holds this output, where there is one
    """
    details = f" (details: {log})" if log else ""
    if re.search(DISK, output) or shutil.disk_usage(folder).free < LITTLE:
        return disk_full(folder)
    if re.search(NO_VENV, output):
        install = "on Debian and Ubuntu: sudo apt install python3-venv"
        return Problem(f"This Python has no venv module: install it ({install}), {AGAIN}.", "venv")
    if re.search(CERTIFICATE, output):
        return Problem(
            "The certificate of the package index was not accepted: check the clock of this computer, or "
            f"ask your network's administrator which certificate pip needs, {AGAIN}{details}.",
            "network",
        )
    if re.search(NETWORK, output):
        return Problem(
            "The package index could not be reached: connect to the network (or set pip's proxy), "
            f"{AGAIN}{details}.",
            "network",
        )
    missing = re.search(NOT_FOUND, output)
    if missing and missing[1] == "torch":
        return Problem(
            "The tested torch has no build for this Python on this computer: use Python 3.11 to 3.13, or go "
            f"on without it, as lectures 00 to 09 do: python3 course.py start --light{details}."
        )
    if missing:
        return Problem(
            f"pip finds no {missing[1]} for this Python: use Python 3.11 to 3.13, and check which index pip "
            f"asks (python3 -m pip config list), {AGAIN}{details}."
        )
    return Problem(
        f"The installation failed, its last words being {_last_words(output)!r}: mend that, or delete .venv, "
        f"{AGAIN}{details}."
    )


def from_os_error(error: OSError, folder: Path) -> Problem:
    """The problem behind a file operation that failed."""
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", None)):
        return disk_full(folder)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        path = error.filename or folder
        return Problem(f"{path} cannot be written: copy the course into a folder of your own, {AGAIN} there.")
    return Problem(f"{error}: mend that, {AGAIN}.")


def disk_full(folder: Path) -> Problem:
    """No room for the environment."""
    return Problem(
        f"The disk of {folder} (or that of temporary files) is full: free about 1 GB for the course without "
        f"torch (--light), or 6 GB with it, {AGAIN}.",
        "disk",
    )


def _last_words(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip() and not line.startswith("[notice]")]
    errors = [line for line in lines if line.startswith("ERROR")]
    return (errors or lines or ["nothing"])[-1]
