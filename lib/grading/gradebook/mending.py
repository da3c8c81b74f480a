"""Mends a gradebook on request: one that was left half made, or that an older nbgrader has made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbgrader.api import Base
from sqlalchemy import Connection, Inspector, column, delete, insert, inspect, select, table

from lib.assignments.nbgrader_settings import nbgrader_settings
from lib.assignments.places import ROOT
from lib.grading.gradebook.cells import ASSIGNMENT, BASE_CELL, GRADE_CELL, NOTEBOOK, SOLUTION_CELL
from lib.grading.gradebook.opening import (
    KEPT,
    OURS,
    VERSION,
    OpenGradebook,
    back_up,
    check_known,
    database_url,
    make_tables,
    newest_version,
    said_in_words,
    version_of,
)

Rows = dict[str, list[dict[str, Any]]]  # table → its rows
FORMER = {  # a table of nbgrader before 0.6 → today's table of what it adds to base_cell, and the kind there
    "grade_cell": (GRADE_CELL.name, "GradeCell", ("max_score", "cell_type")),
    "solution_cell": (SOLUTION_CELL.name, "SolutionCell", ()),
}


def mend_gradebook(root: Path = ROOT, url: str = "", *, keep: int = KEPT) -> str:
    """Gives a gradebook today's tables and their version; returns a sentence on what was done.

    One that is a file is copied first. All of it is done in one transaction, or nothing. Raises `ValueError`
    for one of a newer nbgrader.
    """
    config = nbgrader_settings(root)
    address = database_url(root, url, config)
    with OpenGradebook(address, config, root) as opened:
        with said_in_words(address):
            tables = set(inspect(opened.engine).get_table_names())
            if not tables - set(OURS.tables):
                return "There is no gradebook yet: grading makes one."
            found, newest = version_of(opened.engine, tables), newest_version()
            check_known(found)
            old = is_old(inspect(opened.engine))
        if found == newest and not old:
            return "The gradebook has its version already."
        back_up(address, root, keep)
        with opened.begin() as connection:
            if old:
                _make_again(connection, opened.course)
            make_tables(connection)
            connection.execute(delete(VERSION))
            connection.execute(VERSION.insert(), {"version_num": newest})
    changed = "its tables were those of an older one" if old else "nothing else was changed"
    return f"The gradebook now has nbgrader's version {newest}; {changed}."


def is_old(inspector: Inspector) -> bool:
    """Whether a gradebook has a table that nbgrader has given up, or one without a column of today."""
    there = set(inspector.get_table_names())
    return not there.isdisjoint(FORMER) or any(
        set(today.columns.keys()) - {about["name"] for about in inspector.get_columns(name)}
        for name, today in Base.metadata.tables.items()
        if name in there
    )


def _make_again(connection: Connection, course: str) -> None:
    """Makes all tables of nbgrader anew, with the rows that they have.

    course: to which the assignments belong, where the gradebook knew of none
    """
    rows = _rows(connection)
    for row in rows[ASSIGNMENT.name]:
        row.setdefault("course_id", course)
    for row in rows[NOTEBOOK.name]:
        row.setdefault("kernelspec", "{}")
    rows["course"] = rows["course"] or [{"id": course}]
    everything = "" if connection.dialect.name == "sqlite" else " CASCADE"
    there = inspect(connection).get_table_names()
    for name in (*reversed([each.name for each in Base.metadata.sorted_tables]), *FORMER):
        if name in there:
            connection.exec_driver_sql(f"DROP TABLE {name}{everything}")
    make_tables(connection)
    for today in Base.metadata.sorted_tables:
        if rows[today.name]:
            connection.execute(insert(today), rows[today.name])


def _rows(connection: Connection) -> Rows:
    """What a gradebook holds, as rows of today's tables; what an old one lacks is left out of them."""
    inspector = inspect(connection)
    there = set(inspector.get_table_names())
    rows: Rows = {name: [] for name in Base.metadata.tables}
    for name, today in Base.metadata.tables.items():
        if name in there:
            known = {about["name"] for about in inspector.get_columns(name)}
            query = select(*(each for each in today.columns if each.name in known))
            rows[name] = [dict(row) for row in connection.execute(query).mappings()]
    split = {row["id"] for row in rows[BASE_CELL.name]}
    for name, (today_name, kind, more) in FORMER.items():
        if name not in there:
            continue
        former = table(name, *(column(each) for each in ("id", "name", "notebook_id", *more)))
        for row in connection.execute(select(*former.c)).mappings():
            if row["id"] not in split:
                base = {key: row[key] for key in ("id", "name", "notebook_id")}
                rows[BASE_CELL.name].append({**base, "type": kind})
                rows[today_name].append({key: row[key] for key in ("id", *more)})
    return rows
