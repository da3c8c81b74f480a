"""Attacks on the page of the challenge that take many requests: guessing, crowding, waiting, killing."""

import contextlib
import hashlib
import hmac
import itertools
import json
import os
import random
import re
import signal
import socket
import sqlite3
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
import uvicorn
from board_of_tests import invite, make_small_board, told_on
from hostile_row import MULTIPART
from site_of_tests import World, ask, heard, part, small_world
from small_disk import small_disk
from sqlalchemy import event

from lib.leaderboard.board import Board
from lib.leaderboard.site import connection, uploads
from lib.leaderboard.site.csrf import csrf_token
from lib.leaderboard.site.guard import BodyLimit
from lib.leaderboard.site.serve import server_config
from lib.leaderboard.site.settings import SiteSettings
from lib.leaderboard.site.streams import MOST_STREAMS


@pytest.fixture
def world(tmp_path):
    with small_world(tmp_path) as world:
        yield world


def statements(world, request):
    """What a request asks the file, without what is different in it."""
    seen = []

    def note(connection, cursor, statement, parameters, context, executemany):
        if "settings" not in statement:  # the live standing looks at those meanwhile
            seen.append(statement)

    engine = world.board._database._engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        ask(world, request)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return [statement for statement in seen if not statement.startswith("BEGIN")]


def test_two_hundred_wrong_links_open_nothing_and_keep_nobody_out(world):
    before = world.state()
    right = world.links["open"]
    wrong = [
        right[:at] + other + right[at + 1 :]
        for at in range(26)
        for other in "023456789"
        if right[at] != other
    ]
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda token: ask(world, world.form("/join", None, token=token)), wrong[:200])
        )
    assert {answer.status for answer in answers} == {404}
    assert world.state() == before
    came = ask(world, world.form("/join", None, token=right))
    assert came.status == 303
    assert "set-cookie: board=" in came.head.lower()


def test_of_twenty_who_press_the_button_at_once_one_comes_in(world):
    request = world.form("/join", None, token=world.links["open"])
    with ThreadPoolExecutor(20) as pool:
        statuses = [answer.status for answer in pool.map(lambda _: ask(world, request), range(20))]
    assert sorted(statuses) == [303] + [410] * 19


def test_a_link_that_is_used_and_one_that_is_unknown_make_the_same_work(world):
    for path, form in (("GET", None), ("POST", True)):
        seen = []
        for token in (world.links["used"], "a" * 26, "b" * 26):
            request = world.form("/join", None, token=token) if form else world.head(path, f"/join/{token}")
            seen.append(statements(world, request))
        assert seen[0] == seen[1] == seen[2]
        assert seen[0]


def test_the_entries_of_others_cannot_be_told_from_those_that_are_not_there(world):
    answers = []
    for number in (1, 77, 10**12):  # bob's, and none
        text = ask(world, world.form("/choice", entry=number)).text
        answers.append(re.sub(r'name="once" value="[^"]*"|data-countdown="\d+"', "", text))
    assert answers[0] == answers[1] == answers[2]
    assert len({str(statements(world, world.form("/choice", entry=number))) for number in (1, 77)}) == 1


def test_tokens_of_forms_are_compared_in_a_time_that_tells_nothing(world, monkeypatch):
    compared = []
    real = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", lambda *both: compared.append(both) or real(*both))
    ask(world, world.form("/choice", entry="", csrf=False, headers={}))
    ask(world, world.form("/choice", entry=""))
    assert len(compared) == 2


def test_a_session_that_was_left_is_over_and_so_are_those_before_a_new_link(world):
    assert ask(world, world.form("/leave", "ada")).status == 303
    for request in (world.head("GET", "/", "ada"), world.upload(), world.form("/leave", "ada")):
        assert ask(world, request).status == 401
    key = {"Authorization": f"Bearer {world.keys['bob']}"}
    assert ask(world, world.head("GET", "/api/me", **key)).status == 200
    world.board.people.invite_again("bob")
    assert ask(world, world.head("GET", "/", "bob")).status == 401
    assert ask(world, world.head("GET", "/api/me", **key)).status == 401


