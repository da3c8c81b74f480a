"""`course submit` against a server that loses answers, refuses, redirects, and says what is no answer."""

from __future__ import annotations

import json
import os
import stat
import threading
from contextlib import contextmanager
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from lib import cli
from lib.leaderboard import write_predictions
from lib.leaderboard.kept_keys import BoardKey, check_address, keep_key, kept_key, keys_place, read_line
from lib.leaderboard.sending import is_unprotected, multipart, opener_for
from lib.leaderboard.submit import submit_command, unanswered_file

KEY = "abcdefghjkmnpqrstuvwxyz234"
TAKEN = {"entry": 12, "public": "70.3", "of_the_day": 3, "left": 7, "resets_in": 11_520, "url": "http://x/"}
LOST = "the connection is closed before the answer"


class Board(BaseHTTPRequestHandler):
    """Gives one of the server's answers after the other, the last one again and again."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        board = self.server
        board.asked.append((self.path, dict(self.headers), form_of(self.headers["Content-Type"], body)))
        answer = board.answers.pop(0) if len(board.answers) > 1 else board.answers[0]
        if answer is LOST:
            self.close_connection = True
            return
        status, content, headers = answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        content = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self):
        self.server.asked.append((self.path, dict(self.headers), {}))
        self.send_error(404)

    def log_message(self, *args):
        pass


def form_of(kind: str, body: bytes) -> dict[str, tuple[str | None, bytes]]:
    """A form as Python's own reader of mails sees it: field → name of the file, content."""
    message = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    return {
        part.get_param("name", header="content-disposition"): (
            part.get_filename(),
            part.get_payload(decode=True),
        )
        for part in message.iter_parts()
    }


