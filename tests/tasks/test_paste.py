"""The course's own code, pasted in the place of an answer: refused, flagged, wrong, or listed as free."""

import ast
import linecache
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from typing import Any

import pytest
from mutation import NeverEnds, at_most, differs

from lib.tasks import assess, find_task, task_names
from lib.tasks.copied import LIB, ROOMS, course_sources
from lib.tasks.known import has_answers

# What lectures give away, as docs/instructors.md says: it passes and has no flag.
FREE: dict[str, set[str]] = {}

TASKS = [find_task(name) for name in task_names() if re.match(r"a\d", name)]


def pieces() -> Iterator[tuple[str, str, Any]]:
    """Where it stands, its name and the thing itself, as somebody has it who runs its text in a notebook."""
    for room in ROOMS:  # so that their names are there
        for path in sorted((LIB / room).rglob("*.py")):
            name = ".".join(path.relative_to(LIB.parent).with_suffix("").parts)
            yield from pasted(name, path.read_text("utf-8"), dict(vars(import_module(name))))
    lecture, scope = "", {}
    for place, source in course_sources():
        if place.startswith("lecture"):
            if place != lecture:
                lecture, scope = place, {"__name__": "__main__"}
            yield from pasted(place, source, scope)


def pasted(place: str, source: str, scope: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Imports and definitions of a text, run as a cell of a notebook."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return
    scope["__name__"] = "__main__"
    for node in tree.body:
        if not isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef):
            continue
        if isinstance(node, ast.ClassDef) and node.bases:
            alone = ast.ClassDef(
                node.name, [], [], node.body, []
            )  # as somebody writes it who leaves the base out
            yield from run(place, ast.unparse(ast.fix_missing_locations(alone)), node.name, dict(scope))
        name = node.name if isinstance(node, ast.FunctionDef | ast.ClassDef) else ""
        yield from run(place, ast.unparse(node), name, scope)


def run(place: str, text: str, name: str, scope: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Runs a text whose lines can be read afterwards."""
    file = f"<cell {len(linecache.cache)}>"
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    with suppress(Exception):  # what stands around it is missing
        exec(compile(text, file, "exec", dont_inherit=True), scope)
        if name:
            yield place, name, scope[name]


@pytest.fixture(scope="module")
def everything():
    return list(pieces())


@pytest.mark.family(share=8)
@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_what_is_pasted_is_refused_flagged_or_wrong(task, everything):
    assert has_answers(task)
    free = set()
    for wanted in task.defines:
        for place, name, thing in everything:
            if isinstance(thing, type) != isinstance(task.references[wanted], type):
                continue
            given = task.given({wanted: thing})
            try:
                with at_most(1):
                    if differs(task, given, 0):
                        continue
            except NeverEnds:
                continue
            report = assess(task, given, [0])
            if not report.refused and not report.flags:
                free.add(f"{place}.{name}")
    assert free == FREE.get(task.name, set())


def test_there_is_much_to_paste(everything):
    assert len(everything) > 150
    assert {"lecture 05", "lecture 07"} <= {place for place, _, _ in everything}
    assert "lib.nn.linear" in sys.modules
