"""Forms of the challenge's page: who may send them, and what a hostile field does."""

import re
import time

import pytest
from board_of_tests import (
    URL,
    Guest,
    asking,
    board_of_class,
    come_in,
    csv_of,
    field_of,
    guesses,
    told_on,
)
from markupsafe import escape

from lib.leaderboard.board import NotNow
from lib.leaderboard.board.days import utc_text

FORMS = ["/leave", "/entries", "/choice", "/appearance", "/terminal-key", "/another-browser"]
IDS = ["", "x", "-1", "0", "2", "1e3", "١", "9" * 15, "9" * 400, "1 OR 1=1", "\0", "1\n", "{{ 7*7 }}", "../1"]
FAR = {"origin": "https://elsewhere.example", "sec-fetch-site": "cross-site"}


@pytest.fixture
def board(tmp_path):
    with board_of_class(tmp_path, "ada", "bob", a_day=2) as board:
        yield board


@pytest.fixture
def client(board):
    with asking(board, hides_faults=True) as client:
        yield client


def number_of(board, student):
    return board.people.find(student).number


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("csrf", ["", "0" * 64, "another's", "a file"])
def test_a_form_needs_the_token_of_its_own_session(client, board, path, csrf):
    ada, bob = come_in(client, board, "ada"), come_in(client, board, "bob")
    files = {"file": ("a.csv", csv_of(guesses(board)))} if path == "/entries" else None
    sent = field_of(bob.get().text, "csrf") if csrf == "another's" else csrf
    data = {"csrf": sent, "once": "x", "pseudonym": "changed", "entry": ""}
    if csrf == "a file":
        del data["csrf"]
        files = {"csrf": ("csrf", field_of(ada.get().text, "csrf"))}
    answer = ada._ask("POST", path, data=data, files=files)
    assert answer.status_code == (400 if csrf == "a file" and path != "/entries" else 403)
    assert ada.get().status_code == 200
    assert board.people.find("ada").pseudonym != "changed"
    assert board.entries.of(number_of(board, "ada")) == []


@pytest.mark.parametrize("path", [*FORMS, "/join", "/staff/decision"])
def test_a_form_of_another_site_is_refused(client, board, path):
    ada = come_in(client, board, "ada")
    assert ada.post(path, headers=FAR).status_code == 403
    assert ada.get().status_code == 200


@pytest.mark.parametrize("path", FORMS)
def test_without_a_session_nothing_is_done(client, board, path):
    answer = client.post(path, data={"csrf": "x"})
    assert answer.status_code == 401
    assert "Come in by your link" in answer.text


@pytest.mark.parametrize("student", ["sam", "hall"])
@pytest.mark.parametrize("path", FORMS[1:])
def test_only_students_hand_in(client, board, student, path):
    guest = come_in(client, board, student)
    files = {"file": ("a.csv", csv_of(guesses(board)))} if path == "/entries" else None
    assert guest.post(path, data={"once": "x", "pseudonym": "x"}, files=files).status_code == 403
    assert board.entries.of(number_of(board, student)) == []


@pytest.mark.family(share=4)
@pytest.mark.parametrize("entry", IDS[1:])
def test_only_own_entries_can_be_chosen(client, board, entry):
    ada, bob = come_in(client, board, "ada"), come_in(client, board, "bob")
    ada.hand_in(csv_of(guesses(board)))
    bob.hand_in(csv_of(guesses(board)))
    answer = ada.post("/choice", data={"entry": entry})
    assert answer.status_code == 422
    assert "one of your own entries" in told_on(answer.text)
    assert board.entries.chosen(number_of(board, "ada")) is None


def test_an_own_entry_is_chosen_and_the_best_again(client, board):
    ada = come_in(client, board, "ada")
    for share in (0.9, 0.2):
        ada.hand_in(csv_of(guesses(board, share)))
    worse = board.entries.of(number_of(board, "ada"))[0]
    answer = ada.post("/choice", data={"entry": str(worse.number)})
    assert (answer.status_code, answer.headers["location"]) == (303, "/?saved=choice")
    assert "Saved" in told_on(ada.get("/?saved=choice").text)
    assert board.entries.counting(worse.owner) == worse
    ada.post("/choice", data={"entry": ""})
    assert board.entries.chosen(worse.owner) is None


