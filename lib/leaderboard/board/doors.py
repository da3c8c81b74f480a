"""How participants come in: links that work once, sessions of browsers, keys of terminals."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, delete, insert, select, update

from lib.leaderboard.board import days
from lib.leaderboard.board.database import Database
from lib.leaderboard.board.people import add_link, participant_of, with_joined
from lib.leaderboard.board.records import Participant
from lib.leaderboard.board.refusals import Refusal
from lib.leaderboard.board.tables import links, participants, sessions
from lib.leaderboard.board.tokens import new_token, token_digest

LASTS = 200 * days.DAY  # seconds: a session outlives a term


class Doors:
    """The links and sessions of a board."""

    def __init__(self, database: Database, clock: Callable[[], float]):
        self._database, self.clock = database, clock

    def link_is_open(self, token: str) -> bool | None:
        """Whether a link may still be used; None where there is no such link. Looking changes nothing."""
        with self._database.reading() as connection:
            query = select(links.c.used).where(links.c.digest == token_digest(token))
            found = connection.execute(query).first()
        return None if found is None else found.used is None

    def owner_of_link(self, token: str) -> int | None:
        """The number of the participant whose link it is, used or not; None where there is no such link."""
        with self._database.reading() as connection:
            return connection.scalar(select(links.c.participant).where(links.c.digest == token_digest(token)))

    def use_link(self, token: str) -> str | None:
        """Uses a link up; returns the token of a new session, None where the link is used or unknown."""
        with self._database.writing() as connection:
            unused = (links.c.digest == token_digest(token)) & links.c.used.is_(None)
            found = connection.execute(select(links.c.participant).where(unused)).first()
            if found is None:
                return None
            connection.execute(update(links).where(unused).values(used=self.clock()))
            return self._add_session(connection, found.participant, "browser")

    def new_link(self, number: int, *, session: str | None = None) -> str:
        """A link for one more browser of a participant who is in; one that was not used before ends.

        session: the token of who asks for it, which must still open the board; else it raises `Refusal`
        """
        with self._database.writing() as connection:
            _check_lasts(connection, number, session)
            unused = (links.c.participant == number) & links.c.used.is_(None)
            connection.execute(delete(links).where(unused))
            return add_link(connection, number, self.clock())

    def new_terminal_key(self, number: int, *, session: str | None = None) -> str:
        """A key for `course submit`; an older one of this participant ends.

        session: as of `new_link`
        """
        with self._database.writing() as connection:
            _check_lasts(connection, number, session)
            older = (sessions.c.participant == number) & (sessions.c.kind == "terminal")
            connection.execute(delete(sessions).where(older))
            return self._add_session(connection, number, "terminal")

    def session(self, token: str, kind: str = "browser") -> Participant | None:
        """Whose session this is; None where there is none, or it is of another kind.

        kind: "browser", a cookie, or "terminal", a key of `course submit`
        """
        with self._database.reading() as connection:
            mine = (sessions.c.digest == token_digest(token)) & (sessions.c.kind == kind)
            query = with_joined().join(sessions, sessions.c.participant == participants.c.number)
            found = connection.execute(query.where(mine, sessions.c.made > self.clock() - LASTS)).first()
        return None if found is None else participant_of(found)

    def end_session(self, token: str) -> None:
        with self._database.writing() as connection:
            connection.execute(delete(sessions).where(sessions.c.digest == token_digest(token)))

    def _add_session(self, connection: Connection, number: int, kind: str) -> str:
        token = new_token()
        values = {"digest": token_digest(token), "participant": number, "kind": kind, "made": self.clock()}
        connection.execute(insert(sessions).values(values))
        return token


def _check_lasts(connection: Connection, number: int, session: str | None) -> None:
    """Raises `Refusal` where a session was ended, such as by a new link, after somebody looked at it."""
    if session is None:
        return
    mine = (sessions.c.digest == token_digest(session)) & (sessions.c.participant == number)
    if connection.execute(select(sessions.c.kind).where(mine)).first() is None:
        raise Refusal("session: expected one that lasts, but this session has ended; come in by a new link")
