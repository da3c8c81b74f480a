"""A public function or class has a name of its own; what shares a name is listed here, with the reason.

Constants (UPPERCASE) and private names (`_`) belong to their module and are not compared, nor are the
demos and the tasks of assignments and lectures: each is a page of its own.
"""

import ast
import re
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[1]

# One name with one meaning, in several modules on purpose.
CONVENTIONS = {
    "matches", "read",  # what every data format has
    "show", "fetch", "verify",  # commands, called like the function that they call
    "main",  # where a program starts
    "check",  # what a notebook asks: an assignment raises, a lecture prints and notes what passed
    "predictions",  # those of a lecture
    "accuracy", "predict",  # the same measures, of two arrays and of a net; of linear scores and of a net
    "sigmoid", "cross_entropy", "hinge",  # the same mathematics, of a graph, a layer and a classifier
    "check_number",  # of one kind; data_loaders takes none from lib
}  # fmt: skip


def modules_of_names() -> dict[str, list[str]]:
    """Of each public function and class, the modules that define it."""
    found = defaultdict(list)
    for folder in ("lib", "data_loaders"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            place = path.relative_to(ROOT).as_posix()
            if "/demos/" in place or re.match(r"lib/tasks/(a\d|lecture_\d\d)/", place):
                continue
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                for name in defined(node):
                    if not name.startswith("_") and not name.isupper() and place not in found[name]:
                        found[name].append(place)
    return found


def defined(node: ast.stmt) -> list[str]:
    """The names that a statement defines."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    return [node.target.id] if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) else []


def test_no_two_things_have_one_name():
    shared = {name: places for name, places in modules_of_names().items() if len(places) > 1}
    new = {name: places for name, places in shared.items() if name not in CONVENTIONS}
    assert not new, f"rename one of each, or share it: {new}"


def test_the_list_names_only_what_is_shared():
    shared = {name for name, places in modules_of_names().items() if len(places) > 1}
    assert not CONVENTIONS - shared


def test_no_two_files_of_tests_have_one_name():
    """pytest imports them by their names alone: the second would be taken for the first."""
    places = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("*.py")):
        if path.name not in ("conftest.py", "__init__.py"):
            places[path.name].append(path.relative_to(ROOT).as_posix())
    assert not {name: found for name, found in places.items() if len(found) > 1}
