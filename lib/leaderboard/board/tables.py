"""The tables of a board. What must never happen is forbidden here, whatever the code above does."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

TABLES = MetaData()
MOST_A_DAY = 1000  # whatever an instructor allows

board_settings = Table(
    "settings", TABLES,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)  # fmt: skip

participants = Table(
    "participants", TABLES,
    Column("number", Integer, primary_key=True),
    Column("student", Text, nullable=False),
    Column("plain_student", Text, nullable=False, unique=True),  # ids that differ in capitals are one
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("role", Text, CheckConstraint("role IN ('student', 'staff', 'screen')"), nullable=False),
    Column("pseudonym", Text, nullable=False),
    Column("plain_pseudonym", Text, nullable=False, unique=True),
    Column("shows_name", Boolean, nullable=False, default=False),
    Column("chosen", Integer),  # the entry that shall count; NULL: the best
    Column("best", Integer),  # the entry with the highest public score, of equal ones the first
    Column("handed_in", Integer, nullable=False, default=0),  # entries
    sqlite_autoincrement=True,  # no number is used again
)  # fmt: skip

links = Table(
    "links", TABLES,
    Column("digest", LargeBinary, primary_key=True),
    Column("participant", ForeignKey("participants.number"), nullable=False, index=True),
    Column("made", Float, nullable=False),
    Column("used", Float),  # NULL: not yet
)  # fmt: skip

sessions = Table(
    "sessions", TABLES,
    Column("digest", LargeBinary, primary_key=True),
    Column("participant", ForeignKey("participants.number"), nullable=False, index=True),
    Column("kind", Text, CheckConstraint("kind IN ('browser', 'terminal')"), nullable=False),
    Column("made", Float, nullable=False),
)  # fmt: skip

entries = Table(
    "entries", TABLES,
    Column("number", Integer, primary_key=True),
    Column("participant", ForeignKey("participants.number"), nullable=False, index=True),
    Column("at", Float, nullable=False),
    Column("day", Integer, nullable=False),
    Column("of_the_day", Integer, CheckConstraint(f"of_the_day BETWEEN 1 AND {MOST_A_DAY}"), nullable=False),
    Column("once", Text, nullable=False),  # the same upload, sent twice, is one entry
    Column("file", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("labels", LargeBinary, nullable=False),
    Column("public", Integer, nullable=False),  # images that are right in that half
    Column("private", Integer, nullable=False),
    Column("flags", Text, nullable=False),  # JSON
    UniqueConstraint("participant", "day", "of_the_day"),
    UniqueConstraint("participant", "once"),
    sqlite_autoincrement=True,
)  # fmt: skip

reruns = Table(
    "reruns", TABLES,
    Column("entry", ForeignKey("entries.number"), primary_key=True),
    Column("at", Float, nullable=False),
    Column("agrees", Boolean, nullable=False),
    Column("report", Text, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("code", Text, nullable=False, default=""),
)  # fmt: skip

decisions = Table(
    "decisions", TABLES,
    Column("entry", ForeignKey("entries.number"), primary_key=True),
    Column("at", Float, nullable=False),
    Column("counts", Boolean, nullable=False),
    Column("note", Text, nullable=False),
)  # fmt: skip
