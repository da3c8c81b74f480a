"""Runs in the student's kernel: asks what was defined there what it does, and says it as plain data.

This text is sent into the kernel, whose copy of the course has no such file; what it needs of the course it
reads from the files, whatever modules of that name the student's process knows.
"""

from __future__ import annotations

import base64
import builtins
import json
import os
import signal
import sys
import time
import types
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

GROWS = 0.01  # CPU seconds between two alarms
MOMENT, ENOUGH = 1.0, 1_000_000  # seconds, and letters of answers, after which no further request is taken


class Library:
    """A private copy of the course's modules.

    course: the folder with lib
    texts: of modules that have no file there: name → source
    """

    def __init__(self, course: str):
        self.course = course
        self.modules: dict[str, types.ModuleType] = {}
        self.texts: dict[str, str] = {}
        self.builtins = {**vars(builtins), "__import__": self.imported}

    def load(self, name: str) -> types.ModuleType:
        """A module and the packages that it is in."""
        if name in self.modules:
            return self.modules[name]
        parent, _, last = name.rpartition(".")
        if parent:
            self.load(parent)
        place = os.path.join(self.course, *name.split("."))
        file = f"{place}.py" if name in self.texts else os.path.join(place, "__init__.py")
        is_package = os.path.exists(file) and name not in self.texts
        if not is_package:
            file = f"{place}.py"
        if name not in self.texts and not os.path.exists(file):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        module = types.ModuleType(name)
        module.__dict__.update(__file__=file, __builtins__=self.builtins)
        module.__package__ = name if is_package else parent
        if is_package:
            module.__path__ = [place]
        self.modules[name] = module
        with self.in_place():
            exec(compile(self.text(name, file), file, "exec"), module.__dict__)
        if parent:
            setattr(self.modules[parent], last, module)
        return module

    def text(self, name: str, file: str) -> str:
        if name in self.texts:
            return self.texts[name]
        with open(file, encoding="utf-8") as opened:
            return opened.read()

    def imported(
        self, name: str, scope: Any = None, local: Any = None, wanted: Sequence[str] = (), level: int = 0
    ) -> Any:
        """What `import` does in these modules."""
        if level or name.partition(".")[0] != "lib":
            return builtins.__import__(name, scope, local, wanted, level)
        module = self.load(name)
        for part in wanted or ():
            if not hasattr(module, part):
                self.load(f"{name}.{part}")
        return module if wanted else self.modules["lib"]

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """In this block the private modules are those that Python knows: dataclasses look there."""
        before = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "lib"}
        sys.modules.update(self.modules)
        try:
            yield
        finally:
            for name in self.modules:
                sys.modules.pop(name, None)
            sys.modules.update(before)


class OutOfTime(BaseException):
    """Ends a check; no `except Exception` of an answer holds it up."""


class Waits(OutOfTime):
    """The same where it is not computing."""


@contextmanager
def at_most(cpu_seconds: float, idle_seconds: float) -> Iterator[None]:
    """Raises `OutOfTime` in this block after so much time; once more later, and so on.

    cpu_seconds: of this process
    idle_seconds: of the clock, in which its CPU time does not grow
    """
    last = [time.process_time()]

    def slow(*_: Any) -> None:
        raise OutOfTime

    def waits(*_: Any) -> None:
        before, last[0] = last[0], time.process_time()
        if last[0] - before < GROWS:
            raise Waits

    before = signal.signal(signal.SIGPROF, slow), signal.signal(signal.SIGALRM, waits)
    try:
        signal.setitimer(signal.ITIMER_PROF, cpu_seconds, 1.0)
        signal.setitimer(signal.ITIMER_REAL, idle_seconds, idle_seconds)
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGPROF, before[0])
        signal.signal(signal.SIGALRM, before[1])


class Examiner:
    """Answers requests, one after the other; each is one task with one seed."""

    def __init__(self, course: str, defined: Mapping[str, Any]):
        self.library, self.defined = Library(course), defined
        self.stand_ins: dict[str, Any] = {}

    def served(self, requests: str) -> str:
        """The answers to some requests, or to the first of them where they take long, as text both ways."""
        answers: list[str] = []
        end, letters = time.monotonic() + MOMENT, 0
        for request in json.loads(base64.b64decode(requests)):
            answers.append(json.dumps(self.answer(request)))
            letters += len(answers[-1])
            if time.monotonic() > end or letters > ENOUGH:
                break
        return base64.b64encode(f"[{','.join(answers)}]".encode()).decode()

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The values of the checks of a task, and whether the answer is refused.

        request: task, names, seed, names of checks, seconds and idle_seconds of each, and stand_ins:
            name → task, source
        """
        load = self.library.load
        task = load(f"lib.tasks.{request['task']}").task
        run_check, Watch = load("lib.tasks.trace").run_check, load("lib.tasks.forbidden").Watch
        given = [
            self.stand_in(name, *request["stand_ins"][name])
            if name in request["stand_ins"]
            else self.defined.get(name)
            for name in request["names"]
        ]
        missing = [name for name, thing in zip(task.defines, given, strict=False) if thing is None]
        if missing:
            return {"missing": missing}
        watch = Watch(task, True)
        watch.look_at(given)
        values: dict[str, Any] = {}
        slow: dict[str, str] = {}
        for check in task.checks:
            if check.name not in request["checks"]:
                continue
            try:
                with at_most(request["seconds"], request["idle_seconds"]):
                    found = run_check(check, given, request["seed"], watch)
            except OutOfTime as end:
                found, came = {}, type(end).__name__
            else:
                came = getattr(found.get("error"), "words", "").removeprefix("it raised ")
            values[check.name] = {name: value.to_json() for name, value in found.items()}
            if came in ("OutOfTime", "Waits"):
                slow[check.name] = came
        return {"values": values, "refused": watch.reason, "slow": slow}

    def stand_in(self, name: str, task: str, source: str) -> Any:
        """The right answer for a name."""
        package, _, last = task.partition(".")
        module = f"lib.tasks.{package}.answers.{last}"
        if name not in self.stand_ins:
            for text in (f"lib.tasks.{package}.answers", module):
                self.library.texts[text] = source if text == module else ""
            self.stand_ins[name] = getattr(self.library.load(module), name)
        return self.stand_ins[name]


def as_text(thing: Any) -> str:
    """Data as letters that every representation leaves as they are."""
    return base64.b64encode(json.dumps(thing).encode()).decode()


def keep_examiner(shell: Any, key: str, course: str) -> str:
    """Makes an examiner, kept at the kernel; returns "ready" as data.

    key: nobody else's
    """
    vars(shell.kernel)[key] = Examiner(course, shell.user_ns)
    return as_text("ready")


def drop_examiner(shell: Any, key: str) -> str:
    """Takes it away; returns as data what was changed about it."""
    examiner = vars(shell.kernel).pop(key, None)
    kept = {"library", "defined", "stand_ins"}
    return as_text(["the examiner"] if getattr(examiner, "__dict__", {}).keys() != kept else [])
