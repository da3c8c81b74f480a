"""The page of the challenge, as a browser without scripts sees it."""

import time

import pytest
from board_of_tests import (
    NOON,
    Guest,
    asking,
    board_of_class,
    come_in,
    csv_of,
    guesses,
    told_on,
)
from sqlalchemy import event

from lib.leaderboard.board import entries as entries_of_board
from lib.leaderboard.board import percent


@pytest.fixture
def board(tmp_path):
    with board_of_class(tmp_path, "ada", "bob", "cleo") as board:
        yield board


@pytest.fixture
def client(board):
    with asking(board) as client:
        yield client


def standing_after(guest, words):
    """The page, once its standing has these words."""
    until = time.monotonic() + 10
    while words not in (page := guest.get().text) and time.monotonic() < until:
        time.sleep(0.02)
    assert words in page
    return page


def test_who_has_no_session_is_told_how_to_come_in(client):
    answer = client.get("/")
    assert answer.status_code == 401
    assert "Open the link that you were sent" in answer.text
    assert 'name="token"' in answer.text


def test_a_link_is_used_by_its_button_and_not_by_opening(client, board):
    token = board.people.invite_again("ada").token
    for _ in range(3):
        page = client.get(f"/join/{token}")
        assert page.status_code == 200
        assert "set-cookie" not in page.headers
    answer = client.post("/join", data={"token": token}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "Ada Lovelace" in client.get("/").text
    client.cookies.clear()
    again = client.post("/join", data={"token": token})
    assert again.status_code == 410
    assert "has been used" in told_on(again.text)


def test_a_used_link_leads_its_owner_to_the_page_and_nobody_else(client, board):
    invitation = board.people.invite_again("ada").token
    session = board.doors.use_link(invitation)
    ada, bob = Guest(client, session), come_in(client, board, "bob")
    for answer in (ada.get(f"/join/{invitation}"), ada.post("/join", data={"token": invitation})):
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert "set-cookie" not in answer.headers
    assert bob.get(f"/join/{invitation}").status_code == 410
    assert bob.post("/join", data={"token": invitation}).status_code == 410
    assert bob.get("/join/" + "a" * 26).status_code == 404
    board.doors.end_session(session)
    assert ada.get(f"/join/{invitation}").status_code == 410


def test_an_entry_is_taken_scored_and_shown(client, board):
    ada, bob = come_in(client, board, "ada"), come_in(client, board, "bob")
    answer = ada.hand_in(csv_of(guesses(board, 0.6)), description="  first   try ")
    (entry,) = board.entries.of(board.people.find("ada").number)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/?taken={entry.number}")
    assert entry.description == "first try"
    score = f"{entry.public // 10}.{entry.public % 10} %"
    assert score in told_on(ada.get(answer.headers["location"]).text)
    page = standing_after(ada, 'class="own"')
    assert "9 of 10</strong> left today" in page
    assert ">12 h</span>" in page
    others = standing_after(bob, score)
    assert 'class="own"' not in others
    assert "first try" not in others
    assert "Ada Lovelace" not in others


def test_a_refused_file_costs_no_entry_and_the_form_stays_filled(client, board):
    ada = come_in(client, board, "ada")
    answer = ada.hand_in(csv_of(guesses(board))[9:], description="a & b")
    assert answer.status_code == 422
    assert "line 1: expected the header id,label" in told_on(answer.text)
    assert 'value="a &amp; b"' in answer.text
    assert "10 of 10</strong> left today" in answer.text
    assert board.entries.of(board.people.find("ada").number) == []


def test_after_the_end_both_halves_are_shown_and_nothing_is_taken(client, board):
    ada = come_in(client, board, "ada")
    ada.hand_in(csv_of(guesses(board)))
    page = ada.get().text
    board.end(NOON - 1)
    closed = ada.client.request(
        "POST", "/entries", headers={"Cookie": f"board={ada.token}"},
        data={"csrf": page.split('name="csrf" value="')[1].split('"')[0], "once": "x"},
        files={"file": ("a.csv", csv_of(guesses(board)))},
    )  # fmt: skip
    assert closed.status_code == 409
    page = standing_after(ada, "Final standing")
    assert "Private half" in page
    assert '<form method="post" action="/entries"' not in page


def test_each_entry_is_compared_with_those_before(client, board):
    ada = come_in(client, board, "ada")
    said = []
    for share in (0.4, 0.9, 0.2):
        place = ada.hand_in(csv_of(guesses(board, share))).headers["location"]
        said.append(told_on(ada.get(place).text))
    worst, best, middle = board.entries.of(board.people.find("ada").number)
    assert "best" not in said[0]
    assert said[1].endswith(f"That is your best; before it was {percent(middle.public)}.")
    assert said[2].endswith(f"Your best stays {percent(best.public)}.")
    ada.post("/choice", data={"entry": str(worst.number)})
    place = ada.hand_in(csv_of(guesses(board, 0.99))).headers["location"]
    assert "The entry that you have chosen still counts." in told_on(ada.get(place).text)


def test_predictions_of_other_images_are_doubted(client, board):
    ada = come_in(client, board, "ada")
    said = []
    for share in (0.1, 0.5):
        said.append(told_on(ada.get(ada.hand_in(csv_of(guesses(board, share))).headers["location"]).text))
    assert "as good as guessing" in said[0]
    assert "folder challenge" in said[0]
    assert "guessing" not in said[1]


def test_who_has_no_entry_is_told_which_images_to_classify(client, board):
    ada = come_in(client, board, "ada")
    assert "the images in the folder <code>challenge</code>" in ada.get().text
    ada.hand_in(csv_of(guesses(board)))
    assert "<code>challenge</code>" not in ada.get().text


def test_a_choice_that_is_not_the_best_is_called_to_mind(client, board):
    ada = come_in(client, board, "ada")
    for share in (0.3, 0.9):
        ada.hand_in(csv_of(guesses(board, share)))
    best, worse = board.entries.of(board.people.find("ada").number)
    assert "not your best" not in ada.get().text
    ada.post("/choice", data={"entry": str(worse.number)})
    assert f"not your best, which has {percent(best.public)}." in ada.get().text
    board.end(NOON - 1)
    assert "not your best" not in ada.get().text


def test_the_next_better_score_is_named(client, board):
    for student, share in (("ada", 0.9), ("bob", 0.5), ("cleo", 0.2)):
        come_in(client, board, student).hand_in(csv_of(guesses(board, share)))
    places = board.standing()
    points = (places[0].tenths - places[1].tenths) / 10
    standing_after(come_in(client, board, "bob"), f"{points:.1f} points behind place 1")
    assert "points behind" not in standing_after(come_in(client, board, "ada"), 'class="own"')


def test_labels_are_unpacked_once_for_all_entries_that_count(client, board, monkeypatch):
    unpacked, unpack = [], entries_of_board._unpacked

    def counted(packed):
        unpacked.append(packed)
        return unpack(packed)

    monkeypatch.setattr(entries_of_board, "_unpacked", counted)
    ada, bob, sam = (come_in(client, board, who) for who in ("ada", "bob", "sam"))
    for guest in (ada, bob):
        guest.hand_in(csv_of(guesses(board, 0.8)))
    for _ in range(3):
        assert sam.get("/staff").text.count("Nearly the same predictions as") == 2
    assert len(unpacked) == 2
    bob.hand_in(csv_of(guesses(board, 0.95, seed=1)))  # it counts from now on, instead of the other one
    for _ in range(2):
        assert "Nearly the same predictions as" not in sam.get("/staff").text
    assert len(unpacked) == 4


@pytest.mark.parametrize("who", ["ada", "hall", "sam"])
def test_a_page_asks_once_for_what_holds_for_the_whole_board(board, who):
    asked = []

    def note(connection, cursor, statement, *_):
        if "FROM settings" in statement:
            asked.append(statement)

    with asking(board, live_seconds=3600) as client:  # the live standing asks for it, too
        guest = come_in(client, board, who)
        event.listen(board._database._engine, "before_cursor_execute", note)
        assert guest.get().status_code == 200
    assert len(asked) == 1
