"""What the page refuses is said in sentences of plain English, each with what to do next."""

import re

import pytest
from board_of_tests import (
    Guest,
    asking,
    board_of_class,
    come_in,
    csv_of,
    field_of,
    guesses,
    told_on,
)


@pytest.fixture
def board(tmp_path):
    with board_of_class(tmp_path, "ada", "bob", a_day=1) as board:
        yield board


@pytest.fixture
def client(board):
    with asking(board, tries=5) as client:
        yield client


def refusals(client, board):
    """What sends something that is refused → the answer."""
    ada, sam, good = come_in(client, board, "ada"), come_in(client, board, "sam"), csv_of(guesses(board))
    yield "a bad file", ada.hand_in(good.replace(b"\n5,", b"\n5,cat"))
    yield "no file", ada.post("/entries", data={"once": "x"})
    ada.hand_in(good)
    data = {"csrf": field_of(ada.get().text, "csrf"), "once": "y"}  # the form itself is gone from the page
    again = {"data": data, "files": {"file": ("a.csv", good)}}
    yield "a used day", ada._ask("POST", "/entries", **again)
    yield "a long file", come_in(client, board, "bob").hand_in(b"x" * (5 << 20))
    yield "an entry of nobody", ada.post("/choice", data={"entry": "77"})
    for name in ("", "bob", "a" + "\u0301" * 9):
        yield f"the pseudonym {name!r}", ada.post("/appearance", data={"pseudonym": name})
    yield "an action of students", sam._ask("POST", "/choice", data={})
    yield "no decision", sam.post("/staff/decision", data={"entry": "1"})
    yield "a decision about nothing", sam.post("/staff/decision", data={"entry": "77", "counts": "yes"})
    yield "a used link", client.get(f"/join/{used_link(board)}")
    yield "no link", client.get("/join/abc")
    board.end(board.clock())
    for what in ("an entry after the end", "many tries"):
        yield what, ada._ask("POST", "/entries", **again)
    yield "a choice after the end", ada.post("/choice", data={"entry": ""})
    yield "another method", Guest(client, "")._ask("PUT", "/entries")


def used_link(board):
    token = board.people.invite_again("bob").token
    board.doors.use_link(token)
    return token


def test_each_refusal_is_made_of_sentences(client, board):
    said = {}
    for what, answer in refusals(client, board):
        assert answer.status_code >= 400, what
        said[what] = told_on(answer.text).removeprefix("This did not work. ")
    for what, text in said.items():
        assert re.fullmatch(r"[A-Z][^.]*[ ’'].*\.", text), f"{what}: {text}"
        assert not re.match(r"\w+: ", text), f"{what} names an argument: {text}"
        assert "expected" not in text or what == "a bad file", f"{what}: {text}"
