"""Each commit runs a slice of a large family, and everything has its turn."""

from pathlib import Path

import pytest
import slices

CASES = [f"tests/test_x.py::test_y[{k}]" for k in range(200)]
COMMITS = [f"{k:040x}" for k in range(60)]


@pytest.mark.parametrize("share", [2, 4, 7])
def test_every_case_is_run_by_some_commit_and_none_runs_all(share):
    ran = [{case for case in CASES if slices.runs(case, share, commit)} for commit in COMMITS]
    assert set.union(*ran) == set(CASES)
    assert all(len(CASES) / share / 2 < len(some) < 2 * len(CASES) / share for some in ran)
    assert all(slices.runs(case, share, slices.ALL) for case in CASES)


def test_a_folder_without_git_has_always_the_same_slice(tmp_path):
    assert slices.commit(tmp_path) == "0"


def test_the_slice_is_set_once_for_every_worker(monkeypatch):
    monkeypatch.delenv("COURSE_SLICE")
    monkeypatch.setattr(slices, "commit", lambda folder: "abc")
    assert slices.chosen() == "abc"
    monkeypatch.setattr(slices, "commit", lambda folder: "another")
    assert slices.chosen() == "abc"


@pytest.mark.parametrize(
    ("argument", "named"),
    [
        ("tests/test_x.py::test_y[1]", True),
        ("tests/test_x.py::test_y", True),
        ("tests/test_x.py::test_y[2]", False),
        ("tests/test_x.py", False),
        ("tests/test_z.py::test_y[1]", False),
    ],
)
def test_what_the_command_line_names_always_runs(argument, named, tmp_path):
    assert slices.is_named("tests/test_x.py::test_y[1]", [argument], tmp_path, Path(tmp_path)) == named
