"""The gradebook on a real PostgreSQL server, which runs as another user."""

from __future__ import annotations

import argparse
from concurrent.futures import ThreadPoolExecutor

import pytest
from grading_course import NAME, all_rows, executed, graded, make_course, result, rows
from postgres_server import private_server
from sqlalchemy import select, text, update

from lib.grading.exports.command import export_command
from lib.grading.gradebook.cells import GRADE
from lib.grading.gradebook.marks import foreign_changes, give_back, marks_in_gradebook, remove_student
from lib.grading.gradebook.mending import mend_gradebook
from lib.grading.gradebook.opening import open_gradebook
from lib.grading.gradebook.recorder import Recorder


def test_everything_works_on_a_server(tmp_path):
    course = make_course(tmp_path / "course")
    with private_server() as url:
        with open_gradebook(course, url) as gradebook:
            for _ in range(2):
                with Recorder(gradebook, NAME, batch=2) as recorder:
                    for student in ("ada", "bob", "eve"):
                        graded(course, recorder, result(student, add=6.0), executed())
                made = all_rows(gradebook.engine)
            with (
                open_gradebook(course, f"sqlite:///{course}/here.db") as here,
                Recorder(here, NAME) as recorder,
            ):
                for student in ("ada", "bob", "eve"):
                    recorder.record(result(student, add=6.0), executed())
                recorder.flush()
                assert rows(here.engine) == rows(gradebook.engine)

            with gradebook.begin() as connection:
                connection.execute(update(GRADE).where(GRADE.c.auto_score == 6.0).values(auto_score=1.0))
            assert len(give_back(gradebook, NAME)) == 6
            assert foreign_changes(gradebook, NAME) == []
            assert all_rows(gradebook.engine) == made

        from nbgrader.api import Gradebook  # nbgrader itself reads it, as formgrader does

        with Gradebook(url, "deep-vision") as book:
            assert book.find_submission(NAME, "ada").score == 12
            book.find_grade("why", NAME, NAME, "ada").manual_score = 3.0
            book.find_grade("why", NAME, NAME, "ada").needs_manual_grade = False
            book.db.commit()

        to = tmp_path / "grades.csv"
        args = argparse.Namespace(
            assignment="", db=url, roster=None, form="csv", to=to, written_pending=True, missing_zero=False
        )
        assert export_command(args, course, lambda line: None) == 0
        assert f"{NAME},ada,,,15,20," in to.read_text("utf-8")

        with open_gradebook(course, url) as gradebook:
            assert remove_student(gradebook, "bob") == 1
            assert [marks.student for marks in marks_in_gradebook(gradebook, NAME)] == ["ada", "eve"]
            with gradebook.begin() as connection:
                connection.execute(text("DROP TABLE alembic_version"))
        with pytest.raises(ValueError, match="half made"):
            open_gradebook(course, url)
        mend_gradebook(course, url)

        def one(number):  # people and programs at the same time
            with open_gradebook(course, url) as gradebook, gradebook.begin() as connection:
                where = (
                    GRADE.c.id
                    == connection.execute(select(GRADE.c.id).order_by(GRADE.c.id)).scalars().all()[number]
                )
                connection.execute(update(GRADE).where(where).values(manual_score=float(number)))

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(one, range(4)))
        with open_gradebook(course, url) as gradebook, Recorder(gradebook, NAME) as recorder:
            for student in ("ada", "eve"):
                recorder.record(result(student), executed())
            recorder.flush()
            cells = [cell for marks in marks_in_gradebook(gradebook, NAME) for cell in marks.cells]
        assert {0.0, 1.0, 2.0, 3.0} <= {cell.manual for cell in cells}


def test_a_server_that_is_away_is_told_in_a_sentence(tmp_path):
    pytest.importorskip("psycopg")
    with pytest.raises(OSError, match=r"teacher:\*\*\*@.*the gradebook cannot be used"):
        open_gradebook(make_course(tmp_path), f"postgresql+psycopg://teacher:secret@/x?host={tmp_path}")
