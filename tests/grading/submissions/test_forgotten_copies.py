"""Nothing of a student is left in copies of the gradebook, whatever they are called."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime

import pytest

from lib.assignments.nbgrader_settings import nbgrader_settings
from lib.grading.gradebook.opening import back_up, database_url, open_gradebook
from lib.grading.places import OWN, backups_folder
from lib.grading.submissions.forget import forget_student, purge_before


@pytest.mark.parametrize("name", ["gradebook.db", "grades.sqlite", "grades", "g.sqlite3"])
def test_copies_of_any_name_forget_a_student(tmp_path, name):
    (tmp_path / "nbgrader_config.py").write_text(
        f'c = get_config()\nc.CourseDirectory.db_url = "sqlite:///{tmp_path / name}"\n'
    )
    open_gradebook(tmp_path, backup=False).close()
    with closing(sqlite3.connect(tmp_path / name)) as database:
        database.execute("insert into student (id, first_name) values ('ada', 'Adalovelace')")
        database.commit()
    url = database_url(tmp_path, "", nbgrader_settings(tmp_path))
    assert back_up(url, tmp_path)
    half = backups_folder(tmp_path) / "x.db.part"
    half.write_bytes(b"SQLite format 3\0 Adalovelace")
    (backups_folder(tmp_path) / "notes.txt").write_text("of somebody")
    forget_student("ada", tmp_path, yes=lambda what: True)
    left = [path for path in tmp_path.rglob("*") if path.is_file() and b"Adalovelace" in path.read_bytes()]
    assert left == []
    assert (backups_folder(tmp_path) / "notes.txt").exists()


def test_a_version_with_a_time_that_is_none_stops_no_purge(tmp_path):
    folder = tmp_path / OWN / "kept" / "a1_small" / "ada@2026-99-99-999999"
    folder.mkdir(parents=True)
    assert purge_before(datetime(2020, 1, 1), tmp_path, yes=lambda what: True) == []
    assert purge_before(datetime(2100, 1, 1), tmp_path, yes=lambda what: True) == [
        folder.relative_to(tmp_path).as_posix()
    ]
