"""Runs in the student's kernel: what the checks stand on, by identity and code, so that changes are seen.

It is a wire to trip over, no wall: whoever changes this text, too, is not seen. What is right never comes
into that process, so that there is little to be gained.
"""

from __future__ import annotations

import _imp
import _thread
import base64
import importlib.util
import inspect
import json
import logging
import marshal
import os
import sys
import threading
import traceback
import types
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

LINES = 100  # that input() gets
MODULES = (
    "base64", "binascii", "builtins", "codecs", "collections", "collections.abc", "contextlib", "copy",
    "dataclasses", "encodings.utf_8", "functools", "genericpath", "io", "json", "json.decoder",
    "json.encoder", "marshal", "math", "operator", "os.path", "pathlib", "random", "signal", "threading",
    "tracemalloc", "types", "zlib", "numpy", "numpy.linalg", "numpy.random", "numpy.testing",
    "numpy.lib.stride_tricks", "numpy._core._methods", "numpy._core.fromnumeric",
    "numpy._core.multiarray", "numpy._core.numeric",
)  # fmt: skip
# Events and attributes of which Python tells: somebody asks for frames of other functions, or all objects.
FRAMES = {
    "gc.get_objects", "gc.get_referents", "gc.get_referrers", "sys._current_exceptions",
    "sys._current_frames", "sys._getframe", "sys.setprofile", "sys.settrace",
    "ag_frame", "cr_frame", "gi_frame", "tb_frame", "setting __code__",
}  # fmt: skip
WATCHERS = {"sys.setprofile", "sys.settrace"}
ASKED = "course.asked"  # the event by which what was noted is asked for
# Of modules in which students change other things, such as `time.sleep` and `warnings.warn`.
PARTS = (
    "os.fspath", "os.stat", "sys._getframe", "sys.exc_info", "sys.getprofile", "sys.gettrace", "sys.intern",
    "sys.setprofile", "sys.settrace", "time.process_time", "warnings.catch_warnings",
)  # fmt: skip
# Set anew by the kernel itself, or by those who only change what is shown.
MOVES = {"builtins.input", "builtins.display", "builtins._", "types.DynamicClassAttribute"}
KERNELS = ("IPython", "ipykernel", "jupyter_client", "zmq")  # whose classes the kernel is made of
HELPERS = (*KERNELS, "tqdm")  # of threads that are started when they are first needed, and sleep
HEAP = 1 << 9  # a flag of classes that were made while Python ran
Fixed = int | float | str | bytes | types.ModuleType | None


def marks_of_all(shell: Any) -> dict[str, str]:
    """Name → what stands there now."""
    found: dict[str, str] = {}
    for name in MODULES:
        module = importlib.import_module(name)
        _note(found, f"class of {name}", type(module))
        for part, thing in list(vars(module).items()):
            _note(found, f"{name}.{part}", thing)
    for name in PARTS:
        module_name, _, part = name.rpartition(".")
        _note(found, name, getattr(importlib.import_module(module_name), part, None))
    found["sys.setprofile, in use"] = str(sys.getprofile() is not None)
    found["sys.settrace, in use"] = str(sys.gettrace() is not None)
    asked = _asked()
    found["frames of other functions"] = _counts(asked, FRAMES - WATCHERS)
    found["profilers and tracers"] = _counts(asked, WATCHERS)
    found["what arrays and texts do"] = _behaviour()
    _note_kernel(found, shell, shell.kernel)
    return found


def _note_kernel(found: dict[str, str], shell: Any, kernel: Any) -> None:
    """What a request runs through."""
    session, manager = getattr(kernel, "session", None), shell.input_transformer_manager
    own = (shell, kernel, shell.display_formatter, manager, session, getattr(kernel, "shell_stream", None))
    for owner in own:
        for kind in type(owner).__mro__:
            if kind.__module__.startswith(KERNELS):
                _note(found, f"{kind.__module__}.{kind.__qualname__}", kind)
        methods = {
            part: thing
            for part, thing in getattr(owner, "__dict__", {}).items()
            if isinstance(getattr(type(owner), part, None), types.FunctionType)
        }
        found[f"methods of {type(owner).__name__}"] = _marks(methods)
    for part in ("shell_handlers", "control_handlers"):
        found[f"{type(kernel).__name__}.{part}"] = _marks(getattr(kernel, part, {}))
    for part in ("pack", "unpack"):
        found[f"{type(session).__name__}.{part}"] = _mark(getattr(session, part, None))
    for part in ("ast_transformers", "input_transformers_post"):
        found[f"{type(shell).__name__}.{part}"] = " ".join(map(_mark, getattr(shell, part)))
    for part in ("cleanup_transforms", "line_transforms", "token_transformers"):
        found[f"InputTransformers.{part}"] = " ".join(map(_mark, getattr(manager, part)))


