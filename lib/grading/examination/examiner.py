"""Runs in the student's kernel: asks what was defined there what it does, and says it as plain data.

This text is sent into the kernel, whose copy of the course has no such file; what it needs of the course it
reads from the files, whatever modules of that name the student's process knows.
"""

from __future__ import annotations

import base64
import builtins
import importlib.util
import json
import marshal
import os
import signal
import sys
import time
import types
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

GROWS = 0.01  # CPU seconds between two alarms
MOMENT, ENOUGH = 1.0, 1_000_000  # seconds, and letters of answers, after which no further request is taken
# What functions, methods, properties, wrappers and objects are made of.
INSIDE = (
    "__code__", "__defaults__", "__kwdefaults__", "__closure__", "__globals__", "__func__", "__self__",
    "__wrapped__", "fget", "cell_contents", "__dict__",
)  # fmt: skip
# What Python adds to a class later, `__slotnames__` where an object of it is copied.
LAZY = (
    "__dict__", "__weakref__", "__abstractmethods__", "_abc_impl", "__slotnames__", "__annotations__",
    "__annotations_cache__", "__annotate_func__",
)  # fmt: skip


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
            exec(self.code(name, file), module.__dict__)
        if parent:
            setattr(self.modules[parent], last, module)
        return module

    def code(self, name: str, file: str) -> types.CodeType:
        """What a module's text says, taken from beside its file where it lies there compiled.

        (Where Python would look for that, a student's process may have changed.)
        """
        folder, last = os.path.split(file)
        tag = f"{last.removesuffix('.py')}.{sys.implementation.cache_tag}.pyc"
        with suppress(OSError, ValueError, EOFError, TypeError, OverflowError):
            there = os.stat(file)
            with open(os.path.join(folder, "__pycache__", tag), "rb") as opened:
                head, compiled = opened.read(16), opened.read()
            made_of = int(there.st_mtime).to_bytes(4, "little") + there.st_size.to_bytes(4, "little")
            if name not in self.texts and head == importlib.util.MAGIC_NUMBER + bytes(4) + made_of:
                code: types.CodeType = marshal.loads(compiled)
                return code
        return compile(self.text(name, file), file, "exec")

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
def at_most(cpu_seconds: float, idle_seconds: float) -> Iterator[list[str]]:
    """Raises `OutOfTime` in this block after so much time; once more later, and so on.

    The list has the names of what was raised: an answer may have caught it.

    cpu_seconds: of this process
    idle_seconds: of the clock, in which its CPU time does not grow
    """
    last = [time.process_time()]
    raised: list[str] = []

    def slow(*_: Any) -> None:
        raised.append("OutOfTime")
        raise OutOfTime

    def waits(*_: Any) -> None:
        before, last[0] = last[0], time.process_time()
        if last[0] - before < GROWS:
            raised.append("Waits")
            raise Waits

    before = signal.signal(signal.SIGPROF, slow), signal.signal(signal.SIGALRM, waits)
    try:
        signal.setitimer(signal.ITIMER_PROF, cpu_seconds, 1.0)
        signal.setitimer(signal.ITIMER_REAL, idle_seconds, idle_seconds)
        yield raised
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
            found: dict[str, Any] = {}
            with suppress(OutOfTime), at_most(request["seconds"], request["idle_seconds"]) as ended:
                found = run_check(check, given, request["seed"], watch)
            values[check.name] = {name: value.to_json() for name, value in found.items()}
            if ended:
                slow[check.name] = ended[0]
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


def drop_examiner(shell: Any, key: str, course: str) -> str:
    """Takes it away; returns as data what was changed about it."""
    examiner = vars(shell.kernel).pop(key, None)
    return as_text([] if is_as_made(examiner, course, shell.user_ns) else ["the examiner"])


def is_as_made(examiner: Any, course: str, defined: Mapping[str, Any]) -> bool:
    """Whether an examiner, and all that its private modules define, are what the files make of them."""
    new = Examiner(course, defined)
    if getattr(examiner, "__dict__", {}).keys() != vars(new).keys() or examiner.defined is not defined:
        return False
    new.library.texts.update(examiner.library.texts)
    for name in list(examiner.library.modules):
        new.library.load(name)
    names = new.library.builtins.keys() - {"__import__", "_", "display", "input"}
    builtin = all(examiner.library.builtins.get(name) is vars(builtins).get(name) for name in names)
    examiner.stand_ins.clear()
    return builtin and are_alike(examiner, new)


def are_alike(one: Any, other: Any) -> bool:
    """Whether two things that the same text has made are the same in all that they are made of."""
    pending, seen = [(one, other)], set()
    while pending:
        one, other = pending.pop()
        if one is other or (id(one), id(other)) in seen:
            continue
        seen.add((id(one), id(other)))
        mine, inside = insides_of(one), insides_of(other)
        if mine is None or inside is None:
            if mine is not inside or type(one) is not type(other) or one != other:
                return False  # another type's own comparison may say anything
        elif type(one).__qualname__ != type(other).__qualname__ or mine.keys() != inside.keys():
            return False
        else:
            pending += [(mine[name], inside[name]) for name in inside]
    return True


def insides_of(thing: Any) -> dict[Any, Any] | None:
    """What a thing is made of; None for what is looked at as a whole."""
    if isinstance(thing, dict):
        return {name: part for name, part in thing.items() if name != "__builtins__"}
    if isinstance(thing, list | tuple):
        return dict(enumerate(thing))
    if isinstance(thing, str | int | float | bytes | set | frozenset | types.CodeType):
        return None
    if isinstance(thing, types.ModuleType) and thing.__name__.partition(".")[0] != "lib":
        return None
    if isinstance(thing, type):
        return {name: part for name, part in vars(thing).items() if name not in LAZY} | {
            "bases": thing.__bases__
        }
    return {"type": type(thing)} | {name: getattr(thing, name) for name in INSIDE if hasattr(thing, name)}
