"""The cells of a notebook that anybody may have written, with whatever is wrong in it.

nbformat is not asked: it refuses what can be understood, changes the ids of copied cells, and reads all
outputs into memory. What does not belong to a cell's text is passed over here.
"""

from __future__ import annotations

import json
import mmap
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data_loaders.looks import Unreadable
from lib.grading.intake.folder import open_plain

LARGEST_FILE = 512 << 20  # bytes of a notebook with its outputs, which are passed over while it is read
LARGEST_TEXT = 64 << 20  # bytes of it without them; a notebook of the course has 60,000
MOST_BRACKETS = 500_000  # that open in the text, and so parts of it in memory
MOST_COMMAS = 3_000_000
MOST_STEPS = 3_000_000  # brackets in outputs that are passed over
MOST_CELLS = 2_000
LARGEST_PICTURES = 24 << 20  # letters of all pictures in texts together
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")  # not SVG, which may hold a script
OTHER_KINDS = {  # how a file of another kind begins → what it is
    rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|body)\b": "a web page",
    rb"PK\x03\x04": "a zip archive",
    rb"%PDF": "a PDF",
}

_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_KEY = rb'"(?:outputs|application/vnd\.jupyter\.widget-state\+json)"[ \t\r\n]*+:[ \t\r\n]*+'
_TO_OUTPUTS = re.compile(rb'(?:[^"]++|(?!' + _KEY + rb")" + _STRING + rb")*+" + _KEY, re.DOTALL)
_TO_BRACKET = re.compile(rb'(?:[^"\[\]{}]++|' + _STRING + rb")*+([\[\]{}])", re.DOTALL)


@dataclass(frozen=True)
class StudentCell:
    """A cell as a student has it.

    kind: "code", "markdown" or "raw"
    source: its text, lines ending in "\\n"
    name: its `grade_id`, or ""
    id: nbformat's, or "": a hint at most, since copies are given new ones
    pictures: name → type → the picture in base64, as nbformat keeps those pasted into a text
    left_out: names of pictures that are too large, or of a type that may hold a script
    """

    kind: str
    source: str
    name: str = ""
    id: str = ""
    pictures: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()


def student_cells(path: Path) -> list[StudentCell]:
    """The cells of a notebook of any version; raises `Unreadable`, with a reason, for another file."""
    with open_plain(path) as file:
        size = os.fstat(file.fileno()).st_size
        if not size:
            raise Unreadable("it is empty")
        if size > LARGEST_FILE:
            raise Unreadable(f"it has more than {LARGEST_FILE >> 20} MB")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return notebook_cells(content)


def notebook_cells(content: bytes | mmap.mmap) -> list[StudentCell]:
    """The cells of a notebook; raises `Unreadable` with a reason where it is none.

    content: of its file
    """
    encoding = json.detect_encoding(content[:4])
    if encoding.startswith("utf-8"):
        rest = without_outputs(content)
    elif len(content) <= LARGEST_TEXT:
        rest = without_outputs(bytes(content).decode(encoding, "replace").encode("utf-8"))
    else:
        raise Unreadable(f"it has more than {LARGEST_TEXT >> 20} MB in {encoding.upper()}")
    if len(rest) > LARGEST_TEXT:
        raise Unreadable(f"it has more than {LARGEST_TEXT >> 20} MB without its outputs")
    if rest.count(b"[") + rest.count(b"{") > MOST_BRACKETS or rest.count(b",") > MOST_COMMAS:
        raise Unreadable("it has far too many parts")
    try:
        notebook = json.loads(_decoded(rest), parse_int=_whole, strict=False)
    except json.JSONDecodeError as error:
        for begins, kind in OTHER_KINDS.items():
            if re.match(begins, rest[:1000], re.IGNORECASE):
                raise Unreadable(f"it is {kind}, and no notebook") from error
        raise Unreadable(f"it is damaged, or no JSON: {error.msg} in line {error.lineno}") from error
    except RecursionError as error:
        raise Unreadable("its parts lie too deep in one another") from error
    found = list(_cells(notebook))
    if len(found) > MOST_CELLS:
        raise Unreadable(f"it has more than {MOST_CELLS:,} cells")
    return found


