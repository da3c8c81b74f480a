"""Opening nbgrader's gradebook: made whole or not at all, refused where it is half made, copied first."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic.script import ScriptDirectory
from nbgrader.api import Base, Course
from nbgrader.dbutil import ALEMBIC_DIR
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Float,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    inspect,
    select,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from traitlets.config import Config

from lib.assignments.nbgrader_settings import nbgrader_settings
from lib.assignments.places import ROOT
from lib.checks import mismatch, shown
from lib.grading.places import backups_folder

WAIT = 60.0  # seconds for somebody else's lock
KEPT = 10  # backups
MEND = "course grade --mend-gradebook"

OURS = MetaData()
VERSION = Table("alembic_version", MetaData(), Column("version_num", String(32), nullable=False))
JOURNAL = Table(  # what is recorded; in the gradebook itself, so that both change together or neither
    "course_recorded",
    OURS,
    Column(
        "notebook_id", String(32), primary_key=True
    ),  # of submitted_notebook; nbgrader may delete that row
    Column("digest", String(64), nullable=False),
    Column("answers", Text, nullable=False),  # JSON: name of a written question → digest of the text
)
FROM_BOARD = Table(  # marks that the challenge's board has given; others in their place are a person's
    "course_challenge",
    OURS,
    Column("notebook_id", String(32), primary_key=True),
    Column("mark", Float, nullable=False),
)


class OpenGradebook:
    """A gradebook of nbgrader, with one engine for all that is done.

    url: of the database
    course: nbgrader's id of it
    config: nbgrader's settings
    root: of the course
    """

    def __init__(self, url: str, config: Config, root: Path, wait: float = WAIT) -> None:
        self.url, self.config, self.root = url, config, root
        self.course = str(config.CourseDirectory.get("course_id", "") or "default_course")
        self.engine = engine_of(url, wait)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction that waits for those of others; all of it is written, or nothing."""
        with said_in_words(self.url), self.engine.begin() as connection:
            if self.engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")  # what is read stays true until it is written
            yield connection

    def close(self) -> None:
        self.engine.dispose()

    def __enter__(self) -> OpenGradebook:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_gradebook(
    root: Path = ROOT, url: str = "", *, backup: bool = True, keep: int = KEPT, wait: float = WAIT
) -> OpenGradebook:
    """Opens the gradebook of a course; makes it where there is none.

    url: of a database, such as postgresql+psycopg://user@host/name; "" for what nbgrader_config.py says, else
        gradebook.db in the course's folder
    backup: whether it is copied first
    keep: how many copies are kept, the newest
    wait: seconds for somebody else's lock

    Raises `ValueError` for a gradebook that is half made or of another version of nbgrader, `OSError` where
    it cannot be reached.
    """
    config = nbgrader_settings(root)
    address = database_url(root, url, config)
    opened = OpenGradebook(address, config, root, wait)
    try:
        with said_in_words(address):
            tables = set(inspect(opened.engine).get_table_names()) - set(OURS.tables)
            if tables:
                _check_version(opened.engine, tables)
        if tables and backup:
            back_up(address, root, keep)
        with opened.begin() as connection:
            if not tables:
                make_tables(connection)
            OURS.create_all(connection)
            courses = Base.metadata.tables[Course.__tablename__]
            if connection.execute(select(courses.c.id).where(courses.c.id == opened.course)).first() is None:
                connection.execute(courses.insert(), {"id": opened.course})
    except BaseException:
        opened.close()
        raise
    return opened


