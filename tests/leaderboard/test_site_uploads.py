"""Uploads to the challenge's page and from a terminal: taken once, or refused in a sentence."""

import gzip
import io
import zipfile

import pytest
from board_of_tests import (
    NOON,
    URL,
    asking,
    board_of_class,
    come_in,
    csv_of,
    guesses,
    told_on,
)

from lib.leaderboard.board import NotNow
from lib.leaderboard.site.app import MOST_BYTES

NAMES = [
    "../../etc/passwd",
    "C:\\Users\\ada\\p.csv",
    "a\nb.csv",
    "<script>.csv",
    "x" * 500,
    "=1+1.csv",
    "\u202egpj.csv",
]


@pytest.fixture
def board(tmp_path):
    with board_of_class(tmp_path, "ada", "bob", a_day=3) as board:
        yield board


@pytest.fixture
def client(board):
    with asking(board) as client:
        yield client


@pytest.fixture
def ada(client, board):
    return come_in(client, board, "ada")


@pytest.fixture
def terminal(client, board):
    """Hands in as `course submit` does."""
    key = board.doors.new_terminal_key(board.people.find("ada").number)

    def send(content, name="predictions.csv", once="x", description="", key=key):
        headers = {"Authorization": f"Bearer {key}"}
        files = {} if content is None else {"file": (name, content)}
        data = {"once": once, "description": description}
        return client.post("/api/entries", headers=headers, data=data, files=files)

    send.key = key
    return send


def entries(board, student="ada"):
    return board.entries.of(board.people.find(student).number)


def zipped(content):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("predictions.csv", content)
    return packed.getvalue()


@pytest.mark.parametrize("pack", [bytes, zipped, gzip.compress])
def test_a_file_is_read_packed_or_not(ada, board, pack):
    labels = guesses(board)
    assert ada.hand_in(pack(csv_of(labels))).status_code == 303
    (entry,) = entries(board)
    assert board.entries.labels_of(entry.number).tolist() == labels.tolist()


@pytest.mark.parametrize("name", NAMES)
def test_a_name_of_a_file_is_shown_and_nothing_else(ada, board, name):
    assert ada.hand_in(csv_of(guesses(board)), name=name).status_code == 303
    (entry,) = entries(board)
    assert len(entry.file) <= 100
    page = ada.get().text
    assert "<script>.csv" not in page
    assert "passwd" not in name or "passwd" in page


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace(b"id,label\n", b""), "line 1: expected the header id,label"),
        (lambda text: text.rsplit(b"\n", 2)[0], "expected 200 predictions, got 199"),
        (lambda text: text.replace(b"\n5,", b"\n4,"), "line 6: expected each id once, got 4 again"),
        (lambda text: text.replace(b",", b";"), "use commas, no semicolons"),
        (lambda text: text.replace(b"\n5,", b"\n5,cat"), "line 6: expected a label from 0 to 9"),
        (lambda text: b"", "got an empty file"),
        (lambda text: b"7z\xbc\xaf\x27\x1c" + text, "a 7z archive; unpack it"),
        (lambda text: text + b"x" * (2 << 20), "far longer"),
        (lambda text: b"\x89PNG\r\n\x1a\n\xff", "expected a CSV file"),
    ],
)
def test_what_is_wrong_is_said_and_costs_nothing(ada, terminal, board, change, words):
    content = change(csv_of(guesses(board)))
    answer = ada.hand_in(content, description='"kept"')
    assert answer.status_code == 422
    assert words in told_on(answer.text).replace("&#39;", "'")
    assert 'value="&#34;kept&#34;"' in answer.text
    assert "3 of 3</strong> left today" in answer.text
    answer = terminal(content)
    assert answer.status_code == 422
    assert words in answer.json()["error"]
    assert entries(board) == []


def test_the_same_upload_is_one_entry_and_another_file_is_another(ada, board):
    first, second = csv_of(guesses(board, 0.4)), csv_of(guesses(board, 0.6))
    places = [ada.hand_in(content, once="from one form").headers["location"]
              for content in (first, first, second, first)]  # fmt: skip
    assert len(entries(board)) == 2
    assert places[0] == places[1] == places[3] != places[2]


@pytest.mark.parametrize("files", [None, {"file": ("", b"")}, {"other": ("a.csv", b"id,label\n")}])
def test_a_form_without_a_file_says_what_to_do(ada, files):
    answer = ada.post("/entries", data={"once": "x"}, files=files)
    assert answer.status_code == 422
    assert "Choose your file of predictions, or drop it on the page" in told_on(answer.text)


def test_two_files_or_many_fields_are_no_form_of_ours(ada, board):
    two = [("file", ("a.csv", csv_of(guesses(board)))), ("file", ("b.csv", csv_of(guesses(board))))]
    assert ada.post("/entries", data={"once": "x"}, files=two).status_code == 400
    many = {f"field{number}": "x" for number in range(20)}
    assert ada.post("/entries", data={"once": "x"} | many).status_code == 400
    assert ada.post("/choice", data={"entry": ""} | many).status_code == 400
    assert entries(board) == []