def without_outputs(content: bytes | mmap.mmap) -> bytes:
    """The JSON of a notebook with all outputs, and the state of its widgets, empty; little more is in memory.

    >>> without_outputs(b'{"cells": [{"outputs": [{"text": "]"}], "source": "\\\\"outputs\\\\": [1]"}]}')
    b'{"cells": [{"outputs": [], "source": "\\\\"outputs\\\\": [1]"}]}'
    """
    parts: list[bytes] = []
    at = total = steps = 0
    while found := _TO_OUTPUTS.match(content, at):
        parts.append(content[at : found.end()])
        at = found.end()
        total += len(parts[-1])
        if total > LARGEST_TEXT:
            break
        if content[at : at + 1] not in (b"[", b"{"):
            continue
        parts.append(b"[]")
        depth = 0
        while depth or at == found.end():
            bracket = _TO_BRACKET.match(content, at)
            steps += 1
            if bracket is None:
                raise Unreadable("it is damaged, or cut: an output has no end")
            if steps > MOST_STEPS:
                raise Unreadable("its outputs have far too many parts")
            depth += 1 if bracket[1] in b"[{" else -1
            at = bracket.end()
    if total + len(content) - at > LARGEST_TEXT:
        raise Unreadable(f"it has more than {LARGEST_TEXT >> 20} MB without its outputs")
    return b"".join([*parts, content[at:]])


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:  # saved by an editor that writes the system's own letters
        return content.decode("cp1252", "replace")


def _whole(digits: str) -> int:
    return int(digits) if len(digits) < 20 else 0


def _cells(notebook: Any) -> Iterator[StudentCell]:
    """What can be understood as cells; raises `Unreadable` where it is no notebook."""
    if not isinstance(notebook, dict):
        raise Unreadable(f"it is JSON, but no notebook: {_kind(notebook)}")
    cells = notebook.get("cells")
    if not isinstance(cells, list):  # until version 3
        sheets = notebook.get("worksheets")
        if not isinstance(sheets, list):
            raise Unreadable("it is JSON, but no notebook: it has no cells")
        lists = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)]
        cells = [cell for some in lists if isinstance(some, list) for cell in some]
    left = LARGEST_PICTURES
    for cell in cells:
        if isinstance(cell, dict):
            pictures = _pictures(cell.get("attachments"), left)
            left -= sum(len(picture) for kinds in pictures.values() for picture in kinds.values())
            yield _cell(cell, pictures)


def _cell(cell: dict[str, Any], pictures: dict[str, dict[str, str]]) -> StudentCell:
    kind = cell.get("cell_type")
    source = _text(cell.get("source", cell.get("input")))
    if kind == "heading":
        level = cell.get("level")
        kind, source = (
            "markdown",
            "#" * (level if isinstance(level, int) and 0 < level < 7 else 1) + f" {source}",
        )
    metadata = cell.get("metadata")
    said = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    name = said.get("grade_id") if isinstance(said, dict) else None
    return StudentCell(
        kind=kind if kind in ("code", "raw") else "markdown",
        source=source,
        name=name if isinstance(name, str) else "",
        id=_text(cell.get("id"))[:64],
        pictures=pictures,
        left_out=tuple(name for name in _names(cell.get("attachments")) if name not in pictures),
    )


def _text(value: Any) -> str:
    """A text, or the lines of one; half letters, which no file can hold, become question marks."""
    lines = value if isinstance(value, list) else [value]
    text = "".join(line for line in lines if isinstance(line, str))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.encode("utf-8", "replace").decode("utf-8")


def _pictures(attachments: Any, most: int) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name, kinds in attachments.items() if isinstance(attachments, dict) else ():
        for kind, content in kinds.items() if isinstance(kinds, dict) else ():
            picture = _text(content).replace("\n", "")
            if kind in PICTURES and re.fullmatch(r"[A-Za-z0-9+/]++=*+", picture) and len(picture) <= most:
                most -= len(picture)
                found.setdefault(_text(name)[:100], {})[kind] = picture
    return found


def _names(attachments: Any) -> list[str]:
    return [_text(name)[:100] for name in attachments] if isinstance(attachments, dict) else []


def _kind(value: Any) -> str:
    return {list: "a list", str: "a text", type(None): "null", bool: "true or false"}.get(
        type(value), "a number"
    )
