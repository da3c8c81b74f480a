"""Examining on workers of Dask's scheduler: bytes travel, and a worker that is killed changes no grade."""

from __future__ import annotations

import os

import pytest
from small_class import NAME, WordSteps, examine_words, grade_words, make_class, open_bench

from lib.grading.coordinator import Class, grade_class, plan_class, students_of
from lib.grading.sandbox.room import Limits, Room
from lib.grading.scheduled import Scheduled, pack_room, unpack_room

ANSWERS = {f"s{number:02}": text for number, text in enumerate(["one", "two three", "none", "wait"] * 4)}


@pytest.fixture
def room(tmp_path):
    for name, content in (("course/lib/x.py", b"x = 1"), ("data/y", bytes(1000))):
        path = tmp_path / "room" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return Room(tmp_path / "room" / "course", tmp_path / "room" / "data", ("torch",))


def test_a_room_travels_as_bytes_and_is_unpacked_once(room, tmp_path):
    packed = pack_room(room, "abc")
    there = unpack_room(packed, tmp_path / "there")
    assert (there.course / "lib" / "x.py").read_text() == "x = 1"
    assert (there.hidden, there.data) == (("torch",), None)
    assert len(packed.archive) < 1000
    (there.course / "mark").write_text("")
    assert (unpack_room(packed, tmp_path / "there").course / "mark").exists()
    assert len(os.listdir(tmp_path / "there")) == 1


@pytest.mark.family(share=8)
@pytest.mark.filterwarnings("ignore")
def test_two_workers_one_of_them_killed_give_the_same_grades(room, tmp_path):
    distributed = pytest.importorskip("distributed", reason="the extra “grading” is not installed")
    here, there = tmp_path / "here", tmp_path / "there"
    for root in (here, there):
        make_class(root, ANSWERS)
    expected = {s: r.to_json() for s, r in grade_words(here).results.items()}
    murderer = there / "submitted" / "s06" / NAME / "answer.txt"
    murderer.write_text(f"{ANSWERS['s06']} murder {tmp_path / 'killed'}")
    steps = WordSteps()
    group = Class(NAME, there, b"s" * 32, Limits())
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=2, processes=True, dashboard_address=None, silence_logs=50
        ) as cluster,
        Scheduled(
            cluster.scheduler_address,
            pack_room(room, "abc"),
            "bubblewrap",
            group.limits,
            prepare=lambda submission: steps.prepare(submission.student, submission.folder),
            examining=examine_words,
            again=steps.ended,
            opening=open_bench,
        ) as runner,
    ):
        outcome = grade_class(plan_class(group, students_of(NAME, there), None), steps, runner)
    assert outcome.failed == {}
    assert (tmp_path / "killed").exists()
    for student, result in outcome.results.items():
        assert {**result.to_json(), "key": ""} == {**expected[student], "key": ""}


def test_without_a_scheduler_it_says_what_starts_one(room):
    pytest.importorskip("distributed", reason="the extra “grading” is not installed")
    with pytest.raises(ConnectionError, match=r"scheduler: expected one .* `dask scheduler` starts one"):
        Scheduled(
            "tcp://127.0.0.1:9", pack_room(room, "abc"), "bubblewrap", Limits(), prepare=None,
            examining=None, again=None, opening=None, wait="1s",
        )  # fmt: skip
