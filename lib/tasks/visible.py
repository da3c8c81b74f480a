"""Runs the cells of a file and then the visible checks on what they define; `course check` starts it.

python -P -m lib.tasks.visible FILE NAME …
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from lib.tasks.assess import WIDTH, assess
from lib.tasks.check import VISIBLE
from lib.tasks.grade import missing_names
from lib.tasks.task import find_task

ALL_RIGHT, NOT_ALL = 20, 21  # exit codes that no other end of Python has


def check_file(path: Path, names: Sequence[str]) -> int:
    """Prints the report of each task; returns ALL_RIGHT or NOT_ALL."""
    scope, failures = defined_in(path)
    good, text = 0, "\n".join(cells_of(path))
    for name in sorted(names, key=lambda name: text.find(f'check("{name}"')):
        task = find_task(name)
        given = [scope.get(wanted) for wanted in task.defines]
        if missing := missing_names(task, given):
            print(f"{task.title}: {missing}")
            continue
        report = assess(task, given, [VISIBLE], theirs=True)
        good += report.passed
        print(report)
    for failure in failures:
        print(failure)
    print(f"{good} of {len(names)} tasks pass the visible checks")
    return ALL_RIGHT if good == len(names) else NOT_ALL


def defined_in(path: Path) -> tuple[dict[str, Any], list[str]]:
    """What the cells of a file define, and a line for each that raised; the others run all the same."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    sys.path.append(str(path.parent))

    class Shell(InteractiveShell):
        def showtraceback(self, *args: Any, **named: Any) -> None:
            """Errors are told at the end."""

    shell = Shell(config=Config({"HistoryManager": {"enabled": False}}))
    failures = []
    with (
        open(os.devnull, "w", encoding="utf-8") as nowhere,
        redirect_stdout(nowhere),
        redirect_stderr(nowhere),
    ):
        for number, source in enumerate(cells_of(path), 1):
            result = shell.run_cell(source, store_history=False)
            if error := result.error_before_exec or result.error_in_exec:
                what = f"raised {type(error).__name__}: {' '.join(str(error).split())}"
                line = f"cell [{number}], “{first_line(source)}”, {what}"
                failures.append(line[:WIDTH])
    return shell.user_ns, failures


def first_line(source: str) -> str:
    """The first line of a cell that is no comment, cut where it is long.

    >>> first_line("# mine" + chr(10) + "x = 1")
    'x = 1'
    """
    lines = [line.strip() for line in source.split("\n") if line.strip()]
    line = next((line for line in lines if not line.startswith("#")), "".join(lines[:1]))
    return line if len(line) <= 40 else f"{line[:39]}…"


def cells_of(path: Path) -> list[str]:
    """The code cells of a notebook, or of a file of Python, where lines that begin with # %% part them."""
    text = path.read_text("utf-8")
    if path.suffix != ".ipynb":
        return re.split(r"^# %%.*$", text, flags=re.MULTILINE)
    try:
        cells = json.loads(text)["cells"]
        return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"file: expected a notebook, got {path.name}, which is none: {error}") from error


if __name__ == "__main__":
    sys.exit(check_file(Path(sys.argv[1]), sys.argv[2:]))
