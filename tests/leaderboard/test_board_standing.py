"""How a competition stands: ranks, ties, halves, the curve of the class; and what a person decided."""

import numpy as np
from small_board import DAY, HandClock, participant, right_on, small_board

from lib.leaderboard.board import Decision, RerunNote


def hand_in(board, number, public, private=0):
    once = f"{number} {len(board.entries.of(number))}"
    return board.entries.add(number, right_on(board.key, public, private), once=once)


def test_nobody_stands_before_the_first_entry(tmp_path):
    board = small_board(tmp_path)
    assert board.standing() == board.standing(final=True) == []
    assert board.curve() == []
    assert board.entries.all_counting() == {}


def test_equal_scores_share_a_rank_and_who_came_first_stands_above(tmp_path):
    board = small_board(tmp_path, students=5)
    for number, right in ((4, 50), (2, 60), (3, 50), (1, 50), (5, 40)):
        hand_in(board, number, right)
    rows = board.standing()
    assert [(row.rank, row.owner) for row in rows] == [(1, 2), (2, 4), (2, 3), (2, 1), (5, 5)]
    assert [row.entries for row in rows] == [1] * 5


def test_the_private_half_is_ranked_by_the_entry_that_counts(tmp_path):
    board = small_board(tmp_path)
    hand_in(board, 1, 60, 10)
    better = hand_in(board, 1, 50, 60)
    hand_in(board, 2, 55, 30)
    assert [row.owner for row in board.standing()] == [1, 2]
    assert [row.owner for row in board.standing(final=True)] == [2, 1]  # the best public one counts
    board.entries.choose(1, better.number)
    assert [row.owner for row in board.standing()] == [2, 1]
    assert [row.owner for row in board.standing(final=True)] == [1, 2]
    assert {row.owner: row.tenths for row in board.standing(final=True)}[1] == better.private


def test_scores_are_tenths_of_a_percent_of_images_that_count(tmp_path):
    board = small_board(tmp_path)
    half = int(board.key.public.sum())
    for right in (0, 1, 33, half):
        made = hand_in(board, 1, right)
        assert made.public == int(np.floor(1000 * right / half + 0.5))
    assert hand_in(board, 2, half, int(board.key.private.sum())).private == 1000


def test_every_change_that_shows_moves_the_revision(tmp_path):
    board = small_board(tmp_path)
    seen = [board.revision]
    made = hand_in(board, 1, 10)
    seen.append(board.revision)
    board.entries.choose(1, made.number)
    seen.append(board.revision)
    board.people.appear(1, shows_name=True, pseudonym="the fox")
    seen.append(board.revision)
    board.end()
    seen.append(board.revision)
    assert seen == sorted(set(seen))
    board.entries.of(1), board.standing(), board.curve(), board.people.all()
    assert board.revision == seen[-1]


def test_names_or_pseudonyms_as_each_has_chosen(tmp_path):
    board = small_board(tmp_path, students=2)
    board.people.invite([("no name", "", "")])
    for number in (1, 2, 3):
        hand_in(board, number, 10)
    hidden = {person.number: person.pseudonym for person in board.people.all()}
    assert {row.owner: row.shown for row in board.standing()} == hidden
    for number in (1, 3):
        board.people.appear(number, shows_name=True, pseudonym=hidden[number])
    shown = {row.owner: row.shown for row in board.standing()}
    assert shown == {1: "Name 1", 2: hidden[2], 3: "no name"}


def test_the_curve_has_the_best_and_the_middle_of_each_day(tmp_path):
    clock = HandClock()
    board = small_board(tmp_path, clock=clock)
    half = int(board.key.public.sum())
    first = int(clock.now // DAY)
    hand_in(board, 1, 20), hand_in(board, 1, 30), hand_in(board, 2, 40)
    clock.now += 3 * DAY
    hand_in(board, 3, 25), hand_in(board, 2, 10)
    days = board.curve()
    assert [day.day for day in days] == [first, first + 3]
    assert [day.entries for day in days] == [3, 2]
    best, middle = round(1000 * 40 / half), round(1000 * 30 / half)
    assert [(day.best, day.median) for day in days] == [(best, best), (best, middle)]


def test_a_rerun_takes_the_place_of_an_older_one_and_of_what_was_decided(tmp_path):
    board = small_board(tmp_path)
    made = hand_in(board, 1, 10)
    first = RerunNote(made.number, 1.0, False, "differs by 300 images", 2.0)
    board.verdicts.note_rerun(first)
    board.verdicts.note_decision(Decision(made.number, 2.0, True, "'; DROP TABLE decisions"))
    board.verdicts.note_decision(Decision(made.number, 3.0, False, "<b>no</b>"))
    assert board.verdicts.reruns() == {made.number: first}
    assert board.verdicts.decisions()[made.number] == Decision(made.number, 3.0, False, "<b>no</b>")
    again = RerunNote(made.number, 4.0, True, "agrees", 2.0)
    board.verdicts.note_rerun(again)
    assert board.verdicts.reruns() == {made.number: again}
    assert board.verdicts.decisions() == {}


def test_the_standing_is_that_of_any_order_of_entries(tmp_path):
    rng = np.random.default_rng(0)
    board = small_board(tmp_path, students=20, a_day=100)
    kept = {}
    for at in range(150):
        number, right = int(rng.integers(1, 21)), int(rng.integers(0, 95))
        made = board.entries.add(number, right_on(board.key, right), once=str(at))
        if number not in kept or made.public > kept[number].public:
            kept[number] = made
    assert board.entries.all_counting() == kept
    expected = sorted(kept.values(), key=lambda entry: (-entry.public, entry.number))
    rows = board.standing()
    assert [row.owner for row in rows] == [entry.owner for entry in expected]
    assert [row.tenths for row in rows] == [entry.public for entry in expected]
    ranks = [1 + sum(other.public > entry.public for other in expected) for entry in expected]
    assert [row.rank for row in rows] == ranks
    assert participant(board, "s1").number == 1
