"""What is known of a student goes when asked, and old things go by their date."""

from __future__ import annotations

import argparse
import os
import re
from datetime import datetime, timedelta

import pytest
from uploaded import FULL, NOON, ROSTER, handed_in, laid, small_class, zipped

from lib.grading.places import result_file
from lib.grading.results import Result, save_result
from lib.grading.submissions.command import submissions_command
from lib.grading.submissions.forget import date_of, forget_student, places_of_student, purge_before
from lib.grading.submissions.importing import import_submissions
from lib.grading.submissions.kept import versions
from lib.grading.submissions.listing import SubmissionRow, submission_rows
from lib.grading.submissions.people import gradebook_names, keep_people, known_people, roster_file
from lib.grading.submissions.roster import Person


@pytest.fixture
def root(tmp_path):
    """A course in which ada, ada-2 and bob have handed in twice, and were graded."""
    root = small_class(tmp_path / "course")
    source = tmp_path / "all.zip"
    for hours in (0, 1):
        for day, name in enumerate(("ada", "ada-2", "bob")):
            when = NOON + timedelta(days=day, hours=hours)
            source.write_bytes(zipped({f"{name}.zip": handed_in(name, f"{name} {hours}")}, when))
            import_submissions("a1", source, root, deadline=NOON)
    for name in ("ada", "ada-2", "bob"):
        save_result(result_file(name, FULL, root), Result(name, FULL, "key"))
        laid(
            root, {f"autograded/{name}/{FULL}/{FULL}.ipynb": b"", f"feedback/{name}/{FULL}/{FULL}.html": b""}
        )
    return root


def everything(root):
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def test_everything_of_a_student_goes_and_nothing_of_anybody_else(root):
    before = everything(root)
    asked = []
    cleared = []
    removed = forget_student(
        "ada", root,
        yes=lambda what: asked.extend(what) or True,
        gradebooks=lambda student, place: cleared.append(student) or ["marks in gradebook.db"],
    )  # fmt: skip
    after = everything(root)
    assert after == [
        path for path in before if "/ada/" not in path and "/ada@" not in path and "/ada.json" not in path
    ]
    assert len(before) - len(after) == 9, "three of each version, and of grading"
    assert removed[:3] == ["submitted/ada", "autograded/ada", "feedback/ada"]
    assert removed[-1] == "marks in gradebook.db"
    assert asked[:-1] == removed[:-1]
    assert cleared == ["ada"]
    assert places_of_student("ada", root) == []
    assert len(places_of_student("ada-2", root)) == 5


@pytest.mark.parametrize("name", ["results", FULL, "a1_small.ipynb", "grading", "import"])
def test_an_id_that_is_also_the_name_of_a_folder_costs_nobody_anything(name, root, tmp_path):
    before = everything(root)
    laid(tmp_path, {"in/x.zip": handed_in(name)})
    assert import_submissions("a1", tmp_path / "in", root).taken == [name]
    save_result(result_file(name, FULL, root), Result(name, FULL, "key"))
    removed = forget_student(name, root, yes=lambda what: True, gradebooks=lambda *args: [])
    assert removed == [f"submitted/{name}", f"grading/results/{FULL}/{name}.json"]
    assert everything(root) == before


def test_nothing_goes_without_a_yes(root):
    before = everything(root)
    assert forget_student("ada", root, yes=lambda what: False, gradebooks=lambda *args: 1 / 0) == []
    assert everything(root) == before


@pytest.mark.parametrize("name", ["", "..", "../bob", "a/b", "*", "."])
def test_what_is_no_id_is_refused(name, root):
    with pytest.raises(ValueError, match="id: expected"):
        forget_student(name, root, yes=lambda what: True, gradebooks=lambda *args: [])