def watch_frames() -> None:
    """From here on it is noted, whatever name it goes by, where code outside of modules asks for frames."""
    places = tuple(f"{folder}{os.sep}" for folder in (sys.prefix, sys.base_prefix, _course()) if folder)
    noted: dict[str, int] = {}
    busy = threading.local()
    trusted = _Trusted(places)

    def heard(event: str, arguments: tuple[Any, ...]) -> None:
        if event == ASKED:
            arguments[0].update(noted)
            return
        what = arguments[1] if event == "object.__getattr__" else event
        if event == "object.__setattr__" and arguments[1] == "__code__":
            what = "setting __code__"
        if what in FRAMES and not getattr(busy, "now", False):
            busy.now = True  # the next lines are such events themselves
            try:
                if not trusted.asks(sys._getframe(1)):
                    noted[what] = noted.get(what, 0) + 1
            finally:
                busy.now = False

    sys.addaudithook(heard)


class _Trusted:
    """Code of Python, of packages and of the course: what their files hold, not what says that it is theirs.

    places: folders of the files
    """

    def __init__(self, places: tuple[str, ...]):
        self.places = places
        self.files: dict[str, set[types.CodeType]] = {}
        self.known: dict[types.CodeType, bool] = {}
        handing_on = (inspect.currentframe, inspect.stack, logging.currentframe, traceback.walk_stack)
        self.handing_on = [function.__code__ for function in handing_on]

    def asks(self, frame: types.FrameType | None) -> bool:
        """Whether trusted code runs in a frame; of what hands frames on, in that which has called it."""
        while frame and frame.f_code in self.handing_on:
            frame = frame.f_back
        return frame is not None and self.is_trusted(frame.f_code)

    def is_trusted(self, code: types.CodeType) -> bool:
        if code not in self.known:
            file = code.co_filename
            if file not in self.files:
                self.files[file] = (
                    {*_codes_of(file)} if file.startswith((*self.places, "<frozen ")) else set()
                )
            self.known[code] = code in self.files[file]
        return self.known[code]


def _codes_of(file: str) -> Iterator[types.CodeType]:
    """All that the code of a file, or of a frozen module, consists of; as compiled, and by its text."""
    pending: list[types.CodeType] = []
    with suppress(Exception):
        if file.startswith("<frozen "):
            pending.append(_imp.get_frozen_object(file[len("<frozen ") : -1]))
        else:
            with open(file, "rb") as opened:
                pending.append(compile(opened.read(), file, "exec", dont_inherit=True))
            with open(importlib.util.cache_from_source(file), "rb") as opened:
                pending.append(marshal.loads(opened.read()[16:]))
    while pending:
        code = pending.pop()
        yield code
        pending += [part for part in code.co_consts if isinstance(part, types.CodeType)]


def _asked() -> dict[str, int]:
    found: dict[str, int] = {}
    sys.audit(ASKED, found)
    return found


def _counts(asked: dict[str, int], names: set[str]) -> str:
    return " ".join(f"{name} {count}" for name, count in sorted(asked.items()) if name in names)


def as_left(shell: Any) -> str:
    """Switches off what watches the process, a profiler for instance; returns what `as_seen` returns."""
    for module in (sys, threading):
        if module.getprofile():
            module.setprofile(None)  # type: ignore[arg-type]  # it takes None
        if module.gettrace():
            module.settrace(None)  # type: ignore[arg-type]
    if monitoring := getattr(sys, "monitoring", None):
        for tool in (tool for tool in range(6) if monitoring.get_tool(tool)):
            monitoring.set_events(tool, 0)
    return as_seen(shell)


