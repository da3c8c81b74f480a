"""What came out of the student's process, which may be anything: only plain data gets through."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import math
import re
from collections.abc import Mapping
from typing import Any

from lib.tasks.facts import KEYS, Fact, settled
from lib.tasks.forbidden import HIDES, LIB, PACKAGES
from lib.tasks.values import KINDS, MOST, OTHER_KINDS, Plain

LONGEST = 30_000_000  # letters of an answer
SEVERAL = 200  # values of a check
WORDS = 1000  # letters of a text or an error
NUMBERS = {
    "float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "bool",
}  # fmt: skip
NAME = re.compile(r"\w{1,100}")
USES, CHANGES = "uses ([a-zA-Z0-9_.]+): the task is to write it", HIDES.format("([a-zA-Z0-9_.]+)")
REFUSED = re.compile(f"(?:{USES}|{CHANGES}); nothing is counted here")
HIDING = ("sys.setprofile", "sys.settrace")


def opened_answer(reply: Any) -> Any:
    """The data in a kernel's reply to a user expression; None where there is none.

    reply: {"status": "ok", "data": {"text/plain": "'…'"}}, if all is well
    """
    try:
        text = reply["data"]["text/plain"] if reply["status"] == "ok" else ""
        if type(text) is not str or not 2 < len(text) <= LONGEST:
            return None
        return json.loads(base64.b64decode(text[1:-1].encode("ascii"), validate=True))
    except (KeyError, TypeError, ValueError, RecursionError, binascii.Error, MemoryError):
        return None


def signed_answer(said: Any, key: bytes) -> tuple[Any, bool]:
    """What an examiner has answered, and whether that has its mark; None where it is no answer at all.

    said: [text, mark], if all is well
    """
    try:
        text, mark = said
        genuine = hmac.compare_digest(hmac.digest(key, text.encode("ascii"), "sha256").hex(), mark)
        return json.loads(text), genuine
    except (TypeError, ValueError, AttributeError, RecursionError):
        return None, False


def changed_names(content: Any) -> list[str]:
    """The names in a list, such as "lib.tasks.trace"; of the first few, and of nothing else."""
    found = content[:SEVERAL] if type(content) is list else [content]
    named = (name for name in found if type(name) is str and len(name) <= 100)
    return [name for name in named if re.fullmatch(r"[\w. ]+", name)] or ["something"]


def values_of(content: Any) -> dict[str, dict[str, Any]] | None:
    """The named values of a check, each as `Plain.to_json` writes it, with facts settled; else None."""
    if type(content) is not dict or not 0 < len(content) <= SEVERAL:
        return None
    kept = {}
    for name, value in content.items():
        if (plain := settled_of(value) or plain_of(value)) is None or len(name) > WORDS:
            return None
        kept[name] = plain.to_json()
    return kept


def settled_of(content: Any) -> Plain | None:
    """Whether a fact holds; None for what `Fact.to_json` never writes."""
    if type(content) is not dict or content.keys() != {*KEYS}:
        return None
    try:
        return settled(Fact.from_json(content))
    except (ValueError, AttributeError):
        return None


def plain_of(content: Any) -> Plain | None:
    """A value; None for what `Plain.to_json` never writes."""
    if type(content) is not dict or content.keys() != {"kind", "dtype", "shape", "values"}:
        return None
    kind, dtype, shape, values = (content[key] for key in ("kind", "dtype", "shape", "values"))
    if type(kind) is not str or type(dtype) is not str or type(shape) is not list or type(values) is not list:
        return None
    if len(shape) > 32 or any(type(size) is not int or not 0 <= size <= MOST for size in shape):
        return None
    if math.prod(shape) != len(values) or len(values) > MOST:
        return None
    if kind in OTHER_KINDS:
        if shape or type(values[0]) is not str or len(values[0]) > WORDS or not _is_class(kind, dtype):
            return None
    elif kind not in KINDS.values() or dtype not in NUMBERS or {*map(type, values)} - {int, float, bool}:
        return None
    try:
        return Plain.from_json(content)
    except (ValueError, OverflowError, TypeError):
        return None


def _is_class(kind: str, dtype: str) -> bool:
    return bool(NAME.fullmatch(dtype)) if kind in ("error", "other") else not dtype


def sentence_of(content: Any, start: str) -> str:
    """One sentence that begins as it should, in one line; "" for anything else."""
    if type(content) is not str or not content.startswith(start):
        return ""
    return " ".join(content[:400].split())


def refusal_of(content: Any, task: str) -> str:
    """Why nothing of a task counts, in a sentence of ours: a module's name may be words of the student's."""
    said = sentence_of(content, f"{task}: ")
    match REFUSED.fullmatch(said.removeprefix(f"{task}: ")):
        case None:
            what = "uses what the task is to write"
        case found if found[2] and found[2] not in HIDING:
            what = "changes that by which the course sees what an answer does"
        case found if found[2]:
            what = HIDES.format(found[2])
        case found:
            what = f"uses {_known_module(found[1])}: the task is to write it"
    return said and f"{task}: {what}; nothing is counted here"


def _known_module(name: str) -> str:
    """As much of a module's name as the course knows."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        start, place = ".".join(parts[:length]), LIB.parent.joinpath(*parts[:length])
        if start in PACKAGES or (
            parts[0] == "lib" and (place.is_dir() or place.with_suffix(".py").is_file())
        ):
            return start
    return "a package"


def names_of(content: Any, known: Mapping[str, Any] | tuple[str, ...]) -> tuple[str, ...]:
    """Those of a list that are known."""
    if type(content) is not list:
        return ()
    return tuple(name for name in content if type(name) is str and name in known)
