"""`course check a2`, `course check 05`: the visible checks on a student's notebook, from the terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from lib.checks import mismatch, shown
from lib.tasks.task import find_task, task_names
from lib.tasks.visible import ALL_RIGHT, NOT_ALL

ROOT = Path(__file__).resolve().parents[2]


def check_command(
    what: str | None, file: Path | None, seconds: float, notebook_of_task: Callable[[str], Path]
) -> int:
    """Runs a notebook's cells by themselves and prints the report of each task; 1 where one is not right.

    what: an assignment or a lecture, such as "a2" or "05", or a task, such as "a2.linear"; None lists all
    file: a notebook or a file of Python; None for the student's own notebook
    seconds: for all cells and checks together
    notebook_of_task: name of a task → the notebook in which the student works on it
    """
    if what is None:
        for name in task_names():
            task = find_task(name)
            worth = f"{task.minutes} minutes" if task.of_lecture else f"{task.marks} marks"
            print(f"{name:24} {task.title} ({worth})")
        return 0
    names = task_names(what) or [find_task(what).name]
    path = (file or notebook_of_task(names[0])).resolve()
    if not path.is_file():
        raise mismatch(
            "", "file", "a notebook or a file of Python", f"{shown(str(file))}, and no such file is there"
        )
    print(f"{path.name}:", flush=True)
    program = [sys.executable, "-P", "-m", "lib.tasks.visible", str(path), *names]
    above = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    said = {"COURSE_GRADING": "1", "COURSE_QUICK": "1", "MPLBACKEND": "agg", "PYTHONPATH": above}
    try:
        run = subprocess.run(
            program, cwd=path.parent, env={**os.environ, **said}, stdin=subprocess.DEVNULL, timeout=seconds
        )
    except subprocess.TimeoutExpired:
        print(
            f"✗ It was still running after {seconds:.0f} seconds: does a loop never end? --time gives more."
        )
        return 1
    if run.returncode not in (ALL_RIGHT, NOT_ALL):
        print("✗ Python ended before the checks did: too much memory, or a call that ends it?")
    return int(run.returncode != ALL_RIGHT)
