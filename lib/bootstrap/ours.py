"""Whether .venv may be emptied: only where the course made it itself, and nobody has put files into it."""

from __future__ import annotations

from pathlib import Path

from .environment import python_of
from .problem import AGAIN, Problem
from .state import STATE, python_version

LOCK, LOG, MADE = "course.lock", "course.log", "course.made"
MARK = "The course has made this environment, and may empty it: keep no files of yours here.\n"
# What venv and pip make in an environment, and what file browsers leave everywhere.
KNOWN = {
    LOCK, LOG, MADE, STATE, str(Path(STATE).with_suffix(".new")), "pyvenv.cfg", ".gitignore",
    "bin", "include", "lib", "lib64", "Include", "Lib", "Scripts", "etc", "share", "man",
    ".DS_Store", "desktop.ini", "Thumbs.db",
}  # fmt: skip


def may_empty(venv: Path) -> bool:
    """Whether nothing of anybody else can be lost in this folder."""
    return not venv.is_symlink() and not _added(venv) and ((venv / MADE).is_file() or is_new(venv))


def runs(venv: Path) -> bool:
    """Whether the Python of this environment runs, and is new enough for the course."""
    version = python_version(python_of(venv))
    return version is not None and tuple(map(int, version.split("."))) >= (3, 11)


def check_place(venv: Path) -> None:
    """Raises `Problem` where .venv is something that the course can neither use nor may empty."""
    if venv.is_symlink() and not venv.exists():
        raise Problem(f"{venv} is a link that leads nowhere: move it away, {AGAIN}.")
    if not venv.exists() or (venv.is_dir() and (is_new(venv) or may_empty(venv) or runs(venv))):
        return
    if not venv.is_dir() or not ((venv / "pyvenv.cfg").exists() or (venv / MADE).exists()):
        raise Problem(f"{venv} is no Python environment: move it away, {AGAIN}.")
    if venv.is_symlink():
        why = f"it is a link to {venv.resolve()}"
    elif (venv / MADE).is_file():
        why = f"{_added(venv)[0]} in it is not the course's"
    else:
        why = "the course has not made it"
    raise Problem(
        f"The environment in {venv} does not work for the course, which does not empty it, as {why}: "
        f"move it away, {AGAIN}."
    )


def is_new(venv: Path) -> bool:
    """Whether nothing is in this folder yet but what the course writes first."""
    return not any(path.name not in (LOCK, MADE) for path in venv.iterdir())


def _added(venv: Path) -> list[str]:
    """The names of files at the top of an environment that neither venv nor pip has made."""
    return sorted(path.name for path in venv.iterdir() if path.name not in KNOWN)
