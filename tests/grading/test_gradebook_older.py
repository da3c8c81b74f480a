"""A gradebook of an older nbgrader is refused, and mended on request with every mark and comment in it."""

from __future__ import annotations

import sqlite3
import warnings
from contextlib import closing

import pytest
from grading_course import NAME, executed, make_course, result, rows
from older_gradebook import REVISIONS, made_older

from lib.grading.gradebook.marks import marks_in_gradebook
from lib.grading.gradebook.mending import mend_gradebook
from lib.grading.gradebook.opening import newest_version, open_gradebook
from lib.grading.gradebook.recorder import Recorder
from lib.grading.places import backups_folder

MARKED = """
UPDATE grade SET manual_score = 3, needs_manual_grade = 0 WHERE auto_score IS NULL;
UPDATE comment SET manual_comment = 'Well said, "Ada".';
UPDATE student SET first_name = 'Ada', email = 'ada@example.org' WHERE id = 'ada';
"""


@pytest.fixture
def course(tmp_path):
    """A course whose gradebook has the marks of two students, and those of a person."""
    course = make_course(tmp_path)
    with open_gradebook(course) as gradebook, Recorder(gradebook, NAME) as recorder:
        recorder.record(result("ada"), executed())
        recorder.record(result("bob", add=7.0), executed(why=None))
    with closing(sqlite3.connect(course / "gradebook.db")) as connection:
        connection.executescript(MARKED)
        connection.execute("DROP TABLE course_recorded")  # nbgrader makes none
    return course


def test_the_revisions_are_those_of_nbgrader():
    from alembic.script import ScriptDirectory
    from nbgrader.dbutil import ALEMBIC_DIR

    known = [each.revision for each in ScriptDirectory(ALEMBIC_DIR).walk_revisions()]
    assert tuple(reversed(known)) == REVISIONS


@pytest.mark.family(share=6)
@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize("version", ["told", "not told", "opened by a newer nbgrader"])
def test_one_of_each_revision_is_mended_and_nothing_is_lost(course, revision, version):
    with open_gradebook(course, backup=False) as gradebook:
        before, kept = marks_in_gradebook(gradebook, NAME), rows(gradebook.engine)
    file = course / "gradebook.db"
    made_older(file, revision, version=version == "told")
    if version == "opened by a newer nbgrader":  # which adds the tables that are missing, and no column
        open_by_nbgrader(course)
    if revision != newest_version() or version != "told":
        older = file.read_bytes()
        with pytest.raises(ValueError, match="--mend-gradebook"):
            open_gradebook(course)
        assert file.read_bytes() == older
        assert newest_version() in mend_gradebook(course)
        (copy,) = backups_folder(course).iterdir()
        assert dump(copy) == dump(older, course)
    assert mend_gradebook(course) == "The gradebook has its version already."
    with open_gradebook(course, backup=False) as gradebook:
        assert marks_in_gradebook(gradebook, NAME) == before
        kept["notebook"] = [f"('{NAME}', '{{}}')"] if revision == REVISIONS[0] else kept["notebook"]
        assert rows(gradebook.engine) == kept
        with Recorder(gradebook, NAME) as recorder:  # and grading goes on in it
            recorder.record(result("eve"), executed())
            recorder.record(result("ada", add=1.0), executed())
    with open_gradebook(course, backup=False) as gradebook:
        scores = {marks.student: marks.score for marks in marks_in_gradebook(gradebook, NAME)}
    assert scores == {"ada": 10.0, "bob": 13.0, "eve": 16.0}


def open_by_nbgrader(course):
    from nbgrader.api import Base
    from sqlalchemy import create_engine

    engine = create_engine(f"sqlite:///{course}/gradebook.db")
    Base.metadata.create_all(engine)
    engine.dispose()


def dump(file, course=None):
    """All that a file of SQLite's says; of bytes, after they are written beside the course."""
    if isinstance(file, bytes):
        (course / "bytes.db").write_bytes(file)
        file = course / "bytes.db"
    with closing(sqlite3.connect(file)) as connection:
        return list(connection.iterdump())


def test_what_goes_wrong_half_way_leaves_it_as_it_was(course, monkeypatch):
    made_older(course / "gradebook.db", REVISIONS[0])
    before = dump(course / "gradebook.db")
    monkeypatch.setattr("lib.grading.gradebook.mending.insert", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        mend_gradebook(course)
    assert dump(course / "gradebook.db") == before


@pytest.mark.parametrize("revision", [REVISIONS[0], REVISIONS[3]])
def test_nbgrader_itself_reads_what_was_mended(course, revision):
    made_older(course / "gradebook.db", revision)
    mend_gradebook(course)
    from nbgrader.api import Gradebook

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with Gradebook(f"sqlite:///{course}/gradebook.db", "deep-vision") as book:
            assert book.find_submission(NAME, "ada").score == 19
            assert [a.name for a in book.assignments] == [NAME]
            assert book.find_comment("add-code", NAME, NAME, "bob").comment == 'Well said, "Ada".'
