"""A site that listens on a port of this computer, and requests to it byte by byte."""

from __future__ import annotations

import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode

import uvicorn
from board_of_tests import board_of_class, csv_of, guesses

from lib.leaderboard.board import Board
from lib.leaderboard.site.csrf import csrf_token
from lib.leaderboard.site.serve import server_config
from lib.leaderboard.site.settings import SiteSettings
from lib.leaderboard.site.site import Site

LONG_AGO = b"----boundary"


@dataclass
class Heard:
    """What came back: 0 and nothing where the connection was closed without an answer."""

    status: int
    head: str = field(repr=False)
    text: str


@dataclass
class World:
    """A site with people on it.

    sessions, keys: of each student's browser and terminal
    once: counts, so that each upload is another one
    """

    board: Board
    port: int
    sessions: dict[str, str]
    keys: dict[str, str]
    links: dict[str, str]
    site: Site | None = None
    once: int = 0

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    @property
    def good(self) -> bytes:
        """A file of predictions that can be read."""
        return csv_of(guesses(self.board))

    def number(self, student: str) -> int:
        return self.board.people.find(student).number

    def state(self) -> dict[str, str]:
        """All rows of each table."""
        with closing(sqlite3.connect(self.board._database.path)) as raw:
            tables = [name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return {name: repr(raw.execute(f"SELECT * FROM {name}").fetchall()) for name in tables}

    def head(self, method: str, path: str, who: str | None = None, **headers: str | None) -> bytes:
        """The head of a request; `None` leaves a header out.

        who: whose cookie it carries
        """
        all_headers: dict[str, str | None] = {"Host": self.host, "Connection": "close"}
        if who:
            all_headers["Cookie"] = f"board={self.sessions[who]}"
        all_headers |= {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [f"{method} {path} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in all_headers.items() if value is not None]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape")

    def body(self, method, path, content: bytes, who=None, kind="text/plain", **headers) -> bytes:
        headers = {"Content-Type": kind, "Content-Length": str(len(content))} | headers
        return self.head(method, path, who, **headers) + content

    def form(self, path: str, who: str | None = "ada", csrf: bool = True, headers=None, **fields) -> bytes:
        """A form without files, with the token of the session."""
        if csrf and who:
            fields = {"csrf": csrf_token(self.sessions[who])} | fields
        kind = "application/x-www-form-urlencoded"
        return self.body("POST", path, urlencode(fields).encode(), who, kind, **(headers or {}))

    def upload(self, content=None, name="p.csv", who="ada", headers=None, path="/entries", **fields) -> bytes:
        """The form of the upload, or that of `course submit`."""
        self.once += 1
        fields = {"csrf": csrf_token(self.sessions[who]), "once": str(self.once)} | fields
        parts = [part(field, value) for field, value in fields.items()]
        parts.append(part("file", self.good if content is None else content, name))
        return self.multipart(parts, who, path=path, **(headers or {}))

    def multipart(self, parts, who="ada", *, path="/entries", end=True, extra="", **headers) -> bytes:
        content = b"".join(parts) + (b"--" + LONG_AGO + b"--\r\n" if end else b"")
        kind = f"multipart/form-data; boundary={LONG_AGO.decode()}{extra}"
        return self.body("POST", path, content, who, kind, **headers)


def part(field, value, name: str | bytes | None = None, kind="text/csv") -> bytes:
    """A part of a form; with a name it is a file, whose name stands there as it is."""
    raw = name.encode("utf-8", "surrogateescape") if isinstance(name, str) else name
    file = b"" if raw is None else b'; filename="' + raw + b'"\r\nContent-Type: ' + kind.encode()
    content = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
    head = b"--" + LONG_AGO + b'\r\nContent-Disposition: form-data; name="' + field.encode() + b'"'
    return head + file + b"\r\n\r\n" + content + b"\r\n"


def ask(world: World, sent: bytes, *, half_closed: bool = False, wait: float = 20) -> Heard:
    """Sends bytes as they are; what came back until the server closed the connection.

    half_closed: whether the sender says that nothing more will come
    """
    with socket.create_connection(("127.0.0.1", world.port), timeout=wait) as line:
        try:
            line.sendall(sent)
            if half_closed:
                line.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has heard enough; the answer may be here already
        return heard(line)


def heard(line: socket.socket) -> Heard:
    """An answer as it stands on the line."""
    came = b""
    try:
        while more := line.recv(1 << 16):
            came += more
    except ConnectionResetError:
        pass
    head, _, text = came.partition(b"\r\n\r\n")
    first = head.split(b" ", 2)
    status = int(first[1]) if len(first) > 1 and first[1].isdigit() else 0
    return Heard(status, head.decode("latin-1"), text.decode("utf-8", "replace"))


@contextmanager
def serving(board: Board, **options) -> Iterator[tuple[int, Site]]:
    """A board as `course leaderboard serve` serves it: the port, and what all pages share."""
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        port = line.getsockname()[1]
        settings = SiteSettings(
            **{"url": f"http://127.0.0.1:{port}", "tries": 10**6, "live_seconds": 0.05} | options
        )
        server = uvicorn.Server(server_config(board, settings, host="127.0.0.1", port=port))
        server.config.timeout_graceful_shutdown = 1
        thread = threading.Thread(target=server.run, kwargs={"sockets": [line]})
        thread.start()
        try:
            until = time.monotonic() + 30
            while not server.started and thread.is_alive() and time.monotonic() < until:
                time.sleep(0.01)
            assert server.started
            yield port, server.config.app.state.site
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def small_world(folder, *, a_day=1000, clock=None, **options) -> Iterator[World]:
    """A site with students ada, bob and cleo, sam of the staff, and a screen called hall."""
    students = ["ada", "bob", "cleo"]
    with board_of_class(folder, *students, a_day=a_day, clock=clock) as board:
        sessions = {
            who: board.doors.use_link(board.people.invite_again(who).token)
            for who in [*students, "sam", "hall"]
        }
        keys = {who: board.doors.new_terminal_key(board.people.find(who).number) for who in sessions}
        open_, used = board.people.invite([("new", "New", ""), ("old", "Old", "")])
        board.doors.use_link(used.token)
        board.entries.add(
            board.people.find("bob").number, guesses(board), once="bob", description="bob's own words"
        )
        with serving(board, **options) as (port, site):
            yield World(board, port, sessions, keys, {"open": open_.token, "used": used.token}, site)
