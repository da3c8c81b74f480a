"""`course regrade`: all submissions again, and whose marks have changed, where and why."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from lib.grading.journal import Journal, Parts, reasons
from lib.grading.places import OWN, result_file
from lib.grading.results import Result, TaskMarks, load_result

NAMED = 5  # students without marks from before


def keep_former(assignment: str, root: Path, *, write: bool = True) -> dict[str, Result]:
    """The results as they were before this regrade, kept until it has said what has changed.

    A regrade that was ended before has left them behind: those count.

    write: False to write nothing
    """
    kept = former_place(assignment, root)
    results = result_file("", assignment, root).parent
    if not write:
        return results_in(kept if kept.exists() else results)
    if not kept.exists():
        scratch = kept.with_name(f".{kept.name}.new")
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.parent.mkdir(parents=True, exist_ok=True)
        if results.is_dir():
            shutil.copytree(results, scratch, ignore=shutil.ignore_patterns("*.part"))
        else:
            scratch.mkdir()
        os.replace(scratch, kept)
    return results_in(kept)


def forget_former(assignment: str, root: Path) -> None:
    """All has been said."""
    shutil.rmtree(former_place(assignment, root), ignore_errors=True)


def results_in(folder: Path) -> dict[str, Result]:
    """Student → result, of those that can be read."""
    found = {}
    for path in sorted(folder.glob("*.json")):
        try:
            result = load_result(path)
        except (OSError, ValueError):
            continue
        found[result.student] = result
    return found


def former_place(assignment: str, root: Path) -> Path:
    """Where the results before a regrade are kept until its end."""
    return root / OWN / "before-regrade" / assignment


def comparison_lines(
    before: Mapping[str, Result],
    now: Mapping[str, Result],
    journal: Journal,
    parts: Mapping[str, Parts],
    *,
    written: bool = True,
) -> list[str]:
    """What a regrade says at its end: whose marks have changed, and with what nothing could be compared.

    written: False for a try, after which the marks are still those of before
    """
    compared = before.keys() & now.keys()
    new = sorted(now.keys() - before.keys())
    if not now:
        return ["No marks were computed, so none can be compared."]
    lines = change_lines(before, now, journal, parts)
    if not lines and compared:
        who = "the 1 student" if len(compared) == 1 else f"the {len(compared)} students"
        would = "have changed" if written else "would change"
        lines = [f"Nobody's marks {would}, of {who} with marks from before."]
    if new:
        some = ", ".join(new[:NAMED]) + (f" and {len(new) - NAMED} more" if len(new) > NAMED else "")
        lines.append(f"No marks from before to compare with: {some}.")
    return lines


def change_lines(
    before: Mapping[str, Result],
    now: Mapping[str, Result],
    journal: Journal,
    parts: Mapping[str, Parts],
) -> list[str]:
    """Whose marks have changed: task and part, from → to, and why.

    parts: student → what the marks of now depend on
    """
    lines = []
    for student in sorted(before.keys() & now.keys()):
        old, new = before[student], now[student]
        changed = _changed_tasks(old, new)
        if changed:
            before_parts = journal.parts_of(old.key)
            why = reasons(
                None if before_parts is None else {**before_parts, LIMITS: _limits(old)},
                {**parts[student], LIMITS: _limits(new)},
            )
            lines.append(f"{student}: {old.earned:g} → {new.earned:g} marks, since {why}")
            lines += [f"  {line}" for line in changed]
    return lines


LIMITS = "what a submission may take"


def _limits(result: Result) -> str:
    return json.dumps(result.limits, sort_keys=True)


def _changed_tasks(old: Result, new: Result) -> list[str]:
    """Each task whose marks differ, with its parts."""
    tasks_before = {task.task: task for task in old.tasks}
    tasks_now = {task.task: task for task in new.tasks}
    lines = []
    for name in dict.fromkeys([*tasks_before, *tasks_now]):
        a, b = tasks_before.get(name), tasks_now.get(name)
        if _said(a) != _said(b) or (a and b and a.parts != b.parts):
            parts = _changed_parts(a.parts if a else {}, b.parts if b else {})
            lines.append(f"{name}: {_said(a)} → {_said(b)}" + (f" ({', '.join(parts)})" if parts else ""))
    return lines


def _changed_parts(
    old: Mapping[str, tuple[float, float]], new: Mapping[str, tuple[float, float]]
) -> list[str]:
    return [
        f"{name} {_pair(old.get(name))} → {_pair(new.get(name))}"
        for name in dict.fromkeys([*old, *new])
        if old.get(name) != new.get(name)
    ]


def _pair(marks: tuple[float, float] | None) -> str:
    return f"{marks[1]:g}/{marks[0]:g}" if marks else "–"


def _said(task: TaskMarks | None) -> str:
    return f"{task.earned:g}/{task.marks:g}" if task else "–"
