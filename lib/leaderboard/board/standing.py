"""How a competition stands, and how the class has learned."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from lib.leaderboard.board.entries import COUNTING, Entries, tenths_of
from lib.leaderboard.board.records import Day, StandingRow
from lib.leaderboard.board.tables import entries, participants


def standing_of(connection: Connection, rows_to: Entries, *, final: bool) -> list[StandingRow]:
    """All students who have handed in, the best first; of equal scores, as shown, the one that came first."""
    people = {row.number: row for row in connection.execute(select(participants))}
    rows = connection.execute(COUNTING.where(participants.c.role == "student"))
    found = [rows_to.read(row) for row in rows]
    tenths = {entry.number: entry.private if final else entry.public for entry in found}
    found.sort(key=lambda entry: (-tenths[entry.number], entry.number))
    places: list[StandingRow] = []
    for at, entry in enumerate(found, start=1):
        equal = bool(places) and places[-1].tenths == tenths[entry.number]
        person = people[entry.owner]
        shown = (person.name or person.student) if person.shows_name else person.pseudonym
        rank = places[-1].rank if equal else at
        places.append(StandingRow(rank, entry.owner, shown, tenths[entry.number], person.handed_in, entry.at))
    return places


def curve_of(connection: Connection, images: int) -> list[Day]:
    """How the class learns, day by day.

    images: of the public half
    """
    best_of_day = (
        select(entries.c.day, entries.c.participant, func.max(entries.c.public), func.count())
        .join(participants, participants.c.number == entries.c.participant)
        .where(participants.c.role == "student")
        .group_by(entries.c.day, entries.c.participant)
        .order_by(entries.c.day)
    )
    best: dict[int, int] = {}
    found: dict[int, Day] = {}
    for day, owner, right, count in connection.execute(best_of_day):
        best[owner] = max(best.get(owner, 0), tenths_of(right, images))
        scores = sorted(best.values())
        before = found[day].entries if day in found else 0
        found[day] = Day(day, before + count, scores[-1], scores[len(scores) // 2])
    return list(found.values())
