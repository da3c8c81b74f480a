"""What holds for a whole board, as rows of a table."""

from __future__ import annotations

from sqlalchemy import Connection, Integer, Text, cast, select, update

from lib.leaderboard.board.records import Rules
from lib.leaderboard.board.tables import board_settings


def value_of(connection: Connection, name: str) -> str:
    """The value of a setting, "" where it has none."""
    return connection.scalar(select(board_settings.c.value).where(board_settings.c.name == name)) or ""


def rules_of(connection: Connection) -> Rules:
    """The rules, in one look."""
    rows = connection.execute(select(board_settings.c.name, board_settings.c.value))
    values = {row.name: row.value for row in rows}
    closes = values["closes"]
    return Rules(values["title"], int(values["a_day"]), float(closes) if closes else None)


def set_value(connection: Connection, name: str, value: object) -> None:
    connection.execute(update(board_settings).where(board_settings.c.name == name).values(value=str(value)))


def revise(connection: Connection) -> None:
    """Notes that the standing may have changed, for all who show it."""
    number = cast(board_settings.c.value, Integer) + 1
    connection.execute(
        update(board_settings).where(board_settings.c.name == "revision").values(value=cast(number, Text))
    )
