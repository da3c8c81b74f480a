"""Serving the challenge's page: what is said at the terminal, and what the server tells about itself."""

import threading
import time
import urllib.request

import pytest
import uvicorn
from board_of_tests import invite, make_small_board, quick_settings

from lib.leaderboard.site.serve import SiteServer, lines_before, serve, server_config


@pytest.fixture
def board(tmp_path):
    board = make_small_board(tmp_path)
    invite(board, "ada")
    yield board
    board.close()


@pytest.mark.parametrize(
    ("url", "host", "warned"),
    [
        ("http://127.0.0.1:8000", "127.0.0.1", False),
        ("http://10.0.0.5:8000", "0.0.0.0", True),
        ("http://10.0.0.5:8000", "10.0.0.5", True),
        ("http://[::1]:8000", "::1", False),
        ("https://board.example.org", "127.0.0.1", False),
        ("https://board.example.org", "0.0.0.0", False),
    ],
)
def test_it_says_where_the_page_is_and_what_others_can_read(url, host, warned):
    lines = lines_before(quick_settings(url=url), host, 8000)
    assert url in lines[0]
    assert ("Without https" in " ".join(lines)) is warned
    assert "Ctrl-C stops it" in lines[-1]


def test_behind_a_proxy_it_says_where_the_proxy_has_to_send():
    lines = lines_before(quick_settings(url="https://board.example.org"), "127.0.0.1", 8123)
    assert "http://127.0.0.1:8123" in " ".join(lines)


def started(board):
    """A server in a thread: itself, the thread, the port."""
    server = SiteServer(server_config(board, quick_settings(), host="127.0.0.1", port=0))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 30
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    return server, thread, server.servers[0].sockets[0].getsockname()[1]


def test_readers_of_the_live_standing_do_not_keep_a_server_from_stopping(board, capfd):
    server, thread, port = started(board)
    server.config.timeout_graceful_shutdown = None  # it would wait for ever
    cookie = f"board={board.doors.use_link(board.people.invite_again('ada').token)}"
    request = urllib.request.Request(f"http://127.0.0.1:{port}/live", headers={"Cookie": cookie})
    with urllib.request.urlopen(request, timeout=30) as stream:
        assert stream.readline().startswith(b"retry:")
        server.should_exit = True
        thread.join(30)
        assert not thread.is_alive()
        assert stream.read().startswith(b"\n")
    assert capfd.readouterr() == ("", "")


def test_the_server_is_silent_about_itself_and_its_visitors(board, capfd):
    server, thread, port = started(board)
    token = board.people.invite_again("ada").token
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/join/{token}", timeout=30) as answer:
        assert answer.status == 200
        assert answer.headers["server"] is None
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    server.should_exit = True
    thread.join(30)
    assert not thread.is_alive()
    assert capfd.readouterr() == ("", "")


def test_serve_ends_when_it_is_told_to(board, monkeypatch):
    said, given = [], []

    def run(server):
        given.append(server.config)

    monkeypatch.setattr(uvicorn.Server, "run", run)
    monkeypatch.setattr("lib.leaderboard.site.serve.prepare_process", lambda connections: 700)
    serve(board, quick_settings(), host="127.0.0.1", port=8123, proxies=["127.0.0.1"], say=said.append)
    (config,) = given
    assert (config.host, config.port, config.access_log, config.server_header) == (
        "127.0.0.1", 8123, False, False,
    )  # fmt: skip
    assert config.limit_concurrency == 700
    assert any("700 readers" in line for line in said)
    assert config.proxy_headers
    assert config.forwarded_allow_ips == ["127.0.0.1"]
    assert not server_config(board, quick_settings(), host="127.0.0.1", port=0).proxy_headers
    assert said[0].endswith("http://127.0.0.1:8000")
