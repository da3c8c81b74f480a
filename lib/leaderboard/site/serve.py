"""Serves the page of a competition until somebody stops it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence

import uvicorn
from starlette.applications import Starlette

from lib.leaderboard.board import Board
from lib.leaderboard.site.app import make_app
from lib.leaderboard.site.connection import PatientConnection
from lib.leaderboard.site.process import prepare_process
from lib.leaderboard.site.settings import SiteSettings

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
AT_A_TIME = 6000  # connections: each open page keeps one for the live standing
ENOUGH = 2500  # of them, for a large class
KEPT = 20  # seconds that a connection without a request stays open
ENDING = 5  # seconds that requests have to end, when the server stops


def serve(
    board: Board,
    settings: SiteSettings,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    proxies: Sequence[str] = (),
    say: Callable[[str], None] = print,
) -> None:
    """Serves a board; returns when somebody presses Ctrl-C, or the process is told to end.

    board: open
    settings: `url` is what students write, and what links begin with
    host, port: where the server listens; the usual host lets nobody in but this computer and its proxy
    proxies: addresses whose word about visitors is taken, such as "127.0.0.1" for a proxy on this computer
    say: takes each line about what happens
    """
    room = min(prepare_process(AT_A_TIME), AT_A_TIME)
    for line in lines_before(settings, host, port):
        say(line)
    if room < ENOUGH:
        say(f"This system allows {room} readers at a time; its limit of open files can be raised by root.")
    config = server_config(board, settings, host=host, port=port, proxies=proxies, most=room)
    SiteServer(config).run()


class SiteServer(uvicorn.Server):
    """A server that lets readers of the live standing go when it stops; their streams would never end."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        app = self.config.app
        assert isinstance(app, Starlette)
        await app.state.site.live.stop()
        await super().shutdown(sockets)


def server_config(
    board: Board,
    settings: SiteSettings,
    *,
    host: str,
    port: int,
    proxies: Sequence[str] = (),
    most: int = AT_A_TIME,
) -> uvicorn.Config:
    """How uvicorn serves a board: nothing is logged about visitors, nothing is told about the server.

    most: connections at a time; the others are as of `serve`
    """
    return uvicorn.Config(
        make_app(board, settings),
        host=host,
        port=port,
        http=PatientConnection,
        ws="none",
        access_log=False,  # links are secrets
        log_level="warning",
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
        limit_concurrency=most,
        timeout_keep_alive=KEPT,
        timeout_graceful_shutdown=ENDING,
    )


def lines_before(settings: SiteSettings, host: str, port: int) -> list[str]:
    """What the person at the terminal should know."""
    lines = [f"The page of the competition is at {settings.url}"]
    if host not in LOOPBACK and not settings.https:
        lines += [
            "Without https everybody in this network can read along: the links, which are like passwords,",
            "and the predictions. In a seminar room that may do. On the internet put a proxy with https",
            "before it, see docs/instructors.md.",
        ]
    elif host in LOOPBACK and settings.https:
        lines.append(
            f"It listens to this computer alone, at http://{host}:{port}: let your proxy send there."
        )
    return [*lines, "Ctrl-C stops it; nothing is lost, and the same command goes on."]
