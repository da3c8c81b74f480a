"""Landlock: a process gives up rights for ever, for itself and for all that it starts, without a privilege.

Here: it writes in a few folders only, and reaches neither the processes outside nor their abstract sockets.
It does not stop chmod, chown, times and attributes of files that one owns, nor connecting to a socket that
has a path: what a sandbox shows must be read-only, and without sockets.

Source: "Landlock: unprivileged access control", docs.kernel.org/userspace-api/landlock.html.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

CREATE, ADD, RESTRICT = 444, 445, 446  # the system calls, the same on x86_64 and aarch64
PR_SET_NO_NEW_PRIVS = 38
SCOPES_SINCE = 6  # Linux 6.12: signals and abstract sockets

WRITE_FILE, TRUNCATE, IOCTL_DEVICE = 1 << 1, 1 << 14, 1 << 15
IN_A_FOLDER = sum(1 << bit for bit in (4, 5, 6, 7, 8, 9, 10, 11, 12, 13))  # remove, make, rename between
WRITING = WRITE_FILE | TRUNCATE | IOCTL_DEVICE | IN_A_FOLDER
NO_DEVICES = ~((1 << 6) | (1 << 11))  # making those is for nobody
ABSTRACT_SOCKETS, SIGNALS = 1 << 0, 1 << 1


def landlock_abi() -> int:
    """The version of Landlock that this kernel offers; 0 for none.

    Six and more know signals and abstract sockets.
    """
    if not sys.platform.startswith("linux"):
        return 0
    try:
        return _call(CREATE, None, 0, 1)
    except OSError:
        return 0


def restrict_writing(folders: Iterable[Path | str], devices: Iterable[Path | str] = ()) -> None:
    """From now on this thread writes in these folders only, and signals only what has the same restriction.

    folders: in which it may do all but make devices
    devices: files such as /dev/null, or folders of them, that it may write to

    Call it while the process has one thread. Raises `OSError` if the kernel refuses, or its Landlock is older
    than version 6.
    """
    if landlock_abi() < SCOPES_SINCE:
        raise OSError(errno.EOPNOTSUPP, "this kernel has no Landlock of version 6, which is of Linux 6.12")
    # struct landlock_ruleset_attr: files, network, scopes
    ruleset = _call(CREATE, struct.pack("=QQQ", WRITING, 0, ABSTRACT_SOCKETS | SIGNALS), 24, 0)
    try:
        for folder in folders:
            _allow(ruleset, folder, WRITING & NO_DEVICES)
        for device in devices:
            _allow(ruleset, device, WRITE_FILE | IOCTL_DEVICE)
        _prctl_no_new_privileges()
        _call(RESTRICT, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: Path | str, rights: int) -> None:
    file = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = struct.pack("=Qi", rights, file)  # struct landlock_path_beneath_attr, packed
        _call(ADD, ruleset, 1, rule, 0)
    finally:
        os.close(file)


def _prctl_no_new_privileges() -> None:
    zero = ctypes.c_ulong(0)
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), zero, zero, zero):
        raise OSError(ctypes.get_errno(), "the kernel refuses to give up new privileges")


def _call(number: int, *arguments: int | bytes | None) -> int:
    """A system call that the C library has no name for."""
    system = ctypes.CDLL(None, use_errno=True).syscall
    typed = [
        ctypes.c_long(value) if isinstance(value, int) else ctypes.c_char_p(value) for value in arguments
    ]
    answer = system(ctypes.c_long(number), *typed)
    if answer < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"Landlock: {os.strerror(error)}")
    return answer
