"""The commands of `course` and their arguments, known before anything is installed: standard library only."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

# name → what it does, in one line
COMMANDS = {
    "start": "open the course in JupyterLab",
    "test": "run the tests",
    "doctor": "check this computer, and say how to mend what is wrong",
    "data": "list, fetch, convert and verify data sets",
    "demo": "list the live demos, or open one of them",
    "train": "train a convnet, or the best one that a time allows",
    "predict": "let a trained convnet classify the test images into a file",
    "export": "write lectures as web pages, with pictures of the demos",
    "ablate": "measure what each trick of lecture 12 is worth",
    "check": "check your answers to an assignment or a lecture",
    "hand-in": "run an assignment, and pack it into one file to upload",
    "submit": "send predictions of the challenge to its leaderboard",
    "reset": "bring a lecture or assignment back, and keep yours",
    "progress": "show what you have done, lecture by lecture",
    "find": "search the lectures for words",
    "release": "for instructors: make assignments from their solutions",
    "bundle": "for instructors: write the students' copy of the course",
    "submissions": "for instructors: import, list and delete submissions",
    "grade": "for instructors: grade what is new or has changed",
    "regrade": "for instructors: grade all again, and say what changed",
    "feedback": "for instructors: write a page of feedback for each student",
    "formgrader": "for instructors: grade the written questions in JupyterLab",
    "grades": "for instructors: show the marks of a class, or export them",
    "similarity": "for instructors: pairs of alike answers, side by side",
    "leaderboard": "for instructors: the challenge's page, from links to marks",
}
DATA = Path(__file__).resolve().parents[1] / "data_loaders" / "command.py"


def parse_command(arguments: Sequence[str] | None = None) -> tuple[argparse.Namespace, list[str]]:
    """The arguments of a command, and those that it passes on; mistakes and --help end the program.

    arguments: None for those of this program
    """
    course = parser()
    args, further = course.parse_known_args(arguments)
    if further and not args.passes_on:
        course.error(f"unrecognized arguments: {' '.join(further)}")
    return args, further


class _Aligned(argparse.HelpFormatter):
    """Commands and what they do in two columns: argparse forgets that names of commands are indented."""

    def add_argument(self, action: argparse.Action) -> None:
        super().add_argument(action)
        names = getattr(action, "choices", None) if isinstance(action, argparse._SubParsersAction) else None
        if names:
            longest = max(map(len, names)) + self._current_indent + self._indent_increment
            self._action_max_length = max(self._action_max_length, longest)


def parser() -> argparse.ArgumentParser:
    """All commands with their arguments."""
    course = argparse.ArgumentParser(
        prog="course",
        description="Deep Learning for Computer Vision.",
        allow_abbrev=False,
        formatter_class=_Aligned,
    )
    commands = course.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, further: str = "") -> argparse.ArgumentParser:
        usage = f"course {name} [{further} ...]" if further else None
        what = COMMANDS[name]
        command = commands.add_parser(name, help=what, description=what, usage=usage, allow_abbrev=False)
        command.set_defaults(passes_on=bool(further))
        return command

    lab = add(
        "start",
        "--light] [--instructor] [--copies] [arguments of jupyter lab, such as --no-browser or --port 9000",
    )
    lab.add_argument(
        "--light", action="store_true", help="python3 course.py start --light: install without torch"
    )
    lab.add_argument(
        "--instructor",
        action="store_true",
        help="open the originals, with nbgrader's tools: Create Assignment, Formgrader, Validate",
    )
    lab.add_argument(
        "--copies", action="store_true", help="only bring your copies up to date, where Jupyter runs already"
    )
    test = add("test", "--all] [arguments of pytest")
    test.add_argument(
        "--all", action="store_true", help="every case of the large families of tests, not a slice by commit"
    )
    add("doctor")
    _add_data(commands)
    _add_train(add("train"))
    _add_predict(add("predict"))
    demo = add("demo", "NAME] [arguments of jupyter lab")
    demo.add_argument("name", nargs="?", metavar="NAME", help="which one; without it all are listed")
    export = add("export")
    export.add_argument("lectures", nargs="*", metavar="LECTURE", help="such as 03; without it all of them")
    export.add_argument("--to", type=Path, default=Path("pages"), metavar="FOLDER", help="default: pages")
    export.add_argument(
        "--as-is", action="store_true", help="do not run them; take the outputs that they have"
    )
    _add_ablate(add("ablate"))
    _add_check(add("check"))
    _add_hand_in(add("hand-in"))
    _add_submit(add("submit"))
    reset = add("reset")
    reset.add_argument("name", metavar="NAME", help="of a lecture or an assignment, such as 05 or a1")
    progress = add("progress")
    progress.add_argument(
        "--forget", action="store_true", help="delete what is remembered; you are asked first"
    )
    find = add("find")
    find.add_argument("words", nargs="+", metavar="WORD", help='such as "max pooling"')
    release = add("release")
    release.add_argument("names", nargs="*", metavar="ASSIGNMENT", help="such as a1; without it all of them")
    release.add_argument(
        "--challenge",
        type=Path,
        metavar="FOLDER",
        help="also write the test images of a4 there, for students; their key goes beside the secret",
    )
    bundle = add("bundle")
    bundle.add_argument(
        "--to", type=Path, default=Path("students.zip"), metavar="PLACE",
        help="a zip archive, or a new folder; default: students.zip",
    )  # fmt: skip
    _add_grade(add("grade"))
    _add_regrade(add("regrade"))
    _add_submissions(add("submissions"))
    feedback = add("feedback")
    feedback.add_argument("assignment", metavar="ASSIGNMENT", help="such as a1")
    _add_students(feedback)
    _add_database(feedback)
    formgrader = add("formgrader", "ASSIGNMENT] [--anonymous] [arguments of jupyter lab")
    formgrader.add_argument(
        "assignment", nargs="?", default="", metavar="ASSIGNMENT", help="whose written questions are opened"
    )
    formgrader.add_argument(
        "--anonymous", action="store_true", help="no page tells a name; without it a click on the eye does"
    )
    _add_database(formgrader)
    _add_grades(add("grades"))
    _add_similarity(add("similarity"))
    _add_leaderboard(add("leaderboard"))
    return course


def _add_submissions(submissions: argparse.ArgumentParser) -> None:
    """The arguments of `submissions`."""
    actions = submissions.add_subparsers(dest="action", required=True, metavar="ACTION")

    def add(name: str, what: str) -> argparse.ArgumentParser:
        return actions.add_parser(name, help=what, description=what, allow_abbrev=False)

    get = add("import", "take in what a learning platform gives out: Moodle's and Canvas' downloads, folders")
    get.add_argument("name", metavar="ASSIGNMENT", help="such as a1")
    get.add_argument("source", type=Path, metavar="FOLDER_OR_ZIP", help="the download as it is")
    get.add_argument(
        "--deadline", metavar="TIME", help='such as "2026-11-28 23:59"; what is newer gets the flag "late"'
    )
    shown = add("list", "who has handed in, who is late and who is missing")
    shown.add_argument("name", metavar="ASSIGNMENT", help="such as a1")
    for action in (get, shown):
        _add_roster(action)
    _add_anonymous(shown)
    _add_database(shown)
    forget = add("forget", "delete all that there is of a student")
    forget.add_argument("student", metavar="ID", help="of the student")
    _add_database(forget)
    purge = add("purge", "delete all that is older than a day")
    purge.add_argument("--before", required=True, metavar="DATE", help="such as 2026-10-01")
    for action in (forget, purge):
        action.add_argument("--yes", action="store_true", help="do not ask first")


def _add_grades(grades: argparse.ArgumentParser) -> None:
    """The arguments of `grades`."""
    grades.add_argument(
        "what", nargs="*", metavar="[export] [ASSIGNMENT]",
        help="an assignment such as a1, without it all; after the word export they are written into a file",
    )  # fmt: skip
    grades.add_argument(
        "--form", choices=("csv", "canvas", "moodle", "gradescope", "json"), help="of the file; default: csv"
    )
    grades.add_argument(
        "--to", type=Path, metavar="FILE", help="of an export; default: grades.csv, .zip or .json"
    )
    grades.add_argument(
        "--written-pending", action="store_true", help="export also where answers wait for a person"
    )
    grades.add_argument(
        "--missing-zero", action="store_true", help="export 0 marks for those who have handed in nothing"
    )
    grades.add_argument(
        "--give-back", action="store_true", help="write the marks of `course grade a1` again after nbgrader's"
    )
    _add_roster(grades)
    _add_anonymous(grades)
    _add_database(grades)


def _add_similarity(similarity: argparse.ArgumentParser) -> None:
    """The arguments of `similarity`."""
    similarity.add_argument("name", metavar="ASSIGNMENT", help="such as a2")
    similarity.add_argument(
        "--to", type=Path, metavar="FILE", help="of the page; default: in grading/similarity/"
    )
    similarity.add_argument(
        "--last-year", type=Path, metavar="FOLDER", help="other submissions to compare with, as ID/ASSIGNMENT"
    )
    similarity.add_argument(
        "--pairs", type=int, default=30, metavar="N", help="so many side by side; default: 30"
    )
    similarity.add_argument("--ask", metavar="ID", help="three lines of this student's code, to ask about")
    similarity.add_argument("--seed", type=int, default=0, metavar="N", help="of these lines; default: 0")


def _add_leaderboard(leaderboard: argparse.ArgumentParser) -> None:
    """The arguments of `leaderboard`."""
    actions = leaderboard.add_subparsers(dest="action", required=True, metavar="ACTION")

    def add(name: str, what: str) -> argparse.ArgumentParser:
        action = actions.add_parser(name, help=what, description=what, allow_abbrev=False)
        action.add_argument(
            "--folder", type=Path, metavar="FOLDER",
            help="of the competition; default: challenge, beside the secret",
        )  # fmt: skip
        return action

    init = add("init", "make the competition: images for students, the key, the board")
    init.add_argument(
        "--data", choices=("auto", "cifar10", "shapes10"), default="auto",
        help="whose test images are used; auto: CIFAR-10 where it is",
    )  # fmt: skip
    init.add_argument("--title", default="The challenge", help="stands above the standing")
    init.add_argument("--a-day", type=int, default=10, metavar="N", help="entries of a student; default: 10")
    invite = add("invite", "write links for those who are not on the board yet")
    invite.add_argument(
        "roster", nargs="?", type=Path, metavar="CLASS.csv",
        help="a table of ids, names and addresses; default: the newest of the imports",
    )  # fmt: skip
    one = invite.add_mutually_exclusive_group()
    one.add_argument("--again", metavar="NAME", help="a new link for one person; older ones end")
    one.add_argument(
        "--pending", action="store_true", help="new links for all who did not come in yet; older ones end"
    )
    one.add_argument("--staff", metavar="NAME", help="a link for somebody who decides about marks")
    one.add_argument("--screen", action="store_true", help="a link for a screen: the standing alone")
    invite.add_argument(
        "--as", dest="form", choices=("letters", "slips", "csv"),
        help="a text with an e-mail for each, a page to print, or a table for a mail merge; default: "
        "letters; for one person the terminal",
    )  # fmt: skip
    invite.add_argument("--to", type=Path, metavar="FILE", help="a new one; default: in the folder")
    serve = add("serve", "open the page; Ctrl-C ends it")
    serve.add_argument("--host", default="127.0.0.1", help="0.0.0.0 for all that reach this computer")
    serve.add_argument("--port", type=int, default=8000, metavar="N", help="default: 8000")
    serve.add_argument(
        "--proxy", default="", metavar="ADDRESS", help="of the proxy in front, if there is one"
    )
    for action in (init, invite, serve):
        action.add_argument(
            "--url", default="", help="of the page, as students type it; default: the one given before"
        )
    close = add("close", "end the competition, and show the final standing")
    close.add_argument("--at", metavar="TIME", help='in UTC, such as "2026-12-18 23:59"; default: now')
    rerun = add("rerun", "train with the handed-in code again, and compare what it predicts")
    _add_students(rerun)
    rerun.add_argument("--force", action="store_true", help="also what has not changed; decisions on it go")
    rerun.add_argument(
        "--workers", type=int, default=0, metavar="N", help="at a time; default: one for every two cores"
    )
    rerun.add_argument(
        "--time", dest="seconds", type=seconds, default=0.0, metavar="TIME",
        help="of the processor for a training, such as 10m; default: 30m",
    )  # fmt: skip
    rerun.add_argument(
        "--sandbox", default="", metavar="KIND", help="bubblewrap or container; default: what works"
    )
    marks = add("export", "write the marks: a table, and the gradebook")
    marks.add_argument(
        "--to", type=Path, metavar="FILE", help="of the table; default: marks.csv in the folder"
    )
    marks.add_argument(
        "--gradebook", action="store_true", help="also into the gradebook, as the marks of a4 for accuracy"
    )
    marks.add_argument("--force", action="store_true", help="replace what a person has written there")
    _add_database(marks)
    add("status", "how many take part, what came in, when it ends")
    backup = add("backup", "copy the board while it goes on")
    backup.add_argument("file", type=Path, metavar="FILE", help="a new one")
    forget = add("forget", "delete a student with all entries")
    forget.add_argument("name", metavar="NAME", help="or the id, or the address")
    for action in (close, forget):
        action.add_argument("--yes", action="store_true", help="do not ask first")


def _add_submit(submit: argparse.ArgumentParser) -> None:
    """The arguments of `submit`."""
    submit.add_argument("file", nargs="?", type=Path, metavar="FILE", help="such as predictions.csv")
    submit.add_argument("--description", default="", metavar="TEXT", help="what is new about it")
    submit.add_argument(
        "--to", default="", metavar="URL", help="of another leaderboard; default: the one used last"
    )
    submit.add_argument("--forget", action="store_true", help="delete the keys that are kept here")


def _add_roster(command: argparse.ArgumentParser) -> None:
    """Who takes part."""
    command.add_argument(
        "--roster", type=Path, metavar="FILE",
        help="a CSV file with the ids of all, and their names; default: the newest of the imports",
    )  # fmt: skip


def _add_anonymous(command: argparse.ArgumentParser) -> None:
    """Whether students are named."""
    command.add_argument("--anonymous", action="store_true", help="only ids in the table, and no names")


def _add_students(command: argparse.ArgumentParser) -> None:
    """Whom a command is about."""
    command.add_argument(
        "--student", nargs="+", action="extend", default=[], metavar="ID", help="only these; default: all"
    )


def _add_grade(grade: argparse.ArgumentParser) -> None:
    """The arguments of `grade`."""
    grade.add_argument("assignment", nargs="?", default="", metavar="ASSIGNMENT", help="such as a1")
    grade.add_argument("--force", action="store_true", help="grade also what has not changed")
    grade.add_argument(
        "--mend-gradebook", action="store_true", help="mend a half-made gradebook, or an older nbgrader's"
    )
    _add_how_to_grade(grade)


def _add_regrade(regrade: argparse.ArgumentParser) -> None:
    """The arguments of `regrade`."""
    regrade.add_argument("assignment", metavar="ASSIGNMENT", help="such as a1")
    regrade.add_argument("--dry-run", action="store_true", help="only say what would change; write nothing")
    _add_how_to_grade(regrade)


def _add_how_to_grade(command: argparse.ArgumentParser) -> None:
    """What `grade` and `regrade` share."""
    _add_students(command)
    _add_anonymous(command)
    command.add_argument(
        "--workers", type=int, default=0, metavar="N", help="kernels at a time; default: three for each core"
    )
    command.add_argument(
        "--cell-seconds", type=float, default=0.0, metavar="S",
        help="processor time that a cell may use; default: 30",
    )  # fmt: skip
    command.add_argument(
        "--notebook-seconds", type=float, default=0.0, metavar="S",
        help="that all cells together may use; default: 60, at least twice that of a cell",
    )  # fmt: skip
    command.add_argument(
        "--memory", default="", metavar="SIZE", help="that a submission may use; default: 3G"
    )
    command.add_argument(
        "--scheduler", default="", metavar="ADDRESS",
        help="grade on the workers of Dask's scheduler there, such as tcp://10.0.0.1:8786",
    )  # fmt: skip
    command.add_argument(
        "--sandbox", default="", metavar="KIND",
        help="template, bubblewrap or container; default: COURSE_SANDBOX, else the fastest that works",
    )  # fmt: skip
    command.add_argument(
        "--unsandboxed", action="store_true",
        help="without any sandbox: students' code can read and change all of your files",
    )  # fmt: skip
    _add_database(command)


def _add_database(command: argparse.ArgumentParser) -> None:
    """Where the gradebook is."""
    command.add_argument(
        "--db", default="", metavar="URL",
        help="of the gradebook, such as postgresql+psycopg://user@host/name; default: gradebook.db",
    )  # fmt: skip


def _add_check(check: argparse.ArgumentParser) -> None:
    """The arguments of `check`."""
    check.add_argument(
        "what", nargs="?", metavar="TASK", help="such as a2 or a2.linear; without it all tasks are listed"
    )
    check.add_argument(
        "file", nargs="?", type=Path, metavar="FILE",
        help="a notebook or a file of Python; default: the notebook in assignments/",
    )  # fmt: skip
    check.add_argument(
        "--time", type=seconds, default=300.0, metavar="TIME", help="for all cells, such as 90s; default: 5m"
    )


def _add_hand_in(hand_in: argparse.ArgumentParser) -> None:
    """The arguments of `hand-in`."""
    hand_in.add_argument("name", metavar="ASSIGNMENT", help="such as a1")
    hand_in.add_argument("--id", default="", help="your student id; without it you are asked, once")
    hand_in.add_argument(
        "--time", type=seconds, default=600.0, metavar="TIME", help="for all cells, such as 30m; default: 10m"
    )


def _add_train(train: argparse.ArgumentParser) -> None:
    """The arguments of `train`; what else they may be, lib/convnets says, which needs torch."""
    train.add_argument(
        "net",
        nargs="?",
        metavar="NET",
        help="such as small, fast_half, vgg16 or resnet18; without it and --budget all are listed",
    )
    train.add_argument(
        "--budget",
        type=seconds,
        metavar="TIME",
        help="such as 90s, 3m or 1h: chooses net, epochs and precision for this computer",
    )
    train.add_argument(
        "--data",
        default="auto",
        metavar="NAME",
        help="auto (CIFAR-10 where it is found), cifar10, shapes10, shapes10-hard, or a folder or archive",
    )
    train.add_argument(
        "--epochs", type=float, help="how often every image is seen; default: the net's recipe"
    )
    train.add_argument("--batch-size", type=int, metavar="N", help="images a step; default: the recipe's")
    train.add_argument("--learning-rate", type=float, metavar="X", help="the highest; default: the recipe's")
    train.add_argument("--seed", type=int, default=0, help="of weights, order and augmentation; default: 0")
    train.add_argument("--images", type=int, metavar="N", help="take only so many training images")
    train.add_argument(
        "--validation", type=int, metavar="N", help="training images held out, 0 for none; default: a tenth"
    )
    _add_place(train)
    train.add_argument(
        "--checkpoint", type=Path, metavar="FILE", help="where it is saved; default: trained/NET.pt"
    )
    train.add_argument("--resume", action="store_true", help="go on where the checkpoint ends")
    train.add_argument("--overwrite", action="store_true", help="start again where there is a checkpoint")
    train.add_argument("--compile", action="store_true", help="let torch translate the net first: for GPUs")
    train.add_argument("--profile", type=Path, metavar="FILE", help="write a trace of a few steps")


def _add_predict(predict: argparse.ArgumentParser) -> None:
    """The arguments of `predict`."""
    predict.add_argument("checkpoint", type=Path, metavar="CHECKPOINT", help="what `course train` has saved")
    predict.add_argument(
        "--csv",
        type=Path,
        default=Path("predictions.csv"),
        metavar="FILE",
        help="a header row, then a line for each test image; default: predictions.csv",
    )
    predict.add_argument(
        "--data",
        metavar="NAME",
        help="as of `course train`, or a folder of pictures; default: the data that it was trained on",
    )
    predict.add_argument("--mirrored", action="store_true", help="look at each image and its mirror image")
    _add_place(predict)


def _add_place(command: argparse.ArgumentParser) -> None:
    """Where a net runs."""
    command.add_argument("--device", metavar="NAME", help="cuda, mps or cpu; default: the fastest there is")
    command.add_argument("--precision", choices=("fp32", "bf16"), help="default: the fastest without loss")
    command.add_argument("--threads", type=int, metavar="N", help="of the processor; default: all it may use")


def seconds(text: str) -> float:
    """A time of the command line in seconds.

    >>> seconds("3m"), seconds("1h30m"), seconds("90s")
    (180.0, 5400.0, 90.0)
    """
    found = re.fullmatch(
        r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?", text.strip().lower()
    )
    parts = found.groups("0") if found else ("0", "0", "0")
    time = sum(float(part) * unit for part, unit in zip(parts, (3600, 60, 1), strict=True))
    if not 0 < time < 1e8:  # three years
        raise argparse.ArgumentTypeError(f"expected a time such as 90s, 3m or 1h, got {text!r}")
    return time


def _add_ablate(ablate: argparse.ArgumentParser) -> None:
    """Adds the arguments of `ablate`."""
    number: dict[str, tuple[type, float, str]] = {
        "--width": (int, 32, "channels of the net's first stage"),
        "--images": (int, 45_000, "training images"),
        "--validation": (int, 5000, "images that are held out, to measure the accuracy"),
        "--epochs": (float, 8, "how often each image is seen"),
        "--batch-size": (int, 512, "images a step"),
        "--draws": (int, 0, "of a random search for constants with four digits"),
    }
    for name, (kind, usual, what) in number.items():
        ablate.add_argument(name, type=kind, default=usual, metavar="N", help=f"{what}; default: {usual}")
    ablate.add_argument(
        "--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4], metavar="N", help="default: 0 1 2 3 4"
    )
    ablate.add_argument("--only", nargs="+", default=[], metavar="TRICK", help='such as "whitened stem" Muon')
    ablate.add_argument(
        "--data", choices=("auto", "cifar10", "shapes10-hard"), default="auto",
        help="shapes10-hard: Shapes-10, every nuisance at its strongest; auto: CIFAR-10 where it is",
    )  # fmt: skip
    ablate.add_argument("--device", help="cuda, mps or cpu; without it the fastest that there is")
    ablate.add_argument(
        "--to", type=Path, default=Path("ablations.json"), metavar="FILE",
        help="what is in it is not done again; default: ablations.json",
    )  # fmt: skip


def _add_data(commands: argparse._SubParsersAction) -> None:
    """Adds `data`, whose arguments stand in data_loaders/command.py.

    That file is loaded by its place, since the package around it needs numpy, which may not be there yet.
    """
    spec = spec_from_file_location("data_loaders.command", DATA)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(f"data_loaders: expected {DATA}, got no such file of Python")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    module.add_parser(commands).set_defaults(passes_on=False)
