"""All that examining one submission needs, as plain data that can travel."""

from __future__ import annotations

import ast
import functools
import importlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lib.assignments.cells import Notebook, grade_id, hidden_lines, is_marked
from lib.tasks.check import VISIBLE
from lib.tasks.grade import SEEDS, hidden_seeds
from lib.tasks.known import known_values
from lib.tasks.parsing import syntax_tree
from lib.tasks.task import HERE, find_task

DECOYS = 2  # of each task; their answers are not counted
TRAINS = ("a3.overfit", "a4.reproducible")  # take seconds: no decoys, and only the first seed twice


@dataclass(frozen=True)
class MarkedCell:
    """A cell with marks.

    cell: its grade_id
    task: such as "a2.linear"
    names: that the notebook must define for it, in the order of the task
    marks: the most
    mended: names for which the right answer stands in, where they fail the visible checks of their own task
    """

    cell: str
    task: str
    names: tuple[str, ...]
    marks: float
    mended: tuple[str, ...] = ()


@dataclass(frozen=True)
class StandIn:
    """The right answer to one task, which another task can stand on.

    source: of its module, without which nothing is sent that tells it
    values: that it has in the visible checks, which students know as well
    """

    task: str
    source: str
    values: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Allowance:
    """What the cells and the checks of a submission may take: seconds of CPU time, but for the last two.

    cell: one of the notebook's
    notebook: all of them together
    check: one check with one seed
    patience: how many times as long as `notebook` the cells may take by the clock
    idle: seconds of the clock in which the CPU time does not grow, after which it counts as hanging
    """

    cell: float = 10.0
    notebook: float = 60.0
    check: float = 10.0
    patience: float = 8.0
    idle: float = 45.0

    @property
    def task(self) -> float:
        """Seconds of CPU time for each task, with all that is run again because of it: no other pays."""
        return 8 * self.check

    @property
    def cells(self) -> float:
        """Seconds of CPU time for the cells, until they have run to their end for the first time."""
        return 3 * self.notebook

    def whole(self, tasks: int) -> float:
        """More than all can take together: the last check of a task may begin when nearly all is spent."""
        return self.cells + tasks * (self.task + 4 * self.check + 2 * self.notebook)

    def clock(self, tasks: int) -> float:
        """Seconds of the clock for the whole examination, on a busy computer."""
        return self.patience * (self.notebook + tasks * self.task)


@dataclass(frozen=True)
class Job:
    """What is to be examined.

    assignment: in full
    notebook: the release with what the student wrote
    files: that were handed in beside it
    cells: with marks
    seeds: of each task those that count, and decoys
    stand_ins: by name, for `MarkedCell.mended`
    """

    assignment: str
    notebook: bytes
    cells: tuple[MarkedCell, ...]
    seeds: Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]]
    files: Mapping[str, bytes] = field(default_factory=dict)
    stand_ins: Mapping[str, StandIn] = field(default_factory=dict)
    allowance: Allowance = Allowance()


def job_for(
    assignment: str,
    notebook: bytes,
    cells: Sequence[MarkedCell],
    secret: bytes,
    files: Mapping[str, bytes] | None = None,
    allowance: Allowance | None = None,
) -> Job:
    """The job of a submission; the secret itself stays here.

    assignment: in full
    cells: what `marked_cells` gave
    """
    names = [cell.task for cell in cells]
    seeds = {
        name: (
            tuple(hidden_seeds(name, secret, SEEDS)),
            tuple(hidden_seeds(f"{name} decoy", secret, 0 if name in TRAINS else DECOYS)),
        )
        for name in names
    }
    return Job(
        assignment,
        notebook,
        tuple(cells),
        seeds,
        dict(files or {}),
        stand_ins(cells),
        allowance or Allowance(),
    )


def stand_ins(cells: Sequence[MarkedCell]) -> dict[str, StandIn]:
    """Those that cells need, by name; computed when they are first asked for, best before threads work."""
    return {name: _stand_in(cell.task, name) for cell in cells for name in cell.mended}


def marked_cells(solutions: Notebook) -> tuple[MarkedCell, ...]:
    """The cells of an assignment whose marks come from checks, in order.

    solutions: the instructors' notebook
    """
    return tuple(
        found
        for cell in solutions.cells
        if cell.cell_type == "code" and is_marked(cell)
        for found in _calls(cell)
    )


def _calls(cell: Any) -> Iterator[MarkedCell]:
    """What the hidden lines of a cell ask for: grade("a2.linear", Linear)."""
    for node in ast.walk(syntax_tree("\n".join(hidden_lines(cell)))):
        match node:
            case ast.Call(
                func=ast.Name(id="grade"), args=[ast.Constant(value=str(task)), *given], keywords=[]
            ):
                names: list[str] = []
                mended: list[str] = []
                for thing in given:
                    match thing:
                        case ast.Name(id=name):
                            names.append(name)
                        case ast.Starred(value=ast.Call(func=ast.Name(id="mended"), args=inside)):
                            mended += [part.id for part in inside if isinstance(part, ast.Name)]
                            names += mended
                        case _:
                            raise ValueError(
                                f"{grade_id(cell)}: expected names that the notebook defines, "
                                f"got {ast.unparse(thing)}"
                            )
                marks = float(cell.metadata.nbgrader.points)
                yield MarkedCell(grade_id(cell), task, tuple(names), marks, tuple(mended))


@functools.cache
def _stand_in(task: str, name: str) -> StandIn:
    """The right answer for a name, from the task of the same assignment that asks for it alone."""
    package = task.partition(".")[0]
    own = importlib.import_module(f"lib.tasks.{package}.answers.mended").TASKS[name]
    module = own.partition(".")[2]
    source = Path(HERE, package, "answers", f"{module}.py").read_text("utf-8")
    expected = known_values(find_task(own), VISIBLE).expected
    values = {check: {n: v.to_json() for n, v in found.items()} for check, found in expected.items()}
    return StandIn(own, source, values)
