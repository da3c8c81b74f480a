"""Whatever somebody does to the cells of a release, what is graded is the release with their solutions."""

from __future__ import annotations

import copy
import json

import pytest
from handed import (
    CELLS,
    NAME,
    RIGHT,
    check_release_is_kept,
    course,
    hand_over,
    notebook,
    plain,
    solved,
    values,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.grading.intake.reading import notebook_cells
from lib.grading.intake.take_in import take_in
from lib.grading.results import FLAGS

NAMES = [cell["id"] for cell in CELLS if "nbgrader" in cell["metadata"]]
SOLUTIONS = [cell["id"] for cell in CELLS if cell["metadata"].get("nbgrader", {}).get("solution")]
KINDS = st.sampled_from(["code", "markdown", "raw"])
WORDS = st.sampled_from(
    ["x = 1", "1 +", "def f(x):\n    return 9", "", "# a\r\nb", "%time 1", "é\0\ud800", "def g("]
)
KEYS = st.sampled_from(["nbgrader", "grade_id", "grade", "solution", "points", "x"])
NOISE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(NAMES),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
FIELDS = st.sampled_from(
    ["cell_type", "source", "metadata", "id", "outputs", "attachments", "execution_count"]
)


def edited(cells: list[dict], draw) -> None:
    """Does one thing to them, in place."""
    place = draw(st.integers(0, len(cells) - 1))
    cell, kind = cells[place], draw(st.sampled_from(sorted(EDITS)))
    EDITS[kind](cells, cell, place, draw)


def _move(cells, cell, place, draw):
    cells.insert(draw(st.integers(0, len(cells) - 1)), cells.pop(place))


def _copy(cells, cell, place, draw):
    cells.insert(draw(st.integers(0, len(cells))), copy.deepcopy(cell))


def _split(cells, cell, place, draw):
    if isinstance(source := cell.get("source"), str):
        at = draw(st.integers(0, len(source)))
        cells[place : place + 1] = [cell | {"source": source[:at]}, plain(source[at:])]


def _merge(cells, cell, place, draw):
    if place + 1 < len(cells):
        cell["source"] = f"{cell.get('source')}\n{cells.pop(place + 1).get('source')}"


def _rename(cells, cell, place, draw):
    cell["metadata"] = {"nbgrader": {"grade_id": draw(st.sampled_from([*NAMES, "none"])), "grade": True}}


EDITS = {
    "delete": lambda cells, cell, place, draw: cells.pop(place) if len(cells) > 1 else None,
    "move": _move,
    "copy": _copy,
    "split": _split,
    "merge": _merge,
    "rename": _rename,
    "convert": lambda cells, cell, place, draw: cell.update(cell_type=draw(KINDS)),
    "write": lambda cells, cell, place, draw: cell.update(source=draw(WORDS)),
    "insert": lambda cells, cell, place, draw: cells.insert(place, plain(draw(WORDS))),
    "noise": lambda cells, cell, place, draw: cell.update({draw(FIELDS): draw(NOISE)}),
    "lost": lambda cells, cell, place, draw: cell.pop("metadata", None),
}  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return course(tmp_path_factory.mktemp("course"))


def graded(root, content):
    """What intake makes of a notebook."""
    folder = root / "submitted" / "ada" / NAME
    hand_over(folder, content)
    intake = take_in(NAME, folder, root)
    check_release_is_kept(intake)
    assert {flag.kind for flag in intake.flags} <= set(FLAGS)
    assert len({flag.kind for flag in intake.flags}) == len(intake.flags)
    assert intake.files == {}
    return intake


@pytest.mark.family(share=3)
@settings(max_examples=60, deadline=None)
@given(data=st.data(), count=st.integers(1, 6))
def test_any_edits_give_the_release_with_the_solutions_of_the_student(root, data, count):
    cells = solved()
    for _ in range(count):
        edited(cells, data.draw)
    content = json.dumps(notebook(cells)).encode()
    intake = graded(root, content)
    theirs = {cell.name: cell.source for cell in notebook_cells(content)}  # the last of each name
    for cell in intake.notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name in SOLUTIONS and name in theirs:
            assert cell.source == theirs[name]
    own = [cell.source for cell in intake.notebook.cells]
    for cell in notebook_cells(content):  # no text of the student's own is lost
        if cell.name not in NAMES and cell.source.strip():
            assert cell.source.strip() in [source.strip() for source in own]


@pytest.mark.family(share=3)
@settings(max_examples=40, deadline=None)
@given(data=st.data(), count=st.integers(1, 6))
def test_what_changes_no_code_costs_nothing(root, data, count):
    harmless = {"move", "copy", "convert", "lost"}
    cells = solved()
    for _ in range(count):
        place = data.draw(st.integers(0, len(cells) - 1))
        kind = data.draw(st.sampled_from(sorted(harmless)))
        if kind == "lost" and cells[place]["cell_type"] != "code":
            continue  # what has no name and is no code is a text
        if kind == "convert" and "nbgrader" not in cells[place].get("metadata", {}):
            continue
        EDITS[kind](cells, cells[place], place, data.draw)
    assert values(graded(root, cells)) == RIGHT


@pytest.mark.family(share=3)
@settings(max_examples=60, deadline=None)
@given(content=NOISE, data=st.data())
def test_any_json_and_any_cut_ends_in_something_to_grade(root, content, data):
    graded(root, {"cells": content})
    graded(root, json.dumps(content).encode())
    whole = json.dumps(notebook(solved())).encode()
    graded(root, whole[: data.draw(st.integers(0, len(whole) - 1))])
