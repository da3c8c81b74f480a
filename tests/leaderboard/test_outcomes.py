"""From entries to marks: a re-run that agrees gives them, all that looks odd waits for a person."""

import pytest
from board_of_tests import NOON, guesses, invite, make_small_board

from lib.leaderboard.board import Decision, RerunNote
from lib.leaderboard.board.outcomes import outcomes
from lib.leaderboard.scoring import marks_of


@pytest.fixture
def board(tmp_path):
    board = make_small_board(tmp_path)
    yield board
    board.close()


def hand_in(board, number, labels, once="a"):
    return board.entries.add(number, labels, once=once)


def only(board):
    (outcome,) = outcomes(board)
    return outcome


def test_who_has_handed_in_nothing_gets_nothing(board):
    invite(board, "ada")
    outcome = only(board)
    assert (outcome.state, outcome.marks, outcome.reasons, outcome.entry) == ("no entry", 0.0, (), None)


def test_an_entry_waits_for_its_rerun(board):
    (ada,) = invite(board, "ada")
    entry = hand_in(board, ada, guesses(board))
    outcome = only(board)
    assert (outcome.state, outcome.marks, outcome.entry) == ("re-run to come", None, entry)


@pytest.mark.parametrize(
    ("agrees", "looked_up", "state"),
    [
        (True, False, "agrees"),
        (False, False, "waits for a person"),
        (True, True, "waits for a person"),
        (False, True, "waits for a person"),
    ],
)
def test_a_rerun_gives_marks_where_it_agrees_and_nothing_looks_odd(board, agrees, looked_up, state):
    (ada,) = invite(board, "ada")
    entry = hand_in(board, ada, board.key.labels if looked_up else guesses(board))
    assert bool(entry.flags) is looked_up
    board.verdicts.note_rerun(RerunNote(entry.number, NOON, agrees, "3 of 200 differ", 1.0))
    outcome = only(board)
    assert outcome.state == state
    assert outcome.marks == (marks_of(entry.private_share) if state == "agrees" else None)
    assert outcome.reasons == (*entry.flags, "3 of 200 differ")


@pytest.mark.parametrize("counts", [True, False])
@pytest.mark.parametrize("rerun", [None, True, False])
def test_what_a_person_decided_settles_it(board, counts, rerun):
    (ada,) = invite(board, "ada")
    entry = hand_in(board, ada, board.key.labels)
    if rerun is not None:
        board.verdicts.note_rerun(RerunNote(entry.number, NOON, rerun, "report", 1.0))
    board.verdicts.note_decision(Decision(entry.number, NOON, counts, "talked to Ada"))
    outcome = only(board)
    assert outcome.state == ("accepted" if counts else "refused")
    assert outcome.marks == (40.0 if counts else 0.0)
    assert outcome.reasons[-1] == "talked to Ada"


def test_a_decision_is_about_one_entry_and_no_other(board):
    (ada,) = invite(board, "ada")
    first, second = (hand_in(board, ada, guesses(board, share), once=str(share)) for share in (0.3, 0.8))
    board.verdicts.note_decision(Decision(second.number, NOON, False, ""))
    assert only(board).state == "refused"
    board.entries.choose(ada, first.number)
    assert (only(board).state, only(board).entry) == ("re-run to come", first)


def test_students_stand_in_the_order_of_their_ids_and_staff_is_not_among_them(board):
    invite(board, "bob", "ada", "cleo")
    invite(board, "dan", role="staff")
    assert [outcome.participant.student for outcome in outcomes(board)] == ["ada", "bob", "cleo"]


def test_the_same_predictions_of_two_students_wait_for_a_person_and_guesses_do_not(board):
    ada, bob, cleo, dan, eve = invite(board, "ada", "bob", "cleo", "dan", "eve")
    labels = guesses(board, 0.6)
    changed = labels.copy()
    changed[[5, 77]] = (changed[[5, 77]] + 1) % 10
    zeros = [0] * len(board.key)
    handed_in = {ada: labels, bob: changed, cleo: guesses(board, 0.6, seed=1), dan: zeros, eve: zeros}
    for number, said in handed_in.items():
        entry = hand_in(board, number, said)
        board.verdicts.note_rerun(RerunNote(entry.number, NOON, True, "0 differ", 1.0))
    found = {outcome.participant.student: outcome for outcome in outcomes(board)}
    assert {student: outcome.state for student, outcome in found.items()} == {
        "ada": "waits for a person",
        "bob": "waits for a person",
        "cleo": "agrees",
        "dan": "agrees",
        "eve": "agrees",
    }
    assert "Nearly the same predictions as bob (2 differ): who made them?" in found["ada"].reasons
    assert "Nearly the same predictions as ada (2 differ): who made them?" in found["bob"].reasons
    board.verdicts.note_decision(Decision(found["ada"].entry.number, NOON, True, "it is hers"))
    assert outcomes(board)[0].state == "accepted"
