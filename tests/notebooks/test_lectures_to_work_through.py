"""Lectures with exercises: with our solutions every check passes, without them each says that it is open."""

import ast
import importlib
import linecache
import re

import nbformat
import pytest
from lecture_cells import (
    LECTURES,
    cells_of,
    exercises_in,
    solution_of,
    sources_with_solutions,
    tagged,
)
from nbclient import NotebookClient
from slowness import slowness

from lib.assignments.leaks import telling
from lib.lessons.minutes import lecture_minutes
from lib.lessons.predictions.prediction import find_prediction, prediction_names
from lib.tasks import assess, find_task, task_names
from lib.tasks.task import module_of_task

WITH_EXERCISES = [path for path in sorted(LECTURES.glob("*.ipynb")) if exercises_in(cells_of(path))]
NUMBERS = {int(path.stem[:2]) for path in LECTURES.glob("*.ipynb")}
every_lecture = pytest.mark.parametrize("path", WITH_EXERCISES, ids=lambda path: path.stem)


def number_of(path):
    return path.stem[:2]


def text_of(cell):
    """What a cell that was run has printed."""
    return "".join(out.text for out in cell.outputs if out.output_type == "stream" and out.name == "stdout")


@pytest.mark.family(share=4)
@every_lecture
@pytest.mark.timeout(200)
def test_with_our_solutions_every_check_passes(path, tmp_path):
    said = run(path, tmp_path, sources_with_solutions(cells_of(path)))
    for name, (_, check, _) in exercises_in(cells_of(path)).items():
        assert said[check["id"]].strip() == f"{find_task(name).title}: right"
    assert not [text for text in said.values() if "The next cells use our" in text]


@pytest.mark.family(share=4)
@every_lecture
@pytest.mark.timeout(200)
def test_without_them_it_runs_to_its_end_and_each_check_says_not_yet(path, tmp_path):
    said = run(path, tmp_path, {})
    for name, (_, check, _) in exercises_in(cells_of(path)).items():
        (line,) = said[check["id"]].strip().splitlines()
        assert line.startswith(f"Not yet: {find_task(name).title}")
    assert not [text for text in said.values() if "The next cells use your" in text]


def run(path, folder, sources):
    """Cell id → what it printed; an error in a cell ends the test."""
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    for cell in notebook.cells:
        cell.source = sources.get(cell.id, cell.source)
    place = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=int(180 * slowness()), resources=place).execute()
    return {cell.id: text_of(cell) for cell in notebook.cells if cell.cell_type == "code"}


@every_lecture
def test_each_exercise_has_its_stub_its_check_and_its_solution(path):
    found = exercises_in(cells_of(path))
    assert sorted(found) == sorted(task_names(number_of(path)))
    assert 5 <= len(found) <= 8
    for name, cells in found.items():
        stub, check, solution = cells
        assert "..." in stub["source"] or "NotImplementedError" in stub["source"], name
        assert f'hint("{name}")' in check["source"], name
        assert solution["source"].startswith("<details><summary>Solution</summary>\n\n"), name
        assert solution["source"].endswith("\n</details>"), name
        assert [name_ for name_ in find_task(name).defines if name_ not in solution_of(solution)] == []


def written(name, source):
    """What a cell defines of an exercise, run beside what the task's own file imports, in readable lines."""
    task = find_task(name)
    file = f"<{name}, {len(linecache.cache)}>"
    linecache.cache[file] = (len(source), None, source.splitlines(True), file)
    scope = dict(vars(importlib.import_module(module_of_task(name)))) | {"__name__": "__main__"}
    for wanted in task.defines:
        del scope[wanted]
    exec(compile(source, file, "exec"), scope)
    return [scope[wanted] for wanted in task.defines]


@every_lecture
def test_each_solution_does_what_the_reference_does_and_each_stub_says_not_yet(path):
    for name, (stub, _, solution) in exercises_in(cells_of(path)).items():
        task = find_task(name)
        for seed in (0, 1, 20_261_128):
            report = assess(task, written(name, solution_of(solution)), [seed], theirs=True)
            assert report.passed, f"{name}: {report}"
        (line,) = str(assess(task, written(name, stub["source"]), [0], theirs=True)).splitlines()
        assert line.startswith(f"Not yet: {task.title}"), name