def _running() -> list[int]:
    """How many threads and processes there are, without helpers of the kernel, %%bash and progress bars."""
    threads = [(type(thread), getattr(thread, "_target", None)) for thread in threading.enumerate()]
    helpers = sum(
        kind.__module__.startswith(HELPERS) or getattr(target, "__module__", "") == "asyncio.base_events"
        for kind, target in threads
    )
    processes = 0
    with suppress(Exception):  # of a student's own module of that name
        processes = len(importlib.import_module("psutil").Process().children(recursive=True))
    return [_thread._count() - helpers, processes]


def as_begun(shell: Any) -> str:
    """Makes the kernel one in which nobody sits; returns what `as_seen` returns."""
    asked = [0]

    def nothing(prompt: object = "", *_: object) -> str:
        """What `input()` and getpass get: an empty line, and an end of the file in the long run."""
        asked[0] += 1
        if asked[0] > LINES:
            raise EOFError("nobody is here to answer")
        print(prompt)
        return ""

    shell.kernel.raw_input = shell.kernel.getpass = nothing
    watch_frames()
    shell.ask_exit = lambda: None  # exit() ends a notebook for those alone who have pressed it
    return as_seen(shell)


def as_seen(shell: Any) -> str:
    """What stands where, and the folder of the course, as letters that nothing changes."""
    content = {"course": _course(), "running": _running(), "marks": marks_of_all(shell)}
    return base64.b64encode(json.dumps(content).encode()).decode()


def _course() -> str:
    spec = importlib.util.find_spec("lib")
    return os.path.abspath(
        os.path.dirname(next(iter(spec.submodule_search_locations or [""])) if spec else "")
    )


def _note(found: dict[str, str], name: str, thing: Any) -> None:
    if name in MOVES:
        return
    if callable(thing):
        found[name] = _mark(thing)
    elif isinstance(thing, Fixed):
        if not name.rpartition(".")[2].startswith("_"):
            found[name] = f"{id(thing):x}"
    elif own := {part: one for part, one in getattr(thing, "__dict__", {}).items() if callable(one)}:
        found[f"functions of {name}"] = _marks(own)
    else:
        found[f"functions of {name}"] = ""
    if isinstance(thing, type):
        found[f"methods of {name}"] = _methods(thing)


def _methods(kind: type) -> str:
    """Those of a class itself: all that one of C has, and the functions of one of Python."""
    members = vars(kind).items()
    if not kind.__flags__ & HEAP:
        return f"{hash(tuple((part, id(member)) for part, member in members)):x}"
    found = {part: getattr(one, "__func__", getattr(one, "fget", one)) for part, one in members}
    return _marks({part: one for part, one in found.items() if isinstance(one, types.FunctionType)})


def _marks(things: dict[str, Any]) -> str:
    return f"{hash(tuple((part, _mark(thing)) for part, thing in sorted(things.items()))):x}"


def _behaviour() -> str:
    """What is not seen from outside: code and types that were changed where they lie in memory."""
    numpy = importlib.import_module("numpy")
    some, others = numpy.array([0.0, 1.0]), numpy.array([1.0, 1.0])
    try:
        return repr([
            (some == others).tolist(), numpy.array_equal(some, others), numpy.array_equal(some, some.copy()),
            numpy.allclose(some, others), numpy.allclose(some, some),
            bool(numpy.any(some - some)), bool((some == others).all()), some.copy().tolist(),
            json.dumps([False, True, None, 0, 0.1]), base64.b64encode(b"false"), 1 < 0, bool(0),
        ])  # fmt: skip
    except Exception as error:  # of what stands in their place
        return repr(error)


def _mark(thing: Any) -> str:
    """The same for the same thing with the same code, and what it wraps."""
    inner = getattr(thing, "_implementation", None) or getattr(thing, "__wrapped__", None)
    if isinstance(inner, types.FunctionType) and inner is not thing:  # numpy's functions, seen from outside
        return f"{id(thing):x} {id(inner.__code__):x} {id(inner.__defaults__):x} {id(inner.__kwdefaults__):x}"
    function = getattr(thing, "__func__", thing) if isinstance(thing, types.MethodType) else thing
    if isinstance(function, types.FunctionType):
        kept = (function.__code__, function.__defaults__, function.__kwdefaults__, function.__closure__)
        return " ".join(f"{id(part):x}" for part in (function, *kept))
    return f"{id(function):x}"
