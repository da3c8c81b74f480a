"""Serves the page of a competition until somebody stops it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

import uvicorn

from lib.leaderboard.board import Board
from lib.leaderboard.site.app import make_app
from lib.leaderboard.site.connection import PatientConnection
from lib.leaderboard.site.settings import SiteSettings

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
AT_A_TIME = 6000  # connections: each open page keeps one for the live standing
OTHER_FILES = 300  # that the program has open: the board, uploads
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
    for line in lines_before(settings, host, port):
        say(line)
    uvicorn.Server(server_config(board, settings, host=host, port=port, proxies=proxies)).run()


def server_config(
    board: Board, settings: SiteSettings, *, host: str, port: int, proxies: Sequence[str] = ()
) -> uvicorn.Config:
    """How uvicorn serves a board: nothing is logged about visitors, nothing is told about the server."""
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
        limit_concurrency=connections_at_a_time(),
        timeout_keep_alive=KEPT,
        timeout_graceful_shutdown=ENDING,
    )


def connections_at_a_time() -> int:
    """How many connections the server takes; this program gets as many files as it may have for them."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return AT_A_TIME
    few, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = AT_A_TIME + OTHER_FILES
    wanted = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    if few != resource.RLIM_INFINITY and few < wanted:
        with suppress(OSError, ValueError):  # a system may have further limits
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
            few = wanted
    return AT_A_TIME if few == resource.RLIM_INFINITY else max(1, min(AT_A_TIME, few - OTHER_FILES))


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
