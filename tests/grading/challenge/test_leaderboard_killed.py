"""`course leaderboard init`, `invite` and `backup`, ended by the power or by a disk at the worst moments."""

import os
import signal
from contextlib import contextmanager

import numpy as np
import pytest

from data_loaders import Dataset, Split
from lib import cli
from lib.leaderboard.board import Board, NotNow, board
from lib.leaderboard.board.database import Database
from lib.leaderboard.key_file import read_key
from lib.leaderboard.student_files import ABOUT, IMAGES, SAMPLE, TORCH7

URL = "https://challenge.example.org"


@pytest.fixture
def own(tmp_path, monkeypatch):
    """The folder of the competition, beside a roster of two."""
    rng = np.random.default_rng(0)
    test = Split(rng.integers(0, 256, (200, 3, 8, 8)).astype(np.uint8), rng.integers(0, 10, 200))
    data = Dataset("Small", test[:10], test, tuple(f"class {number}" for number in range(10)))
    monkeypatch.setenv("COURSE_SECRET", str(tmp_path / "own" / "secret"))
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.setattr("lib.leaderboard.command.load_dataset", lambda name: data)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "class.csv").write_text("id,name,email\ns1,Ada,\ns2,Bob,\n", "utf-8")
    return tmp_path / "own" / "challenge"


def leaderboard(*words):
    return cli.main(["leaderboard", *words])


def killed_at(owner, name, call, *words):
    """Runs a command in a process that is killed where it calls something for the so-manieth time."""
    child = os.fork()
    if child == 0:
        real, calls = getattr(owner, name), []

        def last(*args, **options):
            calls.append(name)
            if len(calls) == call:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **options)

        setattr(owner, name, last)
        try:
            leaderboard(*words)
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


@pytest.mark.family(share=2)
@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")
@pytest.mark.parametrize(
    ("owner", "name", "call"),
    [*((os, "replace", call) for call in range(1, 6)), (board, "insert", 1)],
)
def test_init_that_was_killed_is_done_again_by_the_same_command(own, capsys, owner, name, call):
    assert killed_at(owner, name, call, "init")
    assert leaderboard("init") == 0, capsys.readouterr().err
    assert leaderboard("status") == 0
    assert {path.name for path in (own / "students").iterdir()} == {IMAGES, TORCH7, SAMPLE, ABOUT}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")
@pytest.mark.parametrize(("owner", "name"), [(Database, "copy_to"), (os, "link")])
def test_a_backup_that_was_killed_is_made_again_by_the_same_command(own, capsys, owner, name):
    assert leaderboard("init") == 0
    copy = own.parent / "copies" / "monday.db"
    assert killed_at(owner, name, 1, "backup", str(copy))
    assert not copy.exists()
    assert leaderboard("backup", str(copy)) == 0, capsys.readouterr().err
    Board(copy, read_key(own / "key.json")).close()


def test_another_file_beside_those_of_students_is_still_refused(own, capsys):
    (own / "students").mkdir(parents=True)
    (own / "students" / "key.json.12.part").write_text("mine")
    assert leaderboard("init") == 1
    assert "key.json.12.part" in capsys.readouterr().err
    assert (own / "students" / "key.json.12.part").read_text() == "mine"


def fails_to_commit(monkeypatch):
    """Lets a change fail after all of it was written into the file of the board."""
    writing = Database.writing

    @contextmanager
    def full(self):
        with writing(self) as connection:
            yield connection
            raise NotNow("board: the disk is full; nothing has changed")

    monkeypatch.setattr(Database, "writing", full)


@pytest.mark.parametrize("words", [["class.csv"], ["--again", "s1", "--to", "one.txt"]])
def test_links_of_people_who_were_not_taken_in_are_not_kept(own, monkeypatch, capsys, words):
    assert leaderboard("init", "--url", URL) == 0
    if words[0] == "--again":
        assert leaderboard("invite", "class.csv") == 0
    there = {path for path in own.parents[1].rglob("*") if path.suffix == ".txt"}
    with monkeypatch.context() as patch:
        fails_to_commit(patch)
        assert leaderboard("invite", *words) == 1
    assert "nothing has changed" in capsys.readouterr().err
    assert {path for path in own.parents[1].rglob("*") if path.suffix == ".txt"} == there
    assert leaderboard("invite", *words) == 0, "the same command again"
    opened = Board(own / "board.db", read_key(own / "key.json"))
    assert len(opened.people.all()) == 2
    opened.close()
