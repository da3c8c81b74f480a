"""What became of entries: re-runs of the handed-in code, and what a person decided."""

from __future__ import annotations

from sqlalchemy import delete, insert, select

from lib.leaderboard.board.database import Database
from lib.leaderboard.board.records import Decision, RerunNote
from lib.leaderboard.board.tables import decisions, reruns


class Verdicts:
    """The re-runs and decisions of a board."""

    def __init__(self, database: Database):
        self._database = database

    def note_rerun(self, rerun: RerunNote) -> None:
        """Keeps what came of a re-run, in the place of an older one; what a person decided before it goes."""
        with self._database.writing() as connection:
            for table in (reruns, decisions):
                connection.execute(delete(table).where(table.c.entry == rerun.entry))
            connection.execute(insert(reruns).values(vars(rerun)))

    def note_decision(self, decision: Decision) -> None:
        """Keeps what a person decided, in the place of what was decided before."""
        with self._database.writing() as connection:
            connection.execute(delete(decisions).where(decisions.c.entry == decision.entry))
            connection.execute(insert(decisions).values(vars(decision)))

    def reruns(self) -> dict[int, RerunNote]:
        """The number of an entry → its re-run."""
        with self._database.reading() as connection:
            return {row.entry: RerunNote(*row) for row in connection.execute(select(reruns))}

    def decisions(self) -> dict[int, Decision]:
        """The number of an entry → what a person decided."""
        with self._database.reading() as connection:
            return {row.entry: Decision(*row) for row in connection.execute(select(decisions))}
