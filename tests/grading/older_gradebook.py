"""Gradebooks as older versions of nbgrader left them: the tables of each revision, with marks in them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

# Revisions of nbgrader's alembic folder, oldest first, and what each added.
REVISIONS = ("b6d005d67074", "50a4d84c131a", "724cde206c17", "167914646830", "282d30a0218e", "e43177bfe90b")

TABLES = """
CREATE TABLE assignment (id VARCHAR(32) NOT NULL PRIMARY KEY, name VARCHAR(128) NOT NULL UNIQUE,
    duedate DATETIME);
CREATE TABLE student (id VARCHAR(128) NOT NULL PRIMARY KEY, first_name VARCHAR(128), last_name VARCHAR(128),
    email VARCHAR(128));
CREATE TABLE notebook (id VARCHAR(32) NOT NULL PRIMARY KEY, name VARCHAR(128) NOT NULL,
    assignment_id VARCHAR(32) REFERENCES assignment (id), UNIQUE (name, assignment_id));
CREATE TABLE source_cell (id VARCHAR(32) NOT NULL PRIMARY KEY, name VARCHAR(128) NOT NULL,
    cell_type VARCHAR(8) NOT NULL, source TEXT, checksum VARCHAR(128), locked BOOLEAN NOT NULL,
    notebook_id VARCHAR(32) REFERENCES notebook (id), UNIQUE (name, notebook_id));
CREATE TABLE submitted_assignment (id VARCHAR(32) NOT NULL PRIMARY KEY,
    assignment_id VARCHAR(32) REFERENCES assignment (id), student_id VARCHAR(128) REFERENCES student (id),
    timestamp DATETIME, extension DATETIME, UNIQUE (assignment_id, student_id));
CREATE TABLE submitted_notebook (id VARCHAR(32) NOT NULL PRIMARY KEY,
    assignment_id VARCHAR(32) REFERENCES submitted_assignment (id),
    notebook_id VARCHAR(32) REFERENCES notebook (id), flagged BOOLEAN, late_submission_penalty FLOAT,
    UNIQUE (notebook_id, assignment_id));
"""
CELLS_IN_TWO = """
CREATE TABLE grade_cell (id VARCHAR(32) NOT NULL PRIMARY KEY, name VARCHAR(128) NOT NULL,
    max_score FLOAT NOT NULL, cell_type VARCHAR(8) NOT NULL,
    notebook_id VARCHAR(32) REFERENCES notebook (id), UNIQUE (name, notebook_id));
CREATE TABLE solution_cell (id VARCHAR(32) NOT NULL PRIMARY KEY, name VARCHAR(128) NOT NULL,
    notebook_id VARCHAR(32) REFERENCES notebook (id), UNIQUE (name, notebook_id));
INSERT INTO grade_cell SELECT base_cell.id, name, max_score, cell_type, notebook_id
    FROM now.grade_cells JOIN now.base_cell USING (id);
INSERT INTO solution_cell SELECT base_cell.id, name, notebook_id
    FROM now.solution_cells JOIN now.base_cell USING (id);
"""
CELLS_IN_THREE = """
CREATE TABLE base_cell (id VARCHAR(32) NOT NULL PRIMARY KEY, name VARCHAR(128) NOT NULL,
    notebook_id VARCHAR(32) REFERENCES notebook (id), type VARCHAR(50), UNIQUE (name, notebook_id, type));
CREATE TABLE grade_cells (id VARCHAR(32) NOT NULL PRIMARY KEY REFERENCES base_cell (id),
    max_score FLOAT NOT NULL, cell_type VARCHAR(8) NOT NULL);
CREATE TABLE solution_cells (id VARCHAR(32) NOT NULL PRIMARY KEY REFERENCES base_cell (id));
CREATE TABLE task_cells (id VARCHAR(32) NOT NULL PRIMARY KEY REFERENCES base_cell (id),
    max_score FLOAT NOT NULL, cell_type VARCHAR(8) NOT NULL);
"""
MARKS = """
CREATE TABLE grade (id VARCHAR(32) NOT NULL PRIMARY KEY, cell_id VARCHAR(32) REFERENCES {graded} (id),
    notebook_id VARCHAR(32) REFERENCES submitted_notebook (id), auto_score FLOAT, manual_score FLOAT,
    needs_manual_grade BOOLEAN NOT NULL, UNIQUE (cell_id, notebook_id));
CREATE TABLE comment (id VARCHAR(32) NOT NULL PRIMARY KEY, cell_id VARCHAR(32) REFERENCES {solved} (id),
    notebook_id VARCHAR(32) REFERENCES submitted_notebook (id), auto_comment TEXT, manual_comment TEXT,
    UNIQUE (cell_id, notebook_id));
"""
ADDED = {  # revision → what it adds to the tables
    "50a4d84c131a": "ALTER TABLE notebook ADD COLUMN kernelspec VARCHAR(1024) NOT NULL DEFAULT '{}';",
    "724cde206c17": "ALTER TABLE grade ADD COLUMN extra_credit FLOAT;",
    "282d30a0218e": "ALTER TABLE student ADD COLUMN lms_user_id VARCHAR(128);",
}


def made_older(file: Path, revision: str, *, version: bool = True) -> None:
    """Writes a gradebook of today again, in the tables of an older revision.

    version: False for one without the table that tells the revision
    """
    if revision == REVISIONS[-1]:  # today's
        if not version:
            with closing(sqlite3.connect(file)) as connection:
                connection.execute("DROP TABLE alembic_version")
        return
    reached = REVISIONS[: REVISIONS.index(revision) + 1]
    split = "167914646830" in reached
    tables = TABLES + (CELLS_IN_THREE if split else CELLS_IN_TWO)
    tables += MARKS.format(
        graded="base_cell" if split else "grade_cell", solved="base_cell" if split else "solution_cell"
    )
    tables += "".join(ADDED.get(each, "") for each in reached)
    older = file.with_suffix(".older")
    with closing(sqlite3.connect(older)) as to:
        to.execute("ATTACH ? AS now", [str(file)])
        to.executescript(tables)
        there = [name for (name,) in to.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")]
        for name in there:
            if name not in ("grade_cell", "solution_cell"):
                columns = ", ".join(row[1] for row in to.execute(f"PRAGMA main.table_info({name})"))
                to.execute(f"INSERT INTO main.{name} ({columns}) SELECT {columns} FROM now.{name}")
        if version:
            to.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
            to.execute("INSERT INTO alembic_version VALUES (?)", [revision])
        to.commit()
    older.replace(file)
