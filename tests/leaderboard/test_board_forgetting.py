"""A student who is deleted has never been there, on the disk neither; links count once handed over."""

from __future__ import annotations

import numpy as np
import pytest
from small_challenge import SECRET, small_dataset

from lib.leaderboard import make_competition
from lib.leaderboard.board import Board, Decision, RerunNote, make_board

KEY = make_competition(small_dataset(), SECRET).key
PEOPLE = [("s1", "Ada Lovelace", "ada@example.org"), ("s2", "Bob", "")]


@pytest.fixture
def board(tmp_path):
    make_board(tmp_path / "board.db", KEY)
    board = Board(tmp_path / "board.db", KEY)
    yield board
    board.close()


def hand_in(board, number, once, label=0):
    return board.entries.add(number, np.full(len(KEY), label), once=once, description=f"words of {number}")


def test_nothing_of_the_student_is_left_and_the_others_stay(board, tmp_path):
    ada, bob = (board.doors.session(board.doors.use_link(made.token)) for made in board.people.invite(PEOPLE))
    board.people.appear(ada.number, shows_name=False, pseudonym="countess")
    board.doors.new_terminal_key(ada.number)
    mine = [hand_in(board, ada.number, once, label) for label, once in enumerate("abc")]
    other = hand_in(board, bob.number, "a")
    for entry in (mine[0], other):
        board.verdicts.note_rerun(RerunNote(entry.number, 1.0, True, "equal", 2.0))
        board.verdicts.note_decision(Decision(entry.number, 1.0, True, "looked at"))
    before = board.revision
    assert board.forget(ada.number) == 3
    assert board.revision > before
    assert [person.student for person in board.people.all()] == ["s2"]
    assert [place.owner for place in board.standing()] == [bob.number]
    assert set(board.verdicts.reruns()) == set(board.verdicts.decisions()) == {other.number}
    for path in tmp_path.iterdir():
        content = path.read_bytes()
        for word in (b"Ada", b"ada@example.org", b"countess", f"words of {ada.number}".encode()):
            assert word not in content, (path.name, word)
    assert hand_in(board, bob.number, "b").number > other.number


def test_nobody_gets_the_number_of_somebody_who_was_forgotten(board):
    """Requests, open pages and rows of the standing know people by their number."""
    board.people.invite(PEOPLE)
    gone = board.people.find("s2").number
    board.forget(gone)
    board.people.invite([("s3", "Cleo", "")])
    assert board.people.find("s3").number > gone


def test_the_same_student_may_come_again_and_begins_anew(board):
    (made, _) = board.people.invite(PEOPLE)
    number = board.people.find("s1").number
    hand_in(board, number, "a")
    board.forget(number)
    assert board.doors.link_is_open(made.token) is None
    (again,) = board.people.invite(PEOPLE)
    assert again.student == "s1"
    new = board.people.find("s1").number
    assert board.entries.of(new) == []
    assert board.entries.used_today(new) == 0


def test_nobody_is_taken_in_whose_link_could_not_be_handed_over(board):
    def full(made):
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        board.people.invite(PEOPLE, hand_over=full)
    assert board.people.all() == []
    handed = []
    made = board.people.invite(PEOPLE, hand_over=handed.extend)
    assert handed == made
    with pytest.raises(OSError, match="No space left"):
        board.people.invite_again("s1", hand_over=full)
    assert board.doors.link_is_open(made[0].token)  # the one that was sent still opens the board