def test_a_new_key_ends_the_older_one_and_is_shown_once(world):
    old = {"Authorization": f"Bearer {world.keys['ada']}"}
    page = ask(world, world.form("/terminal-key")).text
    new = re.search(r"#([a-z0-9-]{26,})", page)[1]
    assert ask(world, world.head("GET", "/api/me", **old)).status == 401
    said = ask(world, world.head("GET", "/api/me", Authorization=f"Bearer {new}"))
    assert said.status == 200
    assert "text/html" not in said.head
    assert new not in ask(world, world.head("GET", "/", "ada")).text


def test_after_the_end_nothing_changes_any_more(world):
    ask(world, world.upload())
    mine = max(entry.number for entry in world.board.entries.of(world.number("ada")))
    world.board.end(world.board.clock() - 1)
    before = world.state()
    key = {"Authorization": f"Bearer {world.keys['ada']}"}
    for request in (
        world.upload(),
        world.upload(path="/api/entries", headers=key),
        world.form("/choice", entry=mine),
        world.form("/choice", entry=""),
    ):
        answer = ask(world, request)
        assert answer.status == 409
        assert "has ended" in answer.text
    assert world.state() == before


def test_a_student_who_tries_too_often_waits_and_others_do_not(tmp_path):
    with small_world(tmp_path, tries=5) as world:
        statuses = [ask(world, world.upload(b"x")).status for _ in range(7)]
        assert statuses == [422] * 5 + [429] * 2
        refused = ask(world, world.upload())
        assert "retry-after: " in refused.head.lower()
        assert "try again in" in told_on(refused.text)
        assert ask(world, world.upload(who="bob")).status == 303  # from the same address
        assert ask(world, world.head("GET", "/", "ada")).status == 200


def test_small_forms_are_sent_so_often_and_no_more(world, monkeypatch):
    monkeypatch.setattr(world.site.changes, "limit", 3)
    forms = [("/choice", {"entry": ""}), ("/terminal-key", {}), ("/another-browser", {})]
    assert [ask(world, world.form(path, **fields)).status for path, fields in forms] == [303, 200, 200]
    before = world.state()
    for path, fields in [*forms, ("/appearance", {"pseudonym": "the fox"})]:
        refused = ask(world, world.form(path, **fields))
        assert refused.status == 429
        assert "retry-after: " in refused.head.lower()
        assert "many changes" in refused.text
    assert world.state() == before
    assert ask(world, world.form("/choice", "bob", entry="")).status == 303
    assert ask(world, world.upload()).status == 303


def test_an_upload_for_which_the_disk_has_no_room_is_no_entry(world, tmp_path, monkeypatch):
    with small_disk(tmp_path / "disk", 512) as folder:
        monkeypatch.setattr(tempfile, "tempdir", str(folder))
        before = world.state()
        refused = ask(world, world.upload(bytes(3 << 20)))
        assert refused.status == 503
        assert "retry-after: " in refused.head.lower()
        assert world.state() == before
        assert ask(world, world.upload()).status == 303  # a small one needs no room
        monkeypatch.setattr(tempfile, "tempdir", None)
    assert ask(world, world.upload(bytes(3 << 20))).status == 422


def test_one_student_cannot_take_all_connections(world):
    @contextlib.contextmanager
    def stream(who):
        with socket.create_connection(("127.0.0.1", world.port), timeout=10) as line:
            line.sendall(world.head("GET", "/live", who))
            yield line.recv(100).split(b" ")[1]

    with contextlib.ExitStack() as lines:
        statuses = [lines.enter_context(stream("ada")) for _ in range(MOST_STREAMS + 2)]
        assert statuses == [b"200"] * MOST_STREAMS + [b"429"] * 2
        assert lines.enter_context(stream("bob")) == b"200"
        assert ask(world, world.head("GET", "/", "ada")).status == 200
    until, status = time.monotonic() + 10, b""
    while status != b"200" and time.monotonic() < until:  # the server hears that they have gone
        with stream("ada") as status:
            pass
    assert status == b"200"


