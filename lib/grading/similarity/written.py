"""What a student has written for each task: the code of a notebook without that of the release."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from lib.assignments.cells import Notebook, grade_id, is_solution, read_notebook
from lib.grading.intake.folder import plain_files
from lib.grading.similarity.normal import MOST, blocks, tree_of

ELSEWHERE = "elsewhere"
FILES = 20  # of a submission that are read
LARGEST = 20 << 20  # bytes of one; notebooks hold pictures, too


@dataclass(frozen=True)
class Asked:
    """What a release asks for.

    tasks: name → what it asks to define
    cells: nbgrader's name of a cell for a solution → the task of it
    sources: of all cells of the release, stripped
    """

    tasks: Mapping[str, tuple[str, ...]]
    cells: Mapping[str, str]
    sources: frozenset[str]


@dataclass(frozen=True)
class WrittenBlock:
    """A function, a class or another statement with what belongs to it.

    task: of the cell in which it stands; "" for a cell of the student's own
    defines, uses: names
    """

    text: str
    task: str
    defines: frozenset[str]
    uses: frozenset[str]


def asked(release: Notebook) -> Asked:
    """The tasks of a release, by its calls check("a2.linear", Linear)."""
    codes = [cell for cell in release.cells if cell.cell_type == "code"]
    tasks: dict[str, tuple[str, ...]] = {}
    for cell in codes:
        for node in ast.walk(tree_of(cell.source) or ast.Module([], [])):
            match node:
                case ast.Call(
                    func=ast.Name(id="check" | "grade"), args=[ast.Constant(value=str(name)), *given]
                ) if given:
                    tasks[name] = tuple(thing.id for thing in given if isinstance(thing, ast.Name))
    owner = owners(tasks)
    cells = {}
    for cell in codes:
        if is_solution(cell):
            defined = {name for block in blocks_of(cell.source, "") for name in block.defines}
            found = [owner[name] for name in owner if name in defined]
            cells[grade_id(cell)] = found[0] if found else ELSEWHERE
    return Asked(tasks, cells, frozenset(cell.source.strip() for cell in codes))


def owners(tasks: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Name → the first task that asks for it: later ones may use it."""
    owner: dict[str, str] = {}
    for task, names in tasks.items():
        for name in names:
            owner.setdefault(name, task)
    return owner


def code_by_task(notebooks: Iterable[Notebook], scripts: Iterable[str], wanted: Asked) -> dict[str, str]:
    """Task → text; helpers stand with the task whose functions use them, what is used by none "elsewhere".

    scripts: texts of files of Python that lie beside the notebooks
    """
    found: list[WrittenBlock] = []
    for notebook in notebooks:
        for cell in notebook.cells:
            if cell.cell_type == "code" and cell.source.strip() not in wanted.sources:
                found += blocks_of(cell.source[:MOST], wanted.cells.get(grade_id(cell), ""))
    for script in scripts:
        found += blocks_of(script[:MOST], "")
    texts: dict[str, list[str]] = {}
    for block, task in zip(found, tasks_of(found, wanted), strict=True):
        texts.setdefault(task, []).append(block.text)
    return {task: "\n\n\n".join(parts) for task, parts in texts.items()}


def tasks_of(found: list[WrittenBlock], wanted: Asked) -> list[str]:
    """The task of each block: by what it defines, then by who uses it, then by its cell."""
    owner = owners(wanted.tasks)
    tasks = [next((owner[name] for name in sorted(block.defines) if name in owner), "") for block in found]
    new = list(range(len(found)))
    while new:  # what is used by something that has got a task in the last round
        users: dict[str, str] = {}
        for index in new:
            if tasks[index]:
                for name in found[index].uses:
                    users.setdefault(name, tasks[index])
        new = []
        for index, block in enumerate(found):
            task = next((users[name] for name in sorted(block.defines) if name in users), "")
            if task and not tasks[index]:
                tasks[index] = task
                new.append(index)
    return [task or block.task or ELSEWHERE for task, block in zip(tasks, found, strict=True)]


def blocks_of(source: str, task: str) -> list[WrittenBlock]:
    """What stands at the margin of a cell, one by one; in a cell that is no Python by its first letters."""
    tree = tree_of(source)
    if not tree:
        return [_block(text, task, tree_of(text)) for _, text in blocks(source)]
    lines, start, found = source.split("\n"), 0, []
    for node in tree.body:
        end = node.end_lineno or node.lineno
        if end > start:  # else it shares a line with the one before
            text = "\n".join(lines[start:end]).strip("\n")
            found.append(_block(text, task, tree_of(text)))
            start = end
    return found


def _block(text: str, task: str, tree: ast.Module | None) -> WrittenBlock:
    if not tree:
        head = text.lstrip().removeprefix("async ").split("(")[0].split(":")[0].split()
        return WrittenBlock(
            text, task, frozenset(head[1:2] if head[:1] in (["def"], ["class"]) else ()), frozenset()
        )
    defines, uses = set(), set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            defines.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            defines |= {
                part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)
            }
        uses |= {
            part.id
            for part in ast.walk(node)
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)
        }
    return WrittenBlock(text, task, frozenset(defines), frozenset(uses))


def submitted_code(folder: Path, wanted: Asked) -> dict[str, str]:
    """What lies in the folder of a submission: task → text; unreadable files have nothing."""
    notebooks, scripts = [], []
    for path in _files(folder):
        try:
            if path.stat().st_size > LARGEST:
                continue
            if path.suffix == ".ipynb":
                with warnings.catch_warnings():  # copied cells have one id, which matters nothing here
                    warnings.simplefilter("ignore")
                    notebooks.append(read_notebook(path.read_bytes(), path.name))
            else:
                scripts.append(path.read_text("utf-8", "replace"))
        except (ValueError, OSError, RecursionError):
            continue
    return code_by_task(notebooks, scripts, wanted)


def _files(folder: Path) -> Iterator[Path]:
    """The notebooks and files of Python of a submission: no links, nothing that a program has left."""
    paths = sorted(plain_files(folder))
    found = [path for end in (".ipynb", ".py") for path in paths if path.endswith(end)]
    yield from (folder / path for path in found[:FILES])
