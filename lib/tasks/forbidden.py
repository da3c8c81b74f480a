"""What an answer must not use: the course's own code for what it is to write, and packages that do it."""

from __future__ import annotations

import functools
import os
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import CodeType, FrameType, MethodType, ModuleType
from typing import Any

from lib.tasks.task import Task, module_of_task

LIB = Path(__file__).resolve().parents[1]
HARMLESS = ("lib.checks", "lib.plots", "lib.mode", "lib.files", "lib.jupyter")
# What runs around an answer.
OF_CHECKS = (
    "lib.tasks.counting", "lib.tasks.facts", "lib.tasks.forbidden", "lib.tasks.several", "lib.tasks.trace",
    "lib.tasks.values",
)  # fmt: skip
PACKAGES = (
    "torch", "torchvision", "tensorflow", "keras", "jax", "flax", "mxnet", "paddle", "tinygrad", "autograd",
    "cupy", "sklearn", "skimage", "cv2", "numba", "scipy.signal", "scipy.ndimage", "scipy.spatial",
    "scipy.special", "scipy.optimize", "scipy.differentiate",
)  # fmt: skip


HIDES = "changes {}, by which the course sees what an answer does"


class Watch:
    """Notes what an answer runs while the checks call it, whatever name the answer knows it by.

    task: what it allows is not noted
    theirs: True for a student's answer, which must not use the right answers of the course either

    reason: why nothing of the answer counts, in a sentence; "" as long as it does
    codes: of all functions that were run, but for those of the course and of packages
    lost: True where the last block went deeper than Python allows: it was not seen to its end
    """

    def __init__(self, task: Task, theirs: bool):
        package = module_of_task(task.name).rpartition(".")[0]
        self.task, self.reason = task, ""
        self.codes: dict[CodeType, None] = {}
        self.over, self.lost = True, False
        self.allowed = (*HARMLESS, *OF_CHECKS, package)
        self.answers = f"{package}.answers" if theirs else "?"
        self.seen: set[CodeType] = set()
        self.harmless: set[str] = set()  # modules, since a loop calls thousands of numpy's functions

    def refuses(self, module: str) -> bool:
        """Whether a module holds what the task is to write."""
        if within(module, self.task.allows):
            return False
        if within(module, PACKAGES):
            return True
        return within(module, ["lib"]) and (
            not within(module, self.allowed) or within(module, [self.answers])
        )

    def look_at(self, given: Sequence[Any]) -> None:
        """Notes things that stand in a forbidden module themselves, or a base of theirs."""
        for thing in given:
            with suppress(BaseException):  # of what somebody's own attributes do
                for module, code in parts_of(thing):
                    self._note(module, code)

    @contextmanager
    def running(self) -> Iterator[None]:
        """What is run in this block is noted."""
        before, in_threads = sys.getprofile(), threading.getprofile()
        self.over = self.lost = False
        threading.setprofile(self._event)
        sys.setprofile(self._event)
        try:
            yield
        finally:
            self.over, now = True, sys.getprofile()
            self.lost = now is None  # Python drops it where calls are too deep for one more
            if not self.lost and now != self._event:
                self._refuse(HIDES.format("sys.setprofile"))
            sys.setprofile(before)
            threading.setprofile(in_threads)  # type: ignore[arg-type]  # None is what it was before

    def _event(self, frame: FrameType, event: str, argument: Any) -> None:
        if event == "call":
            if frame.f_code not in self.seen:
                self.seen.add(frame.f_code)
                self._note(str(frame.f_globals.get("__name__", "")), frame.f_code)
        elif event == "c_call":
            if argument in (sys.setprofile, sys.settrace) and not self.over and not of_the_course(frame):
                self._refuse(HIDES.format(f"sys.{argument.__name__}"))
            owner = getattr(argument, "__self__", None)
            of_owner = owner.__name__ if isinstance(owner, ModuleType) else type(owner).__module__
            for module in (getattr(argument, "__module__", None), of_owner):
                if isinstance(module, str) and module not in self.harmless:
                    self._note(module)
                    self.harmless.add(module)

    def _note(self, module: str, code: CodeType | None = None) -> None:
        place = module_of(code.co_filename) if code else ""
        for name in (place, module):  # either may be disguised
            if name and self.refuses(name):
                self._refuse(f"uses {name}: the task is to write it")
                return
        if code and not place and not within(module, ["lib"]) and not installed(code.co_filename):
            self.codes[code] = None

    def _refuse(self, what: str) -> None:
        end = "the check stops here" if self.task.of_lecture else "nothing is counted here"
        self.reason = self.reason or f"{self.task.name}: {what}; {end}"


def of_the_course(frame: FrameType) -> bool:
    """Whether code of a check runs in a frame, or Python's own that begins a thread."""
    file = frame.f_code.co_filename
    return module_of(file) in OF_CHECKS or file == threading.__file__


def parts_of(thing: Any) -> Iterator[tuple[str, CodeType | None]]:
    """Module and code of a function, or of a class, its bases and their methods; wrappers are opened."""
    seen: list[Any] = []
    while thing is not None and not any(thing is other for other in seen):
        seen.append(thing)
        if isinstance(thing, functools.partial):
            thing = thing.func
        elif isinstance(thing, MethodType):
            thing = thing.__func__
        elif isinstance(code := getattr(thing, "__code__", None), CodeType):
            yield str(getattr(thing, "__module__", "")), code
            thing = getattr(thing, "__wrapped__", None)
    kind = thing if isinstance(thing, type) else type(seen[-1]) if seen else type(None)
    for base in kind.__mro__:
        yield str(base.__module__), None
        for member in vars(base).values():
            function = getattr(member, "__func__", getattr(member, "fget", member))
            if isinstance(code := getattr(function, "__code__", None), CodeType):
                yield str(base.__module__), code


@functools.lru_cache(maxsize=4096)
def module_of(file: str) -> str:
    """lib.nn.linear of …/lib/nn/linear.py; "" for files elsewhere."""
    if not os.path.isabs(file):  # a cell; and to ask where one is takes long in a very deep folder
        return ""
    path = Path(os.path.realpath(file))
    if not path.is_relative_to(LIB):
        return ""
    return ".".join(path.relative_to(LIB.parent).with_suffix("").parts).removesuffix(".__init__")


@functools.lru_cache(maxsize=4096)
def installed(file: str) -> bool:
    """Whether a file belongs to Python or to a package."""
    if not os.path.isabs(file):
        return file.startswith("<frozen")
    real, python = os.path.realpath(file), os.path.dirname(os.path.realpath(os.__file__))
    return "site-packages" in real or real.startswith(python + os.sep)


def within(module: str, packages: Iterable[str]) -> bool:
    """Whether a module is one of these packages, or in one.

    >>> within("lib.nn.linear", ["lib.nn"]), within("lib.nnx", ["lib.nn"])
    (True, False)
    """
    return any(module == package or module.startswith(f"{package}.") for package in packages)
