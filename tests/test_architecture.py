"""Arrows between the files of lib and data_loaders: no circles, none upwards, and their picture in docs."""

from __future__ import annotations

import re
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import Path

import pytest

from docs.rooms import PICTURE, arrows, arrows_between_rooms, room_of, without_detours

ROOT = Path(__file__).parents[1]
FLOORS = (  # from top to bottom; a room imports only rooms that stand on floors below its own
    {"lib.cli"},
    {"lib.doctor"},
    {"lib.grading"},
    {"lib.assignments"},
    {"lib.jupyter"},
    {"lib.detection"},
    {"lib.convnets", "lib.lessons"},
    {"lib.demos", "lib.tasks"},
    {"lib.classifiers", "lib.graph", "lib.leaderboard", "lib.training"},
    {"lib.nn", "lib.plots"},
    {"lib.gradient_check", "lib.optim"},
    {"lib.bootstrap"},
    {"lib.blas", "lib.checks", "lib.commands", "lib.files", "lib.mode"},
    {"data_loaders"},
)
NUMPY_ONLY = ("lib.nn", "lib.optim", "lib.gradient_check")
ABOVE_TORCH = ("lib.convnets", "lib.detection")  # the only rooms that may import torch


def find_cycle(arrows: dict[str, set[str]]) -> list[str]:
    """Modules of which each imports the next, and the last is the first; empty if there are none."""
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as error:
        return error.args[1][::-1]
    return []


def all_that_is_loaded(code: str) -> set[str]:
    """The top-level modules, but for Python's own, that a fresh Python has after running this code."""
    show = "import sys; before = set(sys.modules)\n" + code
    show += "\nprint(*{name.split('.')[0] for name in set(sys.modules) - before})"
    run = subprocess.run([sys.executable, "-c", show], cwd=ROOT, capture_output=True, text=True, check=True)
    return {name for name in run.stdout.split() if name not in sys.stdlib_module_names}


@pytest.fixture(scope="module")
def today():
    return arrows(ROOT, "lib", "data_loaders")


def test_there_are_no_import_circles(today):
    assert find_cycle(today) == []


def test_arrows_between_rooms_point_downwards(today):
    floor = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
    rooms = {room_of(module) for module in today} - {"lib"}
    assert rooms == set(floor), "a new room needs a floor, and one that is gone has none"
    upwards = [
        f"{module} imports {target}"
        for module, targets in today.items()
        for target in sorted(targets)
        if room_of(target) in floor
        and room_of(target) != room_of(module)
        and floor[room_of(target)] <= floor[room_of(module)]
    ]
    assert upwards == []


def test_the_picture_of_the_rooms_shows_the_arrows_of_today():
    drawn = set(re.findall(r"<title>(.+?)&#45;&gt;(.+?)</title>", PICTURE.read_text("utf-8")))
    assert drawn == without_detours(arrows_between_rooms()), "draw it again: python docs/rooms.py"


def test_data_loaders_import_nothing_from_lib(today):
    loaders = {module: targets for module, targets in today.items() if room_of(module) == "data_loaders"}
    assert len(loaders) > 20
    assert [m for m, targets in loaders.items() if any(room_of(t).startswith("lib") for t in targets)] == []


def test_layers_optimisers_and_gradient_checks_import_numpy_only(today):
    found = set()
    for module, targets in today.items():
        if room_of(module) in NUMPY_ONLY:
            found |= {room_of(t) for t in targets if t.split(".")[0] not in sys.stdlib_module_names}
    assert found - set(NUMPY_ONLY) - {"lib.blas", "lib.checks", "lib.files"} == {"numpy"}
    for room in NUMPY_ONLY:
        assert all_that_is_loaded(f"import {room}") == {"lib", "numpy"}


def test_torch_is_imported_by_the_convnets_and_what_stands_on_them_only(today):
    rooms = {room_of(module) for module, targets in today.items() if "torch" in map(room_of, targets)}
    assert rooms <= set(ABOVE_TORCH)


def test_import_lib_loads_nothing_else():
    assert all_that_is_loaded("import lib") == {"lib"}


def test_a_graph_is_computed_without_matplotlib_and_a_demo_without_widgets():
    use = "from lib.graph import ComputationalGraph, parse; ComputationalGraph(parse('x * 2')).forward(x=3)"
    assert all_that_is_loaded(use) == {"lib", "numpy"}
    demo = all_that_is_loaded("from lib.demos.live_graph import compute; compute('x * y', {}, 1)")
    assert not demo & {"ipywidgets", "IPython", "torch"}


# The reader of imports itself, at code that has what the house must not have.


@pytest.mark.parametrize(
    ("a", "b", "cycle"),
    [
        ("import lib.b", "import lib.a", True),
        ("from lib.b import x", "from lib import a", True),
        ("from . import b", "from .a import x", True),
        ("def f():\n    from lib.b import x", "class C:\n    def f(self):\n        import lib.a", True),
        ("try:\n    import lib.b\nexcept ImportError:\n    pass", "import lib.a as first", True),
        ("if TYPE_CHECKING:\n    import lib.b", "import lib.a", False),
        ("if typing.TYPE_CHECKING:\n    pass\nelse:\n    import lib.b", "import lib.a", True),
        ("import lib.b", "text = 'import lib.a'  # import lib.a", False),
    ],
)
def test_a_circle_is_found_wherever_its_imports_stand(tmp_path, a, b, cycle):
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "__init__.py").write_text("")
    (tmp_path / "lib" / "a.py").write_text(a)
    (tmp_path / "lib" / "b.py").write_text(b)
    assert bool(find_cycle(arrows(tmp_path, "lib"))) is cycle


def test_a_circle_of_three_is_told_in_the_order_of_its_imports(tmp_path):
    (tmp_path / "lib" / "inner").mkdir(parents=True)
    for name, code in {
        "a": "from lib.inner import *",
        "inner/__init__": "from ..c import x",
        "c": "import lib.a",
    }.items():
        (tmp_path / "lib" / f"{name}.py").write_text(code)
    cycle = find_cycle(arrows(tmp_path, "lib"))
    assert cycle[0] == cycle[-1]
    steps = {("lib.a", "lib.inner"), ("lib.inner", "lib.c"), ("lib.c", "lib.a")}
    assert set(pairwise(cycle)) == steps
