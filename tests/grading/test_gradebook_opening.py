"""A gradebook is made whole or not at all, refused where it is half made, copied, and waited for."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from grading_course import NAME, all_rows, executed, make_course, record_thirty, result
from sqlalchemy import update

from lib.assignments.places import ROOT
from lib.grading.gradebook.cells import GRADE, read_cells
from lib.grading.gradebook.marks import foreign_changes, marks_in_gradebook, remove_student
from lib.grading.gradebook.mending import mend_gradebook
from lib.grading.gradebook.opening import back_up, newest_version, open_gradebook
from lib.grading.gradebook.recorder import Recorder
from lib.grading.places import backups_folder


@pytest.fixture
def course(tmp_path):
    return make_course(tmp_path)


def change(file: Path, *statements: str) -> None:
    connection = sqlite3.connect(file)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def tables(file: Path) -> set[str]:
    connection = sqlite3.connect(file)
    found = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    connection.close()
    return found


def test_a_new_gradebook_has_all_tables_and_nbgraders_version(course):
    with open_gradebook(course) as gradebook:
        made = all_rows(gradebook.engine)
    assert made["course"] == ["('deep-vision',)"]
    assert made["alembic_version"] == [f"('{newest_version()}',)"]
    from nbgrader.api import Base

    assert set(Base.metadata.tables) < set(made)


def test_it_needs_no_program_on_the_path(course, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    shutil.copy(ROOT / "nbgrader_config.py", course)  # which puts Python's folder in front
    open_gradebook(course).close()
    assert os.environ["PATH"] == "/nowhere"


def test_a_half_made_one_is_refused_and_mended_on_request(course):
    open_gradebook(course).close()
    change(course / "gradebook.db", "DROP TABLE alembic_version", "DROP TABLE course_recorded")
    with pytest.raises(ValueError, match=r"half made.*--mend-gradebook"):
        open_gradebook(course)
    assert "alembic_version" not in tables(course / "gradebook.db")
    assert newest_version() in mend_gradebook(course)
    assert len(list(backups_folder(course).iterdir())) == 1
    open_gradebook(course).close()
    assert mend_gradebook(course) == "The gradebook has its version already."


@pytest.mark.parametrize(
    "damage",
    [("DROP TABLE alembic_version", "DROP TABLE comment"), ("DELETE FROM alembic_version",)],
    ids=["a table is missing, too", "the version is empty"],
)
def test_other_half_made_ones_are_mended(course, damage):
    open_gradebook(course).close()
    change(course / "gradebook.db", *damage)
    with pytest.raises(ValueError, match="half made"):
        open_gradebook(course)
    mend_gradebook(course)
    with open_gradebook(course) as gradebook, Recorder(gradebook, NAME) as recorder:
        recorder.record(result(), executed())


def test_one_of_a_newer_version_is_refused_and_left_as_it_is(course):
    open_gradebook(course).close()
    change(course / "gradebook.db", "UPDATE alembic_version SET version_num = 'abc'")
    before = (course / "gradebook.db").read_bytes()
    for attempt in (open_gradebook, mend_gradebook):
        with pytest.raises(ValueError, match=f"version {newest_version()} or older, got abc, of a newer"):
            attempt(course)
    assert (course / "gradebook.db").read_bytes() == before


def test_where_there_is_none_there_is_nothing_to_mend(course):
    assert mend_gradebook(course) == "There is no gradebook yet: grading makes one."


def test_what_is_no_gradebook_is_told_in_a_sentence(course):
    (course / "gradebook.db").write_bytes(b"marks: ada 10, bob 6\n" * 100)
    with pytest.raises(OSError, match=r"the gradebook cannot be used: file is not a database"):
        open_gradebook(course)
    with pytest.raises(ValueError, match="db: expected an address"):
        open_gradebook(course, "my gradebook")


def test_the_settings_say_where_it_is(course):
    settings = course / "nbgrader_config.py"
    settings.write_text(
        f"{settings.read_text()}\nc.CourseDirectory.db_url = 'sqlite:///{course}/marks/of.db'\n"
    )
    open_gradebook(course).close()
    assert (course / "marks" / "of.db").exists()
    open_gradebook(course, f"sqlite:///{course}/other.db").close()
    assert (course / "other.db").exists()
    assert not (course / "gradebook.db").exists()


def test_backups_are_whole_and_old_ones_go(course):
    with open_gradebook(course) as gradebook, Recorder(gradebook, NAME) as recorder:
        recorder.record(result(), executed())
        recorder.flush()
        before = all_rows(gradebook.engine)
        url = gradebook.url
        with gradebook.begin():  # also while somebody writes
            pass
    start = datetime(2026, 1, 1, tzinfo=UTC)
    made = [back_up(url, course, keep=3, now=start + timedelta(days=day)) for day in range(5)]
    assert sorted(backups_folder(course).iterdir()) == made[2:]
    with open_gradebook(course, f"sqlite:///{made[-1]}", backup=False) as copy:
        assert all_rows(copy.engine) == before


def test_a_locked_one_is_waited_for(course):
    open_gradebook(course).close()
    other = sqlite3.connect(course / "gradebook.db", check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    threading.Timer(0.5, other.rollback).start()
    open_gradebook(course, backup=False, wait=30).close()


def test_one_that_stays_locked_is_told_in_a_sentence_and_nothing_is_lost(course):
    with open_gradebook(course, wait=0.1) as gradebook, Recorder(gradebook, NAME) as recorder:
        recorder.record(result("ada"), executed())
        other = sqlite3.connect(course / "gradebook.db")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(TimeoutError, match="another program keeps the gradebook locked"):
            recorder.flush()
        other.rollback()
        other.close()
        recorder.record(result("bob"), executed())
    with open_gradebook(course) as gradebook:
        assert [marks.student for marks in marks_in_gradebook(gradebook, NAME)] == ["ada", "bob"]


def test_an_error_within_a_batch_writes_nothing_of_it(course, monkeypatch):
    with open_gradebook(course) as gradebook:
        recorder = Recorder(gradebook, NAME)
        before = all_rows(gradebook.engine)
        recorder.record(result("ada"), executed())
        with monkeypatch.context() as patch:
            patch.setattr(recorder, "_penalty", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                recorder.flush()
        assert all_rows(gradebook.engine) == before
        recorder.flush()
        assert list(recorder.recorded()) == ["ada"]


def test_a_person_who_grades_meanwhile_loses_nothing(course):
    """Rows are read and written in one transaction: what formgrader writes between runs is seen."""
    with open_gradebook(course) as gradebook, Recorder(gradebook, NAME) as recorder:
        recorder.record(result("ada"), executed())
        recorder.flush()
        other = sqlite3.connect(course / "gradebook.db", timeout=30)
        other.execute("UPDATE grade SET manual_score = 4, needs_manual_grade = 0 WHERE auto_score IS NULL")
        other.commit()
        other.close()
        recorder.record(result("ada", add=1.0), executed())
    with open_gradebook(course) as gradebook:
        (marks,) = marks_in_gradebook(gradebook, NAME)
    assert [cell.score for cell in marks.cells] == [1.0, 6.0, 4.0]
    assert marks.waiting == ()


def test_a_student_is_taken_out_with_all_marks(course):
    with open_gradebook(course) as gradebook:
        with Recorder(gradebook, NAME) as recorder:
            recorder.record(result("bob"), executed())
        before = all_rows(gradebook.engine)
        with Recorder(gradebook, NAME) as recorder:
            recorder.record(result("ada"), executed())
        assert remove_student(gradebook, "ada") == 1
        assert all_rows(gradebook.engine) == before
        assert remove_student(gradebook, "nobody") == 0
        assert remove_student(gradebook, "bob") == 1
        assert marks_in_gradebook(gradebook, NAME) == []


def test_a_new_task_reaches_submissions_and_a_task_with_a_persons_marks_stays(course):
    from grading_course import source

    with open_gradebook(course) as gradebook:
        with Recorder(gradebook, NAME) as recorder:
            recorder.record(result("ada"), executed())
        whole = source()
        shorter = source()
        shorter.cells = [cell for cell in whole.cells if cell.id not in ("twice-code", "twice-marks")]
        make_course(course, shorter)
        with Recorder(gradebook, NAME):
            pass
        assert [cell.name for cell in marks_in_gradebook(gradebook, NAME)[0].cells] == ["add-marks", "why"]
        make_course(course, whole)
        with Recorder(gradebook, NAME):
            pass
        (marks,) = marks_in_gradebook(gradebook, NAME)
        assert [(cell.name, cell.score) for cell in marks.cells] == [
            ("add-marks", 10.0),
            ("twice-marks", None),
            ("why", None),
        ]
        with gradebook.begin() as connection:
            connection.execute(update(GRADE).values(manual_score=1.0))
        make_course(course, shorter)
        with pytest.raises(ValueError, match="twice-marks: expected in the assignment"):
            Recorder(gradebook, NAME)


def test_other_marks_for_a_task_are_taken_over(course):
    from grading_course import source

    with open_gradebook(course) as gradebook:
        for most in (10, 12):
            make_course(course, source(marks=(most, 6, 4)))
            with Recorder(gradebook, NAME):
                assert read_cells(NAME, course, gradebook.config).marked[0].most == most
            assert str(float(most)) in str(all_rows(gradebook.engine)["grade_cells"])


RECORDING = """
import sys, pathlib
sys.path[:0] = [{tests!r}, {lib!r}]
from grading_course import record_thirty
record_thirty(pathlib.Path({root!r}), lambda number: print(number, flush=True))
"""


def recording(root: Path) -> subprocess.Popen[bytes]:
    """A process that records thirty results, and says when it begins with each."""
    here = Path(__file__).parent
    code = RECORDING.format(tests=str(here), lib=str(here.parents[1]), root=str(root))
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)


def left_by(root: Path) -> tuple[dict, dict]:
    """The rows of a gradebook, and the notebooks beside it."""
    with open_gradebook(root, backup=False) as gradebook:
        assert foreign_changes(gradebook, NAME) == []
        found = all_rows(gradebook.engine)
    notebooks = sorted(root.glob("autograded/*/*/*.ipynb"))
    return found, {path.relative_to(root): path.read_bytes() for path in notebooks}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    root = make_course(tmp_path_factory.mktemp("undisturbed"))
    record_thirty(root)
    return left_by(root)


@pytest.mark.family(share=50)
@pytest.mark.parametrize("moment", range(50))
def test_killed_at_any_moment_a_second_run_gives_the_rows_of_an_undisturbed_one(course, undisturbed, moment):
    run = recording(course)
    assert run.stdout is not None
    if moment < 5:  # while the gradebook is made
        until = time.monotonic() + 100
        while not (course / "gradebook.db").exists() and time.monotonic() < until:
            time.sleep(0.001)
    else:
        for _ in range(1 + (moment * 7) % 30):
            run.stdout.readline()
    time.sleep(0.002 * (moment % 5))
    run.send_signal(signal.SIGKILL)
    run.wait()
    run.stdout.close()
    record_thirty(course)
    assert left_by(course) == undisturbed


def test_a_submission_costs_little(course):
    """At most 0.1 CPU seconds; the whole class of a test computer takes a tenth of that."""
    with open_gradebook(course) as gradebook, Recorder(gradebook, NAME) as recorder:
        recorder.record(result("first"), executed())
        recorder.flush()
        content, begun = executed(), time.process_time()
        for number in range(100):
            recorder.record(result(f"s{number}"), content)
        recorder.flush()
    assert (time.process_time() - begun) / 100 < 0.1
