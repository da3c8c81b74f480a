"""Who takes part: invitations, links that work once, sessions, pseudonyms, names that mean harm."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest
from small_board import DAY, HandClock, participant, small_board

from lib.leaderboard.board import Board, Refusal
from lib.leaderboard.board.doors import LASTS

HOSTILE = [
    "'; DROP TABLE participants; --",
    '" OR 1=1 --',
    "%s%n{0}{x}$(id)`id`",
    "<script>alert(1)</script>",
    "=HYPERLINK(1)",
    "../../etc/passwd",
    "Ádám Ó'Brien-Smith",
    "אבג دال",
    "\u202egnp.exe",
    "a\0b\x1b[2Jc\r\nBcc: d@example.org",
    "\ud800",
    "x" * 5000,
    "🦊" * 50,
]


def test_an_invitation_is_for_those_who_are_not_there_yet(tmp_path):
    board = small_board(tmp_path, students=2)
    again = board.people.invite([("S1", "", ""), (" s2 ", "", ""), ("s3", "Three", ""), ("S3", "", "")])
    assert [invitation.student for invitation in again] == ["s3"]
    assert [person.student for person in board.people.all()] == ["s1", "s2", "s3"]
    assert len({person.pseudonym for person in board.people.all()}) == 3
    assert not any(person.joined or person.shows_name for person in board.people.all())


def test_of_an_invitation_with_a_fault_nobody_is_taken_in(tmp_path):
    board = small_board(tmp_path, students=1)
    with pytest.raises(ValueError, match=r"^student: expected an id, got ''"):
        board.people.invite([("new", "", ""), ("\u202e ", "", "")])
    assert len(board.people.all()) == 1
    with pytest.raises(ValueError, match=r"^role: expected one of student, staff, screen, got 'admin'"):
        board.people.invite([("new", "", "")], "admin")


def test_a_link_works_once_and_looking_at_it_does_not_use_it(tmp_path):
    board = small_board(tmp_path)
    (invitation,) = board.people.invite([("new", "", "")])
    token = invitation.token
    for _ in range(3):
        assert board.doors.link_is_open(token) is True
    session = board.doors.use_link(f" {token[:5].upper()}-{token[5:]} ")  # as typed from paper
    assert board.doors.session(session).student == "new"
    assert board.doors.link_is_open(token) is False
    assert board.doors.use_link(token) is None
    assert participant(board, "new").joined


def test_of_many_who_use_a_link_at_once_one_comes_in(tmp_path):
    board = small_board(tmp_path)
    (invitation,) = board.people.invite([("new", "", "")])
    with ThreadPoolExecutor(20) as pool:
        came = list(pool.map(board.doors.use_link, [invitation.token] * 40))
    assert len([session for session in came if session]) == 1


@pytest.mark.parametrize("token", ["", "wrong", "\0", "\ud800", "a" * 10**6, "' OR 1=1 --"])
def test_unknown_links_sessions_and_keys_open_nothing(tmp_path, token):
    board = small_board(tmp_path)
    assert board.doors.link_is_open(token) is None
    assert board.doors.use_link(token) is None
    assert board.doors.session(token) is None
    assert board.doors.session(token, "terminal") is None
    board.doors.end_session(token)


def test_a_link_is_no_session_and_a_key_no_cookie(tmp_path):
    board = small_board(tmp_path)
    (invitation,) = board.people.invite([("new", "", "")])
    session = board.doors.use_link(invitation.token)
    key = board.doors.new_terminal_key(participant(board, "new").number)
    assert board.doors.session(invitation.token) is None
    assert board.doors.session(session, "terminal") is None
    assert board.doors.session(key) is None
    assert board.doors.session(key, "terminal").student == "new"
    assert board.doors.use_link(session) is None
    assert board.doors.use_link(key) is None


def test_a_new_key_ends_the_older_one_and_no_session_and_nobody_elses(tmp_path):
    board = small_board(tmp_path)
    (invitation,) = board.people.invite([("new", "", "")])
    session = board.doors.use_link(invitation.token)
    number, other = participant(board, "new").number, participant(board, "s1").number
    first, theirs = board.doors.new_terminal_key(number), board.doors.new_terminal_key(other)
    second = board.doors.new_terminal_key(number)
    assert board.doors.session(first, "terminal") is None
    for token, kind in ((second, "terminal"), (theirs, "terminal"), (session, "browser")):
        assert board.doors.session(token, kind) is not None


def test_a_session_ends_by_leaving_or_after_its_time(tmp_path):
    clock = HandClock()
    board = small_board(tmp_path, clock=clock)
    tokens = [invitation.token for invitation in board.people.invite([("a", "", ""), ("b", "", "")])]
    left, old = map(board.doors.use_link, tokens)
    board.doors.end_session(left)
    assert board.doors.session(left) is None
    clock.now += LASTS - 1
    assert board.doors.session(old).student == "b"
    clock.now += 1
    assert board.doors.session(old) is None
    clock.now -= 400 * DAY  # a clock that was set wrong does not end sessions
    assert board.doors.session(old).student == "b"


def test_another_invitation_ends_older_links_sessions_and_keys_of_this_person_alone(tmp_path):
    board = small_board(tmp_path)
    first, theirs = board.people.invite([("a", "Ann", "ann@example.org"), ("b", "", "")])
    session, other = board.doors.use_link(first.token), board.doors.use_link(theirs.token)
    key = board.doors.new_terminal_key(participant(board, "a").number)
    unused = board.people.invite_again("ANN@example.org")
    again = board.people.invite_again("ann")
    assert board.doors.session(session) is None
    assert board.doors.session(key, "terminal") is None
    assert board.doors.use_link(unused.token) is None
    assert board.doors.session(board.doors.use_link(again.token)).student == "a"
    assert board.doors.session(other).student == "b"


def test_who_is_several_is_named_by_id(tmp_path):
    board = small_board(tmp_path, students=1)
    board.people.invite([("a", "Ann Lee", ""), ("b", "ann  lee", "")])
    with pytest.raises(
        ValueError, match="expected one person, got 'Ann Lee', who is several: a, b; write the"
    ):
        board.people.invite_again("Ann Lee")
    for nobody in ("", "  ", "nobody", "%", "\ud800"):
        with pytest.raises(ValueError, match=r"^name: expected an id, a name or an address of somebody"):
            board.people.find(nobody)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_are_kept_as_text(tmp_path, text):
    board = small_board(tmp_path, students=1)
    (made,) = board.people.invite([("id", text, text)])
    (again,) = board.people.invite([(f"x{text}", text, text)])
    person = participant(board, "id")
    assert person.name == person.email
    assert made.name == again.name == person.name
    assert not any(character in person.name for character in "\0\x1b\r\n\u202e\ud800")
    if text.isprintable():
        assert person.name == text
    assert len(board.people.all()) == 3
    assert board.doors.use_link(again.token)


@pytest.mark.parametrize(
    "pseudonym",
    ["", "x" * 31, "..", "\u202eb", "\0b", "\x1b[2J", "\ud800", "\u200b", "Z\u0300\u0301\u0302\u0303\u0304",
        "\u3164", "\u115f\u1160", "\u2800", "\uffa0"],
)  # fmt: skip
def test_pseudonyms_that_cannot_be_read_are_refused(tmp_path, pseudonym):
    board = small_board(tmp_path)
    before = participant(board)
    with pytest.raises(ValueError, match=r"^(A|This) pseudonym has "):
        board.people.appear(before.number, shows_name=True, pseudonym=pseudonym)
    assert participant(board) == before


def test_nobody_takes_the_pseudonym_name_or_id_of_another(tmp_path):
    board = small_board(tmp_path)
    me, other = participant(board, "s1"), participant(board, "s2")
    for taken in (other.pseudonym.upper(), " Name  2", "S2", "ｎａｍｅ ２"):
        with pytest.raises(Refusal, match="Somebody else is called"):
            board.people.appear(me.number, shows_name=False, pseudonym=taken)
    revision = board.revision
    board.people.appear(me.number, shows_name=False, pseudonym=me.pseudonym)
    board.people.appear(me.number, shows_name=True, pseudonym="'; DROP TABLE entries")
    assert participant(board, "s1").shown == "Name 1"
    board.people.appear(me.number, shows_name=False, pseudonym="Name 1")  # it is mine
    assert participant(board, "s1").shown == "Name 1"
    assert participant(board, "s2") == other
    assert board.revision > revision


@pytest.mark.parametrize(
    "like", ["Аdа Lоvеlасе", "Αda Lοvelace", "АDА LОVЕLАСЕ", "Àda\u2009Lovelace", "Ada\ufe0f Love\u034flace"]
)
def test_nobody_is_seen_under_what_looks_like_the_name_of_another(tmp_path, like):
    board = small_board(tmp_path)
    board.people.invite([("ada", "Ada Lovelace", "")])
    with pytest.raises(Refusal, match="Somebody else is called"):
        board.people.appear(participant(board, "s1").number, shows_name=False, pseudonym=like)


def test_letters_of_all_scripts_make_pseudonyms(tmp_path):
    board = small_board(tmp_path)
    for pseudonym in ("Лиса", "Αλεπού", "राम", "रामि", "여우", "キツネ", "ثعلب", "ก้อย", "fox 🦊", "α-beta"):
        board.people.appear(1, shows_name=False, pseudonym=pseudonym)
        assert participant(board, "s1").pseudonym == pseudonym
    board.people.appear(1, shows_name=False, pseudonym="a ❤\ufe0f fox\u3164")
    assert participant(board, "s1").pseudonym == "a ❤ fox", "no two look the same"
    board.people.appear(2, shows_name=False, pseudonym="राम")
    board.people.appear(3, shows_name=False, pseudonym="रामि")


def test_ids_that_differ_in_an_accent_are_two_people(tmp_path):
    board = small_board(tmp_path)
    ids = ["muller", "müller", "große", "größe", "Аda", "Ada"]
    made = board.people.invite([(student, "", "") for student in ids])
    assert [invitation.student for invitation in made] == ids
    for student in ids:
        assert board.people.find(student.upper()).student == student
        assert board.people.invite_again(student).student == student
    assert board.people.invite([("MÜLLER", "", ""), ("mu\u0308ller", "", "")]) == [], "the same id again"


def test_a_refused_pseudonym_does_not_keep_the_file(tmp_path):
    board = small_board(tmp_path)
    with pytest.raises(Refusal) as kept:  # its frames are alive, as until Python collects its garbage
        board.people.appear(1, shows_name=False, pseudonym="s2")
    other = Board(tmp_path / "board.db", board.key)
    other.people.appear(2, shows_name=False, pseudonym="the fox")
    board.people.appear(1, shows_name=False, pseudonym="the hare")
    assert "that nobody has" in str(kept.value)


def test_of_many_who_want_a_pseudonym_at_once_one_has_it(tmp_path):
    board = small_board(tmp_path, students=12)

    def wants(number):
        try:
            board.people.appear(number, shows_name=False, pseudonym="the fox")
        except Refusal:
            return False
        return True

    with ThreadPoolExecutor(12) as pool:
        assert sum(pool.map(wants, range(1, 13))) == 1


def test_the_file_holds_no_secret_that_opens_anything(tmp_path):
    board = small_board(tmp_path)
    (invitation,) = board.people.invite([("new", "", "")])
    other = board.people.invite_again("s1").token
    session = board.doors.use_link(invitation.token)
    key = board.doors.new_terminal_key(1)
    board.close()
    with sqlite3.connect(tmp_path / "board.db") as raw:
        dump = "\n".join(raw.iterdump())
    raw.close()
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for secret in (invitation.token, other, session, key):
        assert secret not in dump
        assert secret.encode() not in content
    assert len({invitation.token, other, session, key}) == 4


def test_the_file_is_for_its_owner_alone(tmp_path):
    board = small_board(tmp_path / "new")
    board.backup(tmp_path / "copy.db")
    for path in (*(tmp_path / "new").iterdir(), tmp_path / "copy.db"):
        assert path.stat().st_mode & 0o077 == 0, path
    assert (tmp_path / "new").stat().st_mode & 0o077 == 0
