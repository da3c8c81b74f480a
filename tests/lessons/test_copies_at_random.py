"""A student does this and that while the course changes: what was written last in each file is not lost."""

import os
import random
from contextlib import suppress
from pathlib import Path

import pytest
from small_lectures import ASSIGNMENT, FIRST, SECOND, make_course, run_all, write_into

from lib.assignments.reset import reset
from lib.assignments.working import update_copies
from lib.lessons.record import FILE


class Student:
    """Somebody who works in copies; `written` holds what they wrote last in each of their files."""

    def __init__(self, folder, seed):
        self.random = random.Random(seed)
        self.root, self.work, self.version = make_course(folder / "course"), folder / "work", 1
        self.written = []
        self.start()

    def a_notebook(self):
        found = [path for path in self.work.rglob("*.ipynb") if path.is_file()]
        return self.random.choice(sorted(found)) if found else None

    def saves(self, path, save):
        """Lets them save a file, in the place of what they had written there."""
        before = path.read_bytes()
        had = before in self.written
        if had:
            self.written.remove(before)
        save(path)
        return had

    def start(self):
        update_copies(self.work, self.root)

    def update(self):
        self.version += 1
        make_course(self.root, self.version)
        if self.random.random() < 0.2:
            (self.root / SECOND).unlink()

    def write(self):
        if path := self.a_notebook():
            self.saves(path, lambda path: write_into(path, f"answer {self.random.random()}"))
            self.written.append(path.read_bytes())

    def run(self):
        path = self.a_notebook()
        if path and self.saves(path, run_all):
            self.written.append(path.read_bytes())

    def rename(self):
        if path := self.a_notebook():
            os.rename(path, path.with_name(f"my {self.random.random()}.ipynb"))

    def take_over(self):
        """One file in the place of another."""
        one, other = self.a_notebook(), self.a_notebook()
        if one and other and one != other:
            self.saves(other, Path.unlink)
            os.rename(one, other)

    def delete(self):
        if path := self.a_notebook():
            self.saves(path, Path.unlink)

    def lose_the_record(self):
        with suppress(FileNotFoundError):
            (self.work / FILE).unlink()

    def reset(self):
        with suppress(ValueError):  # the course has no lecture 05 just now
            reset(self.random.choice(["00", "05", "a2"]), self.root, self.work)


DEEDS = (
    "start",
    "update",
    "write",
    "write",
    "run",
    "rename",
    "take_over",
    "delete",
    "lose_the_record",
    "reset",
)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.family(share=4)
def test_what_was_written_is_there(tmp_path, seed):
    student = Student(tmp_path, seed)
    done = []
    for _ in range(40):
        done.append(student.random.choice(DEEDS))
        getattr(student, done[-1])()
        there = [path.read_bytes() for path in student.work.rglob("*") if path.is_file()]
        assert not [content for content in student.written if content not in there], done
    student.update()
    make_course(student.root, student.version)
    student.start()
    assert all((student.work / path).is_file() for path in (FIRST, SECOND, ASSIGNMENT))
