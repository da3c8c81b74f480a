"""Whether a submission changed what the checks stand on, or looks where only checks look."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from lib.grading.examination.later import cell_read

SHOWN = 3  # names in a flag
# Ways from a function to those that call it, and to all objects: no answer to a task has a use for them.
FRAMES = (
    "_getframe", "_current_frames", "f_back", "f_locals", "tb_frame", "currentframe", "getouterframes",
    "get_objects", "get_referents", "get_referrers", "settrace", "setprofile", "gettrace", "getprofile",
)  # fmt: skip
WATCHERS = ("settrace", "setprofile")  # switched off before the checks, and seen where a check sets them
WATCHED = "profilers and tracers"  # under which the tripwire tells how often one was set


def changed(before: object, after: object) -> list[str]:
    """The names of what is not as it was; what is new does not count.

    before, after: what the tripwire said in the student's process, whatever came
    """
    if not isinstance(before, Mapping):
        return ["what is looked at, before the first cell"]
    if not isinstance(after, Mapping):
        return ["what is looked at"]
    return [str(name) for name, mark in before.items() if after.get(name) != mark]


def is_more(before: object, after: object) -> bool:
    """Whether more threads or processes run than before, as far as the tripwire's two answers are numbers.

    >>> is_more([4, 0], [4, 1]), is_more([4, 1], [4, 0]), is_more([4, 0], None)
    (True, False, False)
    """
    counts = [before, after]
    if not all(isinstance(count, list) and all(type(n) is int for n in count) for count in counts):
        return False
    return any(now > then for then, now in zip(before, after, strict=False))  # type: ignore[call-overload]


def tampered_sentence(names: list[str]) -> str:
    """What was changed, in a sentence."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    shown = ", ".join(names[:SHOWN]) + more
    return f"it changed {shown}, or looked into them, on which the checks stand: nothing is counted"


def looks_into_frames(source: str) -> list[str]:
    """What a cell names that leads into other functions, such as "f_back"."""
    read = cell_read(source)
    if read is None:
        return []
    found: dict[str, None] = {}
    for node in ast.walk(read[0]):
        match node:
            case ast.Attribute(value=ast.Name(id="inspect"), attr="stack"):
                found["inspect.stack"] = None
            case ast.Attribute(attr=name) | ast.Name(id=name) | ast.Constant(value=str(name)):
                if name in FRAMES:
                    found[name] = None
            case ast.ImportFrom(module=module, names=names):
                for alias in names:
                    if alias.name in FRAMES or (module, alias.name) == ("inspect", "stack"):
                        found[alias.name] = None
    return list(found)


def frames_sentence(names: list[str]) -> str:
    """What such a submission did, in a sentence."""
    return f"it looks into frames of other functions ({', '.join(names[:SHOWN])}): nothing is counted"
