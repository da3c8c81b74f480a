"""The file of SQLite behind a board: one writer at a time, and what is written stays written."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from lib.leaderboard.board.refusals import NotNow

WAIT = 10.0  # seconds for a lock that another program holds
READERS = 40  # connections at a time: as many threads answer requests


class Database:
    """A file that many threads and several programs use at once.

    path: of the file; made here where it is missing, readable by its owner alone
    wait: seconds for a lock that others hold
    """

    def __init__(self, path: Path, *, wait: float = WAIT):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # before SQLite, which lets everybody read
        self.path, self.wait = path, wait
        self._one_writer = threading.Lock()  # waiting here is fair; SQLite's own waiting is not
        self._engine = _engine(path, wait)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One state of the file, whatever others write meanwhile; raises `NotNow` where it cannot be read."""
        with _as_not_now(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """All changes together, or none: after this the disk has them. Raises `NotNow` where that fails."""
        with self._alone(), _as_not_now(), self._engine.connect() as connection:
            connection = connection.execution_options(writes=True)
            with connection.begin():
                yield connection

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """The only writer of this program: those who wait do not wait for each other's waits as well."""
        if not self._one_writer.acquire(timeout=self.wait):
            raise _not_now("others are writing")
        try:
            yield
        finally:
            self._one_writer.release()

    def copy_to(self, path: Path) -> None:
        """A copy of one moment, while others go on writing."""
        with closing(sqlite3.connect(self.path)) as ours, closing(sqlite3.connect(path)) as theirs:
            try:
                ours.backup(theirs)
            except sqlite3.OperationalError as error:
                raise _not_now(str(error)) from error

    def close(self) -> None:
        self._engine.dispose()


def _engine(path: Path, wait: float) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        connect_args={"timeout": wait},
        pool_size=READERS,
        max_overflow=READERS,
        pool_timeout=wait,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection, record):
        connection.isolation_level = None  # Python's module would begin transactions of its own
        for setting in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {setting}")

    @event.listens_for(engine, "begin")
    def begin(connection):
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@contextmanager
def _as_not_now() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        raise _not_now(str(error.orig)) from error
    except NoConnection as error:
        raise _not_now("too many are reading") from error


def _not_now(why: str) -> NotNow:
    return NotNow(f"The board cannot be used now ({why}). Nothing has changed; try again in a minute.")