@pytest.mark.parametrize(
    "name", ["", " ", "x" * 31, "Bob Lovelace", "bob", "\u200b", "a\u0301\u0301\u0301\u0301\u0301"]
)
def test_a_pseudonym_that_does_not_do_is_refused_in_a_sentence(client, board, name):
    ada = come_in(client, board, "ada")
    answer = ada.post("/appearance", data={"pseudonym": name, "shows_name": "on"})
    assert answer.status_code == 422
    assert told_on(answer.text).endswith("and save again.")
    assert f'value="{escape(name)}"' in answer.text, "what was typed can be mended"
    assert re.search(r'name="shows_name" value="on" checked', answer.text)
    assert not board.people.find("ada").shows_name


def test_others_see_what_a_student_wants(client, board):
    ada, bob = come_in(client, board, "ada"), come_in(client, board, "bob")
    ada.hand_in(csv_of(guesses(board)))
    assert ada.post("/appearance", data={"pseudonym": "<b>fox</b>"}).status_code == 303
    assert board.people.find("ada").shown == "<b>fox</b>"
    for shows, expected in (("", "<b>fox</b>"), ("on", "Ada Lovelace")):
        ada.post("/appearance", data={"pseudonym": "<b>fox</b>", "shows_name": shows})
        assert board.people.find("ada").shown == expected
    assert "<b>fox</b>" not in ada.get().text
    assert bob.get().status_code == 200


@pytest.mark.family(share=4)
@pytest.mark.parametrize("taken", IDS)
def test_a_page_tells_nothing_about_entries_that_are_not_ones_own(client, board, taken):
    ada, bob = come_in(client, board, "ada"), come_in(client, board, "bob")
    bob.hand_in(csv_of(guesses(board, 0.4)))
    answer = ada._ask("GET", "/", params={"taken": taken, "saved": taken})
    assert answer.status_code == 200
    assert told_on(answer.text) == ""


def test_rows_do_not_tell_who_hides_behind_a_pseudonym(client, board):
    come_in(client, board, "ada").hand_in(csv_of(guesses(board)))
    page = come_in(client, board, "bob").get().text
    for word in ("ada@", "bob@", "Ada Lovelace", '"p1"', f'id="{number_of(board, "ada")}"'):
        assert word not in page


def test_staff_decides_and_nobody_else_knows_the_page(client, board):
    ada, sam = come_in(client, board, "ada"), come_in(client, board, "sam")
    ada.hand_in(csv_of(guesses(board)))
    (entry,) = board.entries.of(number_of(board, "ada"))
    decision = {"entry": str(entry.number), "counts": "no", "note": "  the code  is missing "}
    for guest in (ada, come_in(client, board, "hall"), Guest(client, "")):
        assert guest._ask("GET", "/staff").status_code == 404
        assert guest._ask("POST", "/staff/decision", data=decision).status_code == 404
    assert sam._ask("POST", "/staff/decision", data=decision).status_code == 403
    assert board.verdicts.decisions() == {}
    assert sam.post("/staff/decision", data=decision).status_code == 303
    kept = board.verdicts.decisions()[entry.number]
    assert (kept.counts, kept.note) == (False, "the code is missing")
    page = sam.get("/staff").text
    assert "refused" in page
    assert "the code is missing" in page


def test_staff_sees_who_hides_behind_a_pseudonym_and_no_second_name_of_who_does_not(client, board):
    pseudonym = board.people.find("ada").pseudonym
    sam = come_in(client, board, "sam")
    assert f"seen as <bdi>{pseudonym}</bdi>" in sam.get("/staff").text
    board.people.appear(number_of(board, "ada"), shows_name=True, pseudonym=pseudonym)
    assert f"seen as <bdi>{pseudonym}</bdi>" not in sam.get("/staff").text


def test_the_screen_says_when_it_ends_as_long_as_it_has_not(client, board):
    hall = come_in(client, board, "hall")
    assert "It ends on" not in hall.get().text
    board.end(board.clock() + 60)
    assert f"{utc_text(board.ends)}</time> UTC" in hall.get().text
    board.end(board.clock())
    assert "It ends on" not in final_page(hall)


