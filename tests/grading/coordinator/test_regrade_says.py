"""What a regrade says where marks changed, where none did, and where none were computed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lib.grading.journal import Journal
from lib.grading.regrade import comparison_lines
from lib.grading.results import Result, TaskMarks


def of(student, earned=5.0):
    return Result(student, "a9_x", "k", (TaskMarks("add-marks", "a9.add", 10, earned),))


def said(tmp_path, before, now, **more):
    parts = {student: {} for student in now}
    return comparison_lines(before, now, Journal(tmp_path / "j.jsonl"), parts, **more)


@pytest.mark.parametrize("written", [True, False])
def test_where_none_were_computed_none_are_called_unchanged(tmp_path, written):
    lines = said(tmp_path, {"ada": of("ada")}, {}, written=written)
    assert lines == ["No marks were computed, so none can be compared."]


@pytest.mark.parametrize(("written", "verb"), [(True, "have changed"), (False, "would change")])
def test_unchanged_marks_are_counted(tmp_path, written, verb):
    both = {name: of(name) for name in ("ada", "bob")}
    assert said(tmp_path, both, both, written=written) == [
        f"Nobody's marks {verb}, of the 2 students with marks from before."
    ]
    one = {"ada": of("ada")}
    assert "of the 1 student with" in said(tmp_path, one, both, written=written)[0]


def test_who_had_no_marks_before_is_not_called_unchanged(tmp_path):
    now = {f"s{number}": of(f"s{number}") for number in range(7)}
    assert said(tmp_path, {}, now) == ["No marks from before to compare with: s0, s1, s2, s3, s4 and 2 more."]


def test_changes_come_alone(tmp_path):
    lines = said(tmp_path, {"ada": of("ada")}, {"ada": of("ada", 7.0)})
    assert lines[0].startswith("ada: 5 → 7 marks, since ")
    assert not any("Nobody" in line for line in lines)


def test_marks_that_only_cost_other_seconds_have_not_changed(tmp_path):
    now = {"ada": replace(of("ada"), cpu_seconds=9.0)}
    assert said(tmp_path, {"ada": of("ada")}, now)[0].startswith("Nobody's marks have changed")
