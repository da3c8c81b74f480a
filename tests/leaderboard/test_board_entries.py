"""What students hand in: taken once, refused whole, and which one counts."""

import numpy as np
import pytest
from small_board import HandClock, participant, right_on, small_board

from lib.leaderboard.board import Closed, Refusal, TooMany, percent


def test_an_entry_is_kept_as_it_came(tmp_path):
    board = small_board(tmp_path)
    labels = right_on(board.key, 40, 20)
    made = board.entries.add(1, labels, once="a", file=" my  file.csv ", description="ResNet\n with flips")
    half, private = int(board.key.public.sum()), int(board.key.private.sum())
    assert (made.owner, made.of_the_day, made.at) == (1, 1, HandClock().now)
    assert (made.file, made.description) == ("my file.csv", "ResNet with flips")
    assert abs(made.public - 1000 * 40 / half) <= 0.5
    assert made.private_share == pytest.approx(20 / private)
    assert board.entries.of(1) == [made] == [board.entries.one(made.number)]
    assert np.array_equal(board.entries.labels_of(made.number), labels)
    assert board.entries.labels_of(made.number).dtype == np.int64
    assert board.entries.of(2) == []
    assert percent(made.public).endswith(" %")


def test_the_same_upload_sent_again_is_one_entry_whatever_else_it_says(tmp_path):
    board = small_board(tmp_path)
    first = board.entries.add(1, right_on(board.key, 40), once="a", description="first")
    revision = board.revision
    assert board.entries.add(1, right_on(board.key, 90), once="a", description="again") == first
    assert (board.revision, board.entries.used_today(1)) == (revision, 1)
    theirs = board.entries.add(2, right_on(board.key, 10), once="a")
    assert theirs.owner == 2
    assert board.entries.used_today(2) == 1


def test_the_same_upload_is_found_even_when_the_day_is_used_or_over(tmp_path):
    board = small_board(tmp_path, a_day=1)
    first = board.entries.add(1, right_on(board.key, 40), once="a")
    assert board.entries.add(1, right_on(board.key, 40), once="a") == first
    board.end()
    assert board.entries.add(1, right_on(board.key, 40), once="a") == first


@pytest.mark.parametrize("once", ["", "x" * 101, "a\0b", "\ud800", "é", "a\nb"])
def test_an_upload_without_a_mark_of_its_own_is_refused(tmp_path, once):
    board = small_board(tmp_path)
    with pytest.raises(ValueError, match=r"^once: expected 1 to 100 visible characters"):
        board.entries.add(1, right_on(board.key, 1), once=once)
    assert board.entries.of(1) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda labels: labels[:-1],
        lambda labels: np.append(labels, 1),
        lambda labels: labels[:, None],
        lambda labels: labels.astype(float),
        lambda labels: np.where(labels == labels[0], 10, labels),
        lambda labels: np.where(labels == labels[0], -1, labels),
        lambda labels: np.where(labels == labels[0], 256, labels),
        lambda labels: [*labels[:-1], "x"],
        lambda labels: None,
    ],
)
def test_what_are_no_labels_uses_no_entry(tmp_path, change):
    board = small_board(tmp_path)
    with pytest.raises(ValueError, match=r"^labels: expected "):
        board.entries.add(1, change(right_on(board.key, 1)), once="a")
    assert board.entries.used_today(1) == 0
    assert board.standing() == []


@pytest.mark.parametrize("who", ["boss", "wall", None])
def test_staff_screens_and_strangers_hand_nothing_in(tmp_path, who):
    board = small_board(tmp_path)
    board.people.invite([("boss", "", "")], "staff")
    board.people.invite([("wall", "", "")], "screen")
    number = 999 if who is None else participant(board, who).number
    with pytest.raises(Refusal, match="Only students hand in"):
        board.entries.add(number, right_on(board.key, 1), once="a")
    assert board.standing() == []


