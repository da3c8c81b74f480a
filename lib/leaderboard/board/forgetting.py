"""All that a board knows of a person goes, on the disk as well."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress

from sqlalchemy import delete, select

from lib.leaderboard.board.database import Database
from lib.leaderboard.board.settings import revise
from lib.leaderboard.board.tables import decisions, entries, links, participants, reruns, sessions


def forget_participant(database: Database, number: int) -> int:
    """Deletes a participant and everything of theirs, all or nothing; returns how many entries there were.

    number: of the participant
    """
    with database.writing() as connection:
        connection.exec_driver_sql("PRAGMA secure_delete = ON")  # or the bytes lie there until overwritten
        theirs = select(entries.c.number).where(entries.c.participant == number)
        for table in (decisions, reruns):
            connection.execute(delete(table).where(table.c.entry.in_(theirs)))
        gone = connection.execute(delete(entries).where(entries.c.participant == number)).rowcount
        for table in (links, sessions):
            connection.execute(delete(table).where(table.c.participant == number))
        connection.execute(delete(participants).where(participants.c.number == number))
        revise(connection)
    with suppress(sqlite3.OperationalError), closing(sqlite3.connect(database.path)) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # those who read meanwhile only put it off
    return gone
