"""A gradebook that belongs to another course, such as that of last year."""

from __future__ import annotations

import pytest
from grading_course import NAME, graded, hand_in, make_course, result, rows

from lib.grading.gradebook.opening import open_gradebook
from lib.grading.gradebook.recorder import Recorder


def course(folder, name):
    root = make_course(folder / (name or "unnamed"))
    settings = root / "nbgrader_config.py"
    settings.write_text(settings.read_text().replace('"deep-vision"', f'"{name}"'))
    return root


def record(root, url, add):
    with open_gradebook(root, url, backup=False) as gradebook, Recorder(gradebook, NAME) as recorder:
        hand_in(root, "ada")
        graded(root, recorder, result("ada", add=add))


@pytest.mark.parametrize(
    ("before", "now"), [("last-year", "this-year"), ("", "this-year"), ("last-year", "")]
)
def test_marks_of_another_course_are_not_overwritten(tmp_path, before, now):
    url = f"sqlite:///{tmp_path / 'both.db'}"
    record(course(tmp_path, before), url, 4.0)
    root = course(tmp_path, now)
    with open_gradebook(root, url, backup=False) as gradebook:
        marks = rows(gradebook.engine)["grade"]
    with pytest.raises(ValueError, match="a gradebook of its own for each course"):
        record(root, url, 9.0)
    with open_gradebook(root, url, backup=False) as gradebook:
        assert rows(gradebook.engine)["grade"] == marks


@pytest.mark.parametrize(("before", "now"), [("", "default_course"), ("default_course", ""), ("a", "a")])
def test_the_same_course_goes_on(tmp_path, before, now):
    url = f"sqlite:///{tmp_path / 'both.db'}"
    record(course(tmp_path / "1", before), url, 4.0)
    record(course(tmp_path / "2", now), url, 9.0)
