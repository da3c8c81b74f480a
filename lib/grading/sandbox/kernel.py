"""An ipykernel whose sockets are there already: it inherits them, and they listen.

So a submission needs no folder for them, in which it could put something else in their place: a link to a
socket of this computer, which the grader would then talk to. Runs inside, without the rest of this package.
"""

from __future__ import annotations

import atexit
import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

import zmq
from ipykernel.heartbeat import Heartbeat
from ipykernel.kernelapp import IPKernelApp

CHANNELS = ("shell", "iopub", "stdin", "control", "hb")  # in the order of the files
PLACE = "/kernel"  # a name only: nothing is there


def _take(socket: zmq.Socket, files: dict[int, int], port: int) -> None:
    socket.setsockopt(zmq.USE_FD, files[port])
    socket.bind(f"ipc://{PLACE}-{port}")


class GivenHeartbeat(Heartbeat):
    """Beats on a socket that listens already."""

    files: dict[int, int]

    def _try_bind_socket(self) -> None:
        _take(self.socket, self.files, self.port)


class GivenKernel(IPKernelApp):
    """Takes sockets that listen already; neither reads nor writes a connection file."""

    files: dict[int, int]
    key: bytes

    def init_connection_file(self) -> None:
        self.connection_file = f"{PLACE}.json"
        self.transport, self.ip, self.session.key = "ipc", PLACE, self.key
        for port, channel in enumerate(CHANNELS, start=1):
            setattr(self, f"{channel}_port", port)

    def write_connection_file(self, **_: Any) -> None:
        pass

    def _try_bind_socket(self, s: zmq.Socket, port: int) -> int:
        _take(s, self.files, port)
        return port

    def init_control(self, context: zmq.Context) -> None:
        super().init_control(context)
        # For debuggers, which would look for a file that is not there, again and again.
        self.debug_shell_socket.disconnect(self.shell_socket.getsockopt(zmq.LAST_ENDPOINT))

    def init_heartbeat(self) -> None:
        self.heartbeat = GivenHeartbeat(zmq.Context(), (self.transport, self.ip, self.hb_port))
        self.heartbeat.files = self.files
        self.heartbeat.start()


def serve_kernel(
    message: dict[str, Any], files: Sequence[int], ready: Callable[[], None] = lambda: None
) -> None:
    """Until the kernel is asked to end.

    message: its key and its arguments
    files: one for each of CHANNELS
    ready: called before it takes requests
    """
    arguments = list(message["arguments"])
    sys.argv = ["ipykernel_launcher.py", *arguments]
    app = GivenKernel.instance()
    app.files, app.key = dict(enumerate(files, start=1)), message["key"].encode()
    app.initialize(arguments)
    ready()
    app.start()
    atexit._run_exitfuncs()


def main() -> None:
    """A kernel of its own: the message and its files' numbers come from the file whose number is given."""
    with open(int(sys.argv[1]), encoding="utf-8") as told:
        message = json.load(told)
    sys.path.append(os.getcwd())  # a folder numpy/ of the submission comes last, and hides nothing
    serve_kernel(message, message["files"])


if __name__ == "__main__":
    main()