@contextmanager
def serving(*answers):
    """A board on this computer; gives its server, whose `asked` is what came."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Board)
    server.answers, server.asked = list(answers), []
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def answer(status=200, content=TAKEN, **headers):
    return status, content, {name.replace("_", "-"): value for name, value in headers.items()}


@pytest.fixture
def place(tmp_path):
    return tmp_path / "settings" / "leaderboards.txt"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "predictions.csv"
    write_predictions(path, [number % 10 for number in range(30)])
    return path


@pytest.fixture
def hand_in(place, file):
    """Hands the file in with a key that is kept."""

    def run(server, what=None, **options):
        if kept_key(place, server.url) is None:
            keep_key(place, BoardKey(server.url, KEY))
        return submit_command(what or file, count=30, pauses=(0.01, 0.01), place=place, **options)

    return run


def test_an_entry_travels_with_its_key_and_the_answer_is_told(hand_in, file, capsys):
    with serving(answer(201)) as server:
        assert hand_in(server, description="twice as wide, größer") == 0
    ((path, headers, form),) = server.asked
    assert path == "/api/entries"
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert "Cookie" not in headers
    assert form["file"] == ("predictions.csv", file.read_bytes())
    assert form["description"][1].decode() == "twice as wide, größer"
    assert len(form["once"][1]) == 32
    said = capsys.readouterr().out
    assert "Entry 12: 70.3 %" in said
    assert "Today 7 entries are left; the next day begins in 3 h 12 min, at 00:00 UTC." in said
    assert KEY not in said


@pytest.mark.parametrize(("left", "words"), [(1, "1 entry is left"), (0, "no entries are left")])
def test_what_is_left_is_said_in_good_english(left, words, hand_in, capsys):
    with serving(answer(content=TAKEN | {"left": left})) as server:
        hand_in(server)
    assert words in capsys.readouterr().out


GATEWAY, LOCKED = answer(502, b"<html>bad gateway"), answer(503, {"error": "The board cannot be used now."})


@pytest.mark.parametrize("losses", [[LOST], [LOST, LOST], [GATEWAY], [LOCKED]])
def test_a_lost_answer_is_asked_for_again_as_the_same_entry(losses, hand_in, capsys):
    with serving(*losses, answer()) as server:
        assert hand_in(server) == 0
    onces = [form["once"] for _, _, form in server.asked]
    assert len(onces) == len(losses) + 1
    assert len(set(onces)) == 1
    assert "The next try follows in" in capsys.readouterr().err


def test_two_entries_are_two(hand_in):
    with serving(answer()) as server:
        hand_in(server)
        hand_in(server)
    assert len({form["once"] for _, _, form in server.asked}) == 2


def test_the_same_command_after_all_tries_were_lost_is_the_same_entry(hand_in, place):
    with serving(LOST) as server:
        with pytest.raises(OSError, match=r"board: expected an answer of .*not counted twice"):
            hand_in(server)
        assert len(server.asked) == 3
        server.answers[:] = [answer()]
        assert hand_in(server) == 0
        hand_in(server)
    onces = [form["once"][1] for _, _, form in server.asked]
    assert len(set(onces[:4])) == 1
    assert onces[4] != onces[0]
    assert not unanswered_file(place).exists()


def test_another_file_after_a_lost_one_is_another_entry(hand_in, tmp_path):
    other = tmp_path / "other.csv"
    write_predictions(other, [1] * 30)
    with serving(LOST) as server:
        with pytest.raises(OSError, match="got none"):
            hand_in(server)
        server.answers[:] = [answer()]
        hand_in(server, other)
    assert server.asked[-1][2]["once"] != server.asked[0][2]["once"]


@pytest.mark.parametrize("status", [403, 408, 409, 413, 422, 429])
def test_what_the_server_refuses_is_its_sentence_and_not_sent_again(status, hand_in, place):
    sentence = "Today's 10 entries are used up. The next one is possible in 12 min, at 00:00 UTC."
    with (
        serving(answer(status, {"error": sentence}, Retry_After="720")) as server,
        pytest.raises(ValueError, match=r"^Today's 10 entries are used up"),
    ):
        hand_in(server)
    assert len(server.asked) == 1
    assert not unanswered_file(place).exists()
    assert kept_key(place, server.url) is not None


def test_a_board_that_cannot_write_says_so_in_the_end(hand_in):
    with serving(answer(503, {"error": "The disk is full."})) as server:
        with pytest.raises(ValueError, match="The disk is full"):
            hand_in(server)
        assert len(server.asked) == 3
        server.answers[:] = [answer()]
        hand_in(server)
    assert len({form["once"] for _, _, form in server.asked}) == 1


def test_a_sentence_cannot_steer_the_terminal(hand_in):
    with (
        serving(answer(422, {"error": "\x1b[2Jnothing to see\r\n" + "x" * 9000})) as server,
        pytest.raises(ValueError, match="nothing to see") as refused,
    ):
        hand_in(server)
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) <= 500


def test_a_key_that_nobody_knows_is_dropped_and_the_next_one_asked_for(hand_in, place):
    with (
        serving(answer(401, {"error": "This key is not known here."})) as server,
        pytest.raises(ValueError, match=r"^Your key is not known .* Make a new one on the page") as refused,
    ):
        hand_in(server)
    assert KEY not in str(refused.value)
    assert kept_key(place, server.url) is None


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_gets_the_key(status, hand_in):
    with (
        serving(answer()) as thief,
        serving(answer(status, b"", Location=thief.url + "/api/entries")) as server,
    ):
        with pytest.raises(ValueError, match=f"got a redirect to {thief.url}"):
            hand_in(server)
        assert len(server.asked) == 1
        assert thief.asked == []


@pytest.mark.parametrize(
    "to", ["http://[", "//x[\x1b[31m", "http://℀evil", "file:///etc/passwd", "http://a:1x/"]
)
def test_a_redirect_to_no_address_is_told_as_one(to, hand_in):
    with (
        serving(answer(302, b"", Location=to.encode().decode("latin-1"))) as server,
        pytest.raises(ValueError, match="got a redirect to") as refused,
    ):
        hand_in(server)
    assert str(refused.value).isprintable()


def test_an_address_in_an_answer_cannot_fill_the_terminal(hand_in, capsys):
    with serving(answer(content=TAKEN | {"url": "\x1b[2J" + "x" * 60_000, "left": -5})) as server:
        assert hand_in(server) == 0
    said = capsys.readouterr().out
    assert len(said) < 1000
    assert said.replace("\n", "").isprintable()
    assert "-5" not in said


GARBAGE = [b"", b"<html>log in to the wireless network</html>", b"[]", b"null", b"{" * 50_000, b"\xff\xfe",
           {}, TAKEN | {"entry": "x"}, TAKEN | {"public": "\x1b[2J"}, TAKEN | {"left": None},
           TAKEN | {"resets_in": 1e999}, {"error": "ok"}]  # fmt: skip


@pytest.mark.parametrize("content", GARBAGE, ids=range(len(GARBAGE)))
def test_what_is_no_answer_of_a_board_is_told_as_such(content, hand_in, place):
    with (
        serving(answer(200, content)) as server,
        pytest.raises(ValueError, match="board: expected a leaderboard at http"),
    ):
        hand_in(server)
    assert unanswered_file(place).exists()  # nobody knows whether it was taken


def test_another_page_at_the_address_is_told_as_such(hand_in, place):
    with serving(answer(404, b"<html>no such page")) as server, pytest.raises(ValueError, match="status 404"):
        hand_in(server)
    with serving(answer(401, b"<html>no entry")) as server, pytest.raises(ValueError, match="status 401"):
        hand_in(server)
    assert kept_key(place, server.url) is not None  # a hotel's page says nothing about our key


def test_a_long_answer_is_not_read_to_its_end(hand_in):
    with serving(answer(200, b"x" * 10_000_000)) as server, pytest.raises(ValueError, match="another answer"):
        hand_in(server)


def test_a_wrong_file_never_travels(hand_in, tmp_path):
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("id,label\n1,3\n2,dog\n")
    with serving(answer()) as server:
        with pytest.raises(ValueError, match=r"wrong\.csv, line 3"):
            hand_in(server, wrong)
        with pytest.raises(FileNotFoundError, match="file: expected predictions, got no file"):
            hand_in(server, tmp_path / "none.csv")
    assert server.asked == []


def test_nobody_at_the_address_is_a_sentence(hand_in, place):
    with serving(answer()) as server:
        pass
    with pytest.raises(OSError, match="got none") as failed:
        hand_in(server)
    assert KEY not in str(failed.value)


# The key.


def test_the_key_is_asked_for_once_and_kept_for_its_owner_alone(file, place, monkeypatch, capsys):
    asked = []
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    with serving(answer()) as server:
        monkeypatch.setattr(
            "lib.leaderboard.submit.getpass", lambda prompt: asked.append(prompt) or f" {server.url}/#{KEY}\n"
        )
        for _ in range(2):
            assert submit_command(file, count=30, place=place) == 0
    assert len(asked) == 1
    assert len(server.asked) == 2
    if os.name != "nt":
        assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert submit_command(None, forget=True, place=place) == 0
    assert not place.exists()
    assert "deleted" in capsys.readouterr().out
    assert submit_command(None, forget=True, place=place) == 0


def test_without_a_terminal_nobody_is_asked(file, place, monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(ValueError, match="key: expected the line of the page, got none"):
        submit_command(file, count=30, place=place)


def test_of_several_boards_the_last_one_is_used_unless_another_is_named(place):
    first, second = BoardKey("https://one.example", KEY), BoardKey("https://two.example", KEY)
    keep_key(place, first)
    keep_key(place, second)
    assert kept_key(place) == second
    assert kept_key(place, first.url) == first
    keep_key(place, BoardKey(first.url, KEY[::-1]))
    assert kept_key(place) == BoardKey(first.url, KEY[::-1])
    assert place.read_text().count("one.example") == 1


def test_a_file_of_keys_that_somebody_has_edited_is_no_trap(place):
    keep_key(place, BoardKey("https://one.example", KEY))
    place.write_bytes(b"\xff\n# mine\n" + place.read_bytes() + b"https://two.example\n")
    assert kept_key(place).url == "https://one.example"


def test_to_chooses_a_board_and_takes_no_key(file, place):
    with serving(answer()) as one, serving(answer()) as two:
        for server in (one, two):
            keep_key(place, BoardKey(server.url, KEY))
        submit_command(file, count=30, place=place, to=one.url + "/")
        assert (len(one.asked), len(two.asked)) == (1, 0)
        submit_command(file, count=30, place=place)  # the one used last
        assert (len(one.asked), len(two.asked)) == (2, 0)
    with pytest.raises(ValueError, match="to: expected the address alone") as refused:
        submit_command(file, count=30, place=place, to=f"{one.url}#{KEY}")
    assert KEY not in str(refused.value)
    with pytest.raises(ValueError, match="to: expected an address such as"):
        submit_command(file, count=30, place=place, to="nonsense")


@pytest.mark.parametrize(
    "line",
    ["", KEY, "https://board.example", f"ftp://board.example#{KEY}", f"https://#{KEY}", "https://b.example#short",
     f"https://me:secret@b.example#{KEY}", f"https://b.example:99999#{KEY}", f"https://b.example/a b#{KEY}",
     f"https://b.example/?a=1#{KEY}", f"https://b\x00.example#{KEY}", f"https://b.example#{KEY}\r\nX: y",
     f"https://[::1#{KEY}", "https://b.example#" + "a" * 2000],
)  # fmt: skip
def test_another_line_is_refused_and_not_shown(line):
    with pytest.raises(ValueError, match=r"(line|url): expected") as refused:
        read_line(line)
    assert KEY not in str(refused.value)


def test_addresses_lose_their_slash():
    assert check_address(" http://10.0.0.7:8000/ ") == "http://10.0.0.7:8000"
    assert check_address("https://x.example/board/") == "https://x.example/board"


@pytest.mark.parametrize(
    ("url", "unprotected"),
    [("https://93.184.215.14", False), ("http://93.184.215.14", True), ("http://127.0.0.1:8000", False),
     ("http://localhost:8000", False), ("http://192.168.1.20:8000", False), ("http://[::1]:8000", False),
     ("http://[2606:2800:21f:cb07::1]", True), ("http://10.0.0.7", False)],
)  # fmt: skip
def test_http_is_warned_of_where_others_may_listen(url, unprotected):
    assert is_unprotected(url) is unprotected


def test_the_warning_is_said(hand_in, place, monkeypatch, capsys):
    monkeypatch.setattr("lib.leaderboard.submit.is_unprotected", lambda url: True)
    with serving(answer()) as server:
        hand_in(server)
    assert "is not https" in capsys.readouterr().err


def test_certificates_are_checked():
    handlers = opener_for("https://board.example").handlers
    (context,) = [h._context for h in handlers if type(h).__name__ == "HTTPSHandler"]
    assert context.check_hostname
    assert context.verify_mode.name == "CERT_REQUIRED"


def test_names_of_files_cannot_add_fields():
    kind, body = multipart(
        {"once": "1"}, 'a"\r\nContent-Disposition: form-data; name="once"\r\n\r\n2.csv', b"x"
    )
    assert list(form_of(kind, body)) == ["once", "file"]
    assert body.count(b"\r\nContent-Disposition") == 2


# The command.


def test_the_command_runs_without_torch(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("lib.leaderboard.submit.keys_place", lambda: tmp_path / "keys.txt")
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    assert cli.main(["submit", "--forget"]) == 0
    assert cli.main(["submit"]) == 1
    assert "write `course submit predictions.csv`" in capsys.readouterr().err
    wrong = tmp_path / "predictions.csv"
    wrong.write_text("1,2\n")
    assert cli.main(["submit", str(wrong), "--description", "first"]) == 1
    assert "predictions.csv, line 1: expected the header id,label" in capsys.readouterr().err


def test_keys_lie_in_the_user_s_own_settings(monkeypatch):
    assert keys_place().parts[-2:] == ("deep-vision-course", "leaderboards.txt")
