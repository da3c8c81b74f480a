"""Runs in the student's kernel: what the checks stand on, by identity and code, so that changes are seen.

It is a wire to trip over, no wall: whoever changes this text, too, is not seen. What is right never comes
into that process, so that there is little to be gained.
"""

from __future__ import annotations

import base64
import importlib.util
import json
import os
import sys
import types
from typing import Any

LINES = 100  # that input() gets
MODULES = (
    "builtins", "base64", "contextlib", "copy", "functools", "io", "json", "json.decoder", "json.encoder",
    "math", "operator", "os.path", "random", "signal", "threading", "tracemalloc", "types", "zlib", "numpy",
    "numpy.linalg", "numpy.random", "numpy.testing", "numpy.lib.stride_tricks", "numpy._core.multiarray",
    "numpy._core.numeric", "numpy._core.fromnumeric",
)  # fmt: skip
SYSTEM = ("_getframe", "getprofile", "setprofile", "gettrace", "settrace", "intern", "exc_info")
# Set anew by the kernel itself, or by those who only change what is shown.
MOVES = {
    "builtins.input",
    "builtins.display",
    "builtins._",
    "builtins.__build_class__",
    "types.DynamicClassAttribute",
}


def marks_of_all(shell: Any) -> dict[str, str]:
    """Name → what stands there now."""
    found: dict[str, str] = {}
    for name in MODULES:
        for part, thing in list(vars(importlib.import_module(name)).items()):
            _note(found, f"{name}.{part}", thing)
    for part in SYSTEM:
        _note(found, f"sys.{part}", getattr(sys, part, None))
    found["sys.setprofile, in use"] = str(sys.getprofile() is not None)
    found["sys.settrace, in use"] = str(sys.gettrace() is not None)
    for owner in (shell, shell.kernel, shell.display_formatter, shell.input_transformer_manager):
        for kind in type(owner).__mro__:
            if kind.__module__.startswith(("IPython", "ipykernel")):
                _note(found, f"{kind.__module__}.{kind.__qualname__}", kind)
        for part, thing in vars(owner).items():
            if isinstance(thing, types.FunctionType | types.MethodType):
                found[f"{type(owner).__name__}.{part}"] = _mark(thing)
        own = [
            part for part in vars(owner) if isinstance(getattr(type(owner), part, None), types.FunctionType)
        ]
        found[f"methods of {type(owner).__name__}"] = " ".join(sorted(own))
    for part in ("ast_transformers", "input_transformers_post"):
        found[f"{type(shell).__name__}.{part}"] = " ".join(_mark(one) for one in getattr(shell, part))
    manager = shell.input_transformer_manager
    for part in ("cleanup_transforms", "line_transforms", "token_transformers"):
        found[f"InputTransformers.{part}"] = " ".join(_mark(one) for one in getattr(manager, part))
    return found


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
    shell.ask_exit = lambda: None  # exit() ends a notebook for those alone who have pressed it
    return as_seen(shell)


def as_seen(shell: Any) -> str:
    """What stands where, and the folder of the course, as letters that every representation leaves alone."""
    spec = importlib.util.find_spec("lib")
    course = os.path.dirname(next(iter(spec.submodule_search_locations or [""]))) if spec else ""
    content = {"course": os.path.abspath(course), "marks": marks_of_all(shell)}
    return base64.b64encode(json.dumps(content).encode()).decode()


def _note(found: dict[str, str], name: str, thing: Any) -> None:
    if name in MOVES or not callable(thing):
        return
    found[name] = _mark(thing)
    if isinstance(thing, type):
        for part, member in list(vars(thing).items()):
            function = getattr(member, "__func__", getattr(member, "fget", member))
            if isinstance(function, types.FunctionType):
                found[f"{name}.{part}"] = _mark(function)


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
