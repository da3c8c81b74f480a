"""python3 course.py COMMAND: installs what the command needs, then hands over to it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path

from lib.commands import COMMANDS, parse_command

from .environment import active_environments, has_course, is_same, python_of
from .install import ensure
from .ours import LOCK
from .problem import Problem, from_os_error

ROOT = Path(__file__).resolve().parents[2]
HELP = """python3 course.py COMMAND: installs what the command needs, then hands over to it.

  python3 course.py start            open the course in JupyterLab
  python3 course.py start --light    without torch: only lectures 10 to 13 need it
  python3 course.py train            train convnets at full size; without a name they are listed
  python3 course.py test             run the tests; with --all every case of the large families

Further arguments go to JupyterLab or to pytest, such as --no-browser or --port 9000.
"""
EXTRAS = {
    "start": {"torch"},
    "test": {"torch", "formats", "grading", "leaderboard", "test"},
    "train": {"torch"},
    "predict": {"torch"},
    "leaderboard": {"leaderboard"},
}


def main(arguments: Sequence[str]) -> int:
    """Run one command in the environment of the course; returns the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a path may have letters that the terminal has not
    command = next(iter(arguments), "--help")
    if command in ("-h", "--help"):
        print(f"{HELP}\nAll commands:\n")  # not __doc__, which python3 -OO takes away
        print("\n".join(f"  {name:8} {what}" for name, what in COMMANDS.items()))
        return 0
    if command not in COMMANDS:
        print(f"There is no command {command!r}: there are {', '.join(COMMANDS)}.", file=sys.stderr)
        return 2
    try:
        parse_command(arguments)  # --help and mistakes end here, before anything is installed
        _drop_variables()
        light = command == "start" and "--light" in arguments
        python = choose(ROOT, set() if light else EXTRAS.get(command, set()))
        return hand_over(python, arguments)
    except Problem as problem:
        print(problem, file=sys.stderr)
    except OSError as error:
        print(from_os_error(error, ROOT), file=sys.stderr)
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on from here.", file=sys.stderr)
        return 130
    return 1


def _drop_variables() -> None:
    """Forget settings of Python with which the course does not install, or JupyterLab does not start."""
    for name in ("PYTHONOPTIMIZE", "PYTHONINSPECT"):
        os.environ.pop(name, None)
    if os.environ.get("HOME") == "":  # else npm and others would make a folder named ~
        del os.environ["HOME"]


def choose(root: Path, extras: set[str]) -> Path:
    """The Python to run the course with: that of an active environment which has it, else that of .venv."""
    for prefix in active_environments():
        if is_same(prefix, root / ".venv") and (prefix / LOCK).exists():
            break  # active, and ours to keep up to date
        if has_course(python_of(prefix), root):
            return python_of(prefix)
        print(f"The active environment {prefix} does not have this course installed: .venv is used.")
    return ensure(root, extras)


def hand_over(python: Path, arguments: Sequence[str]) -> int:
    """Run `course` with these arguments: in place of this process, where the system can do that."""
    call = "import course; sys.path.pop(0); sys.exit(course.command())"
    program = f"import sys; sys.path.insert(0, {str(ROOT)!r}); {call}"
    command = [str(python), "-P", "-c", program, *arguments]
    sys.stdout.flush()
    if os.name != "nt":
        os.execv(command[0], command)
    process = subprocess.Popen(command)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # it has got the same Ctrl-C, and ends by itself
            continue
