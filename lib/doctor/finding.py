"""What a check finds."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Finding:
    """One line of the report.

    mark: "ok", "warning" (the course runs all the same) or "fault"
    fix: what to do, with every warning and fault
    """

    mark: str
    name: str
    text: str
    fix: str = ""


def pip_command(*extras: str) -> str:
    """The command that installs the course as tested into the Python that runs this."""
    what = f"{ROOT}[{','.join(extras)}]" if extras else str(ROOT)
    return _quoted([sys.executable, "-m", "pip", "install", "-e", what, "-c", str(ROOT / "constraints.txt")])


def _quoted(command: Sequence[str]) -> str:
    return subprocess.list2cmdline(command) if sys.platform == "win32" else shlex.join(command)
