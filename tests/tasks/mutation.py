"""Right answers, each changed in one place: an operator, a number, an axis, a comparison, a line left out.

python tests/tasks/mutation.py a2.linear      prints the changes that no check sees
"""

from __future__ import annotations

import ast
import copy
import functools
import inspect
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from lib.tasks import Task, find_task, task_names
from lib.tasks.compare import value_differences
from lib.tasks.known import has_answers
from lib.tasks.trace import Trace, trace

SEEDS = (0, 1, 2)
SECONDS = 2  # of the processor, for a mutant whose loop never ends

OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.Div,), ast.Div: (ast.Mult,),
    ast.Pow: (ast.Mult,), ast.FloorDiv: (ast.Div, ast.Mod), ast.Mod: (ast.FloorDiv,),
    ast.BitAnd: (ast.BitOr,), ast.BitOr: (ast.BitAnd,),
}  # fmt: skip
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt), ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.Lt), ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
}  # fmt: skip
FUNCTIONS = {
    "max": "min", "min": "max", "maximum": "minimum", "minimum": "maximum", "argmax": "argmin",
    "argmin": "argmax", "sum": "mean", "mean": "sum", "zeros": "ones", "zeros_like": "ones_like",
    "abs": "square", "sqrt": "abs", "exp": "expm1", "log": "log1p", "ceil": "floor", "var": "std",
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """A right answer with one change, which is made when it is asked for.

    task: the name of the task
    owner: the number of the changed definition in the file of answers, the wrong ones left out
    node: of the changed node in this definition, as ast.walk goes
    kind: of the ways to change this node
    """

    task: str
    owner: int
    node: int
    kind: int

    @functools.cached_property
    def changed(self) -> ast.stmt:
        """The whole definition with the change."""
        owner = copy.deepcopy(answers_alone(self.task).body[self.owner])
        alternatives(nth(owner, self.node))[self.kind](owner)
        return ast.fix_missing_locations(owner)

    @property
    def change(self) -> str:
        """The change in words, which stay as long as the changed lines do."""
        owner = answers_alone(self.task).body[self.owner]
        return f"{min(names_of(owner))}: {words(ast.unparse(owner), ast.unparse(self.changed))}"

    def given(self) -> list[Any]:
        """What it defines, in the order of the task; whatever its code raises is raised."""
        tree = copy.copy(answers_alone(self.task))
        tree.body = [*tree.body[: self.owner], self.changed, *tree.body[self.owner + 1 :]]
        scope: dict[str, Any] = {"__name__": f"mutant of {self.task}"}
        exec(compile(ast.fix_missing_locations(tree), "<mutant>", "exec"), scope)
        return [scope[name] for name in find_task(self.task).defines]


@functools.cache
def answers_alone(name: str) -> ast.Module:
    """The file of a task's answers with its imports, right answers and what helps them; no wrong answers."""
    task = find_task(name)
    assert has_answers(task)
    file = inspect.getmodule(next(iter(task.references.values())))
    assert file is not None
    tree = ast.parse(inspect.getsource(file))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):  # what changes no value
            node.keywords = [word for word in node.keywords if word.arg not in ("strict", "optimize")]
    kept: list[ast.stmt] = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            marks = [ast.unparse(mark) for mark in node.decorator_list]
            if any(".wrong" in mark for mark in marks):
                continue
            node.decorator_list = [
                mark for mark in node.decorator_list if not ast.unparse(mark).endswith(".reference")
            ]
        elif not isinstance(node, ast.Import | ast.ImportFrom | ast.Assign | ast.AnnAssign):
            continue
        kept.append(node)
    needed = used_by([node for node in kept if names_of(node) & set(task.defines)], kept)
    tree.body = [node for node in kept if isinstance(node, ast.Import | ast.ImportFrom) or node in needed]
    return tree


def used_by(nodes: Sequence[ast.stmt], every: Sequence[ast.stmt]) -> list[ast.stmt]:
    """Definitions, and those that they use by name."""
    found = list(nodes)
    for node in found:  # which grows
        used = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
        found += [other for other in every if names_of(other) & used and other not in found]
    return found


def names_of(node: ast.stmt) -> set[str]:
    """What a definition or an assignment defines."""
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return {getattr(node, "name", "")} | {target.id for target in targets if isinstance(target, ast.Name)}


def mutants(name: str) -> Iterator[Mutant]:
    """Every change of every line of a task's right answers."""
    for number, owner in enumerate(answers_alone(name).body):
        if isinstance(owner, ast.FunctionDef | ast.ClassDef):
            for place, node in enumerate(ast.walk(owner)):
                for kind in range(len(alternatives(node))):
                    yield Mutant(name, number, place, kind)