def final_page(guest):
    """The page, once the live standing knows of the end."""
    until = time.monotonic() + 10
    while "private half" not in (page := guest.get().text) and time.monotonic() < until:
        time.sleep(0.02)
    return page


def test_the_pages_for_the_terminal_name_a_command_that_works_without_an_active_environment(client, board):
    ada = come_in(client, board, "ada")
    assert "<code>python3 course.py submit predictions.csv</code>" in ada.get().text
    assert "<code>python3 course.py submit predictions.csv</code>" in ada.post("/terminal-key").text


@pytest.mark.family(share=4)
@pytest.mark.parametrize("entry", [each for each in IDS if each != "2"])
@pytest.mark.parametrize("counts", ["yes", "maybe", ""])
def test_a_decision_about_no_entry_changes_nothing(client, board, entry, counts):
    sam = come_in(client, board, "sam")
    answer = sam.post("/staff/decision", data={"entry": entry, "counts": counts})
    assert answer.status_code == 422
    assert board.verdicts.decisions() == {}


def test_a_student_lets_a_second_browser_in_and_stays_in_the_first(client, board):
    invitation = board.people.invite_again("bob").token
    ada = come_in(client, board, "ada")
    first, second = (re.search(rf"{URL}/join/(\w+)", ada.post("/another-browser").text)[1] for _ in range(2))
    assert board.doors.link_is_open(first) is None
    assert board.doors.link_is_open(invitation), "that of somebody else"
    phone = Guest(client, board.doors.use_link(second))
    assert "Ada Lovelace" in phone.get().text
    assert "Ada Lovelace" in ada.get().text


def test_a_session_ends_by_leaving(client, board):
    ada = come_in(client, board, "ada")
    answer = ada.post("/leave")
    assert answer.status_code == 303
    assert ada.get().status_code == 401


@pytest.mark.parametrize("https", [True, False])
def test_the_cookie_is_kept_from_scripts_and_from_open_lines(tmp_path, https):
    url = "https://board.example.org" if https else URL
    with board_of_class(tmp_path, "ada") as board, asking(board, url=url) as client:
        token = board.people.invite_again("ada").token
        cookie = client.post("/join", data={"token": token}, follow_redirects=False).headers["set-cookie"]
        assert cookie.startswith("__Host-board=" if https else "board=")
        assert ("secure" in cookie.lower()) is https
        assert {"httponly", "samesite=lax", "path=/"} <= {part.strip().lower() for part in cookie.split(";")}
        assert client.get("/").status_code == 200


def test_what_the_disk_refuses_is_tried_again_later(client, board, monkeypatch):
    ada = come_in(client, board, "ada")
    page = ada.get()

    def full(*args, **options):
        raise NotNow("The board cannot be used now (disk full). Nothing has changed; try again in a minute.")

    monkeypatch.setattr(board.people, "appear", full)
    answer = ada.post("/appearance", data={"pseudonym": "fox"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    monkeypatch.setattr(board.doors, "session", full)
    answer = ada.get()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "try again" in told_on(answer.text)
    assert page.status_code == 200


def test_a_fault_of_ours_tells_nothing_about_us(client, board, monkeypatch):
    ada = come_in(client, board, "ada")
    monkeypatch.setattr(board.entries, "of", lambda number: 1 / 0)
    answer = ada.get()
    assert answer.status_code == 500
    assert "division" not in answer.text
    assert "Load the page again" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path", ["/nothing", "/staff/", "/static/../app.py", "/static/%2e%2e/app.py", "/static/"]
)
def test_there_is_nothing_elsewhere(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert "import" not in answer.text


def test_pages_have_nothing_inline_and_say_so(client, board):
    for guest, path in ((come_in(client, board, "ada"), "/"), (come_in(client, board, "sam"), "/staff")):
        answer = guest._ask("GET", path)
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"
        assert " style=" not in answer.text
        assert "<style" not in answer.text
        assert " onclick" not in answer.text
        assert answer.text.count("<script") == answer.text.count('<script src="/static/board.js')
