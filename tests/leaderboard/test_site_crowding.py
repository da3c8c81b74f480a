"""Connections and bodies by which strangers could take the memory and the time of the challenge's page."""

import contextlib
import logging
import select
import socket
import time

import pytest
from site_of_tests import ask, heard, small_world

from lib.leaderboard.site import connection
from lib.leaderboard.site.serve import server_config

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("path", ["/join", "/leave", "/choice", "/appearance"])
def test_a_small_form_holds_no_megabytes(tmp_path, path):
    with small_world(tmp_path) as world:
        sent = world.body("POST", path, b"token=" + b"x" * 100_000, "ada", FORM)
        assert ask(world, sent).status == 413
        assert ask(world, world.form("/join", None, token="x" * 100)).status == 404


@pytest.mark.parametrize("path", ["/entries", "/api/entries"])
def test_an_upload_that_can_hold_no_file_is_not_read(tmp_path, path):
    with small_world(tmp_path) as world:
        bearer = {"Authorization": f"Bearer {world.keys['ada']}"}
        began = time.monotonic()
        assert ask(world, world.body("POST", path, b"&" * 4_000_000, "ada", FORM, **bearer)).status == 413
        assert time.monotonic() - began < 0.5


CHUNKED = {"Transfer_Encoding": "chunked", "Content_Type": FORM, "Connection": None}


@pytest.mark.parametrize("path", ["/join", "/"])
@pytest.mark.parametrize(
    ("first", "again"),
    [
        (b"0\r\n", b"a: x\r\n" * 10_000),  # each becomes a pair in memory
        (b"0\r\n", b"a: " + b"x" * 60_000 + b"\r\n"),
        (b"0\r\na: ", b"x" * 60_000),
        (b"1;", b"x" * 60_000),
        (b"", b"1;" + b"x" * 10_000 + b"\r\nx\r\n"),
    ],
    ids=["small trailers", "trailers", "one trailer", "one extension", "extensions"],
)
def test_what_is_no_body_is_read_up_to_a_limit(tmp_path, path, first, again):
    with (
        small_world(tmp_path) as world,
        socket.create_connection(("127.0.0.1", world.port), timeout=10) as line,
    ):
        line.sendall(world.head("POST", path, **CHUNKED) + first)
        sent = 0
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            while sent < 16 << 20:
                line.sendall(again)
                sent += len(again)
        assert sent < 16 << 20
        assert ask(world, world.head("GET", "/", "ada")).status == 200


def test_a_body_in_small_pieces_with_a_trailer_is_read(tmp_path):
    with small_world(tmp_path) as world:
        token = world.links["open"].encode()
        pieces = [b"token=", *(token[at : at + 1] for at in range(len(token)))]
        chunks = b"".join(b"%x;a=b\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
        sent = (
            world.head("POST", "/join", **CHUNKED | {"Connection": "close"}) + chunks + b"0\r\na: x\r\n\r\n"
        )
        assert ask(world, sent).status == 303


def test_connections_that_ask_nothing_leave_files_for_the_board(tmp_path, monkeypatch):
    monkeypatch.setitem(server_config.__kwdefaults__, "most", 20)
    monkeypatch.setattr(connection, "ANSWERED", 10)
    with small_world(tmp_path) as world, contextlib.ExitStack() as lines:
        first, *others = (
            lines.enter_context(socket.create_connection(("127.0.0.1", world.port), timeout=10))
            for _ in range(60)
        )
        time.sleep(0.5)
        ended, _, _ = select.select(others, [], [], 0)  # of the others nothing is to read
        assert len(ended) == 60 - (20 + 10)
        first.sendall(world.head("GET", "/", "ada"))
        assert heard(first).status == 503


@pytest.fixture
def hurried(tmp_path, monkeypatch):
    monkeypatch.setattr(connection, "UNREAD_SECONDS", 0.5)
    with small_world(tmp_path) as world:
        yield world


@contextlib.contextmanager
def unread(world, many):
    """A connection that asks for many pages at once, and takes no answer."""
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.settimeout(10)
        line.connect(("127.0.0.1", world.port))
        with contextlib.suppress(OSError):
            line.sendall(world.head("GET", "/static/board.js", "ada", Connection=None) * many)
        yield line


@pytest.mark.family(share=2)
def test_an_answer_that_nobody_reads_does_not_keep_a_connection(hurried):
    many = 400
    with unread(hurried, many) as line:
        time.sleep(1.5)
        came = 0
        with contextlib.suppress(ConnectionResetError):
            while more := line.recv(1 << 20):
                came += len(more)
        page = ask(hurried, hurried.head("GET", "/static/board.js", "ada"))
        assert page.status == 200
        assert came < many * len(page.text)


@pytest.mark.family(share=2)
def test_a_page_that_is_read_slowly_arrives(hurried):
    with unread(hurried, 1) as line:
        time.sleep(1)
        came = b""
        while b"prepare();" not in came:
            more = line.recv(1000)
            assert more
            came += more


@pytest.mark.family(share=2)
def test_who_asks_for_much_and_goes_fills_no_log(tmp_path, caplog):
    with small_world(tmp_path) as world:
        logging.getLogger("uvicorn").addHandler(caplog.handler)  # whose records go to no other
        for _ in range(5):
            with unread(world, 300):
                time.sleep(0.1)
        time.sleep(0.5)
        assert ask(world, world.head("GET", "/", "ada")).status == 200
    logging.getLogger("uvicorn").removeHandler(caplog.handler)
    assert not caplog.records
