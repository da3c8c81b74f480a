"""`course submit` and the real page: one entry on both sides, and the page's sentences at the terminal."""

from __future__ import annotations

import threading
import time

import pytest
import uvicorn
from board_of_tests import guesses, invite, make_small_board, quick_settings

from lib.leaderboard import write_predictions
from lib.leaderboard.board import percent
from lib.leaderboard.board.tokens import in_groups
from lib.leaderboard.kept_keys import keep_key, kept_key, read_line
from lib.leaderboard.sending import send_entry
from lib.leaderboard.site.serve import server_config
from lib.leaderboard.submit import submit_command


@pytest.fixture
def board(tmp_path):
    board = make_small_board(tmp_path, a_day=2)
    invite(board, "ada")
    yield board
    board.close()


@pytest.fixture
def address(board):
    """Of a server of the board, in a thread."""
    server = uvicorn.Server(server_config(board, quick_settings(), host="127.0.0.1", port=0))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 30
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(30)


@pytest.fixture
def submit(board, address, tmp_path):
    """Hands in, with ada's key, labels of which such a share is right."""
    place, number = tmp_path / "settings" / "leaderboards.txt", board.people.find("ada").number
    keep_key(place, read_line(f"{address}#{in_groups(board.doors.new_terminal_key(number))}"))

    def run(share=0.5, **options):
        file = tmp_path / f"größe {share}.csv"
        write_predictions(file, guesses(board, share))
        return submit_command(file, count=len(board.key), pauses=(0.01,), place=place, **options)

    run.place, run.number = place, number
    return run


def test_an_entry_is_on_the_board_as_it_is_told(board, submit, capsys):
    assert submit(description="twice as wide, größer") == 0
    (entry,) = board.entries.of(submit.number)
    assert (entry.file, entry.description) == ("größe 0.5.csv", "twice as wide, größer")
    said = capsys.readouterr().out
    assert f"Entry {entry.number}: {percent(entry.public)} of the public half are right." in said
    assert "Today 1 entry is left; the next day begins in 12 h, at 00:00 UTC." in said


def test_predictions_of_other_images_are_doubted_here_too(board, submit, capsys):
    submit(0.1)
    assert "as good as guessing" in capsys.readouterr().out
    submit(0.5)
    assert "guessing" not in capsys.readouterr().out


def test_sent_twice_it_is_one_entry(board, submit, tmp_path):
    key = kept_key(submit.place)
    write_predictions(tmp_path / "one.csv", guesses(board))
    content = (tmp_path / "one.csv").read_bytes()
    first, second = (send_entry(key, content, "one.csv", once="a" * 32) for _ in range(2))
    assert first == second
    assert len(board.entries.of(submit.number)) == 1


def test_what_the_page_refuses_is_a_sentence_here(board, submit):
    for share in (0.3, 0.4):
        submit(share)
    with pytest.raises(ValueError, match=r"^Today's 2 entries are used up\. The next one .* 12 h, "):
        submit(0.5)
    board.clock.now += 86_400
    submit(0.5)
    board.end()
    with pytest.raises(ValueError, match=r"^The competition has ended"):
        submit(0.6)
    assert len(board.entries.of(submit.number)) == 3


def test_a_newer_key_ends_the_older_one(board, submit):
    board.doors.new_terminal_key(submit.number)
    with pytest.raises(ValueError, match="Make a new one on the page, under “From the terminal”"):
        submit()
    assert board.entries.of(submit.number) == []
    assert kept_key(submit.place) is None
