"""The parts of the benchmark: each yields its rows, as soon as they are measured."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.grading.classes import SMALL, WITH_TORCH, environment, made
from benchmarks.grading.spent import Spent, case, spent_by
from benchmarks.measure import Row, ratios
from lib.grading.results import Result, load_result

SLEEP = "import time\n\ntime.sleep(2)"


@contextmanager
def course(name: str, count: int, **more: Any) -> Iterator[tuple[Path, dict[str, str], list[dict[str, Any]]]]:
    """A course with so many submissions, the environment of its programs, what is expected of each."""
    with tempfile.TemporaryDirectory(prefix="grading-") as folder:
        root, expected = made(Path(folder) / "course", name, count, **more)
        yield root, environment(Path(folder)), expected


def kernels(quick: bool) -> Iterator[Row]:
    """A submission's cells in a stock kernel by nbclient, in a warm template, in a fresh bubblewrap."""
    for what, name, most in (("numpy", SMALL, 0.35), ("torch", WITH_TORCH, 0.15)):
        with course(name, 1) as (root, variables, _):
            turns: dict[str, list[float]] = {"stock": [], "template": [], "bubblewrap": []}
            for _ in range(1 if quick else 3):
                for kind, seconds in turns.items():
                    where = {"root": str(root), "assignment": name, "count": 2 if quick else 8}
                    if kind == "stock":
                        found = case("stock", variables, **where)
                    else:
                        found = case("sandboxed", variables, kind=kind, **where)
                    seconds += found.said["each"]
            for kind, target in (("template", most), ("bubblewrap", None)):
                yield Row(
                    f"kernel in {kind} / stock kernel",
                    f"a small notebook with {what}, CPU s a submission",
                    ratios(turns[kind], turns["stock"]),
                    at_most=target,
                    ours=_seconds(turns[kind]),
                    peer=_seconds(turns["stock"]),
                )


def throughput(quick: bool) -> Iterator[Row]:
    """Submissions that sleep: ours some at a time, stock nbgrader one after the other."""
    count = 4 if quick else 40
    with course(SMALL, count + 1, own_cell=SLEEP) as (root, variables, _):
        graded(root, SMALL, variables, student="s0000")  # once a course: its room, and the canary
        ours = graded(root, SMALL, variables)
    with course(SMALL, count, own_cell=SLEEP) as (root, variables, _):
        words = [sys.executable, "-m", "nbgrader"]
        folder = os.path.dirname(sys.executable)
        variables["PATH"] = os.pathsep.join([folder, variables.get("PATH", "")])
        spent_by([*words, "generate_assignment", SMALL, "--force"], variables, root)
        stock = spent_by([*words, "autograde", SMALL], variables, root)
    yield Row(
        "course grade / nbgrader autograde",
        f"{count} submissions that sleep 2 s, throughput",
        [stock.wall / ours.wall],
        at_least=5,
        ours=f"{ours.wall:.0f} s",
        peer=f"{stock.wall:.0f} s",
    )


def gradebook(quick: bool) -> Iterator[Row]:
    """What recording takes."""
    count = 20 if quick else 200
    with course(SMALL, 1) as (root, variables, _):
        found = case("record", variables, root=str(root), assignment=SMALL, count=count)
    yield Row("gradebook", "recording one submission, CPU", [found.said["each"]], unit="s", at_most=0.1)


def graded(root: Path, name: str, variables: dict[str, str], student: str = "") -> Spent:
    """`course grade` of what is new; the first time in a course also its room and the canary."""
    return case("grade", variables, root=str(root), assignment=name, student=student)


def _class(what: str, name: str, count: int, minutes: float, **more: Any) -> Iterator[Row]:
    """A class is graded in one go; its marks and flags are looked at, too."""
    with course(name, count, **more) as (root, variables, expected):
        spent = graded(root, name, variables)
        full = next((root / "grading" / "results").iterdir()).name
        results = {
            one["student"]: root / "grading" / "results" / full / f"{one['student']}.json" for one in expected
        }
        found = {student: load_result(path) for student, path in results.items() if path.exists()}
    said, seconds = spent.said, sum(result.cpu_seconds for result in found.values())
    wrong = [one for one in expected if not as_expected(one, found.get(one["student"]))]
    for one in wrong[:5]:
        result = found.get(one["student"])
        came = {task.cell: task.earned for task in result.tasks} if result else None
        flags = [flag.kind for flag in result.flags] if result else None
        print(
            f"  {one['student']}, {one['kind']}: expected {one['marks']} {one['flags']}, got {came} {flags}"
        )
    yield Row("course grade", f"{what}, wall", [said["wall"] / 60], unit="min", at_most=minutes)
    yield Row("", f"{what}, kernels, CPU s each", [seconds / count], unit="s")
    yield Row("", f"{what}, all of the coordinator, CPU s each", [said["own_cpu"] / count], unit="s")
    yield Row(
        "", f"{what}, gradebook's part of it, CPU s each", [said["recording"] / count], unit="s", at_most=0.1
    )
    yield Row("", f"{what}, judging's part of it, CPU s each", [said["judging"] / count], unit="s")
    yield Row("", f"{what}, peak memory of the coordinator", [said["memory"] / 2**30], unit="GiB", at_most=1)
    yield Row("", f"{what}, other marks or flags than expected", [len(wrong)], unit="submissions", at_most=0)


def as_expected(expected: dict[str, Any], result: Result | None) -> bool:
    """Whether marks and flags are what they must be."""
    if result is None:
        return False
    marks = {task.cell: task.earned for task in result.tasks}
    flags = {flag.kind for flag in result.flags}
    same = all(abs(marks.get(cell, 0.0) - mark) < 1e-6 for cell, mark in expected["marks"].items())
    return same and set(expected["flags"]) <= flags


def whole_class(quick: bool) -> Iterator[Row]:
    count = 20 if quick else 1000
    yield from _class(f"{count} small submissions, 5 % broken", SMALL, count, 5.0, faults=0.05)


def with_torch(quick: bool) -> Iterator[Row]:
    count = 4 if quick else 100
    yield from _class(f"{count} with torch", WITH_TORCH, count, 1.5, own_cell="import torch")


def real_a2(quick: bool) -> Iterator[Row]:
    count = 4 if quick else 200
    yield from _class(f"{count} of a2", "a2", count, 20.0)


def real_a3(quick: bool) -> Iterator[Row]:
    count = 4 if quick else 200
    yield from _class(f"{count} of a3", "a3", count, 20.0)


def similarity(quick: bool) -> Iterator[Row]:
    """All pairs of a class."""
    count = 40 if quick else 1000
    with course("a2", count) as (root, variables, _):
        spent = case("alike", variables, root=str(root), assignment="a2")
    yield Row("course similarity", f"{count} of a2, CPU", [spent.cpu], unit="s", at_most=60)
    yield Row("", f"{count} of a2, peak memory", [spent.said["memory"] / 2**30], unit="GiB", at_most=1)


def _seconds(values: list[float]) -> str:
    return f"{sorted(values)[len(values) // 2]:.2f} s"


PARTS: dict[str, Callable[[bool], Iterator[Row]]] = {
    "kernels": kernels,
    "throughput": throughput,
    "gradebook": gradebook,
    "class": whole_class,
    "torch": with_torch,
    "a2": real_a2,
    "a3": real_a3,
    "similarity": similarity,
}
