"""Twenty submissions through the commands of docs/instructors.md, as they are written there."""

from __future__ import annotations

import csv
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import twenty

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "instructors.md").read_text("utf-8")
LEFT_OUT = ("s12",)  # the endless loop takes two minutes


def documented(command: str, **words: str) -> list[str]:
    """A command of the page, with names of ours in the place of the page's; raises where it lacks it."""
    found = re.search(rf"python3 course\.py ({re.escape(command)}[^`\n]*)", GUIDE)
    assert found, f"docs/instructors.md has no command {command}"
    return [words.get(word, word) for word in shlex.split(found[1])]


COMMANDS = """release a1, bundle, submissions import, submissions list, grade a1, feedback a1, formgrader a1,
similarity a2, grades, grades export, regrade a1, submissions forget, submissions purge, leaderboard init,
leaderboard invite class, leaderboard invite --staff, leaderboard serve, leaderboard close, leaderboard rerun,
leaderboard export"""


@pytest.mark.parametrize("command", re.split(r",\s", COMMANDS))
def test_the_page_names_the_command_and_the_parser_takes_it(command):
    from lib.commands import parse_command

    args, further = parse_command(documented(command))
    assert args.command == command.split()[0]
    assert not further


def test_the_flags_of_the_page_are_all_that_there_are():
    from lib.grading.results import FLAGS

    table = GUIDE.partition("| flag | means |")[2].partition("\n\n")[0]
    named = [flag for row in table.splitlines()[2:] for flag in row.split("|")[1].split(",")]
    assert sorted(flag.strip() for flag in named) == sorted(FLAGS)


@pytest.mark.parametrize("change", ["right", "twice"])
def test_the_twenty_are_notebooks(change):
    cells = json.loads(twenty.notebook(getattr(twenty, change)))["cells"]
    assert len(cells) > 40
    assert not any(word in "".join(c["source"]) for c in cells for word in (twenty.BEGIN, "HIDDEN TESTS"))


@pytest.mark.family(share=40)
@pytest.mark.parametrize("platform", ["moodle", "canvas"])
def test_from_import_to_export(platform, tmp_path):
    """In a clone of the course: marks, flags, pages and the table for the platform are as foreseen."""
    if sys.platform != "linux":
        pytest.skip("the sandbox of this test is bubblewrap")
    course, downloads = tmp_path / "course", tmp_path / "downloads"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(course)], check=True)
    for student in LEFT_OUT:
        twenty.CLASS.pop(student, None)
    twenty.write(downloads)
    env = {**os.environ, "PYTHONPATH": str(course), "COURSE_SECRET": str(tmp_path / "secret")}

    def course_py(command: list[str], status: int = 0) -> str:
        run = [sys.executable, "-m", "lib.cli", *command]
        done = subprocess.run(run, cwd=course, env=env, capture_output=True, text=True)
        assert done.returncode == status, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout

    words = {
        "a1": "a2",
        "moodle": platform,
        "DOWNLOAD.zip": str(downloads / f"{platform}.zip"),
        "class.csv": str(downloads / "class.csv"),
        "a1.csv": str(tmp_path / "out.csv"),
    }
    course_py(documented("release a1", **words))
    said = course_py(documented("submissions import", **words), status=1)
    for expected in ("Missing: s20", "s99 is nobody's id", "Late: s15"):
        assert expected in said
    listed = course_py(documented("submissions list", **words))
    assert "Ada Lovelace" in listed
    assert "1 missing, 1 late" in listed
    course_py(documented("grade a1", **words))
    course_py(documented("feedback a1", **words))
    course_py(documented("similarity a2", **words))
    assert "s20 has no marks" in failed(course, env, documented("grades export", **words))
    course_py([*documented("grades export", **words), "--missing-zero"])
    numbers = {"moodle": ("Identifier", "Participant 4001"), "canvas": ("ID", "7001")}
    column, number = numbers[platform]
    with open(tmp_path / "out.csv", encoding="utf-8", newline="") as file:
        assert number in [row[column] for row in csv.DictReader(file)]
    course_py(["grades", "export", "a2", "--missing-zero", "--to", str(tmp_path / "all.csv")])
    with open(tmp_path / "all.csv", encoding="utf-8-sig", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert rows.pop(twenty.MISSING[0])["score"] == "0"
    assert sorted(rows) == sorted(twenty.CLASS)
    for student, (_, _, (low, high, flags)) in twenty.CLASS.items():
        assert low <= float(rows[student]["score"]) <= high, (student, rows[student])
        assert set(rows[student]["flags"].split()) == flags, (student, rows[student])
        page = (course / "feedback" / student / twenty.FULL / f"{twenty.FULL}.html").read_text("utf-8")
        assert ("What came" if "unreadable" in flags else "Task 4: ReLU") in page


def failed(course: Path, env: dict[str, str], command: list[str]) -> str:
    """What a command says that cannot be done."""
    run = [sys.executable, "-m", "lib.cli", *command]
    done = subprocess.run(run, cwd=course, env=env, capture_output=True, text=True)
    assert done.returncode == 1
    return done.stderr