def nth(owner: ast.AST, index: int) -> ast.AST:
    return next(node for number, node in enumerate(ast.walk(owner)) if number == index)


def words(before: str, after: str) -> str:
    """The lines that differ, before and after."""
    lines = [text.splitlines() for text in (before, after)]
    while lines[0] and lines[1] and lines[0][0] == lines[1][0]:
        del lines[0][0], lines[1][0]
    while lines[0] and lines[1] and lines[0][-1] == lines[1][-1]:
        del lines[0][-1], lines[1][-1]
    one, other = (" ".join(line.strip() for line in some) for some in lines)
    return f"{one} → {other or 'nothing'}"


Change = Callable[[ast.AST], None]


def alternatives(node: ast.AST) -> list[Change]:
    """Ways to change one node; each takes the definition around it."""

    def put(field: str, value: Any) -> Change:
        return lambda _: setattr(node, field, value)

    def swap(by: ast.AST | None) -> Change:
        return lambda owner: put_in_place(owner, node, by)

    match node:
        case ast.BinOp(op=op):
            return [put("op", other()) for other in OPERATORS.get(type(op), ())]
        case ast.AugAssign(op=op, target=target, value=value):
            plain = ast.Assign([target], value)
            ways = [put("op", other()) for other in OPERATORS.get(type(op), ())]
            return [*ways, swap(plain), swap(ast.Pass())]
        case ast.Compare(ops=[op]):
            return [put("ops", [other()]) for other in COMPARISONS[type(op)]]
        case ast.BoolOp(op=op):
            return [put("op", ast.Or() if isinstance(op, ast.And) else ast.And())]
        case ast.UnaryOp(op=ast.USub() | ast.Not(), operand=operand):
            return [swap(operand)]
        case ast.Constant(value=bool(value)):
            return [put("value", not value)]
        case ast.Constant(value=int() | float() as value):
            others = {value + 1, 0, -value, 2 * value} - {value}
            return [put("value", other) for other in sorted(others)]
        case ast.Attribute(attr="T", value=value):
            return [swap(value)]
        case ast.Attribute(attr=name) if name in FUNCTIONS:
            return [put("attr", FUNCTIONS[name])]
        case ast.Name(id=name) if name in ("max", "min"):
            return [put("id", FUNCTIONS[name])]
        case ast.Call(keywords=keywords) if keywords:
            return [put("keywords", [*keywords[:k], *keywords[k + 1 :]]) for k in range(len(keywords))]
        case ast.If() | ast.IfExp():
            return [put("test", ast.Constant(True)), put("test", ast.Constant(False))]
        case ast.Assign() | ast.Break() | ast.Continue():
            return [swap(ast.Pass())]
        case ast.Expr(value=value) if not isinstance(value, ast.Constant):
            return [swap(ast.Pass())]
        case ast.Return(value=value) if value is not None:
            return [put("value", None)]
    return []


def put_in_place(owner: ast.AST, node: ast.AST, by: ast.AST | None) -> None:
    """Puts another node where one stands."""
    for parent in ast.walk(owner):
        for field, value in ast.iter_fields(parent):
            if value is node:
                setattr(parent, field, by)
                return
            if isinstance(value, list):
                for index, item in enumerate(value):
                    if item is node:
                        value[index] = by
                        return


@functools.lru_cache(maxsize=8)
def right_trace(name: str, seed: int) -> Trace:
    task = find_task(name)
    return trace(task, task.given(), seed)


def is_seen(mutant: Mutant, seeds: Sequence[int] = SEEDS) -> bool:
    """Whether a part is lost, the code is broken, or it never ends."""
    task = find_task(mutant.task)
    try:
        with at_most(SECONDS):
            given = mutant.given()
            return any(differs(task, given, seed) for seed in seeds)
    except (Exception, NeverEnds):
        return True


def differs(task: Task, given: Sequence[Any], seed: int) -> bool:
    """Whether an answer does something else than the right one; the first check that shows it is enough."""
    right = right_trace(task.name, seed)
    for check in task.checks:
        alone = replace(task, checks=[check])
        if next(value_differences(alone, right, trace(alone, given, seed)), None):
            return True
    return False


class NeverEnds(BaseException):
    """No `except Exception` of a check holds it up."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raises `NeverEnds` in this block after some seconds, where the system has such alarms."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def ring(number: int, frame: Any) -> None:
        raise NeverEnds

    before = signal.signal(signal.SIGVTALRM, ring)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


if __name__ == "__main__":
    for name in sys.argv[1:] or task_names():
        every = list(mutants(name))
        survivors = [mutant.change for mutant in every if not is_seen(mutant)]
        print(f"{name}: {len(every)} mutants, {len(survivors)} survive", *survivors, sep="\n  ", flush=True)
