"""A small course, and what learning platforms give out of it."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import datetime
from pathlib import Path

from lib.assignments.archive import packed
from lib.assignments.originals import keep_original

FULL, OTHER = "a1_small", "a2_other"
NOON = datetime(2026, 11, 28, 12)
ROSTER = """id,name,email,group
ada,Ada Lovelace,ada@example.org,1
bob,Bob Smith,b.smith@example.org,1
eve,Ève Müller,eve@example.org,2
"""


def nb(text: str = "") -> bytes:
    """A notebook."""
    said = {
        "grade_id": "one",
        "solution": True,
        "grade": False,
        "locked": False,
        "schema_version": 3,
        "task": False,
    }
    cell = {"cell_type": "code", "id": "one", "metadata": {"nbgrader": said}, "source": text, "outputs": []}
    return json.dumps(
        {"cells": [cell | {"execution_count": None}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    ).encode()


def small_class(root: Path) -> Path:
    for name in (FULL, OTHER):
        keep_original(name, {f"{name}.ipynb": nb()}, root)
    return root


def handed_in(student: str, text: str = "", full: str = FULL) -> bytes:
    """What `course hand-in` writes."""
    return packed({f"{student}/{full}/{full}.ipynb": nb(text or student)})


def zipped(files: dict[str, bytes], when: datetime = NOON) -> bytes:
    """An archive as a platform makes it: each file with a time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(zipfile.ZipInfo(path, when.timetuple()[:6]), content)
    return out.getvalue()


def text_of(root: Path, student: str, name: str = f"{FULL}.ipynb") -> str:
    """What a student has written, as it was imported."""
    path = root / "submitted" / student / FULL / name
    return json.loads(path.read_text())["cells"][0]["source"]


def laid(folder: Path, files: dict[str, bytes]) -> Path:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder
