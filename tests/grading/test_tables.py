"""Tables at a terminal fit its width, name students where a roster does, and say what numbers stand for."""

from __future__ import annotations

import os

import pytest

from lib.grading.exports.command import grades_table
from lib.grading.exports.forms import ClassMarks, Someone
from lib.grading.gradebook.marks import CellMarks, StudentMarks
from lib.grading.report import marks_table
from lib.grading.results import Flag, Result, TaskMarks
from lib.grading.tables import NAME, screen_width, table_lines

A2 = ("gates", "graph", "linear", "relu", "mul_constant", "model", "cross_entropy", "gradient_check")
NAMES = {"s01": "Ada Lovelace", "s02": "Bartholomew Fitzgerald …"}


def graded(student, count=8, flags=()):
    tasks = tuple(TaskMarks(f"{name}-marks", f"a2.{name}", 25, 12.5) for name in A2[:count])
    return Result(student, "a2_small", "k", tasks, tuple(Flag(kind, "x") for kind in flags))


CLASS = [graded("s01"), graded("s02", flags=["duplicated", "refused", "copied", "late", "error"])]


@pytest.mark.parametrize("width", [60, 80, 100, 140, 300])
@pytest.mark.parametrize("names", [None, NAMES, {}])
def test_the_table_of_a_run_is_no_wider_than_the_terminal(width, names):
    lines = marks_table(CLASS, ["s03"], names, width)
    assert max(map(len, lines)) <= max(width, 90 if names else 80)
    for flag in ("duplicated", "refused", "copied", "late", "error", "not graded"):
        assert flag in " ".join(" ".join(lines).split())


def test_where_it_fits_tasks_have_their_names_and_marks_what_they_are_of():
    lines = marks_table(CLASS, (), None, 160)
    assert lines[0].split()[:3] == ["student", "gates", "graph"]
    assert lines[1].split()[:2] == ["s01", "12.5/25"]
    assert len(lines) == 3


def test_where_it_does_not_tasks_have_numbers_that_are_told_below():
    heading, first, of, *told = marks_table(CLASS[:1], (), None, 80)
    assert heading.split() == ["student", *map(str, range(1, 9)), "checks", "flags"]
    assert first.split() == ["s01", *8 * ["12.5"], "100"]
    assert of.split() == ["of", *8 * ["25"], "200"]
    assert " ".join(told).startswith("Tasks: 1 gates, 2 graph, 3 linear, 4 relu, 5 mul_constant,")


def test_numbers_stand_below_one_another():
    lines = marks_table([graded("s01"), graded("s02", 3)], (), None, 80)[:4]
    end = lines[0].index("checks") + len("checks")
    assert [line[end - 4 : end].strip() for line in lines[1:]] == ["100", "37.5", "200"]


@pytest.mark.parametrize(
    ("given", "named"), [(NAMES, True), ({}, False), (None, False), ({"zz": "Z"}, False)]
)
def test_students_are_named_where_the_roster_names_one(given, named):
    for width in (100, 200):
        lines = marks_table(CLASS, (), given, width)
        assert ("name" in lines[0].split()) is named
        assert ("Ada Lovelace" in lines[1]) is named


def test_who_was_not_graded_has_a_name_too():
    lines = marks_table([], ["S01"], NAMES)
    assert lines[1].split() == ["S01", "Ada", "Lovelace", "–", "not", "graded"]


def test_a_line_that_is_too_long_goes_on_below_its_last_column():
    lines = table_lines([["id", "flags"], ["ada", "one two three four five six seven eight"]], 30)
    assert lines == ["id   flags", "ada  one two three four five", "     six seven eight"]


def test_a_table_of_letters_that_a_terminal_obeys_has_none():
    assert all(line.isprintable() for line in table_lines([["a\x1b[31m", "b\nc"]]))


@pytest.mark.parametrize(("columns", "width"), [("72", 72), ("10", 60), ("250", 250)])
def test_the_width_is_the_terminals(columns, width, monkeypatch):
    monkeypatch.setenv("COLUMNS", columns)
    assert screen_width() == width


def test_without_a_terminal_lines_have_a_hundred_letters(monkeypatch):
    def without(*_):
        raise OSError("no terminal")

    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr(os, "get_terminal_size", without)
    assert screen_width() == 100


def group(name="Ada King Lovelace, Countess of Somewhere"):
    cells = (CellMarks("add", 10, False, 6.0, None, None, False),)
    marks = {(s, "a9_x"): StudentMarks(s, "a9_x", cells=cells) for s in ("ada", "bob")}
    return ClassMarks(("a9_x",), marks, {"ada": Someone("ada", name), "bob": Someone("bob")})


def test_the_table_of_grades_names_students_unless_it_is_anonymous():
    named = grades_table(group())
    assert named[0].split() == ["student", "name", "a9", "flags"]
    assert "Ada King Lovelace, Coun…" in named[1]
    assert len("Ada King Lovelace, Coun…") == NAME
    assert named[2].split() == ["bob", "6"]
    assert named[3].split() == ["of", "10"]
    anonymous = grades_table(group(), anonymous=True)
    assert anonymous[0].split() == ["student", "a9", "flags"]
    assert not any("Ada" in line for line in anonymous)


def test_without_any_name_there_is_no_column_for_it():
    assert grades_table(group(""))[0].split() == ["student", "a9", "flags"]


def test_who_is_in_no_roster_is_told_once_with_what_to_do():
    given = group()
    stranger = ClassMarks(given.assignments, given.marks, given.people, strangers=frozenset({"bob"}))
    lines = grades_table(stranger)
    assert lines[2].endswith("not in the roster")
    assert sum(line.startswith("not in the roster: ") for line in lines) == 1