@every_lecture
def test_nothing_of_a_solution_is_shown_before_its_place(path):
    cells = cells_of(path)
    for name, (stub, _, solution) in exercises_in(cells).items():
        given = {line.strip() for line in stub["source"].split("\n")}
        place = cells.index(solution)
        shown = "\n".join(cell["source"] for cell in cells[:place])
        taught = "\n".join(  # code of the lecture's own, such as a first gate, may be of use again
            cell["source"] for cell in cells[: cells.index(stub)] if cell["cell_type"] == "code"
        )
        lines = [line for line in telling(solution_of(solution)) if line not in given and line not in taught]
        told = [line for line in lines if line in shown]
        told += [words for words in find_task(name).tells if words.lower() in shown.lower()]
        assert told == [], f"{name}: {told} stands above its solution"


@every_lecture
def test_predictions_stand_where_they_are_asked_and_their_truth_waits(path):
    cells = cells_of(path)
    code = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
    asked = [name for source in code for name in re.findall(r'^predict\("(.+?)"\)', source, re.MULTILINE)]
    waits = [name for source in code for name in re.findall(r'with after\("(.+?)"\):', source)]
    assert len(set(asked)) == len(asked) >= 4
    assert sorted(asked) == sorted(prediction_names(number_of(path)))
    assert set(waits) == set(asked)
    for name in asked:
        first = next(k for k, cell in enumerate(cells) if f'predict("{name}")' in cell["source"])
        assert not [cell["id"] for cell in cells[:first] if f'after("{name}")' in cell["source"]]
        words = find_prediction(name).tells
        assert words, f"{name}: say in tells which words would give the truth away"
        shown = "\n".join(cell["source"] for cell in cells)
        assert [text for text in words if text.lower() in shown.lower()] == [], name


@every_lecture
def test_what_waits_is_shown_by_a_call(path):
    """In a `with after` block the value of the last line is not shown, as it is at the end of a cell."""
    for cell in cells_of(path):
        if "with after(" not in cell["source"]:
            continue
        for node in ast.walk(ast.parse(cell["source"])):
            if isinstance(node, ast.With) and "after(" in ast.unparse(node.items[0]):
                last = ast.unparse(node.body[-1])
                lost = isinstance(node.body[-1], ast.Expr) and not re.match(
                    r"(print|display|[\w.]+\.show)\(", last
                )
                assert not lost, f"{cell['id']}: write display({last})"


@every_lecture
def test_folded_cells_say_what_they_do(path):
    for cell in cells_of(path):
        hidden = cell["metadata"].get("jupyter", {}).get("source_hidden", False)
        assert hidden == tagged(cell, "folded"), cell["id"]
        if hidden:
            assert re.match(r"# [A-Z].{5,}\n", cell["source"]), cell["id"]


@every_lecture
def test_its_path_takes_fifty_minutes_and_it_says_so(path):
    found = lecture_minutes(path)
    assert found.words <= 3000
    assert 42 <= found.path <= 52
    title = cells_of(path)[0]["source"]
    assert "**The path, about 50 minutes:**" in title
    (stated,) = re.findall(r"\*\*Further; with it, about (\d+) minutes:\*\*", title)
    assert abs(int(stated) - found.whole) <= 5


@every_lecture
def test_contents_and_neighbours_lead_somewhere(path):
    cells = [cell["source"] for cell in cells_of(path) if cell["cell_type"] == "markdown"]
    headings = re.findall(r"^## (.+)$", "\n".join(cells), re.MULTILINE)
    listed = re.findall(r"^- \[(.+?)\]\(#(.+)\)$", cells[0], re.MULTILINE)
    assert listed == [(heading, heading.replace(" ", "-")) for heading in headings]
    for around in (cells[0], cells[-1]):
        links = re.findall(r"\]\((\d\d_\w+\.ipynb)\)", around)
        assert links
        assert not [link for link in links if not (LECTURES / link).exists()]
        number = int(number_of(path))
        towards = {arrow for arrow, near in (("←", number - 1), ("→", number + 1)) if near in NUMBERS}
        assert {"←", "→"} & set(around) == towards


@every_lecture
def test_students_are_told_nothing_of_decks(path):
    spoken = re.compile(r"\b(deck|slide)s?\b", re.IGNORECASE)
    assert [cell["id"] for cell in cells_of(path) if spoken.search(cell["source"])] == []
