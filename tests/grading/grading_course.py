"""A course with one small assignment, students' notebooks of it, and results, for the tests of recording."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from lib.grading.places import result_file, submission_folder
from lib.grading.results import Flag, Result, TaskMarks, save_result

NAME = "a9_small"
STUB = 'raise NotImplementedError("write this part")'
SETTINGS = f"""
c = get_config()
c.CourseDirectory.course_id = "deep-vision"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "assignments"
c.ClearSolutions.code_stub = {{"python": '{STUB}'}}
c.ClearSolutions.text_stub = "*Write your answer here.*"
"""
ADD = "def add(a, b):\n    ### BEGIN SOLUTION\n    return a + b\n    ### END SOLUTION"
TWICE = "def twice(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
MARKS = (
    "# Your marks for this task are found here when your notebook is graded.\n### BEGIN HIDDEN TESTS\n"
    "{call}\n### END HIDDEN TESTS"
)


def about(name, *, grade=False, solution=False, points=None, kind="code"):
    said = {
        "cell_type": kind, "grade": grade, "grade_id": name, "locked": not solution,
        "schema_version": 3, "solution": solution, "task": False,
    }  # fmt: skip
    return {"nbgrader": said | ({} if points is None else {"points": points})}


def source(marks=(10, 6, 4)):
    """The notebook in solutions/."""
    add, twice, why = marks
    cells = [
        new_markdown_cell("# Assignment 9: small", id="title"),
        new_code_cell("import math", id="imports", metadata=about("imports")),
        new_markdown_cell("## Task 1: a sum", id="sum"),
        new_code_cell(ADD, id="add-code", metadata=about("add-code", solution=True)),
        new_code_cell(MARKS.format(call="secret_sum = add(1, 41)\nsecret_sum / 42 * 5"), id="add-marks",
                      metadata=about("add-marks", grade=True, points=add)),
        new_markdown_cell("## Task 2: twice", id="double"),
        new_code_cell(TWICE, id="twice-code", metadata=about("twice-code", solution=True)),
        new_code_cell(MARKS.format(call="assert twice(4) == 8"), id="twice-marks",
                      metadata=about("twice-marks", grade=True, points=twice)),
        new_markdown_cell("## Question: why?", id="question"),
        new_markdown_cell("Because.", id="why",
                          metadata=about("why", grade=True, solution=True, points=why, kind="markdown")),
    ]  # fmt: skip
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})


def make_course(root: Path, notebook=None) -> Path:
    """Writes a course into a folder."""
    folder = root / "solutions" / NAME
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook or source(), folder / f"{NAME}.ipynb")
    (root / "nbgrader_config.py").write_text(SETTINGS)
    return root


def executed(
    add="    return a + b", twice="    return 2 * x", why="Since it is so.", outputs=(), extra=()
) -> bytes:
    """A student's notebook as it was run: the release with what the student wrote; None for nothing."""
    notebook = source()
    texts = {
        "add-code": f"def add(a, b):\n{add if add is not None else '    ' + STUB}",
        "twice-code": f"def twice(x):\n{twice if twice is not None else '    ' + STUB}",
        "why": "*Write your answer here.*" if why is None else why,
    }
    for cell in notebook.cells:
        if cell.id in texts:
            cell.source = texts[cell.id]
        elif cell.id.endswith("-marks"):
            cell.source = cell.source.split("\n")[0]
        if cell.id == "add-code":
            cell.outputs = [nbformat.from_dict(output) for output in outputs]
    notebook.cells += list(extra)
    return nbformat.writes(notebook).encode()


def result(student="ada", add=10.0, twice=6.0, *, flags=(), said=(), key="k", nothing=False) -> Result:
    """What grading gave."""
    parts = {"value": (6.0, min(add, 6.0)), "types": (4.0, max(0.0, add - 6))}
    tasks = (
        TaskMarks("add-marks", "a9.add", 10, add, parts, tuple(said)),
        TaskMarks("twice-marks", "a9.twice", 6, twice, {"value": (6.0, twice)}),
    )
    return Result(
        student,
        NAME,
        key,
        () if nothing else tasks,
        tuple(Flag(*flag) for flag in flags),
        "bubblewrap",
        0.5,
        1.0,
    )


def hand_in(
    root: Path, student: str, content: bytes | None = None, timestamp="2026-11-20 10:00:00 UTC"
) -> None:
    """Puts a submission where nbgrader looks for it."""
    folder = submission_folder(student, NAME, root)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{NAME}.ipynb").write_bytes(executed() if content is None else content)
    if timestamp:
        (folder / "timestamp.txt").write_text(timestamp)


def graded(root: Path, recorder, given: Result, content: bytes | None = None) -> None:
    """Does what the coordinator does after grading."""
    save_result(result_file(given.student, NAME, root), given)
    recorder.record(given, executed() if content is None else content)


def record_thirty(root: Path, say=lambda number: None) -> None:
    """Records thirty results, some with batches in between."""
    from lib.grading.gradebook.opening import open_gradebook
    from lib.grading.gradebook.recorder import Recorder

    with open_gradebook(root, backup=False) as gradebook, Recorder(gradebook, NAME, batch=3) as recorder:
        for number in range(30):
            say(number)
            content = executed(why=f"Answer {number}")
            graded(root, recorder, result(f"s{number:02d}", add=float(number % 11)), content)


def rows(engine, but=("id",)) -> dict[str, list[str]]:
    """All that a gradebook holds: table → rows, sorted; without columns whose names end so."""
    from sqlalchemy import MetaData, select

    tables = MetaData()
    tables.reflect(engine)
    found = {}
    with engine.connect() as connection:
        for table in tables.sorted_tables:
            columns = [column for column in table.columns if not column.name.endswith(but)]
            if columns:
                found[table.name] = sorted(str(row) for row in connection.execute(select(*columns)))
    return found


def all_rows(engine) -> dict[str, list[str]]:
    """The same with every column."""
    return rows(engine, but=("nothing",))