def back_up(url: str, root: Path = ROOT, keep: int = KEPT, now: datetime | None = None) -> Path | None:
    """Copies a gradebook that is a file, also while others write to it; drops older copies.

    Returns the copy; None for a database on a server, whose backups are its administrator's.
    """
    file = sqlite_file(url)
    if file is None or not file.exists():
        return None
    folder = backups_folder(root)
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{file.stem}-{(now or datetime.now(UTC)):%Y%m%d-%H%M%S-%f}{file.suffix}"
    scratch = folder / f"{name}.part"
    with said_in_words(url):
        try:
            with (
                closing(sqlite3.connect(file, timeout=WAIT)) as source,
                closing(sqlite3.connect(scratch)) as copy,
            ):
                source.backup(copy)
            os.replace(scratch, folder / name)
        finally:
            scratch.unlink(missing_ok=True)
    for old in sorted(folder.glob(f"{file.stem}-*{file.suffix}"))[:-keep]:
        old.unlink()
    return folder / name


def database_url(root: Path, url: str, config: Config) -> str:
    """The address of the gradebook; raises `ValueError` for one that is none."""
    address = url or str(config.CourseDirectory.get("db_url", "") or "")
    if not address:
        return f"sqlite:///{(root / 'gradebook.db').resolve()}"
    try:
        parsed = make_url(address)
        parsed.get_dialect()
    except (ArgumentError, NoSuchModuleError) as error:
        raise mismatch(
            "", "db", "an address such as postgresql+psycopg://user@host/name", shown(address)
        ) from error
    return address


def sqlite_file(url: str) -> Path | None:
    """The file of a gradebook that is one."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        return None
    return Path(str(parsed.database))


def engine_of(url: str, wait: float) -> Engine:
    """An engine that waits for locks."""
    options: dict[str, Any] = {}
    if make_url(url).get_backend_name() == "sqlite":
        options["connect_args"] = {"timeout": wait}
        if file := sqlite_file(url):
            file.parent.mkdir(parents=True, exist_ok=True)
    return create_engine(url, **options)


def newest_version() -> str:
    """The version of the tables that this nbgrader makes."""
    return str(ScriptDirectory(ALEMBIC_DIR).get_current_head())


@contextmanager
def said_in_words(url: str) -> Iterator[None]:
    """A `with` block in which a database that is locked, full or away is told in a sentence, as `OSError`."""
    shown_url = make_url(url).render_as_string(hide_password=True)
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        text = str(getattr(error, "orig", None) or error).strip().split("\n")[0]
        if isinstance(error, DBAPIError) and error.orig.__class__.__name__ == "IntegrityError":
            raise
        if "locked" in text:
            raise TimeoutError(
                f"{shown_url}: another program keeps the gradebook locked; end it, then run this again: what "
                "is graded already is kept"
            ) from error
        raise OSError(f"{shown_url}: the gradebook cannot be used: {text}") from error


def make_tables(connection: Connection) -> None:
    """All tables and the version of them, in one transaction."""
    Base.metadata.create_all(connection)
    VERSION.create(connection, checkfirst=True)
    if connection.execute(select(VERSION.c.version_num)).first() is None:
        connection.execute(VERSION.insert(), {"version_num": newest_version()})


def version_of(engine: Engine, tables: set[str]) -> str:
    """What a gradebook says of the version of its tables; "" where it says nothing."""
    if VERSION.name not in tables:
        return ""
    with engine.connect() as connection:
        return str(connection.execute(select(VERSION.c.version_num)).scalar() or "")


def check_known(found: str) -> None:
    """Raises `ValueError` for a version that this nbgrader does not know."""
    if found and found not in {each.revision for each in ScriptDirectory(ALEMBIC_DIR).walk_revisions()}:
        raise ValueError(
            f"gradebook: expected tables of version {newest_version()} or older, got {found}, of a newer "
            "nbgrader; use the nbgrader that made it, or another gradebook"
        )


def _check_version(engine: Engine, tables: set[str]) -> None:
    found, newest = version_of(engine, tables), newest_version()
    check_known(found)
    if not found:
        raise ValueError(
            "gradebook: expected one with the version of its tables, got one that was left half made, or "
            f"that a very old nbgrader has made; `{MEND}` mends it"
        )
    if found != newest:
        raise ValueError(
            f"gradebook: expected tables of version {newest}, got {found}, of an older nbgrader; `{MEND}` "
            "copies the gradebook, and brings it up to date"
        )
