"""Runs in the student's kernel: asks what was defined there what it does, and says it as plain data.

This text is sent into the kernel with each request, whose copy of the course has no such file; what it needs
of the course it reads from the files, whatever modules of that name the student's process knows. Nothing is
kept there between requests, and while one is answered only frames lead to it, of which the tripwire tells.
"""

from __future__ import annotations

import base64
import binascii
import builtins
import functools
import hmac
import importlib
import importlib.util
import json
import marshal
import os
import signal
import sys
import time
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from operator import is_
from typing import Any

GROWS = 0.01  # CPU seconds between two alarms
MOMENT, ENOUGH = 1.0, 4_000_000  # seconds, and letters of answers, after which no further request is taken
ALARMS = (signal.SIGPROF, signal.SIGALRM)
CLASS_DICT, CLASS_BASES = type.__dict__["__dict__"].__get__, type.__dict__["__bases__"].__get__
CACHED = type(functools.cache(len))
EMPTY = types.CellType()
# What Python adds to a class later, `__slotnames__` where an object of it is copied.
LAZY = (
    "__dict__", "__weakref__", "__abstractmethods__", "_abc_impl", "__slotnames__", "__annotations__",
    "__annotations_cache__", "__annotate_func__", "__doc__",
)  # fmt: skip
# Modules that checks call while an answer is at work, and that lie open for it.
SHARED = ("builtins", "numpy", "numpy.linalg", "numpy.random", "numpy.testing", "numpy._core.numeric")


class Library:
    """A private copy of the course's modules, and for these one of the names of numpy.

    An answer can give a name of numpy another meaning while it is called: in these modules it keeps its own.

    course: the folder with lib
    texts: of modules that have no file there, or another one: name → source
    """

    def __init__(self, course: str):
        self.course = course
        self.modules: dict[str, types.ModuleType] = {}
        self.texts = {"lib.tasks": ""}  # checks need none of what the package offers to notebooks
        self.builtins = {**vars(builtins), "__import__": self.imported}
        self.numpy = types.ModuleType("numpy")
        self.numpy.__dict__.update(vars(importlib.import_module("numpy")))

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
                if code.co_filename == file:  # without a sandbox the course lies elsewhere
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
        if name == "numpy" and not level:
            return self.numpy
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

    # An answer can ask for these functions: nothing else is to be found there.
    own = {"OutOfTime": OutOfTime, "Waits": Waits, "GROWS": GROWS, "time": time}
    ends = [types.FunctionType(f.__code__, own, f.__name__, None, f.__closure__) for f in (slow, waits)]
    before = [signal.signal(number, end) for number, end in zip(ALARMS, ends, strict=True)]
    try:
        signal.setitimer(signal.ITIMER_PROF, cpu_seconds, 1.0)
        signal.setitimer(signal.ITIMER_REAL, idle_seconds, idle_seconds)
        yield raised
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in zip(ALARMS, before, strict=True):
            signal.signal(number, handler)


class Seal:
    """All that modules are made of, by identity, as it was when the seal was made.

    private: modules of the course by name, looked into wherever they lead
    shared: others, of which the names are looked at
    """

    def __init__(self, private: Mapping[str, dict[str, Any]], shared: Mapping[str, dict[str, Any]]):
        self.names = [(name, content, _entries(content)) for name, content in {**shared, **private}.items()]
        self.parts: list[tuple[str, Any, tuple[Any, ...]]] = []  # what it is in, what it is, what is inside
        pending: list[tuple[str, Any]] = [*private.items()]
        seen = set[int]()
        while pending:
            name, thing = pending.pop()
            if id(thing) in seen:
                continue
            seen.add(id(thing))
            if inside := insides_of(thing):
                self.parts.append((name, thing, inside))
                pending += [(name, part) for part in inside]

    def look(self) -> list[str]:
        """Names of modules in which anything is another thing now, or new."""
        found = [name for name, content, before in self.names if not _are_same(_entries(content), before)]
        found += [name for name, thing, inside in self.parts if not _are_same(insides_of(thing), inside)]
        return list(dict.fromkeys(found))


def _entries(content: Mapping[str, Any]) -> tuple[Any, ...]:
    kept = _without_warnings(content)
    return (*kept, *kept.values())


def _without_warnings(content: Mapping[str, Any]) -> dict[str, Any]:
    """All but what Python notes in a module at which a warning points, and which no check reads."""
    return {name: thing for name, thing in content.items() if name != "__warningregistry__"}


def _are_same(some: Sequence[Any], others: Sequence[Any]) -> bool:
    return len(some) == len(others) and all(map(is_, some, others))


