"""Runs Python code in bubblewrap, as whoever runs the tests; where that is root, as an ordinary user too."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import asdict
from functools import cache
from pathlib import Path

import pytest

from lib.grading.sandbox.bubblewrap import this_interpreter
from lib.grading.sandbox.launch import Finished, run_in_bubblewrap
from lib.grading.sandbox.room import Limits, Room, Usage

ROOT = Path(__file__).parents[3]
NOBODY = "65534"
SYSTEM_PYTHON = "/usr/bin/python3"
AS_A_USER = """
import json, sys
from dataclasses import asdict
from pathlib import Path
from lib.grading.sandbox.launch import run_in_bubblewrap
from lib.grading.sandbox.room import Limits, Room
told = json.loads(sys.argv[1])
room = Room(Path(told["course"]), Path(told["data"]) if told["data"] else None, tuple(told["hidden"]))
finished = run_in_bubblewrap([sys.executable, "-c", told["code"]], room, Limits(**told["limits"]))
print(json.dumps(asdict(finished)))
"""


def needs_bubblewrap():
    """Marks a module of tests: they are skipped where there is no bubblewrap, but fail in CI."""
    absent = shutil.which("bwrap") is None and os.environ.get("CI") != "true"
    return pytest.mark.skipif(absent, reason="there is no bubblewrap")


def ways():
    """As whom a sandbox can be started here."""
    return ("root", "user") if os.geteuid() == 0 else ("user",)


@cache
def course() -> Path:
    """A folder that everybody can read, with the part of the course that any Python can run."""
    folder = Path(tempfile.mkdtemp(prefix="course-"))
    folder.chmod(0o755)
    files = [ROOT / "lib/__init__.py", ROOT / "lib/grading/__init__.py"]
    for source in [*files, *(ROOT / "lib/grading/sandbox").glob("*.py")]:
        target = folder / source.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def run_code(code: str, way: str = "", limits: Limits | None = None, room: Room | None = None) -> Finished:
    """What the code printed, run in bubblewrap.

    way: one of `ways()`, by default as whoever runs the tests
    """
    room, limits = room or Room(course()), limits or Limits(cpu_seconds=20, wall_seconds=60)
    if way in ("", "root") or os.geteuid() != 0:
        return run_in_bubblewrap([this_interpreter().program, "-c", code], room, limits)
    told = {
        "code": code,
        "course": str(room.course),
        "data": str(room.data or ""),
        "hidden": room.hidden,
        "limits": asdict(limits),
    }
    become = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    clean = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(course()), "PYTHONDONTWRITEBYTECODE": "1"}
    clean |= {"A_SECRET": "kept outside"}
    run = subprocess.run(
        [*become, SYSTEM_PYTHON, "-c", AS_A_USER, json.dumps(told)],
        env=clean,
        cwd="/",
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    answer = json.loads(run.stdout)
    return Finished(**{**answer, "usage": Usage(**answer["usage"])})


def facts(code: str, way: str = "", limits: Limits | None = None, room: Room | None = None) -> dict:
    """`found`, a dictionary that the code fills."""
    finished = run_code(f"import json, os\nfound = {{}}\n{code}\nprint(json.dumps(found))", way, limits, room)
    assert finished.status == 0, finished
    return json.loads(finished.output)


def still_running(marker: str) -> list[int]:
    """Processes of this computer in whose command line the marker stands, but for this one."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                words = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if marker.encode() in words:
                found.append(int(entry.name))
    return found