@pytest.mark.family(share=2)
def test_slow_heads_slow_bodies_and_bodies_without_an_end_are_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.3)
    monkeypatch.setattr(connection, "REST_SECONDS", 0.3)
    monkeypatch.setitem(BodyLimit.__init__.__kwdefaults__, "seconds", 0.3)

    def drip(world, sent):
        """How long the connection is kept while a byte comes now and then, and what came back."""
        with socket.create_connection(("127.0.0.1", world.port), timeout=10) as line:
            began = time.monotonic()
            line.sendall(sent)
            line.settimeout(0.05)
            came = b""
            while time.monotonic() - began < 8:
                try:
                    more = line.recv(1 << 16)
                    came += more
                    if not more:
                        break
                except TimeoutError:
                    with contextlib.suppress(OSError):
                        line.sendall(b"x")
                except ConnectionError:
                    break
            return time.monotonic() - began, came

    with small_world(tmp_path) as world:
        before = world.state()
        slow = world.head("POST", "/entries", "ada", Content_Length="9999", Content_Type=MULTIPART)
        slow = slow.replace(b"Connection: close\r\n", b"") + part("file", b"", "p.csv")
        unread = world.head("POST", "/", "ada", Content_Length="9999", Connection=None)
        for sent, status in (
            (b"GET / HTTP/1.1\r\nX: ", b""),
            (b"", b""),
            (slow, b" 408 "),
            (unread, b" 405 "),
        ):
            seconds, came = drip(world, sent)
            assert seconds < 5, sent
            assert status in came[:20]
        assert world.state() == before


@pytest.mark.family(share=2)
def test_two_hundred_uploads_at_once_are_each_counted_once(tmp_path):
    with small_world(tmp_path, a_day=10) as world:
        students = [f"s{k}" for k in range(20)]
        invite(world.board, *students)
        for who in students:
            world.sessions[who] = world.board.doors.use_link(world.board.people.invite_again(who).token)
        requests = [world.upload(who=who) for who in students for _ in range(10)]
        with ThreadPoolExecutor(200) as pool:
            answers = list(pool.map(lambda sent: ask(world, sent, wait=60), requests))
            again = list(pool.map(lambda sent: ask(world, sent, wait=60), requests))  # the same, sent twice
        assert {answer.status for answer in answers + again} == {303}
        numbers = [re.search(r"taken=(\d+)", answer.head)[1] for answer in answers]
        assert [re.search(r"taken=(\d+)", answer.head)[1] for answer in again] == numbers
        assert len(set(numbers)) == 200
        for who in students:
            assert [entry.of_the_day for entry in world.board.entries.of(world.number(who))] == list(
                range(10, 0, -1)
            )
        assert sum(row.entries for row in world.board.standing()) == 201  # and that of bob


@pytest.mark.family(share=2)
def test_of_two_hundred_uploads_of_one_student_ten_are_taken(tmp_path):
    with small_world(tmp_path, a_day=10) as world:
        requests = [world.upload() for _ in range(200)]
        with ThreadPoolExecutor(200) as pool:
            answers = list(pool.map(lambda sent: ask(world, sent, wait=60), requests))
        statuses = [answer.status for answer in answers]
        assert (statuses.count(303), statuses.count(429)) == (10, 190)
        assert len(world.board.entries.of(world.number("ada"))) == 10
        assert ask(world, world.head("GET", "/", "ada")).status == 200


def test_of_many_large_uploads_few_are_in_memory(tmp_path, monkeypatch):
    read, go_on = [], threading.Event()

    def sha256(content):
        read.append(len(content))
        return hashlib.sha256(content)

    def read_entry(content, name, *, count):
        assert go_on.wait(60)
        raise ValueError("p.csv: expected something else")

    monkeypatch.setattr(uploads, "hashlib", SimpleNamespace(sha256=sha256))
    monkeypatch.setattr(uploads, "read_entry", read_entry)
    with small_world(tmp_path, at_once=2) as world, ThreadPoolExecutor(12) as pool:
        request = world.upload(bytes(3 << 20))
        answers = [pool.submit(ask, world, request, wait=60) for _ in range(12)]
        until = time.monotonic() + 30
        while len(read) < 2 and time.monotonic() < until:
            time.sleep(0.02)
        time.sleep(0.5)  # the others have come, too
        in_memory = len(read)
        go_on.set()
        assert {answer.result().status for answer in answers} == {422}
    assert in_memory == 2
    assert len(read) == 12


