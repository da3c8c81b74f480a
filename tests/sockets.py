"""What Jupyter's clients open: a test that leaves it open fails itself, not the one that collects it."""

from __future__ import annotations

import weakref
from typing import Any

import zmq.asyncio
import zmq.sugar.context
import zmq.sugar.socket
from zmq.utils import garbage

CLIENT_S = (zmq.DEALER, zmq.SUB, zmq.REQ)  # kinds; zmq has two of others for itself once a message was large
MADE: weakref.WeakSet[zmq.Socket | zmq.Context] = weakref.WeakSet()  # in this process, and still in memory


def watch_sockets() -> None:
    """From now on, those that are made are known, and the contexts in which they are made."""
    make_socket, make_context = zmq.sugar.socket.Socket.__init__, zmq.sugar.context.Context.__init__

    def socket_made(socket: Any, *arguments: Any, **options: Any) -> None:
        make_socket(socket, *arguments, **options)
        if not socket._shadow and socket.type in CLIENT_S:  # a shadow is another name of one that is there
            MADE.add(socket)

    def context_made(context: Any, *arguments: Any, **options: Any) -> None:
        make_context(context, *arguments, **options)
        if not context._shadow:
            MADE.add(context)

    zmq.sugar.socket.Socket.__init__ = socket_made
    zmq.sugar.context.Context.__init__ = context_made


def open_sockets() -> set[zmq.Socket | zmq.Context]:
    """What is open now; but for contexts that zmq keeps: the process's own, and one for large messages."""
    kept = {zmq.Context._instance, zmq.asyncio.Context._instance, garbage.gc._context}
    return {each for each in MADE if not each.closed and each not in kept}
