"""Who takes part, and how others see them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, insert, select, update

from lib.checks import mismatch, shown
from lib.leaderboard.board.database import Database
from lib.leaderboard.board.names import check_pseudonym, harmless_text, new_pseudonym, plain_id, plain_name
from lib.leaderboard.board.records import Invitation, Participant
from lib.leaderboard.board.refusals import Refusal
from lib.leaderboard.board.settings import revise
from lib.leaderboard.board.tables import links, participants, sessions
from lib.leaderboard.board.tokens import new_token, token_digest

ROLES = ("student", "staff", "screen")


class People:
    """The participants of a board."""

    def __init__(self, database: Database, clock: Callable[[], float]):
        self._database, self.clock = database, clock

    def invite(
        self,
        people: Iterable[tuple[str, str, str]],
        role: str = "student",
        *,
        hand_over: Callable[[list[Invitation]], object] | None = None,
    ) -> list[Invitation]:
        """New links for those who are not on the board yet; all of them are taken in, or nobody.

        people: (student's id, name, e-mail address), the last two may be ""
        role: "student"; "staff", who decide about marks; "screen", which shows the standing alone
        hand_over: gets the links before they are valid, such as to write them into a file, since nobody can
            show them again; where it raises, nobody was taken in
        """
        if role not in ROLES:
            raise mismatch("", "role", f"one of {', '.join(ROLES)}", shown(role))
        made = []
        with self._database.writing() as connection:
            known = set(connection.scalars(select(participants.c.plain_student)))
            taken = set(connection.scalars(select(participants.c.plain_pseudonym)))
            for student, name, email in (map(harmless_text, person) for person in people):
                if not student:
                    raise mismatch("", "student", "an id", shown(student))
                if plain_id(student) in known:
                    continue
                known.add(plain_id(student))
                values = new_participant(student, name, email, role, new_pseudonym(taken))
                taken.add(values["plain_pseudonym"])
                added = insert(participants).values(values).returning(participants.c.number)
                number = connection.execute(added).scalar_one()
                made.append(Invitation(student, name, email, add_link(connection, number, self.clock())))
            if hand_over is not None and made:
                hand_over(made)
        return made

    def invite_again(
        self, who: str, *, hand_over: Callable[[list[Invitation]], object] | None = None
    ) -> Invitation:
        """A new link for somebody who is on the board; older links and sessions of this person end.

        who: the id, the name or the e-mail address
        hand_over: as of `invite`; gets the one link

        Raises `ValueError` where it is nobody's, or several people's.
        """
        with self._database.writing() as connection:
            made = self._renewed(connection, self._find(connection, who))
            if hand_over is not None:
                hand_over([made])
        return made

    def invite_pending(
        self, *, hand_over: Callable[[list[Invitation]], object] | None = None
    ) -> list[Invitation]:
        """A new link for each student who has used none yet, in the order of their ids; older ones end.

        hand_over: as of `invite`
        """
        with self._database.writing() as connection:
            query = (
                with_joined().where(participants.c.role == "student").order_by(participants.c.plain_student)
            )
            students = [participant_of(row) for row in connection.execute(query).all()]
            made = [self._renewed(connection, student) for student in students if not student.joined]
            if hand_over is not None and made:
                hand_over(made)
        return made

    def all(self, role: str = "student") -> list[Participant]:
        """All of a role, in the order of their ids."""
        with self._database.reading() as connection:
            query = with_joined().where(participants.c.role == role).order_by(participants.c.plain_student)
            return [participant_of(row) for row in connection.execute(query)]

    def find(self, who: str) -> Participant:
        """The person with this id, name or e-mail address; raises `ValueError` as `invite_again` does."""
        with self._database.reading() as connection:
            return self._find(connection, who)

    def appear(self, number: int, *, shows_name: bool, pseudonym: str) -> None:
        """How others see a participant; raises `Refusal` for a pseudonym that is no good, or taken."""
        pseudonym = check_pseudonym(pseudonym)
        with self._database.writing() as connection:
            others = participants.c.number != number
            taken = select(participants.c.number).where(
                participants.c.plain_pseudonym == plain_name(pseudonym), others
            )
            names = select(participants.c.name, participants.c.student).where(others)
            if connection.execute(taken).first() or any(
                plain_name(pseudonym) in map(plain_name, row)
                for row in connection.execute(names).all()  # one that is not read to its end keeps the file
            ):
                raise Refusal(
                    f"Somebody else is called “{pseudonym}”, or very much like it. "
                    "Type a pseudonym that nobody has, and save again."
                )
            values = {
                "shows_name": bool(shows_name),
                "pseudonym": pseudonym,
                "plain_pseudonym": plain_name(pseudonym),
            }
            connection.execute(update(participants).where(participants.c.number == number).values(values))
            revise(connection)

    def _renewed(self, connection: Connection, person: Participant) -> Invitation:
        """A new link in the place of all links and sessions of a participant."""
        for table in (links, sessions):
            connection.execute(delete(table).where(table.c.participant == person.number))
        token = add_link(connection, person.number, self.clock())
        return Invitation(person.student, person.name, person.email, token)

    def _find(self, connection: Connection, who: str) -> Participant:
        rows = connection.execute(with_joined()).all()
        for row in rows:
            if row.plain_student == plain_id(who):
                return participant_of(row)
        for column in ("student", "email", "name"):
            found = [
                row for row in rows if who.strip() and plain_name(getattr(row, column)) == plain_name(who)
            ]
            if len(found) == 1:
                return participant_of(found[0])
            if found:
                ids = ", ".join(row.student for row in found[:5])
                raise mismatch(
                    "", "name", "one person", f"{shown(who)}, who is several: {ids}", "write the id"
                )
        raise mismatch("", "name", "an id, a name or an address of somebody on the board", shown(who))


def new_participant(student: str, name: str, email: str, role: str, pseudonym: str) -> dict[str, Any]:
    """A row of somebody who has not handed in anything yet."""
    return {
        "student": student,
        "plain_student": plain_id(student),
        "name": name,
        "email": email,
        "role": role,
        "pseudonym": pseudonym,
        "plain_pseudonym": plain_name(pseudonym),
        "shows_name": False,
        "handed_in": 0,
    }


def add_link(connection: Connection, number: int, at: float) -> str:
    """The token of a new link."""
    token = new_token()
    connection.execute(insert(links).values(digest=token_digest(token), participant=number, made=at))
    return token


def with_joined() -> Select[Any]:
    """All columns of the participants, and whether each has used a link."""
    used = select(links.c.used).where(links.c.participant == participants.c.number, links.c.used.is_not(None))
    return select(participants, used.exists().label("joined"))


def participant_of(row: Row[Any]) -> Participant:
    """A row of `with_joined`."""
    return Participant(
        row.number, row.student, row.name, row.email, row.role, row.pseudonym, row.shows_name, row.joined
    )
