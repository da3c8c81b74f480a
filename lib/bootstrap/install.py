"""The course's own environment, .venv: made on first use, finished after an interruption, kept up to date."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from .environment import has_course, is_same, python_of
from .lock import locked
from .ours import LOCK, LOG, MADE, MARK, check_place, is_new, may_empty, runs
from .pip_settings import pip_environment
from .problem import AGAIN, Problem, from_output
from .recorded import run_recorded
from .state import STATE, State, python_version, read_state, recipe


def ensure(root: Path, extras: Iterable[str]) -> Path:
    """The Python of .venv, with the course and at least these extras installed.

    root: the folder of the course
    extras: names of optional dependencies in pyproject.toml; what is installed already stays

    Raises `Problem` where that cannot be done.
    """
    venv, extras = root / ".venv", set(extras)
    if _is_ready(root, extras):
        return python_of(venv)
    _check_name(root)
    check_place(venv)
    venv.mkdir(exist_ok=True)
    with locked(venv / LOCK, on_wait=_say_wait) as lock:
        if not _is_ready(root, extras):
            _make(root)
            _install(root, extras, lock)
    return python_of(venv)


def _say_wait() -> None:
    print("Another run is installing the course: waiting for it.", flush=True)


def _is_ready(root: Path, extras: set[str]) -> bool:
    state = read_state(root / ".venv" / STATE)
    return (
        state is not None
        and state.folder == str(root)
        and state.recipe == recipe(root)
        and extras <= set(state.extras)
        and state.python == python_version(python_of(root / ".venv"))
    )


def _check_name(root: Path) -> None:
    """Raises `Problem` where venv or pip cannot work in a folder of this name."""
    name = str(root)
    if os.pathsep in name or re.search(r"[\0-\x1f\x7f\ud800-\udfff]", name):  # the last ones: not UTF-8
        raise Problem(
            f"No environment can be made in {name!r}: take colons, line breaks and letters that are not "
            f"UTF-8 out of the names of these folders, {AGAIN}."
        )


def _make(root: Path) -> None:
    """Make .venv, unless it is there and works."""
    venv = root / ".venv"
    if _works(root):
        return
    if is_same(Path(sys.prefix), venv):
        raise Problem(".venv is damaged: leave it (deactivate), then run the same command again.")
    if not (may_empty(venv) or is_new(venv)):
        raise Problem(f"The environment in {venv} has no pip, and gets none: move it away, {AGAIN}.")
    if (venv / "pyvenv.cfg").exists():
        print("The environment in .venv does not work (any more) for the course: it is made again.")
    if not (venv / MADE).exists():
        (venv / MADE).write_text(MARK, "utf-8")
    for path in venv.iterdir():
        if path.name in (LOCK, MADE):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    command: list[str | Path] = [sys.executable, "-m", "venv", venv]
    made = subprocess.run(command, capture_output=True, text=True, errors="replace")
    if made.returncode:
        raise from_output(made.stdout + made.stderr, root)


def _works(root: Path) -> bool:
    """Whether pip can install into .venv: its Python runs, and the course's own has not been moved."""
    venv = root / ".venv"
    if not runs(venv):
        return False
    state, python = read_state(venv / STATE), python_of(venv)
    if may_empty(venv) and state and (state.folder, state.python) != (str(root), python_version(python)):
        return False
    return any(
        subprocess.run([python, "-I", *call], capture_output=True).returncode == 0
        for call in (["-c", "import pip"], ["-m", "ensurepip"])  # uv makes environments without pip
    )


def _install(root: Path, extras: set[str], lock: int) -> None:
    """Install the course with pip; the state says so only afterwards."""
    venv = root / ".venv"
    before, python = read_state(venv / STATE), python_of(venv)
    wanted = sorted(extras | set(before.extras if before else ()))
    state = State(str(root), python_version(python) or "", recipe(root), tuple(wanted))
    if before and before.recipe:
        print("Updating the course in .venv ...", flush=True)
    else:
        size = "with torch, which is several GB on Linux" if "torch" in wanted else "about 0.5 GB"
        print(f"Installing the course in .venv ({size}): this takes minutes, once ...", flush=True)
    env = pip_environment(python)
    replace(state, recipe="").write(venv / STATE)
    if (venv / MADE).is_file() or (before and not before.recipe):
        _drop_unfinished(venv)

    what = f".[{','.join(wanted)}]" if wanted else "."
    command: list[str | Path] = [
        python,
        "-I",
        "-m",
        "pip",
        "install",
        "--no-input",
        "--disable-pip-version-check",
    ]
    command += ["-e", what, "-c", "constraints.txt"]
    (venv / LOG).unlink(missing_ok=True)  # it might be a link to somebody's file
    inherited = [] if os.name == "nt" else [lock]
    status, output = run_recorded(command, venv / LOG, cwd=root, env=env, descriptors=inherited)
    if status == 0 and not has_course(python, root):
        raise Problem(
            f"pip ended without an error, and has not installed the course: mend what {venv / LOG} says, or "
            "delete .venv, then run the same command again."
        )
    if status == 0:
        state.write(venv / STATE)
        return
    problem = from_output(output, root, venv / LOG)
    if before and before.recipe and extras <= set(before.extras) and problem.kind == "network":
        before.write(venv / STATE)  # as it was: pip installs nothing before it has everything
        print(f"The course could not be updated, and runs as it was. {problem}")
        return
    raise problem


def _drop_unfinished(venv: Path) -> None:
    """Forget packages that were cut off: pip takes them for complete, though it writes their RECORD last."""
    packages = "Lib/site-packages" if os.name == "nt" else "lib/python*/site-packages"
    for folder in venv.glob(f"{packages}/*.dist-info"):
        if not (folder / "RECORD").exists():
            shutil.rmtree(folder)
