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
    "predict": "let a trained convnet classify the test images, into a file",
    "export": "write lectures as web pages, with pictures in the place of demos",
    "ablate": "measure what each trick of lecture 12 is worth",
    "check": "look at your answers to an assignment with the visible checks",
    "hand-in": "run an assignment, and pack it into one file to upload",
    "reset": "bring an assignment back, and keep your version of it",
    "release": "for instructors: make assignments from their solutions",
    "bundle": "for instructors: write the students' copy of the course",
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


def parser() -> argparse.ArgumentParser:
    """All commands with their arguments."""
    course = argparse.ArgumentParser(
        prog="course", description="Deep Learning for Computer Vision.", allow_abbrev=False
    )
    commands = course.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, further: str = "") -> argparse.ArgumentParser:
        usage = f"course {name} [{further} ...]" if further else None
        what = COMMANDS[name]
        command = commands.add_parser(name, help=what, description=what, usage=usage, allow_abbrev=False)
        command.set_defaults(passes_on=bool(further))
        return command

    lab = add(
        "start", "--light] [--instructor] [arguments of jupyter lab, such as --no-browser or --port 9000"
    )
    lab.add_argument(
        "--light", action="store_true", help="python3 course.py start --light: install without torch"
    )
    lab.add_argument(
        "--instructor",
        action="store_true",
        help="show nbgrader's tools: Create Assignment, Formgrader, Validate",
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
    reset = add("reset")
    reset.add_argument("name", metavar="ASSIGNMENT", help="such as a1")
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
    return course


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
