"""What the grader and the template say to each other: JSON, one message a packet, open files beside it."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping, Sequence
from typing import Any

LONGEST, MOST_FILES = 1 << 16, 8


def channel() -> tuple[socket.socket, socket.socket]:
    """Two ends that have no name and no place, so that nobody else can take one."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def send(end: socket.socket, message: Mapping[str, Any], files: Sequence[int] = ()) -> None:
    """One message, and descriptors of open files with it."""
    socket.send_fds(end, [json.dumps(message).encode()], list(files))


def receive(end: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """The next message and the files beside it; raises `EOFError` if the other end is gone."""
    content, files, _, _ = socket.recv_fds(end, LONGEST, MOST_FILES, socket.MSG_CMSG_CLOEXEC)
    if not content:
        raise EOFError("the other end is gone")
    return json.loads(content), files