def test_old_things_go_and_what_counts_stays(root):
    laid(root, {"grading/backups/gradebook-1.db": b"", "grading/backups/gradebook-2.db": b""})
    os.utime(root / "grading/backups/gradebook-1.db", (10**9, 10**9))
    for student in ("bob", "gone"):  # what gone has handed in is not there any more
        save_result(result_file(student, FULL, root), Result(student, FULL, "k"))
        os.utime(result_file(student, FULL, root), (10**9, 10**9))
    old = versions("ada", FULL, root)[0]
    os.rename(old, old.with_name("ada@2001-01-01-000000"))
    assert purge_before(datetime(2020, 1, 1), root, yes=lambda what: False) == []
    removed = purge_before(datetime(2020, 1, 1), root, yes=lambda what: True)
    assert removed == [
        "grading/results/a1_small/gone.json",
        "grading/backups/gradebook-1.db",
        "grading/kept/a1_small/ada@2001-01-01-000000",
    ]
    assert len(list((root / "submitted").iterdir())) == 3
    assert result_file("bob", FULL, root).exists()
    assert len(versions("bob", FULL, root)) == 1
    assert purge_before(datetime(2020, 1, 1), root, yes=lambda what: True) == []


def test_the_list(root):
    rows = submission_rows(FULL, root, [Person("ada"), Person("zoe")])
    hour = NOON + timedelta(hours=1)
    result_file("bob", FULL, root).unlink()
    assert rows[0] == SubmissionRow("ada", hour, True, 1, "graded")
    assert rows[-1] == SubmissionRow("zoe", None, False, 0, "missing")
    assert submission_rows(FULL, root)[-1].state == "handed in"


@pytest.mark.parametrize("text", ["", "tomorrow", "28.11.2026", "2026-13-01"])
def test_what_is_no_date_is_refused(text):
    with pytest.raises(ValueError, match="date: expected a day such as"):
        date_of(text)


def command(root, capsys, action, **args):
    args = {"roster": None, "deadline": None, "yes": False} | args
    status = submissions_command(argparse.Namespace(action=action, **args), root)
    return status, capsys.readouterr().out.splitlines()


def test_the_commands(root, tmp_path, capsys, monkeypatch):
    laid(
        tmp_path,
        {"in/a1-zoe.zip": handed_in("zoe"), "in/x.zip": b"", "r.csv": (ROSTER + "zoe,Zoe,,\n").encode()},
    )
    status, said = command(
        root,
        capsys,
        "import",
        name="a1",
        source=tmp_path / "in",
        roster=tmp_path / "r.csv",
        deadline="2001-01-01",
    )
    assert status == 1
    assert said[0] == "a1_small: 1 taken, 0 unchanged, 1 late, 1 missing"
    status, said = command(root, capsys, "list", name="a1", roster=tmp_path / "r.csv")
    assert status == 0
    assert said[0].split() == ["student", "name", "state", "came"]
    assert said[1] == "ada      Ada Lovelace  graded     2026-11-28 13:00  late, 1 earlier version"
    assert said[-1] == "a1_small: 3 graded, 1 handed in, 1 missing, 4 late"
    with pytest.raises(ValueError, match="add --yes"):
        command(root, capsys, "forget", student="zoe")
    with pytest.raises(ValueError, match="add --yes"):
        command(root, capsys, "purge", before="2999-01-01")
    monkeypatch.setattr("sys.stdin", argparse.Namespace(isatty=lambda: True))
    monkeypatch.setattr("builtins.input", lambda prompt: "no")
    status, said = command(root, capsys, "purge", before="2999-01-01")
    assert said[-1] == "Nothing was removed, since the answer was not yes."
    monkeypatch.setattr("builtins.input", lambda prompt: "yes")
    status, said = command(root, capsys, "purge", before="2999-01-01")
    assert said[-1] == "Removed: grading/kept/a1_small/bob@" + said[-1][-17:]


