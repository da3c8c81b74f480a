"""A class of text files, graded by steps that stand in for kernels: a mark for each right word."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading
import time

from lib.grading.coordinator import Class, grade_class, local_runner, plan_class, students_of
from lib.grading.gradebook.recorder import result_digest
from lib.grading.results import Flag, Result, TaskMarks
from lib.grading.sandbox.room import Limits

NAME = "a9_words"
RIGHT = ("one", "two", "three")


class Bench:
    """A sandbox without walls."""

    kind = "bubblewrap"
    opened = 0

    def __init__(self):
        self.closed = False
        type(self).opened += 1

    def close(self):
        self.closed = True


class WordSteps:
    """Grades a file answer.txt; some words do what submissions and machines may do."""

    kind = "bubblewrap"

    def __init__(self, marks=(1, 2, 4)):
        self.marks = marks
        self.examined = []
        self.deaths = {}
        self.lock = threading.Lock()

    def prepare(self, student, folder):
        text = (folder / "answer.txt").read_text("utf-8")
        if "torn" in text:
            raise OSError("the folder cannot be read")
        return {"student": student, "words": text.split()}

    def open_sandbox(self):
        return Bench()

    def examine(self, job, sandbox):
        assert not sandbox.closed
        with self.lock:
            self.examined.append(job["student"])
            tries = self.deaths[job["student"]] = self.deaths.get(job["student"], 0) + 1
        words = job["words"]
        if "fault" in words:
            raise RuntimeError("a mistake of ours")
        if "unstarted" in words and tries == 1:
            raise RuntimeError("the sandbox was killed while it started")
        if "hang" in words:
            while not sandbox.closed:
                time.sleep(0.01)
            raise RuntimeError("the sandbox was closed")
        if "wait" in words:
            time.sleep(0.05)
        dead = "dead" in words or ("killed" in words and tries == 1)
        return {"words": words, "dead": dead}

    def ended(self, examined):
        return examined["dead"]

    def judge(self, student, key, job, examined):
        if "unjudged" in examined["words"]:
            raise KeyError("no such task")
        parts = {
            word: (float(most), float(most) * (word in examined["words"]))
            for word, most in zip(RIGHT, self.marks, strict=True)
        }
        earned = 0.0 if examined["dead"] else sum(pair[1] for pair in parts.values())
        task = TaskMarks("words-marks", "a9.words", float(sum(self.marks)), earned, parts)
        flags = (Flag("dead", "the kernel died"),) if examined["dead"] else ()
        result = Result(student, NAME, key, (task,), flags, self.kind, 0.5, 1.0)
        return result, " ".join(examined["words"]).encode()

    def fingerprint(self):
        return "words"


def open_bench(kind, room, limits):
    """On a worker of Dask's; what the room shows has come along."""
    assert (room.course / "lib" / "x.py").read_text() == "x = 1"
    return Bench()


def examine_words(job, sandbox):
    """The same as `WordSteps.examine`, on a worker; a word kills its process, once in a lifetime."""
    if "murder" in job["words"]:
        with contextlib.suppress(FileExistsError):
            os.mkdir(" ".join(job["words"][job["words"].index("murder") + 1 :]))
            os.kill(os.getpid(), signal.SIGKILL)
    steps = WordSteps()
    steps.deaths = {job["student"]: 1}
    return steps.examine(job, sandbox)


class Book:
    """A gradebook in a file, written in batches, whole or not at all."""

    def __init__(self, path, batch=4):
        self.path, self.batch, self.waiting = path, batch, {}
        self.rows = json.loads(path.read_text()) if path.exists() else {}

    def recorded(self):
        return {student: row["digest"] for student, row in self.rows.items()}

    def record(self, result, executed=b""):
        row = {"digest": result_digest(result), "earned": result.earned, "notebook": executed.decode()}
        self.waiting[result.student] = row
        if len(self.waiting) >= self.batch:
            self.flush()

    def flush(self):
        rows = dict(sorted((self.rows | self.waiting).items()))
        scratch = self.path.with_suffix(".new")
        scratch.write_text(json.dumps(rows))
        os.replace(scratch, self.path)
        self.rows, self.waiting = rows, {}


def make_class(root, answers):
    """A course of one assignment, and what students have handed in."""
    from lib.assignments.originals import keep_original

    keep_original(NAME, {"answer.txt": b""}, root)
    for student, text in answers.items():
        folder = root / "submitted" / student / NAME
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "answer.txt").write_text(text, "utf-8")


def grade_words(root, steps=None, book=None, secret=b"s" * 32, only=(), workers=3, force=False, **options):
    """One run; returns what became of it."""
    group = Class(NAME, root, secret, Limits())
    students = students_of(NAME, root, only)
    steps = steps or WordSteps()
    runner = local_runner(steps, workers, group.limits)
    plan = plan_class(group, students, book, sandboxed=steps.kind != "none", force=force)
    return grade_class(plan, steps, runner, **options)


def written(root):
    """All that a class has at the end: path → bytes."""
    places = [root / "grading" / "results", root / "autograded", root / "book.json"]
    files = [path for place in places for path in ([place] if place.is_file() else place.rglob("*"))]
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(files)
        if path.is_file() and not path.name.endswith((".part", ".new"))
    }


def grade_and_be_killed(root, number):
    """Grades in a process of its own, which ends as by kill -9 at the n-th thing that it does with a file.

    Returns the signal that ended it; 0 where it was done before.
    """
    child = os.fork()
    if not child:
        status = 99
        try:
            kill_at(number)
            status = grade_words(root, book=Book(root / "book.json")).status
        finally:
            os._exit(status)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) or os.waitstatus_to_exitcode(status) == 0
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def kill_at(number):
    """Ends this process where it opens, makes, renames or deletes a file for the n-th time."""
    left = [number]

    def look(event, arguments):
        if event in ("open", "os.rename", "os.mkdir", "os.remove", "os.truncate"):
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(look)
