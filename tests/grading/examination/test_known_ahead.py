"""What is right is computed before other threads work: memory and steps are counted of the whole process."""

import json
import threading

import pytest

from lib.grading.examination.job import MarkedCell, job_for, stand_ins
from lib.grading.examination.known import KnownValues
from lib.tasks import find_task
from lib.tasks.grade import SEEDS, hidden_seeds

SECRET = b"a secret of thirty-two bytes, here"


def test_right_values_are_there_before_they_are_asked_for(tmp_path, monkeypatch):
    known = KnownValues(SECRET, tmp_path)
    known.prepare(["a2.relu", "a2.mul_constant"])
    monkeypatch.setattr("lib.tasks.known.trace", None)  # nothing is computed from here on
    for task in (find_task("a2.relu"), find_task("a2.mul_constant")):
        for seed in hidden_seeds(task.name, SECRET, SEEDS):
            assert known.of(task, seed).expected.keys() == {check.name for check in task.checks}


def test_stand_ins_are_there_before_submissions_are_prepared(monkeypatch):
    cells = [MarkedCell("cell", "a3.overfit", ("overfit", "Conv2d"), 10.0, ("Conv2d",))]
    first = stand_ins(cells)
    monkeypatch.setattr("lib.grading.examination.job.known_values", None)  # nothing is computed from here on
    assert job_for("a3_small", b"{}", cells, SECRET).stand_ins == first


@pytest.mark.family(share=6)
@pytest.mark.parametrize("name", ["a1.distances", "a2.relu", "a2.linear"])
def test_wrong_values_are_those_of_a_process_that_does_nothing_else(name, tmp_path):
    """Threads of a run work with notebooks meanwhile; what they take is not the wrong answers'."""
    task = find_task(name)
    seed = hidden_seeds(name, SECRET, SEEDS)[0]
    quiet = wrong_values(KnownValues(SECRET, tmp_path / "quiet").of(task, seed))
    known = KnownValues(SECRET, tmp_path / "busy").of(task, seed)
    ended = threading.Event()

    def work():
        while not ended.is_set():
            held = [bytes(1000) for _ in range(20_000)]
            del held

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        assert wrong_values(known) == quiet
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def wrong_values(known):
    traces = [{c: {n: v.to_json() for n, v in f.items()} for c, f in w.trace.items()} for w in known.wrong()]
    return json.dumps(traces)  # in which nan is nan


def test_wrong_values_that_cannot_be_computed_are_told(tmp_path, monkeypatch):
    task = find_task("a2.relu")
    known = KnownValues(SECRET, tmp_path).of(task, 5)
    monkeypatch.setattr(task, "name", "a2.no_such_task")
    with pytest.raises(RuntimeError, match=r"a2\.no_such_task: expected to compute what wrong answers give"):
        list(known.wrong())
