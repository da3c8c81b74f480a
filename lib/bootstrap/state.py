"""What is installed in .venv: a small file, complete only after the installation is."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path

STATE = "course.json"  # in .venv


@dataclass(frozen=True)
class State:
    """An installation.

    folder: of the course; an environment that was moved does not work
    python: its version, as in "3.11"
    recipe: a hash of what is to be installed, empty while the installation is not complete
    extras: the optional parts, sorted
    """

    folder: str
    python: str
    recipe: str
    extras: tuple[str, ...]

    def write(self, path: Path) -> None:
        """Write all of it or nothing."""
        temporary = path.with_suffix(".new")
        temporary.write_text(json.dumps(asdict(self)), "utf-8")
        os.replace(temporary, path)


def read_state(path: Path) -> State | None:
    """The state in this file, or None where there is none that can be read."""
    try:
        content = json.loads(path.read_text("utf-8"))
        return State(**content | {"extras": tuple(content["extras"])})
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None


def recipe(root: Path) -> str:
    """A hash of the parts of pyproject.toml and constraints.txt that decide what is installed."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    parts = [project["build-system"], project["project"], project.get("tool", {}).get("setuptools")]
    parts.append((root / "constraints.txt").read_text("utf-8"))
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def python_version(python: Path) -> str | None:
    """Such as "3.11"; None where this Python does not run."""
    program = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        answer = subprocess.run([python, "-I", "-c", program], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None