def server_in_waiting(path, key, clock, port):
    """A child process that serves the board as soon as it is told to; its number, and the pipe to tell it."""
    waiting, telling = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.read(waiting, 1):
                board = Board(path, key, clock=clock)
                settings = SiteSettings(url=f"http://127.0.0.1:{port}", tries=10**6)
                uvicorn.Server(server_config(board, settings, host="127.0.0.1", port=port)).run()
        finally:
            os._exit(1)
    os.close(waiting)
    return child, telling


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.family(share=2)
def test_uploads_while_the_server_is_killed_and_started_again_count_once(tmp_path, seed):
    rng = random.Random(seed)
    board = make_small_board(tmp_path, a_day=1000)
    students = [f"s{k}" for k in range(6)]
    invite(board, *students)
    sessions = {who: board.doors.use_link(board.people.invite_again(who).token) for who in students}
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        port = line.getsockname()[1]
    path = board._database.path
    world = World(board, port, sessions, {}, {})
    sent, taken, done = {}, {}, threading.Event()

    def work(who):
        """Sends each upload until it is taken, as people do."""
        for step in range(10_000):
            if done.is_set():
                return
            request, key = (
                world.upload(who=who, once=f"{who} {step}", csrf=csrf_token(sessions[who])),
                (who, step),
            )
            sent[key] = request
            while key not in taken and not done.is_set():
                try:
                    answer = ask(world, request)
                except OSError:
                    time.sleep(0.02)
                    continue
                if answer.status == 303:
                    taken[key] = int(re.search(r"taken=(\d+)", answer.head)[1])

    board.close()  # children must not share a connection
    servers = [server_in_waiting(path, board.key, board.clock, port) for _ in range(6)]
    os.write(servers[0][1], b"x")
    try:
        with ThreadPoolExecutor(len(students)) as pool:
            working = [pool.submit(work, who) for who in students]
            for dies, follows in itertools.pairwise(servers):
                reached = len(taken) + rng.randrange(1, 30)
                until = time.monotonic() + 30
                while len(taken) < reached and time.monotonic() < until:
                    time.sleep(rng.uniform(0, 0.02))
                os.kill(dies[0], signal.SIGKILL)
                os.waitpid(dies[0], 0)
                os.write(follows[1], b"x")
            until = time.monotonic() + 30
            reached = len(taken) + 20
            while len(taken) < reached and time.monotonic() < until:
                time.sleep(0.02)
            done.set()
            for each in working:
                each.result()
    finally:
        done.set()
        for child, telling in servers:
            os.close(telling)
            with contextlib.suppress(ProcessLookupError, ChildProcessError):
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
    assert len(taken) > 25
    again = Board(path, board.key, clock=board.clock)
    found = {entry.number for who in students for entry in again.entries.of(again.people.find(who).number)}
    assert set(taken.values()) <= found
    assert len(set(taken.values())) == len(taken)
    assert len(found) <= len(sent)  # what was sent, and not heard of, may have been taken
    assert sum(row.entries for row in again.standing()) == len(found)
    with contextlib.closing(sqlite3.connect(path)) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    again.close()


def test_no_page_tells_what_is_behind_it(world):
    for path in ("/", "/nothing", "/staff", "/api/me", "/static/board.css"):
        answer = ask(world, world.head("GET", path, "ada"))
        assert "\r\nserver:" not in answer.head.lower()
        assert "content-security-policy: default-src 'none'" in answer.head.lower()
        assert "x-content-type-options: nosniff" in answer.head.lower()
    with socket.create_connection(("127.0.0.1", world.port), timeout=10) as line:
        line.sendall(b"nonsense\r\n\r\n")
        assert "server:" not in heard(line).head.lower()
    assert json.loads(ask(world, world.head("GET", "/api/me")).text).keys() == {"error"}