HOSTILE = [
    ("../../etc/passwd", "../../etc/passwd"),
    ("a\0b.csv", "a b.csv"),
    ("a\r\nSet-Cookie: b", "a Set-Cookie: b"),
    ("\u202evsc.elif", "vsc.elif"),
    ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
    ("'; DROP TABLE entries; --", "'; DROP TABLE entries; --"),
    ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
    ("\x1b[2J\x07", "[2J"),
    ("\ud800x", "x"),
    ("é" * 5000, "é" * 100),
    (" " * 5000, ""),
]


@pytest.mark.parametrize(("text", "kept"), HOSTILE)
def test_hostile_texts_are_kept_as_text(tmp_path, text, kept):
    board = small_board(tmp_path)
    made = board.entries.add(1, right_on(board.key, 1), once="a", file=text, description=text)
    assert made.file == kept[:100]
    assert made.description[:100] == kept
    assert len(made.description) <= 200
    assert board.entries.of(1) == [made]


def test_the_best_counts_until_another_is_chosen(tmp_path):
    board = small_board(tmp_path)
    first, best, equal, worse = (
        board.entries.add(1, right_on(board.key, right), once=str(at))
        for at, right in enumerate((40, 60, 60, 50))
    )
    assert board.entries.counting(1) == best  # of equal ones the first
    board.entries.choose(1, worse.number)
    assert board.entries.counting(1) == worse == board.entries.all_counting()[1]
    board.entries.add(1, right_on(board.key, 70), once="better")
    assert board.entries.counting(1) == worse
    board.entries.choose(1, None)
    assert board.entries.counting(1).public > best.public
    assert {first.of_the_day, best.of_the_day, equal.of_the_day, worse.of_the_day} == {1, 2, 3, 4}
    assert board.entries.counting(2) is None


def test_anothers_entry_and_none_at_all_are_refused_in_the_same_words(tmp_path):
    board = small_board(tmp_path)
    theirs = board.entries.add(2, right_on(board.key, 50), once="a")
    mine = board.entries.add(1, right_on(board.key, 10), once="a")
    said = set()
    for number in (theirs.number, 99, 0, -1, 2**63, 10**30):
        with pytest.raises(Refusal) as error:
            board.entries.choose(1, number)
        said.add(str(error.value))
    assert len(said) == 1
    assert board.entries.counting(1) == mine
    for number in (99, 0, -1, 10**30):
        for look in (board.entries.one, board.entries.labels_of):
            with pytest.raises(ValueError, match=r"^entry: expected the number of an entry"):
                look(number)


def test_after_the_end_nothing_is_taken_and_the_choice_is_settled(tmp_path):
    clock = HandClock()
    board = small_board(tmp_path, clock=clock)
    made = board.entries.add(1, right_on(board.key, 10), once="a")
    board.end(clock.now + 10)
    clock.now += 9.5
    assert not board.ended
    board.entries.add(1, right_on(board.key, 20), once="b")
    clock.now += 0.5
    assert board.ended
    before = board.revision, board.standing(), board.entries.of(1)
    with pytest.raises(Closed):
        board.entries.add(1, right_on(board.key, 90), once="c")
    with pytest.raises(Closed):
        board.entries.choose(1, made.number)
    assert (board.revision, board.standing(), board.entries.of(1)) == before


def test_too_many_says_how_long_to_wait_and_counts_nothing(tmp_path):
    board = small_board(tmp_path, a_day=2)
    for once in "ab":
        board.entries.add(1, right_on(board.key, 10), once=once)
    before = board.revision
    for _ in range(3):
        with pytest.raises(
            TooMany, match=r"^Today's 2 entries are used up\. The next one is possible in 12 h, at"
        ) as error:
            board.entries.add(1, right_on(board.key, 90), once="c")
        assert error.value.seconds == 12 * 3600
    assert (board.entries.used_today(1), board.revision) == (2, before)
    board.entries.add(2, right_on(board.key, 10), once="c")
