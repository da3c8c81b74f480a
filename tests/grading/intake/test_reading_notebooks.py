"""Notebooks as programs, browsers, editors and people leave them; what cannot be read is said in a clause."""

from __future__ import annotations

import json
import os
import time
import tracemalloc

import pytest
from handed import (
    CELLS,
    NAME,
    RIGHT,
    SOLVED,
    course,
    flags,
    hand_over,
    locked,
    notebook,
    plain,
    solved,
    sources,
    stub,
    tagged,
    taken,
    values,
)

from data_loaders.looks import Unreadable
from lib.assignments.originals import keep_original
from lib.grading.intake.reading import notebook_cells, without_outputs
from lib.grading.intake.take_in import take_in

PNG = "iVBORw0KGgo="


@pytest.fixture
def root(tmp_path):
    return course(tmp_path)


def text(cells=None) -> str:
    return json.dumps(notebook(cells or solved()))


def version_3() -> dict:
    """As IPython 2 wrote it."""
    cells = []
    for cell in solved():
        old = {key: value for key, value in cell.items() if key not in ("id", "execution_count")}
        if cell["cell_type"] == "code":
            old["input"] = old.pop("source").splitlines(keepends=True)
            old |= {"prompt_number": 1, "collapsed": False, "language": "python"}
        cells.append(old)
    cells[0] = {"cell_type": "heading", "level": 2, "metadata": {}, "source": ["Assignment"]}
    return {"metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": cells}]}


def changed(**more) -> dict:
    """All cells with further fields."""
    return notebook([cell | more for cell in solved()])


def with_metadata(said) -> dict:
    return notebook([*solved(), plain("1"), {**plain("2"), "metadata": said}])


