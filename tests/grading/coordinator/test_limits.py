"""Limits of an instructor's choice, and which results are graded again under other ones."""

from __future__ import annotations

from dataclasses import replace

import pytest
from nbformat.v4 import new_notebook
from small_class import NAME, WordSteps, make_class

from lib.assignments.originals import original_names
from lib.assignments.places import ROOT, find_assignment
from lib.grading.coordinator import Class, grade_class, local_runner, plan_class, students_of
from lib.grading.intake.take_in import released_notebook
from lib.grading.limits import USUAL, Allowed, bytes_of, cell_seconds_of, limits_matter
from lib.grading.places import result_file
from lib.grading.regrade import change_lines
from lib.grading.results import Flag, Result, load_result, save_result
from lib.grading.sandbox.room import Limits


def result(seconds=1.0, *kinds, **limits):
    flags = tuple(Flag(kind, "as it is") for kind in kinds)
    return Result("ada", NAME, "k", (), flags, cpu_seconds=seconds, limits=USUAL | limits if limits else {})


def now(**limits):
    return USUAL | limits


def test_the_usual_limits_are_those_of_before():
    assert Allowed().limits == Limits()
    assert (Allowed().allowance.cell, Allowed().allowance.notebook) == (10, 60)


def test_more_time_for_a_cell_is_more_for_all():
    longer = Allowed(cell_seconds=60)
    assert (longer.allowance.cell, longer.allowance.notebook) == (60, 120)
    assert (longer.limits.cpu_seconds, longer.limits.wall_seconds) == (240, 1800)
    assert Allowed(60, 180, "2G").limits == Limits(360, 2700, 2 << 30)
    assert Allowed(cell_seconds=2).limits == Limits()  # the examination ends it long before


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"cell_seconds": -1}, "cell-seconds: expected a number of at least 0"),
        ({"cell_seconds": float("nan")}, "cell-seconds: expected a finite number"),
        ({"notebook_seconds": float("inf")}, "notebook-seconds: expected a finite number"),
        (
            {"cell_seconds": 60, "notebook_seconds": 59},
            "notebook-seconds: expected at least the 60 of a cell",
        ),
        ({"memory": "2"}, "memory: expected a size such as 2G or 800M, at least 256M, got '2'"),
        ({"memory": "-2G"}, "memory: expected a size"),
        ({"memory": "2T"}, "memory: expected a size"),
        ({"memory": "100M"}, "memory: expected a size"),
        ({"memory": "viel"}, "memory: expected a size"),
    ],
)
def test_other_limits_are_refused(options, said):
    with pytest.raises(ValueError, match=said):
        Allowed(**options)


@pytest.mark.parametrize("size", ["2G", "2g", "2 GB", "2GiB", "2.0G", "2048M", " 2048 MiB "])
def test_a_size_is_read_as_people_write_it(size):
    assert bytes_of(size) == 2 << 30


@pytest.mark.parametrize(
    ("former", "limits", "matter"),
    [
        (result(), now(), False),
        (result(100), now(), False),  # the same
        (result(29), now(cell=60.0), False),  # it had enough
        (result(31, "slow"), now(cell=60.0), True),
        (result(3, "hangs"), now(notebook=90.0), True),
        (result(3, "memory"), now(memory=4.0 * (1 << 30)), True),
        (result(3, "dead"), now(memory=4.0 * (1 << 30)), True),
        (result(3, "error", "late"), now(memory=4.0 * (1 << 30)), False),
        (result(3), now(memory=2.0 * (1 << 30)), True),  # nobody knows how much it took
        (result(3), now(cell=5.0), False),  # all of it took less
        (result(8), now(cell=5.0), True),
        (result(11), now(notebook=10.0), True),
        (result(50, cell=60.0), now(), True),
        (result(8, cell=60.0), now(), False),
        (result(25, "slow", cell=60.0), now(cell=60.0), False),
    ],
)
def test_a_result_counts_under_other_limits_where_they_do_not_matter(former, limits, matter):
    assert limits_matter(former, limits) is matter


def grade(root, allowed, **options):
    group = Class(NAME, root, b"s" * 32, allowed.limits, allowed.allowance)
    steps = WordSteps()
    plan = plan_class(group, students_of(NAME, root), None, **options)
    return group, grade_class(plan, steps, local_runner(steps, 2, group.limits))


def test_limits_are_kept_with_the_result_and_told_by_a_regrade(tmp_path):
    make_class(tmp_path, {"ada": "one", "bob": "two", "eve": "three"})
    _, before = grade(tmp_path, Allowed())
    slow = replace(before.results["bob"], flags=(Flag("slow", "as it is"),), tasks=())
    save_result(result_file("bob", NAME, tmp_path), slow)
    group, outcome = grade(tmp_path, Allowed(cell_seconds=60))
    assert set(outcome.graded) == {"bob"}
    kept = load_result(result_file("bob", NAME, tmp_path))
    assert kept.limits == USUAL | {"cell": 60.0, "notebook": 120.0}
    lines = change_lines({"bob": slow}, outcome.results, group.journal, outcome.graded)
    assert lines[0] == "bob: 0 → 2 marks, since what a submission may take changed"
    assert not grade(tmp_path, Allowed(cell_seconds=60))[1].graded
    assert set(grade(tmp_path, Allowed(memory="2G"))[1].graded) == {"ada", "bob", "eve"}


def test_results_of_before_limits_were_kept_had_the_usual_ones(tmp_path):
    make_class(tmp_path, {"ada": "one"})
    grade(tmp_path, Allowed())
    file = result_file("ada", NAME, tmp_path)
    save_result(file, replace(load_result(file), limits={}))
    assert not grade(tmp_path, Allowed())[1].graded


def test_an_assignment_says_in_its_metadata_what_a_cell_may_take():
    release = new_notebook(metadata={"course": {"cell_seconds": 30}})
    assert cell_seconds_of(release) == 30
    for said in ({}, {"course": {}}, {"course": "quick"}):
        assert cell_seconds_of(new_notebook(metadata=said)) == 0
    for wrong in (-1, "30", None, float("inf")):
        with pytest.raises(ValueError, match="cell_seconds: expected"):
            cell_seconds_of(new_notebook(metadata={"course": {"cell_seconds": wrong}}))


@pytest.mark.parametrize("name", ["a1", "a2", "a3", "a4"])
def test_the_assignments_of_the_course_give_a_cell_half_a_minute(name):
    full = find_assignment(name, original_names(ROOT))
    assert cell_seconds_of(released_notebook(full, ROOT)) == 30
