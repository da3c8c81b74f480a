"""Examining on workers of Dask's scheduler: bytes travel, and a worker that is killed changes no grade."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from small_class import NAME, WordSteps, examine_words, grade_words, make_class, open_bench

from lib.grading import scheduled
from lib.grading.coordinator import Class, grade_class, plan_class, students_of
from lib.grading.report import summary_lines
from lib.grading.sandbox.room import Limits, Room
from lib.grading.scheduled import Scheduled, pack_room, unpack_room

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
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


def test_a_room_that_cannot_be_unpacked_leaves_nothing(room, tmp_path):
    packed = replace(pack_room(room, "abc"), archive=b"no archive")
    with pytest.raises(zipfile.BadZipFile):
        unpack_room(packed, tmp_path / "there")
    assert not os.listdir(tmp_path / "there")


def test_the_threads_of_a_worker_share_one_folder(monkeypatch):
    monkeypatch.setattr(scheduled, "_folders", [])
    real = tempfile.TemporaryDirectory

    def slow(**options):
        time.sleep(0.05)
        return real(**options)

    monkeypatch.setattr(tempfile, "TemporaryDirectory", slow)
    with ThreadPoolExecutor(4) as pool:
        places = list(pool.map(lambda _: scheduled._place(), range(4)))
    assert len(set(places)) == 1
    assert places[0].is_dir()


@pytest.fixture
def dask(tmp_path):
    """Starts a scheduler and workers as programs: dask("scheduler"), dask("worker", address, course).

    The scheduler's computer has no course.
    """
    pytest.importorskip("distributed", reason="the extra “grading” is not installed")
    started, bare = [], tmp_path / "no-course"
    write_module(bare / "lib" / "grading" / "scheduled.py", NO_COURSE)

    def start(what, *further, course=ROOT):
        course = bare if what == "scheduler" else course
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(course), str(HERE)])}
        extra = {
            "scheduler": ["--port", "0", "--host", "127.0.0.1", "--no-dashboard"],
            "worker": ["--no-nanny", "--no-dashboard", "--nthreads", "2"],
        }
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}", *extra[what], *further]
        process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, cwd=HERE)
        started.append(process)
        if what == "scheduler":
            found = (re.search(r"Scheduler at: +(tcp://\S+)", line) for line in process.stderr)
            process.address = next(filter(None, found))[1]
        threading.Thread(target=process.stderr.read, daemon=True).start()
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def graded_there(root, address, room, at=lambda number: None, wait=30):
    """One run on a scheduler; `at` is called when so many are judged."""
    steps = Watched(at)
    group = Class(NAME, root, b"s" * 32, Limits())
    with Scheduled(
        address,
        pack_room(room, "abc"),
        "bubblewrap",
        group.limits,
        prepare=lambda submission: steps.prepare(submission.student, submission.folder),
        examining=examine_words,
        again=steps.ended,
        opening=open_bench,
        wait=wait,
    ) as runner:
        return grade_class(plan_class(group, students_of(NAME, root), None), steps, runner)


class Watched(WordSteps):
    """Calls something each time when one was judged."""

    def __init__(self, at):
        super().__init__()
        self.at, self.judged = at, 0

    def judge(self, *arguments):
        result = super().judge(*arguments)
        self.judged += 1
        self.at(self.judged)
        return result


@pytest.mark.family(share=8)
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM])
def test_a_scheduler_that_goes_away_ends_the_run_and_the_next_one_goes_on(
    room, tmp_path, dask, monkeypatch, how
):
    monkeypatch.setattr(scheduled, "WAIT", 3.0)  # for one that is there and does not answer
    monkeypatch.setattr(scheduled, "QUIET", 1.0)
    make_class(tmp_path, dict.fromkeys(map("s{:02}".format, range(40)), "one wait"))
    scheduler = dask("scheduler")
    dask("worker", scheduler.address)
    begin = []

    def go_away(number):
        if number == 5:
            scheduler.send_signal(how)
            begin.append(time.monotonic())

    outcome = graded_there(tmp_path, scheduler.address, room, go_away)
    assert time.monotonic() - begin[0] < 20
    assert 5 <= len(outcome.graded) < 40
    assert outcome.stopped == (
        f"the scheduler at {scheduler.address} does not answer any more (`dask scheduler` starts one)"
    )
    assert outcome.failed == {}
    assert summary_lines(outcome, NAME)[-2:] == [
        f"Ended before the end, since {outcome.stopped}; what is graded stays.",
        "`course grade a9` goes on where this has ended; what is graded is not graded again.",
    ]
    again = grade_words(tmp_path)
    assert len(again.graded) == 40 - len(outcome.graded)


@pytest.mark.family(share=8)
@pytest.mark.filterwarnings("ignore")
def test_a_scheduler_whose_workers_all_went_away_ends_the_run(room, tmp_path, dask, monkeypatch):
    monkeypatch.setattr(scheduled, "QUIET", 0.5)
    monkeypatch.setattr(scheduled, "ALONE", 2.0)
    make_class(tmp_path, dict.fromkeys(map("s{:02}".format, range(40)), "one wait"))
    scheduler = dask("scheduler")
    workers = [dask("worker", scheduler.address) for _ in range(2)]

    def go_away(number):
        if number == 5:
            for worker in workers:
                worker.kill()

    outcome = graded_there(tmp_path, scheduler.address, room, go_away)
    assert 5 <= len(outcome.graded) < 40
    assert f"has no worker any more (`dask worker {scheduler.address}` starts one)" in outcome.stopped


@pytest.mark.family(share=8)
@pytest.mark.filterwarnings("ignore")
def test_a_scheduler_without_workers_is_told_what_starts_one(room, tmp_path, dask):
    make_class(tmp_path, ANSWERS)
    scheduler = dask("scheduler")
    with pytest.raises(ValueError, match=r"scheduler: expected workers .* got none; `dask worker tcp"):
        graded_there(tmp_path, scheduler.address, room, wait=1)


NO_COURSE = "raise ModuleNotFoundError(\"No module named 'lib'\", name='lib')"


def write_module(path, text):
    path.parent.mkdir(parents=True)
    path.write_text(text)
    for folder in list(path.parents)[:2]:
        (folder / "__init__.py").write_text("")


@pytest.mark.family(share=8)
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("other", ["another version", "an old one", "no course"])
def test_a_worker_of_another_version_grades_nothing(room, tmp_path, dask, other):
    make_class(tmp_path, ANSWERS)
    course = tmp_path / "another"
    if other == "another version":
        shutil.copytree(ROOT / "lib", course / "lib", ignore=shutil.ignore_patterns("__pycache__"))
        with open(course / "lib" / "grading" / "examination" / "answers.py", "a") as file:
            file.write("\n# another version\n")
    elif other == "an old one":
        write_module(course / "lib" / "grading" / "scheduled.py", "def examine_there(room, job): ...")
    else:
        write_module(course / "lib" / "grading" / "scheduled.py", NO_COURSE)
    scheduler = dask("scheduler")
    dask("worker", scheduler.address, course=course)
    outcome = graded_there(tmp_path, scheduler.address, room)
    assert (outcome.graded, outcome.failed) == ({}, {})
    assert re.match(r"a worker.* has another version of the course, of Python or of numpy", outcome.stopped)


@pytest.mark.family(share=8)
@pytest.mark.filterwarnings("ignore")
def test_two_workers_one_of_them_killed_give_the_same_grades(room, tmp_path, dask):
    here, there = tmp_path / "here", tmp_path / "there"
    for root in (here, there):
        make_class(root, ANSWERS)
    expected = {s: r.to_json() for s, r in grade_words(here).results.items()}
    murderer = there / "submitted" / "s06" / NAME / "answer.txt"
    murderer.write_text(f"{ANSWERS['s06']} murder {tmp_path / 'killed'}")
    scheduler = dask("scheduler")
    workers = [dask("worker", scheduler.address) for _ in range(2)]
    outcome = graded_there(there, scheduler.address, room)
    assert outcome.failed == {}
    assert (tmp_path / "killed").exists()
    assert sorted(worker.poll() is None for worker in workers) == [False, True]
    for student, result in outcome.results.items():
        assert {**result.to_json(), "key": ""} == {**expected[student], "key": ""}


def test_without_a_scheduler_it_says_what_starts_one(room):
    pytest.importorskip("distributed", reason="the extra “grading” is not installed")
    with pytest.raises(ConnectionError, match=r"scheduler: expected one .* `dask scheduler` starts one"):
        Scheduled(
            "tcp://127.0.0.1:9", pack_room(room, "abc"), "bubblewrap", Limits(), prepare=None,
            examining=None, again=None, opening=None, wait=1,
        )  # fmt: skip
