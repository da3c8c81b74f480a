"""The commands of `course` and their arguments, known before anything is installed: standard library only."""

from __future__ import annotations

import argparse
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
    "export": "write lectures as web pages, with pictures in the place of demos",
    "ablate": "train the fast net without each of its tricks, and say what each is worth",
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
    demo = add("demo", "NAME] [arguments of jupyter lab")
    demo.add_argument("name", nargs="?", metavar="NAME", help="which one; without it all are listed")
    export = add("export")
    export.add_argument("lectures", nargs="*", metavar="LECTURE", help="such as 03; without it all of them")
    export.add_argument("--to", type=Path, default=Path("pages"), metavar="FOLDER", help="default: pages")
    export.add_argument(
        "--as-is", action="store_true", help="do not run them; take the outputs that they have"
    )
    _add_ablate(add("ablate"))
    return course


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
