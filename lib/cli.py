"""The `course` command."""

from __future__ import annotations

import argparse
import errno
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from lib.bootstrap.in_the_way import OURS, from_error, on_pythonpath
from lib.commands import COMMANDS
from lib.doctor.finding import pip_command

ROOT = Path(__file__).resolve().parents[1]
EXTRAS = ("torch", "formats", "test")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    try:
        args, further = parser().parse_known_args(arguments)
        if further and not args.passes_on:
            parser().error(f"unrecognized arguments: {' '.join(further)}")
        if args.command != "doctor" and (reason := _hidden()):
            return _fail(reason)
        return args.run(args, further) or 0
    except Exception as error:
        reason = from_error(error) or _sentence(error)
        if not reason:
            raise
        return _fail(reason)
    except KeyboardInterrupt:
        return 130


def parser() -> argparse.ArgumentParser:
    """All commands with their arguments."""
    course = argparse.ArgumentParser(
        prog="course", description="Deep Learning for Computer Vision.", allow_abbrev=False
    )
    course.set_defaults(passes_on=False)
    commands = course.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, run, further: str = "") -> argparse.ArgumentParser:
        usage = f"course {name} [{further} ...]" if further else None
        command = commands.add_parser(
            name,
            help=COMMANDS[name],
            description=COMMANDS[name],
            usage=usage,
            allow_abbrev=False,
            add_help=name != "data",
        )
        command.set_defaults(run=run, passes_on=bool(further))
        return command

    lab = add(
        "start",
        _start,
        "--light] [--instructor] [arguments of jupyter lab, such as --no-browser or --port 9000",
    )
    lab.add_argument(
        "--light", action="store_true", help="python3 course.py start --light: install without torch"
    )
    lab.add_argument(
        "--instructor",
        action="store_true",
        help="show nbgrader's tools: Create Assignment, Formgrader, Validate",
    )
    test = add("test", _test, "--all] [arguments of pytest")
    test.add_argument(
        "--all", action="store_true", help="every case of the large families of tests, not a slice by commit"
    )
    add("doctor", _doctor)
    add("data", _data, "arguments").add_argument("-h", "--help", action="store_true")
    demo = add("demo", _demo, "NAME] [arguments of jupyter lab")
    demo.add_argument("name", nargs="?", metavar="NAME", help="which one; without it all are listed")
    export = add("export", _export)
    export.add_argument("lectures", nargs="*", metavar="LECTURE", help="such as 03; without it all of them")
    export.add_argument("--to", type=Path, default=Path("pages"), metavar="FOLDER", help="default: pages")
    export.add_argument(
        "--as-is", action="store_true", help="do not run them; take the outputs that they have"
    )
    return course


def _start(args: argparse.Namespace, further: list[str]) -> None:
    from lib.jupyter.start import start

    start(further, instructor=args.instructor)


def _test(args: argparse.Namespace, further: list[str]) -> int:
    import pytest, xdist  # noqa: E401, F401, I001  # both missing are one and the same case

    # A file stays on one worker, since its tests share what is costly; the slow ones, tests/browser, begin.
    workers = ["-n", "auto", "--dist", "loadfile", "--no-loadscope-reorder"]
    env = {**os.environ, "COURSE_SLICE": "all"} if args.all else None
    return subprocess.call([sys.executable, "-m", "pytest", *workers, *further], cwd=ROOT, env=env)


def _doctor(args: argparse.Namespace, further: list[str]) -> int:
    from lib.doctor import report

    return report()


def _data(args: argparse.Namespace, further: list[str]) -> int:
    from data_loaders.command import add_parser

    course = argparse.ArgumentParser(prog="course")
    add_parser(course.add_subparsers())
    options = course.parse_args(["data", *further, *(["--help"] if args.help else [])])
    return options.run(options)


def _demo(args: argparse.Namespace, further: list[str]) -> None:
    from lib.jupyter.demo import demos, open_demo

    if args.name:
        open_demo(args.name, further)
    else:
        print("\n".join(f"{name:24} {title}" for name, title in demos().items()))


def _export(args: argparse.Namespace, further: list[str]) -> None:
    from lib.jupyter.export import export
    from lib.jupyter.settings import course_settings

    with course_settings():
        for page in export(args.lectures, args.to, run=not args.as_is):
            print(page)


def _sentence(error: Exception) -> str:
    """What a user should read in the place of a traceback; "" for a mistake of the course itself."""
    if isinstance(error, ImportError) and (error.name or "").split(".")[0] not in ("lib", "data_loaders"):
        return f"{error.name} is not installed in this Python; this adds it:\n{pip_command(*EXTRAS)}"
    if isinstance(error, OSError) and error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR):
        what = f"{error.filename or 'a folder'} cannot be written or read ({error.strerror})"
        return f"{what}: set COURSE_DATA and COURSE_JUPYTER to folders of yours"
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.filename}: {error.strerror}"
    return str(error) if isinstance(error, ValueError | OSError) else ""


def _hidden() -> str:
    """One sentence on what hides the course's own code from lectures, or numpy; "" where nothing does."""
    if not os.environ.get("PYTHONPATH"):
        return ""
    program = "import lib, data_loaders, numpy; print(lib.__file__, data_loaders.__file__, sep='\\n')"
    asked = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True)
    ours = [ROOT / "lib" / "__init__.py", ROOT / "data_loaders" / "__init__.py"]
    if asked.returncode:
        return on_pythonpath()
    found = [Path(line) for line in asked.stdout.splitlines()[-2:]]
    return "" if found == ours else on_pythonpath(OURS)


def _fail(message: object) -> int:
    print(f"course: {message}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
