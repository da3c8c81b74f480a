"""The report: one line a check, one fix a fault."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import TextIO

from lib.bootstrap.in_the_way import from_error

from .finding import ROOT, Finding, pip_command

MARKS = {"ok": "✓", "warning": "!", "fault": "✗"}
PLAIN = {"ok": "+", "warning": "!", "fault": "x"}

# In the order of the report; each is imported on its own, so that a missing package does not hide the others.
CHECKS = {
    "Python": "machine.check_python",
    "packages": "packages.check_packages",
    "kernel": "notebook.check_kernel",
    "widgets": "notebook.check_widgets",
    "data": "data.check_data",
    "GPU": "machine.check_gpu",
    "browser": "browser.check_browser",
    "disk": "data.check_disk",
}
FOR_INSTRUCTORS = {"sandbox": "sandbox.check_sandbox"}  # where there are solutions


def all_checks() -> dict[str, Callable[[], Finding]]:
    """Name → check, in the order of the report."""
    instructors = FOR_INSTRUCTORS if (ROOT / "solutions").is_dir() else {}
    return {name: partial(_run, where) for name, where in (CHECKS | instructors).items()}


def _run(where: str) -> Finding:
    module, function = where.split(".")
    return getattr(import_module(f"lib.doctor.{module}"), function)()


def report(checks: Mapping[str, Callable[[], Finding]] | None = None, stream: TextIO | None = None) -> int:
    """Run the checks and print a line each; returns 1 where there is a fault, else 0.

    checks: by default `all_checks()`
    stream: where to print, by default the standard output
    """
    stream = stream or sys.stdout
    marks = MARKS if _can_encode("".join(MARKS.values()), stream) else PLAIN
    faults = 0
    for name, check in (checks if checks is not None else all_checks()).items():
        try:
            finding = check()
        except Exception as error:  # a fault of the check itself must not hide the others
            text = f"could not be checked: {type(error).__name__}: {error}"
            finding = Finding("fault", name, text, from_error(error) or pip_command())
        faults += finding.mark == "fault"
        _print(f"{marks[finding.mark]} {finding.name:9} {finding.text}", stream)
        if finding.fix:
            _print(f"{'':11} {'fix:' if finding.mark == 'fault' else 'tip:'} {finding.fix}", stream)
    _print(f"{faults} fault{'s' if faults > 1 else ''}: mend from the top." if faults else "Ready.", stream)
    return 1 if faults else 0


def _can_encode(text: str, stream: TextIO) -> bool:
    try:
        text.encode(stream.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _print(line: str, stream: TextIO) -> None:
    encoding = stream.encoding or "utf-8"
    print(line.encode(encoding, "replace").decode(encoding), file=stream, flush=True)
