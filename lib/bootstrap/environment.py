"""Which Python environments are active, and whether the course is installed in one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HAS_COURSE = """
import importlib.metadata, os, sys
import lib
importlib.metadata.version("deep-vision-course")
sys.exit(not os.path.samefile(os.path.dirname(lib.__file__), os.path.join(sys.argv[1], "lib")))
"""


def python_of(prefix: Path) -> Path:
    """The Python of an environment, whether it is there or not."""
    if os.name != "nt":
        return prefix / "bin" / "python"
    conda = prefix / "python.exe"
    return conda if conda.exists() else prefix / "Scripts" / "python.exe"


def active_environments() -> list[Path]:
    """The active virtual and conda environments: that of the running Python first."""
    prefixes = []
    if sys.prefix != sys.base_prefix or (Path(sys.prefix) / "conda-meta").is_dir():
        prefixes.append(sys.prefix)
    prefixes += [os.environ[name] for name in ("VIRTUAL_ENV", "CONDA_PREFIX") if os.environ.get(name)]
    return list(dict.fromkeys(Path(prefix) for prefix in prefixes))


def has_course(python: Path, root: Path) -> bool:
    """True where the course is installed for this Python, from this very folder."""
    command: list[str | Path] = [python, "-I", "-c", HAS_COURSE, root]
    try:
        return subprocess.run(command, capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def is_same(one: Path, other: Path) -> bool:
    """True where both are there and are the same folder."""
    try:
        return one.samefile(other)
    except OSError:
        return False
