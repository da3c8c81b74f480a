"""The `course` command."""

from __future__ import annotations

import argparse
import errno
import importlib
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from lib.bootstrap.in_the_way import OURS, from_error, on_pythonpath
from lib.commands import parse_command
from lib.doctor.finding import pip_command

ROOT = Path(__file__).resolve().parents[1]
SAID = (ValueError, OSError, FloatingPointError, MemoryError)  # what the course raises with a sentence
EXTRAS = ("torch", "formats", "grading", "leaderboard", "test")
ENDINGS = {"json": "json", "gradescope": "zip"}  # of the forms of `course grades export`
EXTRA_OF = {
    **dict.fromkeys(("distributed", "dask", "psycopg"), "grading"),
    **dict.fromkeys(("starlette", "uvicorn", "httptools", "python_multipart", "segno"), "leaderboard"),
    "torch": "torch",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    args = argparse.Namespace()
    try:
        args, further = parse_command(arguments)
        if args.command != "doctor" and (reason := _hidden()):
            return _fail(reason)
        return RUN[args.command](args, further) or 0
    except Exception as error:
        reason = from_error(error) or _sentence(error, args)
        if not reason:
            raise
        return _fail(reason)
    except KeyboardInterrupt:
        return 130


def _start(args: argparse.Namespace, further: list[str]) -> None:
    from lib.jupyter.start import start

    if args.instructor:
        start(further, instructor=True)
        return
    from lib.assignments.working import update_copies
    from lib.lessons.work import work_folder

    work = work_folder()
    for line in [f"Your copies of lectures and assignments: {work}", *update_copies(work)]:
        print(line, flush=True)
    if not args.copies:
        start(further, folder=work)


def _test(args: argparse.Namespace, further: list[str]) -> int:
    if not (ROOT / "tests").is_dir():
        raise FileNotFoundError("tests: expected the folder of the tests, got none; students' copies lack it")
    import pytest, xdist  # noqa: E401, F401, I001  # both missing are one and the same case

    # A file stays on one worker, since its tests share what is costly; the slow ones, tests/browser, begin.
    workers = ["-n", "auto", "--dist", "loadfile", "--no-loadscope-reorder"]
    env = {**os.environ, "COURSE_SLICE": "all"} if args.all else None
    return subprocess.call([sys.executable, "-m", "pytest", *workers, *further], cwd=ROOT, env=env)


def _doctor(args: argparse.Namespace, further: list[str]) -> int:
    from lib.doctor import report

    return report()


def _data(args: argparse.Namespace, further: list[str]) -> int:
    return args.run(args)


def _demo(args: argparse.Namespace, further: list[str]) -> None:
    from lib.demos.rooms import demos
    from lib.jupyter.demo import open_demo

    if args.name:
        open_demo(args.name, further)
    else:
        print("\n".join(f"{name:24} {title}" for name, title in demos().items()))


def _train(args: argparse.Namespace, further: list[str]) -> int:
    args.begun = time.perf_counter() - time.process_time()  # when Python began: a budget counts from there
    from lib.convnets.command import train

    return train(args)


def _predict(args: argparse.Namespace, further: list[str]) -> int:
    from lib.convnets.command import predict

    return predict(args)


def _export(args: argparse.Namespace, further: list[str]) -> None:
    from lib.jupyter.export import export
    from lib.jupyter.settings import course_settings

    with course_settings():
        for page in export(args.lectures, args.to, run=not args.as_is):
            print(page)


def _ablate(args: argparse.Namespace, further: list[str]) -> None:
    from lib.convnets.ablation import ablate

    options = {name: value for name, value in vars(args).items() if name not in ("command", "passes_on")}
    ablate(options.pop("to"), command=shlex.join(["course", *sys.argv[1:]]), **options)


def _check(args: argparse.Namespace, further: list[str]) -> int:
    from lib.assignments.working import notebook_for
    from lib.jupyter.settings import course_settings
    from lib.lessons.work import work_folder
    from lib.tasks.command import check_command

    with course_settings():
        return check_command(args.what, args.file, args.time, lambda name: notebook_for(name, work_folder()))


def _hand_in(args: argparse.Namespace, further: list[str]) -> None:
    from lib.assignments.hand_in import hand_in
    from lib.lessons.work import work_folder

    hand_in(args.name, args.id, args.time, work=work_folder())


def _submit(args: argparse.Namespace, further: list[str]) -> int:
    from lib.leaderboard.submit import submit_command

    return submit_command(args.file, args.description, to=args.to, forget=args.forget)


def _reset(args: argparse.Namespace, further: list[str]) -> None:
    from lib.assignments.reset import reset
    from lib.lessons.work import work_folder

    place, kept = reset(args.name, work=work_folder())
    if not kept:
        print(f"{place} is as it was released.")
        return
    print(f"{place} is as it was released; your version lies in {kept}.")
    print("Where the notebook is open in JupyterLab: File → Reload Notebook from Disk.")


def _progress(args: argparse.Namespace, further: list[str]) -> int:
    from lib.lessons.progress_command import progress_command

    return progress_command(forget=args.forget)


def _find(args: argparse.Namespace, further: list[str]) -> int:
    from lib.lessons.find import find_command

    return find_command(args.words)


def _release(args: argparse.Namespace, further: list[str]) -> None:
    from lib.assignments.release import release
    from lib.tasks.secret import make_secret, read_secret

    for folder in release(args.names):
        print(folder)
    secret = make_secret()
    print(f"The secret of the hidden cases: {secret} (keep it, and show it to nobody)")
    if args.challenge:
        from lib.leaderboard.command import make_challenge

        key = secret.with_name("challenge") / "key.json"  # where `course leaderboard init` looks for it
        for file in make_challenge(args.challenge, read_secret(), key):
            print(file)
        print(f"The key of the challenge: {key} (keep it, too)")


def _bundle(args: argparse.Namespace, further: list[str]) -> None:
    from lib.assignments.bundle import bundle

    print(bundle(args.to))


def _grading(module: str, name: str) -> Callable[[argparse.Namespace, list[str]], int]:
    """A command of lib/grading, which students' copies cannot run."""

    def run(args: argparse.Namespace, further: list[str]) -> int:
        if not all((ROOT / part).is_dir() for part in ("solutions", "lib/grading")):
            raise FileNotFoundError(
                f"{args.command}: expected the instructors' copy of the course, got one without answers; "
                "students check their answers with `course check`"
            )
        from lib.jupyter.settings import course_settings

        args.further = further
        with course_settings(instructor=True):
            return getattr(importlib.import_module(f"lib.grading.{module}"), name)(args) or 0

    return run


def _check_grades(args: argparse.Namespace, exported: bool) -> None:
    """Raises `ValueError` for options of an export without that word, and for those of the table with it."""
    given = {"--to": args.to, "--form": args.form}
    of_export = [f"{option} {shlex.quote(str(value))}" for option, value in given.items() if value]
    flags = {"--written-pending": args.written_pending, "--missing-zero": args.missing_zero}
    of_export += [flag for flag, on in flags.items() if on]
    flags = {"--give-back": args.give_back, "--anonymous": args.anonymous}
    of_table = [flag for flag, on in flags.items() if on]
    if exported and of_table:
        right = " ".join(["course grades", *filter(None, [args.assignment]), *of_table])
        raise ValueError(f"grades: expected no {of_table[0]} in an export, got it; write `{right}`")
    if of_export and not exported:
        right = " ".join(["course grades export", *filter(None, [args.assignment]), *of_export])
        option = of_export[0].split()[0]
        raise ValueError(f"grades: expected the word export before {option}, got none; write `{right}`")


def _grades(args: argparse.Namespace, further: list[str]) -> int:
    word, *names = args.what or [""]
    exported = word == "export"
    names = names if exported else args.what
    if len(names) > 1:
        raise ValueError(f"grades: expected one assignment or none, got {', '.join(names)}")
    args.assignment = names[0] if names else ""
    _check_grades(args, exported)
    args.form = args.form or "csv"
    args.to = args.to or Path(f"grades.{ENDINGS.get(args.form, 'csv')}")
    return _grading("exports.command", "export_command" if exported else "grades_command")(args, further)


RUN: dict[str, Callable[[argparse.Namespace, list[str]], int | None]] = {
    "start": _start,
    "test": _test,
    "doctor": _doctor,
    "data": _data,
    "demo": _demo,
    "train": _train,
    "predict": _predict,
    "export": _export,
    "ablate": _ablate,
    "check": _check,
    "hand-in": _hand_in,
    "submit": _submit,
    "reset": _reset,
    "progress": _progress,
    "find": _find,
    "release": _release,
    "bundle": _bundle,
    "grade": _grading("command", "grade_command"),
    "regrade": _grading("command", "regrade_command"),
    "submissions": _grading("submissions.command", "submissions_command"),
    "feedback": _grading("feedback.command", "feedback_command"),
    "formgrader": _grading("feedback.formgrader", "formgrader_command"),
    "grades": _grades,
    "similarity": _grading("similarity.command", "similarity_command"),
    "leaderboard": _grading("challenge.command", "leaderboard_command"),
}


def _sentence(error: Exception, args: argparse.Namespace) -> str:
    """What a user should read in the place of a traceback; "" for a mistake of the course itself."""
    if isinstance(error, ImportError) and (error.name or "").split(".")[0] not in ("lib", "data_loaders"):
        extra = EXTRA_OF.get((error.name or "").split(".")[0])
        extras = [extra] if extra else EXTRAS
        return f"{error.name} is not installed in this Python; this adds it:\n{pip_command(*extras)}"
    if isinstance(error, OSError) and error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR):
        what = f"{error.filename or 'a folder'} cannot be written or read ({error.strerror})"
        if any(
            isinstance(asked, Path) and str(asked) == str(error.filename) for asked in vars(args).values()
        ):
            return f"{what}: choose another place"
        return f"{what}: set COURSE_DATA, COURSE_JUPYTER and COURSE_WORK to folders of yours"
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.filename}: {error.strerror}"
    return str(error) if isinstance(error, SAID) else ""


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
