"""Short error messages in notebooks: your own lines and the sentence; what is inside the library is folded.

Load it with `%load_ext lib.jupyter.short_errors`; `course start` does so by itself. `%tb` still shows all.
An error in which the library takes no part is shown as always.
"""

from __future__ import annotations

import os
import re
import sys
import sysconfig
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

LIBRARY = os.path.realpath(Path(__file__).parents[1])
OURS = (LIBRARY, os.path.join(os.path.dirname(LIBRARY), "data_loaders"))
INSTALLED = tuple({os.path.realpath(path) for path in sysconfig.get_paths().values()})
# Every Exception of Python's own but SyntaxError, which IPython shows in its own way.
SHORTENED = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BufferError,
    EOFError,
    ImportError,
    LookupError,
    MemoryError,
    NameError,
    OSError,
    ReferenceError,
    RuntimeError,
    StopIteration,
    TypeError,
    ValueError,
    Warning,
)
MOST = 12  # so many of the user's frames are shown: the first and the last ones of a recursion
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def load_ipython_extension(ip: InteractiveShell) -> None:
    """Called by `%load_ext`; changes nothing where another extension handles errors already."""
    if not ip.custom_exceptions:
        ip.set_custom_exc(SHORTENED, show_error)


def unload_ipython_extension(ip: InteractiveShell) -> None:
    """Called by `%unload_ext`: errors are shown in full again."""
    if ip.custom_exceptions == SHORTENED:
        ip.set_custom_exc((), None)


def show_error(
    ip: InteractiveShell,
    kind: type[BaseException],
    error: BaseException,
    traceback: TracebackType,
    tb_offset: int | None = None,
) -> None:
    """Shows an error of a cell: short where the library took part in it, otherwise as always."""
    places = _places(traceback)
    own = _own(places)
    first = places.index(own[0]) if own else len(places)
    ours = [place for place in places[first:] if whose(place.tb_frame.f_code.co_filename) == "ours"]
    if not ours or hasattr(error, "_render_traceback_"):
        ip.showtraceback((kind, error, traceback), running_compiled_code=True)
        return
    sys.last_type, sys.last_value, sys.last_traceback = kind, error, traceback  # what %tb shows
    if sys.version_info >= (3, 12):
        sys.last_exc = error
    folded = [place for place in places[first:] if place not in own]
    for cause in _causes(error):  # an error of the user's code that the library caught, to say more about it
        own += _own(_places(cause.__traceback__))
    ip._showtraceback(kind, error, _format(ip, kind, error, own, folded))
    if ip.call_pdb:
        ip.debugger(force=True)


@lru_cache(maxsize=1024)
def whose(filename: str) -> str:
    """Who wrote the code in a file: "ours", "installed" or "user"; a cell of a notebook counts as a file."""
    if filename.startswith("<"):
        return "user" if filename.startswith("<ipython-input") else "installed"
    path = os.path.realpath(filename)
    if path.startswith(tuple(folder + os.sep for folder in OURS)):
        return "ours"
    return "installed" if path.startswith(tuple(folder + os.sep for folder in INSTALLED)) else "user"


def _own(places: list[TracebackType]) -> list[TracebackType]:
    return [place for place in places if whose(place.tb_frame.f_code.co_filename) == "user"]


def _causes(error: BaseException) -> list[BaseException]:
    """The errors that led to this one, as Python would show them, at most ten."""
    causes: list[BaseException] = []
    while len(causes) < 10:
        hidden = None if error.__suppress_context__ else error.__context__
        cause = error.__cause__ or hidden
        if cause is None:
            break
        causes.append(cause)
        error = cause
    return causes


def _places(traceback: TracebackType | None) -> list[TracebackType]:
    places = []
    while traceback is not None:
        if not traceback.tb_frame.f_locals.get("__tracebackhide__"):  # as IPython does
            places.append(traceback)
        traceback = traceback.tb_next
    return places


def _format(
    ip: InteractiveShell,
    kind: type[BaseException],
    error: BaseException,
    own: list[TracebackType],
    folded: list[TracebackType],
) -> list[str]:
    """IPython's own picture of the error, with the user's frames alone, and one line about the others."""
    shown = own if len(own) <= MOST else [*own[: MOST // 2], *own[-MOST // 2 :]]
    chain: TracebackType | None = None
    for place in reversed(shown):
        chain = TracebackType(chain, place.tb_frame, place.tb_lasti, place.tb_lineno)
    cause, hidden = error.__cause__, error.__suppress_context__
    error.__cause__ = None  # this hides the context too: the errors that led to this one are the library's
    try:
        lines = ip.InteractiveTB.structured_traceback(kind, error, chain, tb_offset=0)
    finally:
        error.__cause__, error.__suppress_context__ = cause, hidden
    files = list(dict.fromkeys(_short_name(place.tb_frame.f_code.co_filename) for place in folded))
    names = ", ".join(files[:3]) + (", …" if len(files) > 3 else "")
    count = f"{len(folded)} step{'' if len(folded) == 1 else 's'}"
    note = f"    … {count} inside the library folded ({names}); %tb shows all\n"
    for i in reversed(range(len(lines))):
        if COLOUR.sub("", lines[i]).lstrip().startswith(f"{kind.__name__}:"):
            return [*lines[:i], note, *lines[i:]]
    return [*lines, note]


def _short_name(filename: str) -> str:
    """A file of ours by its place in the course, another one by its package."""
    path = os.path.realpath(filename)
    if whose(filename) == "ours":
        return Path(path).relative_to(os.path.dirname(LIBRARY)).as_posix()
    for folder in sorted(INSTALLED, key=len, reverse=True):
        if path.startswith(folder + os.sep):
            return Path(path).relative_to(folder).parts[0]
    return Path(path).name
