"""Before a class is graded: the reference gets all marks and the release none, or nothing is graded."""

from __future__ import annotations

import pytest
from small_class import NAME, WordSteps, make_class

from lib.grading.canary import check_canary
from lib.grading.coordinator import local_runner
from lib.grading.results import Flag
from lib.grading.sandbox.folders import PREFIX
from lib.grading.sandbox.room import Limits


@pytest.fixture
def root(tmp_path):
    make_class(tmp_path, {})
    solution = tmp_path / "solutions" / NAME / "answer.txt"
    solution.parent.mkdir(parents=True)
    solution.write_text("one two three")
    return tmp_path


class Watched(WordSteps):
    """Notes whom it judged, and may add a flag."""

    def __init__(self, kind="", **options):
        super().__init__(**options)
        self.judged, self.flag = [], kind

    def judge(self, student, key, job, examined):
        result, notebook = super().judge(student, key, job, examined)
        self.judged.append(student)
        flags = (Flag(self.flag, "as it is"),) if self.flag and student == "the reference" else ()
        return type(result)(**{**vars(result), "flags": flags}), notebook


def check(root, steps=None, key="a key"):
    steps = steps or Watched()
    return check_canary(NAME, root, steps, local_runner(steps, 2, Limits()), key), steps


def test_it_runs_once_for_each_key(root):
    done, steps = check(root)
    assert (done, sorted(steps.judged)) == (True, ["the reference", "the untouched release"])
    assert check(root)[0] is False
    assert check(root, key="another key")[0] is True
    assert check(root)[0] is True


def test_its_solutions_lie_where_the_next_run_removes_them_after_a_kill(root):
    steps = Watched()
    prepare, places = steps.prepare, []
    steps.prepare = lambda student, folder: places.append(folder) or prepare(student, folder)
    check(root, steps)
    assert len(places) == 2
    assert all(place.parent.name.startswith(PREFIX) for place in places)
    assert not any(place.exists() for place in places)


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b'{"passed": 1}'])
def test_a_file_that_was_cut_short_counts_as_none(root, content):
    check(root)
    (root / "grading" / "canary" / f"{NAME}.json").write_bytes(content)
    assert check(root)[0] is True


def test_a_reference_without_all_marks_ends_it_and_is_tried_again(root):
    (root / "solutions" / NAME / "answer.txt").write_text("one three")
    for _ in range(2):
        with pytest.raises(ValueError, match=r"5 of 7 marks in a9\.words for the reference; nothing"):
            check(root)


def test_a_release_with_marks_ends_it(root):
    steps = Watched()
    steps.prepare = lambda student, folder: {"student": student, "words": ["one", "two", "three"]}
    with pytest.raises(ValueError, match=r"7 marks in a9\.words for the untouched release"):
        check(root, steps)


@pytest.mark.parametrize("kind", ["dead", "slow", "hangs", "memory", "tampered", "unsteady", "refused"])
def test_a_reference_with_a_serious_flag_ends_it(root, kind):
    with pytest.raises(ValueError, match=rf"the flag {kind} \(as it is\)"):
        check(root, Watched(kind))


@pytest.mark.parametrize("kind", ["edited", "copied", "unsandboxed"])
def test_other_flags_of_the_reference_mean_nothing(root, kind):
    assert check(root, Watched(kind))[0]


def test_a_sandbox_that_cannot_be_opened_ends_it_with_the_reason(root):
    steps = Watched()

    def broken():
        raise RuntimeError("bwrap: no such program")

    steps.open_sandbox = broken
    with pytest.raises(ValueError, match="expected to grade the reference, got bwrap: no such program"):
        check(root, steps)
