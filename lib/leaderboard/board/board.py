"""A competition as it runs: invitations, entries, the standing."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import insert, inspect
from sqlalchemy.exc import DatabaseError

from lib.checks import check_whole, mismatch, shown
from lib.files import placing_new
from lib.leaderboard.board import days
from lib.leaderboard.board.database import WAIT, Database
from lib.leaderboard.board.doors import Doors
from lib.leaderboard.board.entries import Entries
from lib.leaderboard.board.forgetting import forget_participant
from lib.leaderboard.board.people import People
from lib.leaderboard.board.records import Day, Rules, StandingRow
from lib.leaderboard.board.settings import revise, rules_of, set_value, value_of
from lib.leaderboard.board.standing import curve_of, standing_of
from lib.leaderboard.board.tables import MOST_A_DAY, TABLES, board_settings
from lib.leaderboard.board.verdicts import Verdicts
from lib.leaderboard.competition import Key

A_DAY = 10  # entries, as deck A2 has it
VERSION = "1"  # of the tables
LONGEST_TITLE = 80  # characters


class Board:
    """The file of a competition. Threads and programs may use it at once; each change is whole or not at all.

    path: of the file, which `make_board` makes
    key: of the competition
    clock: seconds since 1970, for tests
    wait: seconds for a lock that another program holds

    people: `People`; doors: `Doors`; entries: `Entries`; verdicts: `Verdicts`

    Raises `FileNotFoundError` where there is none, `ValueError` where it is no board, or that of another key.

    Source: deck A2, "Make a submission": invited students, a live standing, 10 entries a day.
    """

    def __init__(
        self, path: str | Path, key: Key, *, clock: Callable[[], float] = days.now, wait: float = WAIT
    ):
        path = Path(path).expanduser()
        if not path.is_file():
            advice = "`course leaderboard init` makes it"
            raise FileNotFoundError(f"board: expected a file {path}, got none; {advice}")
        self.key, self.clock = key, clock
        self._database = Database(path, wait=wait)
        self._check()
        self.people = People(self._database, clock)
        self.doors = Doors(self._database, clock)
        self.entries = Entries(self._database, key, clock)
        self.verdicts = Verdicts(self._database)

    def _check(self) -> None:
        try:
            with self._database.reading() as connection:
                there = set(inspect(connection).get_table_names()) >= set(TABLES.tables)
                version, digest = (
                    value_of(connection, name) if there else "" for name in ("version", "digest")
                )
        except DatabaseError as error:
            got = f"no such file ({error.orig})"
            raise mismatch("", "board", f"a board of version {VERSION}", got) from error
        if version != VERSION:
            got = f"one of version {version}" if version else "something else"
            raise mismatch("", "board", f"a board of version {VERSION}", got)
        if digest != self.key.digest:
            raise mismatch("", "key", "the key of this board", "that of another one")

    def close(self) -> None:
        """Lets go of the file."""
        self._database.close()

    @property
    def rules(self) -> Rules:
        """Title, entries a day and end, of one moment."""
        with self._database.reading() as connection:
            return rules_of(connection)

    @property
    def title(self) -> str:
        return self.rules.title

    @property
    def a_day(self) -> int:
        """Entries that a student may hand in from one midnight (UTC) to the next."""
        return self.rules.a_day

    @property
    def ends(self) -> float | None:
        """When the competition ends or has ended, seconds since 1970; None where nobody has said."""
        return self.rules.ends

    @property
    def ended(self) -> bool:
        return self.rules.ended_by(self.clock())

    def end(self, at: float | None = None) -> None:
        """Ends the competition: from then on nothing is taken, and the private half is shown.

        at: seconds since 1970; None for now
        """
        with self._database.writing() as connection:
            set_value(connection, "closes", self.clock() if at is None else at)
            revise(connection)

    @property
    def revision(self) -> int:
        """A number that grows whenever the standing may have changed, whichever program did it."""
        with self._database.reading() as connection:
            return int(value_of(connection, "revision"))

    def standing(self, *, final: bool = False) -> list[StandingRow]:
        """All who have handed in, the best first; of equal scores, as shown, the one that came first.

        final: False for the public half, True for the private one
        """
        with self._database.reading() as connection:
            return standing_of(connection, self.entries, final=final)

    def curve(self) -> list[Day]:
        """How the class learns, on the public half: a row for each day with entries."""
        with self._database.reading() as connection:
            return curve_of(connection, self.entries.public_images)

    def forget(self, number: int) -> int:
        """Deletes a participant and everything of theirs; returns how many entries there were.

        What a backup holds stays there.
        """
        return forget_participant(self._database, number)

    def backup(self, to: str | Path) -> None:
        """Writes a copy of one moment, while the board goes on, whole or not at all.

        to: a new file; its folder is made

        Raises `FileExistsError` where there is one.
        """
        with placing_new(Path(to).expanduser()) as new:
            self._database.copy_to(new)


def check_rules(title: str, a_day: int) -> tuple[str, int]:
    """What a board says and allows, as it is kept; raises `ValueError` for values out of bounds."""
    a_day = check_whole(a_day, name="a_day", low=1, high=MOST_A_DAY)
    title = " ".join(title.split())
    if not 1 <= len(title) <= LONGEST_TITLE or not title.isprintable():
        raise mismatch("", "title", f"1 to {LONGEST_TITLE} visible characters", shown(title))
    return title, a_day


def make_board(path: str | Path, key: Key, *, title: str = "The challenge", a_day: int = A_DAY) -> None:
    """Makes the file of a new board; raises `FileExistsError` where there is one.

    path: of the file; its folder is made
    key: of the competition, which stays in a file of its own
    title: stands above the standing, 1 to 80 characters
    a_day: entries that a student may hand in from one midnight (UTC) to the next
    """
    path = Path(path).expanduser()
    title, a_day = check_rules(title, a_day)
    if path.exists():
        raise FileExistsError(f"board: expected no file {path}, got one; name another folder")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = path.with_name(f"{path.name}.{os.getpid()}.part")  # nobody finds half a board, whenever this ends
    _unlink(new)
    database = Database(new)
    values = {
        "version": VERSION,
        "digest": key.digest,
        "title": title,
        "a_day": a_day,
        "closes": "",
        "revision": 0,
    }
    try:
        with database.writing() as connection:
            TABLES.create_all(connection)
            rows = [{"name": name, "value": str(value)} for name, value in values.items()]
            connection.execute(insert(board_settings), rows)
        database.close()  # which writes all into the one file
        os.rename(new, path)
    except BaseException:
        database.close()
        _unlink(new)
        raise


def _unlink(path: Path) -> None:
    """Deletes a file of SQLite with what lies beside it."""
    for end in ("", "-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