def insides_of(thing: Any) -> tuple[Any, ...]:
    """What a thing is made of; nothing for numbers, words, and things that are not the course's.

    Read where Python itself keeps it: whatever a metaclass or a property says.
    """
    kind = type(thing)
    if kind is dict:
        kept = _without_warnings(thing)
        return (*kept, *(part for name, part in kept.items() if name != "__builtins__"))
    if kind in (list, tuple):
        return tuple(thing)
    if kind is types.FunctionType:
        cells = [cell.cell_contents for cell in thing.__closure__ or () if cell != EMPTY]
        return (thing.__code__, thing.__defaults__, thing.__kwdefaults__, thing.__dict__, *cells)
    if kind is CACHED:
        return (thing.__wrapped__,)
    if kind in (staticmethod, classmethod):
        return (thing.__func__,)
    if kind is property:
        return (thing.fget, thing.fset, thing.fdel)
    if issubclass(kind, type):
        own = CLASS_DICT(thing)
        if not str(own.get("__module__", "")).startswith("lib"):
            return ()
        return (kind, *CLASS_BASES(thing), *(part for name, part in own.items() if name not in LAZY))
    if str(CLASS_DICT(kind).get("__module__", "")).startswith("lib"):
        return (kind, thing.__dict__) if type(getattr(thing, "__dict__", None)) is dict else (kind,)
    return ()


class Examiner:
    """Answers requests, one after the other; each is one task with one seed."""

    def __init__(self, course: str, defined: Mapping[str, Any]):
        self.library, self.defined = Library(course), defined
        self.stand_ins: dict[str, Any] = {}

    def served(self, requests: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The answers to some requests, or to the first of them where they take long."""
        answers: list[dict[str, Any]] = []
        given = [self.given(request) for request in requests]
        self.library.load("lib.tasks.trace")
        write, clock, end = writer(), time.monotonic, time.monotonic() + MOMENT
        letters = 0
        shared = {name: vars(importlib.import_module(name)) for name in SHARED} | {
            "builtins of the course": self.library.builtins,
            "numpy of the course": vars(self.library.numpy),
        }
        seal = Seal({name: vars(module) for name, module in self.library.modules.items()}, shared)
        for request, things in zip(requests, given, strict=True):
            answers.append(self.answer(request, things))
            letters += len(write(answers[-1]))
            if clock() > end or letters > ENOUGH:
                break
        answers[-1]["changed"] = seal.look()
        return answers

    def given(self, request: Mapping[str, Any]) -> list[Any]:
        """What a task asks for, as the notebook defines it; loads the task."""
        self.library.load(f"lib.tasks.{request['task']}")
        return [
            self.stand_in(name, *request["stand_ins"][name])
            if name in request["stand_ins"]
            else self.defined.get(name)
            for name in request["names"]
        ]

    def answer(self, request: Mapping[str, Any], given: Sequence[Any]) -> dict[str, Any]:
        """The values of the checks of a task, and whether the answer is refused.

        request: task, names, seed, names of checks, seconds and idle_seconds of each, and stand_ins:
            name → task, source
        """
        modules = self.library.modules
        task = modules[f"lib.tasks.{request['task']}"].task
        run_check, Watch = modules["lib.tasks.trace"].run_check, modules["lib.tasks.forbidden"].Watch
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


def writer() -> Callable[[Any], str]:
    """What `json.dumps` does, in which no Python takes part that could be changed meanwhile."""
    encoder: Any = json.encoder
    make = encoder.c_make_encoder
    if make is None:
        return json.dumps
    write = make(None, None, encoder.encode_basestring_ascii, None, ": ", ", ", False, False, True)
    return lambda thing: "".join(write(thing, 0))


def answered(shell: Any, course: str, key: str, requests: str) -> str:
    """The answers to some requests, and a mark that shows that nobody has changed them, as data.

    key: of the mark, in letters of base 16, nobody else's
    requests: in letters of base 64
    """
    forget_message(shell)
    of_c = getattr(hmac, "_hashopenssl", None)
    sign, write, letters = getattr(of_c, "hmac_digest", hmac.digest), writer(), binascii.b2a_base64
    examiner = Examiner(course, shell.user_ns)
    found = write(examiner.served(json.loads(base64.b64decode(requests))))
    mark = sign(bytes.fromhex(key), found.encode(), "sha256").hex()
    return letters(write([found, mark]).encode(), newline=False).decode()


def forget_message(shell: Any) -> None:
    """The message that asks lies open in the kernel: its last request is taken out."""
    for header in (shell.parent_header, shell.kernel.get_parent("shell")):
        expressions = header["content"]["user_expressions"]
        expressions[[*expressions][-1]] = "None"
