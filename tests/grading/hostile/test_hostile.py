"""Each submission of the bank is graded as it must be, harms nobody, and gets at nothing.

A commit grades about a dozen of them, `course test --all` all; one by name: -k NAME.
"""

import json
import os
import shutil

import pytest
from hostile_bank import whole_bank
from hostile_course import NAME, ROOT, hostile_course
from hostile_processes import ANY_END
from hostile_run import grade_rows, kinds_of, marks_are_right, marks_of

from lib.grading.places import rooms_folder
from lib.grading.sandbox.attempt import try_all

ROWS = whole_bank()
WORKING = [attempt.kind for attempt in try_all() if attempt.works and attempt.kind != "container"]
SHARE = 30

if not WORKING and os.environ.get("CI") != "true":
    pytest.skip("no sandbox works on this computer", allow_module_level=True)


@pytest.fixture(scope="session")
def cache():
    """The room and the right answers are the same for all runs, and stay where `course grade` keeps them."""
    return rooms_folder(ROOT)


def class_of(request, tmp_path_factory, cache, kind):
    """The rows that the tests of this run ask for, graded in one go; their files are removed afterwards."""
    asked = {
        item.callspec.params["name"]
        for item in request.session.items
        if item.path == request.path
        and request.fixturename in item.fixturenames
        and hasattr(item, "callspec")
    }
    folder = tmp_path_factory.mktemp(f"hostile-{kind}")
    folder.chmod(0o755)
    yield grade_rows([ROWS[name] for name in sorted(asked)], folder, cache, kind)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def graded(request, tmp_path_factory, cache):
    yield from class_of(request, tmp_path_factory, cache, WORKING[0])


@pytest.fixture(scope="module")
def other_way(request, tmp_path_factory, cache):
    yield from class_of(request, tmp_path_factory, cache, WORKING[-1])


@pytest.mark.family(share=SHARE)
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", ROWS)
def test_a_submission_gets_its_marks_and_flags(name, graded):
    assert graded.wrong(ROWS[name]) == []


@pytest.mark.family(share=3 * SHARE, together=True)
@pytest.mark.timeout(3600)
@pytest.mark.skipif(len(WORKING) < 2, reason="there is one sandbox here")
@pytest.mark.parametrize("name", ROWS)
def test_both_sandboxes_give_the_same(name, graded, other_way):
    row = ROWS[name]
    one, other = (way.results[row.id] for way in (graded, other_way))
    if marks_of(one) != marks_of(other):  # which of several it gets is chance, in one sandbox too
        assert not isinstance(row.marks, tuple)
        assert all(marks_are_right(row, marks_of(way), kinds_of(way)) for way in (one, other))
    either = row.may & set(ANY_END.split()) if row.marks else row.may  # chance, in one sandbox too
    assert set(kinds_of(one)) - either == set(kinds_of(other)) - either


@pytest.mark.family(share=4)
@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", WORKING)
def test_the_next_student_finds_nothing_of_the_one_before(kind, tmp_path, cache):
    tmp_path.chmod(0o755)
    rows = [ROWS[name] for name in ("y-leaves-traces", "z-finds-traces")]
    found = grade_rows(rows, tmp_path, cache, kind, workers=1)
    assert [found.wrong(row) for row in rows] == [[], []]
    assert not found.again


@pytest.mark.family(share=4)
def test_every_row_can_be_made(tmp_path):
    root = hostile_course(tmp_path)
    release = (root / "assignments" / NAME / f"{NAME}.ipynb").read_text("utf-8")
    made = [row.hand(release) for row in ROWS.values()]
    assert len({hand.student for hand in made}) == len(ROWS) >= 120


def test_the_tables_of_both_findings_are_in_the_bank():
    """Each line of “What stock nbgrader does” has rows that say so."""
    told = json.dumps([row.stock for row in ROWS.values()])
    for outcome in (
        "no grade, the points before it are lost", "a person must look", "the whole batch aborts",
        "a file of 200 MB", "no limit", "outlives grading", "leaks", "every student's grade changed",
        "hidden tests leak", "wrong code gets full marks", "full marks", "shadows numpy",
        "0 points, where it writes to stderr", "live in the feedback",
    ):  # fmt: skip
        assert outcome in told
