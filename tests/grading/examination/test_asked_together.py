"""Requests that travel as one: the answers are those of one by one, and what fails is asked one by one."""

import asyncio
import json
import sys
from types import SimpleNamespace

import pytest
from examined import LINEAR, RELU, SECRET, examined_in, judged, small_job

from lib.assignments.places import ROOT
from lib.grading.examination import examination, examiner
from lib.grading.examination.client import Ended
from lib.grading.examination.known import KnownValues
from lib.grading.examination.sandbox_room import HIDDEN, course_for
from lib.grading.sandbox.room import Room
from lib.tasks.check import VISIBLE
from lib.tasks.task import find_task

SCOPE: dict = {}
exec("import numpy as np\n" + RELU + LINEAR, SCOPE)
NAMES = {"a2.relu": ["ReLU"], "a2.linear": ["Linear"]}


def requests_of(count, task="a2.relu"):
    checks = [check.name for check in find_task(task).checks]
    about = {"task": task, "names": NAMES[task], "checks": checks, "seconds": 5.0, "idle_seconds": 5.0}
    return [{**about, "seed": seed, "stand_ins": {}} for seed in range(count)]


def served(one, requests):
    answers = json.loads(json.dumps(one.served(requests)))
    assert answers[-1].pop("changed") == []
    return answers


def test_together_they_get_the_answers_of_one_by_one():
    one = examiner.Examiner(str(ROOT), SCOPE)
    requests = [*requests_of(3), *requests_of(2, "a2.linear"), *requests_of(1)]
    together = served(one, requests)
    assert together == [served(one, [request])[0] for request in requests]
    assert together[0] == together[-1] != together[1]
    assert all(len(answer["values"]) > 3 for answer in together)


def test_the_modules_of_the_process_stay_what_they_were():
    before = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "lib"}
    served(examiner.Examiner(str(ROOT), SCOPE), requests_of(1))
    assert {name: sys.modules[name] for name in before} == before
    assert find_task("a2.relu").checks


def test_what_takes_long_is_answered_in_parts(monkeypatch):
    one = examiner.Examiner(str(ROOT), SCOPE)
    monkeypatch.setattr(examiner, "MOMENT", -1.0)
    assert len(served(one, requests_of(5))) == 1
    monkeypatch.setattr(examiner, "MOMENT", 60.0)
    assert len(served(one, requests_of(5))) == 5
    monkeypatch.setattr(examiner, "ENOUGH", 1)
    assert len(served(one, requests_of(5))) == 1


class Kernel:
    """Answers as many requests as it is told to; or ends, or says something else."""

    def __init__(self, says):
        self.says, self.asked = list(says), []

    async def replies(self, requests):
        self.asked.append(len(requests))
        says = self.says.pop(0) if self.says else len(requests)
        if isinstance(says, Exception):
            raise says
        return [{"values": {}} for _ in requests[:says]] if isinstance(says, int) else says


def asked_all(monkeypatch, says):
    """How many requests each message had, and which answers were kept how often."""
    one = examination._Examination(
        small_job(RELU, LINEAR), SimpleNamespace(usage=lambda: SimpleNamespace(cpu_seconds=0.0))
    )
    one.client, kept, fresh = Kernel(says), [], []

    async def begin():
        fresh.append(len(one.client.asked))

    monkeypatch.setattr(one, "fresh", begin)
    monkeypatch.setattr(one, "replies", one.client.replies)
    monkeypatch.setattr(one, "keep", lambda it, seed, checks, reply: kept.append((it.cell.task, seed)))
    asyncio.run(one.ask_all(one.asked))
    return one.client.asked, sorted(kept), fresh


def twice_each():
    """The hidden cases, and the visible one once."""
    job = small_job(RELU, LINEAR)
    hidden = [
        (cell.task, seed)
        for cell in job.cells
        for seeds in job.seeds[cell.task]
        for seed in seeds
        for _ in "ab"
    ]
    return sorted([*hidden, *((cell.task, VISIBLE) for cell in job.cells)])


def test_all_travel_as_one(monkeypatch):
    asked, kept, fresh = asked_all(monkeypatch, [])
    assert (asked, fresh) == ([30], [])
    assert kept == twice_each()


def test_the_rest_of_a_part_is_asked_next(monkeypatch):
    asked, kept, _ = asked_all(monkeypatch, [10, 1])
    assert asked == [30, 20, 19]
    assert kept == twice_each()


def test_where_no_list_of_answers_comes_they_are_asked_for_one_by_one(monkeypatch):
    asked, kept, fresh = asked_all(monkeypatch, [[]])
    assert (asked, fresh) == ([30] + 30 * [1], [])
    assert kept == twice_each()


def test_what_ends_the_kernel_is_found_one_by_one(monkeypatch):
    asked, kept, fresh = asked_all(monkeypatch, [Ended("dead")])
    assert (asked, fresh) == ([30] + 30 * [1], [1])
    assert kept == twice_each()


@pytest.mark.family(share=6)
def test_one_that_ends_the_kernel_in_its_checks_costs_only_its_own_marks(tmp_path):
    deadly = RELU.replace("return np.maximum(x, 0)", "import os; os._exit(1)")
    assert deadly != RELU
    room = Room(course_for("a2", ROOT, tmp_path / "rooms"), None, HIDDEN)
    job = small_job(deadly, LINEAR)
    result = judged(job, examined_in(room, job, "bubblewrap"), KnownValues(SECRET, tmp_path / "known"))
    assert [task.earned for task in result.tasks][1] == 23
    assert {flag.kind for flag in result.flags} == {"dead"}
