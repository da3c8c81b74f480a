"""What holds for a whole board, as rows of a table."""

from __future__ import annotations

from sqlalchemy import Connection, Integer, Text, cast, select, update

from lib.leaderboard.board.tables import board_settings


def value_of(connection: Connection, name: str) -> str:
    """The value of a setting, "" where it has none."""
    return connection.scalar(select(board_settings.c.value).where(board_settings.c.name == name)) or ""


def set_value(connection: Connection, name: str, value: object) -> None:
    connection.execute(update(board_settings).where(board_settings.c.name == name).values(value=str(value)))


def revise(connection: Connection) -> None:
    """Notes that the standing may have changed, for all who show it."""
    number = cast(board_settings.c.value, Integer) + 1
    connection.execute(
        update(board_settings).where(board_settings.c.name == "revision").values(value=cast(number, Text))
    )


def ends_by(at: float, connection: Connection) -> bool:
    """Whether the competition has ended at a time, seconds since 1970."""
    closes = value_of(connection, "closes")
    return bool(closes) and at >= float(closes)