def test_a_purge_that_removes_nothing_says_why(root, capsys):
    old = versions("ada", FULL, root)[0]
    os.rename(old, old.with_name("ada@2001-02-03-040506"))
    assert command(root, capsys, "purge", before="2001-02-03 04:05", yes=True) == (
        0,
        [
            "Nothing was removed: of what `purge` removes, nothing is older than 2001-02-03 04:05; the "
            "oldest, grading/kept/a1_small/ada@2001-02-03-040506, is of 2001-02-03 04:05."
        ],
    )
    command(root, capsys, "purge", before="2999-01-01", yes=True)
    assert command(root, capsys, "purge", before="2999-01-01", yes=True) == (
        0,
        [
            "Nothing was removed: there is no earlier version of a submission, no copy of the gradebook, and "
            "no result of a submission that is gone. What counts today stays."
        ],
    )


def test_the_gradebook_and_its_copies_forget_a_student(root, capsys):
    opening = pytest.importorskip("lib.grading.gradebook.opening")
    import sqlite3
    from contextlib import closing

    with opening.open_gradebook(root, backup=False) as gradebook, gradebook.begin() as connection:
        students = "INSERT INTO student (id, first_name) VALUES (?, ?)"
        connection.exec_driver_sql(students, ("ada", "Ada Lovelace"))
        connection.exec_driver_sql(students, ("bob", "Bob Smith"))
    copy = opening.back_up(f"sqlite:///{root / 'gradebook.db'}", root)
    command(root, capsys, "forget", student="ada", yes=True)
    for file in (root / "gradebook.db", copy):
        with closing(sqlite3.connect(file)) as database:
            assert database.execute("SELECT id FROM student").fetchall() == [("bob",)]
        assert b"Lovelace" not in file.read_bytes()
        assert b"Bob Smith" in file.read_bytes()


def test_names_pages_and_what_a_killed_process_left_go_too(root):
    keep_people([Person("ada", "Lovelace, Ada", "ada@x.example", "17"), Person("bob", "Bob Brown")], root)
    assert roster_file(root).stat().st_mode & 0o077 == 0
    assert gradebook_names(root)["ada"] == {
        "first_name": "Ada", "last_name": "Lovelace", "email": "ada@x.example", "lms_user_id": "17",
    }  # fmt: skip
    assert gradebook_names(root)["bob"]["last_name"] == "Brown"
    laid(
        root,
        {
            f"grading/results/{FULL}/ada.json.77.part": b"{}",
            f"grading/before-regrade/{FULL}/ada.json": b"{}",
            f"grading/before-regrade/{FULL}/ada-2.json": b"{}",
            f"grading/similarity/{FULL}.html": b"<h2>ada and bob</h2>",
            "grading/similarity/other.html": b"<h2>ada-2 and bob</h2>",
        },
    )
    removed = forget_student("ada", root, yes=lambda what: True, gradebooks=lambda *args: [])
    assert "the name in grading/roster.csv" in removed
    assert [person.id for person in known_people(root)] == ["bob"]
    left = [path for path in (root / "grading").rglob("*") if path.is_file()]
    assert [path for path in left if re.search(rb"\bada\b(?!-)", path.read_bytes())] == []
    assert [path for path in left if re.search(r"^ada\b(?!-)", path.name)] == []
    assert (root / "grading" / "similarity" / "other.html").exists()
    assert (root / "grading" / "before-regrade" / FULL / "ada-2.json").exists()


def test_of_two_rosters_the_newest_words_count(root):
    keep_people([Person("ada", "Ada L."), Person("bob", "Bob Brown")], root)
    keep_people([Person("ada", "Lovelace, Ada")], root)
    keep_people([], root)
    assert {person.id: person.name for person in known_people(root)} == {
        "ada": "Lovelace, Ada", "bob": "Bob Brown",
    }  # fmt: skip


def test_where_there_is_a_board_of_the_challenge_it_is_named(root, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COURSE_SECRET", str(tmp_path / "own" / "secret"))
    _, said = command(root, capsys, "forget", student="ada", yes=True, db="")
    assert not [line for line in said if "leaderboard" in line]
    laid(tmp_path, {"own/challenge/board.db": b""})
    _, said = command(root, capsys, "forget", student="bob", yes=True, db="")
    assert said[-1].endswith("`course leaderboard forget ID` deletes there.")