def test_a_body_that_is_too_long_is_refused_with_a_page(ada, terminal, board):
    answer = ada.hand_in(b"x" * (MOST_BYTES + 1))
    assert answer.status_code == 413
    assert "MB" in told_on(answer.text)
    answer = terminal(b"x" * (MOST_BYTES + 1))
    assert answer.status_code == 413
    assert "MB" in answer.json()["error"]
    assert entries(board) == []


def test_when_a_day_is_used_up_the_next_one_is_named(ada, terminal, board):
    for share in (0.3, 0.4, 0.5):
        assert ada.hand_in(csv_of(guesses(board, share))).status_code == 303
    page = ada.get().text
    assert "0 of 3</strong> left today" in page
    assert "All entries of today are used." in page
    answer = terminal(csv_of(guesses(board)))
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "43200")
    assert "at 00:00 UTC" in answer.json()["error"]
    board.clock.now += 43200
    assert terminal(csv_of(guesses(board))).status_code == 200
    assert "2 of 3</strong> left today" in ada.get().text


def test_a_form_from_before_is_answered_by_the_rules_of_now(ada, board):
    page = ada.get().text
    csrf = page.split('name="csrf" value="')[1].split('"')[0]
    send = {
        "data": {"csrf": csrf, "once": "x", "description": "late"},
        "files": {"file": ("a.csv", csv_of(guesses(board)))},
    }
    for share in (0.3, 0.4, 0.5):
        ada.hand_in(csv_of(guesses(board, share)))
    answer = ada._ask("POST", "/entries", **send)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "43200")
    board.end(NOON)
    answer = ada._ask("POST", "/entries", **send)
    assert answer.status_code == 409
    assert "has ended" in told_on(answer.text)
    assert len(entries(board)) == 3


def test_tries_are_counted_by_student_and_refused_ones_count(board):
    with asking(board, tries=3) as client:
        ada, bob = come_in(client, board, "ada"), come_in(client, board, "bob")
        statuses = [ada.hand_in(b"nothing").status_code for _ in range(4)]
        assert statuses == [422, 422, 422, 429]
        answer = ada.hand_in(csv_of(guesses(board)))
        assert 590 <= int(answer.headers["retry-after"]) <= 600
        assert "3 uploads in ten minutes" in told_on(answer.text)
        assert bob.hand_in(csv_of(guesses(board))).status_code == 303


def test_a_terminal_is_told_what_the_entry_is_worth(terminal, board, client):
    answer = terminal(csv_of(guesses(board)), description="from a script")
    (entry,) = entries(board)
    assert answer.status_code == 200
    assert answer.json() == {
        "entry": entry.number, "public": f"{entry.public // 10}.{entry.public % 10}", "of_the_day": 1,
        "left": 2, "resets_in": 43200, "url": URL,
    }  # fmt: skip
    assert entry.description == "from a script"
    assert terminal(csv_of(guesses(board))).json() == answer.json()
    assert len(entries(board)) == 1
    me = client.get("/api/me", headers={"Authorization": f"bearer {terminal.key.upper()}"}).json()
    assert (me["title"], me["used"], me["left"], me["ends"]) == ("The challenge", 1, 2, None)
    assert me["counting"] == {"entry": entry.number, "public": answer.json()["public"]}
    assert me["shown"] == board.people.find("ada").shown


@pytest.mark.parametrize("key", ["", "x", "x" * 10_000, "é"])
def test_a_wrong_key_opens_nothing(terminal, board, client, key):
    header = {"Authorization": b"Bearer " + key.encode("utf-8")}
    for answer in (
        client.post("/api/entries", headers=header, data={"once": "x"}, files={"file": ("a.csv", b"")}),
        client.get("/api/me", headers=header),
    ):
        assert answer.status_code == 401
        assert "Make a new one" in answer.json()["error"]
    session = board.doors.use_link(board.people.invite_again("bob").token)
    assert terminal(csv_of(guesses(board)), key=session).status_code == 401, "a cookie is no key"
    assert terminal(csv_of(guesses(board))).status_code == 200
    client.cookies.set("board", terminal.key)
    assert client.get("/").status_code == 401, "a key is no cookie"


def test_a_terminal_without_file_or_once_is_answered_in_json(terminal):
    assert "No file was chosen" in terminal(None).json()["error"]
    assert "once: expected" in terminal(b"x", once="").json()["error"]


def test_a_board_that_cannot_be_written_asks_for_another_try(ada, terminal, board, monkeypatch):
    def full(*args, **options):
        raise NotNow("The board cannot be used now (disk full). Nothing has changed; try again in a minute.")

    monkeypatch.setattr(board.entries, "add", full)
    for answer in (ada.hand_in(csv_of(guesses(board))), terminal(csv_of(guesses(board)))):
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert "Nothing has changed" in answer.text
