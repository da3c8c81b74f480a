"""What a program and all its descendants took."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Spent:
    """What a program took.

    cpu: seconds of it and of all its descendants, as far as somebody waited for them
    wall: seconds by the clock
    said: what a case of `benchmarks.grading.case` printed
    """

    cpu: float
    wall: float
    said: Mapping[str, Any]


def spent_by(command: Sequence[str], environment: Mapping[str, str], folder: Path = ROOT) -> Spent:
    """Runs a program to its end; raises `RuntimeError` where it fails."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as wrong:
        begun = time.monotonic()
        process = subprocess.Popen(command, cwd=folder, env=dict(environment), stdout=out, stderr=wrong)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.monotonic() - begun
        out.seek(0)
        wrong.seek(0)
        lines = out.read().decode("utf-8", "replace").strip().split("\n")
        if process.returncode:
            raise RuntimeError(
                f"{' '.join(command)[-300:]}: {wrong.read().decode('utf-8', 'replace')[-2000:]}"
            )
    try:
        said = json.loads(lines[-1])
    except ValueError:
        said = {}
    return Spent(usage.ru_utime + usage.ru_stime, wall, said)


def case(name: str, environment: Mapping[str, str], **arguments: Any) -> Spent:
    """One case of `benchmarks.grading.case`."""
    command = [sys.executable, "-m", "benchmarks.grading.case", name, json.dumps(arguments)]
    return spent_by(command, environment)
