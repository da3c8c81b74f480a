"""Sockets of Jupyter's clients: a test that leaves one open fails itself, not the one that collects it."""

from __future__ import annotations

import weakref
from typing import Any

import zmq.sugar.socket

CLIENT_S = (zmq.DEALER, zmq.SUB, zmq.REQ)  # kinds; zmq has two of others for itself once a message was large
MADE: weakref.WeakSet[zmq.Socket] = weakref.WeakSet()  # in this process, and still in memory


def watch_sockets() -> None:
    """From now on, those that are made are known."""
    make = zmq.sugar.socket.Socket.__init__

    def made(socket: Any, *arguments: Any, **options: Any) -> None:
        make(socket, *arguments, **options)
        if not socket._shadow and socket.type in CLIENT_S:  # a shadow is another name of one that is there
            MADE.add(socket)

    zmq.sugar.socket.Socket.__init__ = made


def open_sockets() -> set[zmq.Socket]:
    return {socket for socket in MADE if not socket.closed}
