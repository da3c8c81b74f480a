"""What students hand in, at most so many times a day, and which entry counts."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Collection
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, func, insert, select, update

from lib.checks import check_labels, mismatch, shown
from lib.leaderboard.board import days
from lib.leaderboard.board.database import Database
from lib.leaderboard.board.names import harmless_text
from lib.leaderboard.board.records import BoardEntry
from lib.leaderboard.board.refusals import Closed, Refusal, TooMany
from lib.leaderboard.board.settings import revise, rules_of
from lib.leaderboard.board.tables import entries, participants
from lib.leaderboard.competition import Key
from lib.leaderboard.scoring import score

LONGEST_DESCRIPTION, LONGEST_FILE = 200, 100  # characters
LARGEST = 2**63 - 1  # number in a file of SQLite
WITHOUT_LABELS = [column for column in entries.c if column.name != "labels"]
COUNTING = select(*WITHOUT_LABELS).join(
    participants, entries.c.number == func.coalesce(participants.c.chosen, participants.c.best)
)


class Entries:
    """The entries of a board."""

    def __init__(self, database: Database, key: Key, clock: Callable[[], float]):
        self._database, self._key, self.clock = database, key, clock
        self.public_images, self.private_images = int(key.public.sum()), int(key.private.sum())

    def add(
        self, number: int, labels: Any, *, once: str, file: str = "", description: str = ""
    ) -> BoardEntry:
        """Takes an entry; the same upload, sent again, gives the entry that it has made.

        number: of the participant
        labels: int (N,), as `read_entry` gives them
        once: a text that is different for each upload, such as a random one in the form
        file: its name
        description: at most 200 characters

        Raises `Refusal` for who is no student, `Closed` after the end, `TooMany` where this day's entries are
        used, `NotNow` where the disk is full or the file is locked; nothing has changed then.
        """
        labels = check_labels(labels, len(self._key), name="labels", classes=len(self._key.classes))
        if not (1 <= len(once) <= 100 and once.isascii() and once.isprintable()):
            raise mismatch("", "once", "1 to 100 visible characters of ASCII", shown(once))
        came = score(labels, self._key)
        right = labels == self._key.labels
        values: dict[str, Any] = {
            "participant": number,
            "once": once,
            "file": harmless_text(file[:1000])[:LONGEST_FILE],
            "description": harmless_text(description[:1000])[:LONGEST_DESCRIPTION],
            "labels": zlib.compress(labels.astype(np.uint8).tobytes(), 1),
            "public": int(right[self._key.public].sum()),
            "private": int(right[self._key.private].sum()),
            "flags": json.dumps(came.flags),
        }
        with self._database.writing() as connection:
            mine = entries.c.participant == number
            before = connection.execute(select(entries).where(mine, entries.c.once == once)).first()
            if before is not None:
                return self.read(before)
            at = self.clock()
            role = connection.scalar(select(participants.c.role).where(participants.c.number == number))
            if role != "student":
                raise Refusal("Only students hand in; for that, come in by the link of a student.")
            rules = rules_of(connection)
            if rules.ended_by(at):
                raise Closed(
                    "The competition has ended: nothing is taken any more. Your page shows how it ended."
                )
            today = days.day_of(at)
            last = select(func.max(entries.c.of_the_day)).where(mine, entries.c.day == today)
            used = connection.scalar(last) or 0
            if used >= rules.a_day:
                raise _used_up(rules.a_day, days.until_reset(at))
            values |= {"at": at, "day": today, "of_the_day": used + 1}
            made = connection.execute(insert(entries).values(values).returning(entries)).one()
            self._note_best(connection, made)
            revise(connection)
            return self.read(made)

    def used_today(self, number: int) -> int:
        """How many entries of this day a participant has used."""
        with self._database.reading() as connection:
            today = (entries.c.participant == number) & (entries.c.day == days.day_of(self.clock()))
            return connection.scalar(select(func.count()).select_from(entries).where(today)) or 0

    def of(self, number: int) -> list[BoardEntry]:
        """All entries of a participant, the newest first."""
        with self._database.reading() as connection:
            mine = select(*WITHOUT_LABELS).where(entries.c.participant == number)
            return [self.read(row) for row in connection.execute(mine.order_by(entries.c.number.desc()))]

    def one(self, entry: int) -> BoardEntry:
        """One entry; raises `ValueError` where there is none of this number."""
        with self._database.reading() as connection:
            found = connection.execute(
                select(*WITHOUT_LABELS).where(entries.c.number == _number(entry))
            ).first()
        if found is None:
            raise mismatch("", "entry", "the number of an entry", shown(entry))
        return self.read(found)

    def labels_of(self, entry: int) -> np.ndarray:
        """What an entry has predicted, int64 (N,), in the order of the ids."""
        with self._database.reading() as connection:
            packed = connection.scalar(select(entries.c.labels).where(entries.c.number == _number(entry)))
        if packed is None:
            raise mismatch("", "entry", "the number of an entry", shown(entry))
        return _unpacked(packed)

    def choose(self, number: int, entry: int | None) -> None:
        """Says which entry shall count.

        number: of the participant
        entry: the number of one of this participant's entries; None for the best

        Raises `Refusal` for somebody else's entry, and `Closed` after the end.
        """
        with self._database.writing() as connection:
            if rules_of(connection).ended_by(self.clock()):
                raise Closed("The competition has ended; which entry counts cannot be changed any more.")
            if entry is not None:
                mine = entries.c.participant == number
                one = select(entries.c.number).where(mine, entries.c.number == _number(entry))
                if connection.execute(one).first() is None:
                    raise Refusal(
                        "This is not one of your own entries. Choose one in the table, and save again."
                    )
            connection.execute(
                update(participants).where(participants.c.number == number).values(chosen=entry)
            )
            revise(connection)

    def chosen(self, number: int) -> int | None:
        """The number of the entry that a participant wants to count; None where the best shall."""
        with self._database.reading() as connection:
            return connection.scalar(select(participants.c.chosen).where(participants.c.number == number))

    def counting(self, number: int) -> BoardEntry | None:
        """The entry of a participant that counts: the chosen one, else the best; None where there is none."""
        with self._database.reading() as connection:
            found = connection.execute(COUNTING.where(participants.c.number == number)).first()
        return None if found is None else self.read(found)

    def all_counting(self) -> dict[int, BoardEntry]:
        """The number of each student with an entry → the entry that counts."""
        with self._database.reading() as connection:
            rows = connection.execute(COUNTING.where(participants.c.role == "student"))
            return {row.participant: self.read(row) for row in rows}

    def labels_of_each(self, numbers: Collection[int]) -> dict[int, np.ndarray]:
        """The number of an entry → what it has predicted, as of `labels_of`; without those that are none."""
        query = select(entries.c.number, entries.c.labels).where(entries.c.number.in_(numbers))
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(entries.c.number))
            return {number: _unpacked(packed) for number, packed in rows}

    def _note_best(self, connection: Connection, made: Row[Any]) -> None:
        """Counts an entry, and keeps it as the best where it is better than all before."""
        person = participants.c.number == made.participant
        best = select(entries.c.public).join(participants, participants.c.best == entries.c.number)
        before = connection.scalar(best.where(person))
        values: dict[str, Any] = {"handed_in": participants.c.handed_in + 1}
        if before is None or tenths_of(made.public, self.public_images) > tenths_of(
            before, self.public_images
        ):
            values["best"] = made.number
        connection.execute(update(participants).where(person).values(values))

    def read(self, row: Row[Any]) -> BoardEntry:
        """A row of the table as an entry."""
        return BoardEntry(
            row.number,
            row.participant,
            row.at,
            row.of_the_day,
            row.file,
            row.description,
            tenths_of(row.public, self.public_images),
            tenths_of(row.private, self.private_images),
            row.private / max(self.private_images, 1),
            tuple(json.loads(row.flags)),
        )


def _unpacked(packed: bytes) -> np.ndarray:
    """Labels as the table keeps them, as int64 (N,)."""
    return np.frombuffer(zlib.decompress(packed), np.uint8).astype(np.int64)


def _used_up(most: int, wait: int) -> TooMany:
    """The refusal of one entry more in a day.

    most: entries a day
    wait: seconds until the next day
    """
    used = "Today's entry is" if most == 1 else f"Today's {most} entries are"
    when = f"in {days.time_in_words(wait)}, at 00:00 UTC"
    return TooMany(f"{used} used up. The next one is possible {when}.", wait)


def _number(entry: int) -> int:
    """The number of an entry; 0, which none has, for what the file cannot hold."""
    return entry if 0 < entry <= LARGEST else 0


def tenths_of(right: int, count: int) -> int:
    """A score in tenths of a percent, rounded.

    >>> tenths_of(1, 3), tenths_of(2, 3), tenths_of(3, 3)
    (333, 667, 1000)
    """
    return (2000 * right + count) // (2 * count) if count else 0
