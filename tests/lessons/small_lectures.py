"""A course with two small lectures, a picture and an assignment, and a student who works in it."""

import json
from pathlib import Path

from lib.assignments.originals import keep_original, write_files

FIRST, SECOND = "lectures/00_start_here.ipynb", "lectures/05_gates.ipynb"
PICTURE = "lectures/pictures/gate.png"
NAME = "a2_small"
ASSIGNMENT = f"assignments/{NAME}/{NAME}.ipynb"


def notebook(*cells, **metadata):
    """A notebook as bytes; a cell that begins with # is Markdown."""
    made = [
        {"cell_type": "markdown", "id": f"c{i}", "metadata": {}, "source": text.splitlines(True)}
        if text.startswith("#")
        else {
            "cell_type": "code", "id": f"c{i}", "metadata": {}, "source": text.splitlines(True),
            "outputs": [], "execution_count": None,
        }
        for i, text in enumerate(cells)
    ]  # fmt: skip
    content = {"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return (json.dumps(content, indent=1) + "\n").encode()


def release_of(version):
    """The assignment of a version of the course: path in its folder → content."""
    return {f"{NAME}.ipynb": notebook("# Linear", f"class Linear: ...  # {version}"), "digits.csv": b"1,2\n"}


def make_course(root, version=1):
    """Writes a version of the course, as an update does; returns its folder."""
    files = {
        FIRST: notebook("# 00 Start here", "import numpy as np", f"version = {version}"),
        SECOND: notebook("# 05 Gates", "## Add", "x = 1", f"print({version})"),
        PICTURE: b"\x89PNG" + bytes([version]),
    }
    write_files(root, files)
    write_files(root / "assignments" / NAME, release_of(version))
    keep_original(NAME, release_of(version), root)
    return root


def write_into(path, code="my answer", outputs=()):
    """What JupyterLab saves after a student has added a cell with this code."""
    content = json.loads(Path(path).read_bytes())
    cell = {"cell_type": "code", "id": "mine", "metadata": {}, "source": [code], "outputs": list(outputs)}
    content["cells"].append({**cell, "execution_count": 1})
    Path(path).write_text(json.dumps(content), "utf-8")
    return Path(path).read_bytes()


def run_all(path):
    """What JupyterLab saves after a student has run all cells, and written nothing."""
    content = json.loads(Path(path).read_bytes())
    for number, cell in enumerate(content["cells"]):
        if cell["cell_type"] == "code":
            cell["execution_count"] = number
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["1\n"]}]
            cell["metadata"]["collapsed"] = True
            cell["source"] = "".join(cell["source"])
    empty = {"cell_type": "code", "id": "new", "metadata": {}, "source": "", "outputs": []}
    content["cells"].append({**empty, "execution_count": None})
    content["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {}}}
    content["metadata"]["language_info"] = {"name": "python", "version": "3.13.1"}
    Path(path).write_text(json.dumps(content), "utf-8")
    return Path(path).read_bytes()