READ = {
    "as it is": text(),
    "BOM": "\ufeff" + text(),
    "UTF-16": text().encode("utf-16"),
    "UTF-16 without BOM": text().encode("utf-16-le"),
    "UTF-32": text().encode("utf-32"),
    "lines of Windows": json.dumps(notebook(solved()), indent=1).replace("\n", "\r\n"),
    "cp1252": json.dumps(notebook([*solved(), plain("# é")]), ensure_ascii=False).encode("cp1252"),
    "version 3": version_3(),
    "version 4.0": notebook([{k: v for k, v in cell.items() if k != "id"} for cell in solved()], minor=0),
    "a later minor version": notebook(solved(), minor=99),
    "a later version": notebook(solved()) | {"nbformat": 6},
    "no version": {"cells": solved()},
    "sources as lists": notebook([c | {"source": c["source"].splitlines(keepends=True)} for c in solved()]),
    "lists with other things": notebook([c | {"source": [None, c["source"], 5]} for c in solved()]),
    "old Mac lines": notebook([c | {"source": c["source"].replace("\n", "\r")} for c in solved()]),
    "Windows' lines": notebook([c | {"source": c["source"].replace("\n", "\r\n")} for c in solved()]),
    "unknown fields": changed(language="python", prompt_number=3, more={"deep": [1]}),
    "one id for all": changed(id="same"),
    "ids that are none": changed(id={"a": 1}),
    "outputs that are none": changed(outputs="\"]}", execution_count="x"),
    "no outputs": notebook([{k: v for k, v in c.items() if k != "outputs"} for c in solved()]),
    "NaN": text().replace('"execution_count": null', '"execution_count": NaN'),
    "a number of 5,000 digits": text().replace('"execution_count": null', f'"execution_count": {"9" * 5000}'),
    "half a letter": notebook([*solved(), plain("# \ud800")]),
    "zero bytes": notebook([*solved(), plain("# \0")]),
    "cells that are none": notebook(solved()) | {"cells": [None, 5, [], "x", {}, *solved(), {"source": 5}]},
    "metadata that is none": with_metadata(5),
    "nbgrader that is none": with_metadata({"nbgrader": [1]}),
    "names that are none": with_metadata({"nbgrader": {"grade_id": {"a": 1}}}),
    "an unknown name": with_metadata({"nbgrader": {"grade_id": "no-such-cell", "grade": True, "points": 99}}),
    "widgets": notebook(solved()) | {
        "metadata": {"widgets": {"application/vnd.jupyter.widget-state+json": {"a": [1, {"b": "}"}]}}}
    },
    "an end of line in a string": text().replace("Words.", "Words.\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_it_is_read(name, root):
    content = READ[name].encode() if isinstance(READ[name], str) else READ[name]
    intake = taken(root, content)
    assert flags(intake) == {}
    assert sources(intake) == SOLVED
    assert values(intake) == RIGHT


NONE = {
    "empty": b"",
    "white": b"  \n",
    "null": b"null",
    "a list": b"[]",
    "a number": b"5",
    "words": b"I could not export it",
    "a page": b"<!DOCTYPE html><html></html>",
    "a zip": b"PK\x03\x04" + bytes(300),
    "zeros": bytes(1000),
    "noise": bytes(range(256)) * 8,
    "cut": text().encode()[:-300],
    "cut in an output": text([*solved(), plain("1") | {"outputs": [{"a": "x" * 99}]}]).encode()[:-60],
    "two in one": text().encode() * 2,
    "no cells": b'{"nbformat": 4, "metadata": {}}',
    "cells that are no list": b'{"cells": {}}',
    "sheets that are no list": b'{"worksheets": 5}',
    "deep": b'{"cells": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "very deep": b"[" * 400_000,
    "too many cells": text([plain("")] * 2_001).encode(),
    "too much text": text([plain("x" * (65 << 20))]).encode(),
    "too many words": b'{"cells": [' + b'"ab",' * 3_100_000 + b"5]}",
    "too many parts": b'{"cells": [' + b"[]," * 600_000 + b"[]]}",
    "merge conflict": b"<<<<<<< HEAD\n" + text().encode(),
}


@pytest.mark.parametrize("name", NONE)
def test_it_is_unreadable_and_the_release_is_graded(name, root):
    intake = taken(root, NONE[name])
    assert list(flags(intake)) == ["unreadable"]
    assert flags(intake)["unreadable"].startswith("a1_small.ipynb: ")
    assert sources(intake)["one"] == stub("f")


def test_a_file_with_more_bytes_than_any_notebook_is_not_read(root):
    folder = root / "submitted" / "ada" / NAME
    folder.mkdir(parents=True)
    with open(folder / f"{NAME}.ipynb", "wb") as file:
        file.truncate(600 << 20)  # with nothing on the disk
    assert flags(take_in(NAME, folder, root)) == {"unreadable": "a1_small.ipynb: it has more than 512 MB"}


def test_hundreds_of_megabytes_of_output_take_little_memory(root):
    folder = root / "submitted" / "ada" / NAME
    before, after = text([*solved(), plain("'end'") | {"outputs": ["HERE"]}]).split('"HERE"')
    folder.mkdir(parents=True)
    with open(folder / f"{NAME}.ipynb", "w") as file:
        file.write(before)
        for _ in range(30):
            file.write(json.dumps({"text": ["x" * 80 + '\\ "]\n'] * 10_000}) + ",")
        file.write("null" + after)
    size = os.path.getsize(folder / f"{NAME}.ipynb")
    assert size > 25 << 20
    tracemalloc.start()
    intake = take_in(NAME, folder, root)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert flags(intake) == {}
    assert values(intake) == RIGHT
    assert peak < 3 << 20


def test_hostile_outputs_take_little_time():
    begun = time.process_time()
    for content in (
        b'{"outputs": ' + b"[" * (1 << 20),
        b'{"outputs": [' + b'"a",' * (1 << 20),
        b'"outputs":' * (1 << 17),
        b'"' + b"\\" * (2 << 20),
        b'"outputs' * (1 << 17),
    ):
        with pytest.raises(Unreadable):
            notebook_cells(content)
    assert time.process_time() - begun < 10


def test_outputs_in_a_text_are_a_text():
    content = json.dumps({"source": '"outputs": [1]', 'a"outputs"': [1], "outputs": [{"outputs": [2]}, "["]})
    assert json.loads(without_outputs(content.encode())) == json.loads(content) | {"outputs": []}


def test_pictures_in_answers_are_kept_and_scripts_are_not(root):
    cells = solved(question="![](a.png)")
    cells[-1]["attachments"] = {
        "a.png": {"image/png": PNG, "text/html": "<script>", "image/svg+xml": "PHN2Zz4="},
        "b.png": {"image/png": '"><script>'},
        "c.png": 5,
    }
    intake = taken(root, cells)
    assert intake.notebook.cells[-1].attachments == {"a.png": {"image/png": PNG}}
    assert flags(intake) == {"files": "the picture 'b.png'; the picture 'c.png'"}


def test_raw_text_becomes_text(root):
    intake = taken(root, [*solved(), plain("<b>live</b>", "raw", raw_mimetype="text/html")])
    assert intake.notebook.cells[-1].cell_type == "markdown"


def test_no_warning_is_said(root, recwarn):
    cells = solved()
    taken(root, [*cells, *cells])
    assert not recwarn.list


NAMES = (
    "a1 (1).ipynb", "a1-copy.ipynb", "Untitled.ipynb", "A1_SMALL.IPYNB", "a1_small.ipynb.json",
    "a1_small.ipynb.txt", "deep/er/a1_small.ipynb", "a1_small.ipynb (1)",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_another_name_is_found_and_said(name, root):
    intake = taken(root, solved(), name)
    assert flags(intake) == {"renamed": f"{name} counts"}
    assert values(intake) == RIGHT


@pytest.mark.parametrize(
    ("first", "second", "counts"),
    [
        ("a1_small", "a1_small-copy", "a1_small"),
        ("a1 (1)", "a1 (2)", "a1 (1)"),
        ("a1_small", "other", "a1_small"),
    ],
)
def test_of_two_notebooks_the_right_name_counts(first, second, counts, root):
    folder = root / "submitted" / "ada" / NAME
    for name in (first, second):
        hand_over(folder, solved(question=name), f"{name}.ipynb")
    intake = take_in(NAME, folder, root)
    other = second if counts == first else first
    assert flags(intake) == {"renamed": f"{counts}.ipynb counts; {other}.ipynb does not count"}
    assert sources(intake)["question"] == counts


def test_of_two_notebooks_the_one_with_something_in_it_counts(root):
    folder = root / "submitted" / "ada" / NAME
    hand_over(folder, CELLS)
    hand_over(folder, solved(), "a1-copy.ipynb")
    intake = take_in(NAME, folder, root)
    assert values(intake) == RIGHT
    assert flags(intake) == {"renamed": "a1-copy.ipynb counts; a1_small.ipynb does not count"}


def test_beside_a_broken_notebook_a_whole_one_counts(root):
    folder = root / "submitted" / "ada" / NAME
    hand_over(folder, b"{")
    hand_over(folder, solved(), "a1-copy.ipynb")
    assert values(take_in(NAME, folder, root)) == RIGHT


def test_the_notebook_of_another_assignment_is_none(root):
    other = [locked("imports", "import math"), tagged("relu", "def relu(x): ...", solution=True)]
    keep_original("a2_other", {"a2_other.ipynb": json.dumps(notebook(other)).encode()}, root)
    assert flags(taken(root, other)) == {"missing": "a1_small.ipynb is the notebook of a2"}
    assert flags(taken(root, solved())) == {}
    assert list(flags(taken(root, [CELLS[1]]))) == ["deleted"]


def test_a_notebook_of_something_else_is_none(root):
    assert flags(taken(root, [plain("1 + 1")])) == {"missing": "a1_small.ipynb has nothing of a1"}
    assert flags(taken(root, [])) == {"missing": "a1_small.ipynb has nothing of a1"}


def test_a_script_is_no_notebook_and_stays_a_file(root):
    intake = taken(root, b"def f(x): return x", "a1.py")
    assert flags(intake) == {"missing": "no notebook, only a1.py"}
    assert intake.files == {"a1.py": b"def f(x): return x"}


def test_other_files_come_along_but_no_notebook_link_or_cache(root):
    folder = root / "submitted" / "ada" / NAME
    hand_over(folder, solved())
    for name in (
        "helpers.py",
        "data/points.csv",
        ".hidden",
        "__pycache__/x.pyc",
        "old.ipynb",
        "timestamp.txt",
    ):
        hand_over(folder, b"x", name)
    hand_over(folder, b"x", ".ipynb_checkpoints/a1_small-checkpoint.ipynb")
    hand_over(folder, b"x" * 20_000_001, "large.bin")
    hand_over(folder, b"x", "back\\slash")
    (folder / "link").symlink_to("/etc/passwd")
    (folder / "folder-link").symlink_to("/etc")
    os.mkfifo(folder / "pipe")
    intake = take_in(NAME, folder, root)
    assert intake.files == {"helpers.py": b"x", "data/points.csv": b"x"}
    assert flags(intake) == {
        "files": "'back\\\\slash' has a name that not every system can hold; large.bin is larger than 20 MB"
    }


def test_a_notebook_that_is_a_link_is_none(root):
    folder = root / "submitted" / "ada" / NAME
    hand_over(root, solved(), "elsewhere.ipynb")
    folder.mkdir(parents=True)
    (folder / f"{NAME}.ipynb").symlink_to(root / "elsewhere.ipynb")
    assert list(flags(take_in(NAME, folder, root))) == ["missing"]


def test_too_many_files_are_bounded(root):
    folder = root / "submitted" / "ada" / NAME
    hand_over(folder, solved())
    for number in range(210):
        (folder / f"{number:03}.txt").write_bytes(b"")
    intake = take_in(NAME, folder, root)
    assert len(intake.files) == 200
    assert flags(intake)["files"].endswith("and 7 more")


def test_the_same_folder_gives_the_same(root):
    assert taken(root, solved() + solved()) == taken(root, solved() + solved())
