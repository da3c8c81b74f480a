"""`course data`: list, fetch, convert and verify data sets.

At the top it imports Python's own library alone: `course --help` reads it where nothing is installed yet.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

WHAT = "list, fetch, convert and verify data sets"
FORMS = ("python", "binary", "png", "npz")


def add_parser(subparsers) -> argparse.ArgumentParser:
    """Add `data` to the commands of an argparse parser; `options.run(options)` returns the exit status."""
    parser = subparsers.add_parser("data", help=WHAT, description=f"{WHAT[0].upper()}{WHAT[1:]}.")
    parser.set_defaults(run=run, action=show)
    actions = parser.add_subparsers(metavar="ACTION")

    add = actions.add_parser(
        "list", help="what is known, and where it was found on this computer (the default)"
    )
    add.set_defaults(action=show)

    add = actions.add_parser("fetch", help="download CIFAR-10, or generate Shapes-10, and prepare it for use")
    add.add_argument("name", choices=("cifar10", "shapes10"))
    add.set_defaults(action=fetch)

    add = actions.add_parser("convert", help="write a data set in another form")
    add.add_argument("source", metavar="SOURCE", help="cifar10, shapes10, or a folder or archive of CIFAR-10")
    add.add_argument(
        "dest",
        metavar="DEST",
        type=Path,
        help="the folder to write, new or empty; with --form npz also a file called ….npz",
    )
    add.add_argument("--form", choices=FORMS, default="png", help="default: png, a folder for each class")
    add.set_defaults(action=convert)

    add = actions.add_parser(
        "verify", help="read every byte of the cache and of copies of CIFAR-10, and compare checksums"
    )
    add.add_argument(
        "source", metavar="SOURCE", nargs="?", type=Path, help="one folder or archive; default: all"
    )
    add.set_defaults(action=verify)
    return parser


def run(options: argparse.Namespace, *_: object) -> int:
    """Do what the command line asks for; an error is one sentence on stderr, and status 1."""
    from .looks import printable

    try:
        return options.action(options)
    except (ValueError, OSError, ImportError) as error:
        print(f"course data: {printable(str(error))}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("course data: stopped; a download goes on where it ended", file=sys.stderr)
        return 130


def show(_: argparse.Namespace) -> int:
    """Print every data set, and each copy of it: where it is, its form, and whether it is the original."""
    from . import usual_places
    from .cifar10 import fetching
    from .looks import say
    from .places import data_folder

    say("CIFAR-10: 60,000 photographs, 32×32, in ten classes")
    copies = list(usual_places.found())
    for source in copies:
        say(f"  {source}: {_examine(source)[1]}")
    if not copies:
        there = usual_places.not_found()
        say(f"  not found on this computer{there and f': {there}'}; {fetching()}")
    say("Shapes-10: 60,000 drawn pictures, 32×32, in ten classes")
    say("  built in; it is generated on first use")
    say(f"Downloads and caches are in {data_folder()} (COURSE_DATA names another folder).")
    return 0


def fetch(options: argparse.Namespace) -> int:
    """Make a data set ready for the lectures; download nothing where an original is on this computer."""
    from . import load_cifar10, load_shapes10, usual_places
    from .download import fetch_cifar10
    from .looks import say

    if options.name == "shapes10":
        say(f"Ready. {load_shapes10()}")
        return 0
    source = next((source for source in usual_places.found() if _examine(source)[0]), None) or fetch_cifar10()
    say(f"Ready. {load_cifar10(source)}, in {source}")
    return 0


def convert(options: argparse.Namespace) -> int:
    """Write a data set in another form."""
    from . import load_cifar10, load_shapes10
    from .convert import write_cifar10
    from .looks import say

    if options.source == "shapes10":
        dataset = load_shapes10()
    elif options.source == "cifar10":
        dataset = load_cifar10()
    else:
        source = _existing(Path(options.source), "cifar10, shapes10, or a folder or archive of CIFAR-10")
        dataset = load_cifar10(source)
    try:
        folder = write_cifar10(dataset, options.dest, options.form)
    except (FileExistsError, ValueError) as error:
        error.args = (str(error).replace("folder: ", "DEST: ", 1),)  # as it is called here
        raise
    say(f"Written: {dataset}, form {options.form}, in {folder}")
    return 0


def _existing(source: Path, expected: str) -> Path:
    """The path SOURCE, which is there; else `FileNotFoundError`."""
    from .looks import shortened

    if not os.path.exists(source.expanduser()):
        got = shortened(str(source), 200)
        raise FileNotFoundError(f"SOURCE: expected {expected}, got {got}, which does not exist; name another")
    return source.expanduser()


def verify(options: argparse.Namespace) -> int:
    """Read the cache, and every copy, from the first byte to the last.

    Status 0 where the cache is as it was written and all copies are originals. With a source: only this copy.
    """
    from . import cache, usual_places
    from .cifar10 import fetching
    from .looks import say

    whole = True
    if options.source is None:
        for key, as_written in cache.verify():
            words = (
                "as it was written" if as_written else "damaged, and removed; the next load builds it again"
            )
            say(f"{cache.cache_folder() / key}: {words}")
            whole &= as_written
    if options.source is None:
        copies = list(usual_places.found())
    else:
        source = _existing(options.source, "a folder or an archive")
        copies = [next(usual_places.inside(source), source)]
    if not copies:
        there = usual_places.not_found()
        raise FileNotFoundError(f"CIFAR-10 was not found{there and f': {there}'}; {fetching()}")
    originals = []
    for source in copies:
        original, words = _examine(source, decode=True)
        say(f"{source}: {words}")
        originals.append(original)
    return 0 if whole and all(originals) else 1


def _examine(source: Path, *, decode: bool = False) -> tuple[bool, str]:
    """Whether a copy is an original by published checksums, and a line about it; `decode` reads it all."""
    from . import formats
    from .checksums import is_original
    from .cifar10 import open_files

    try:
        files = open_files(source)
        title, jpeg = next((form.TITLE for form in formats.FORMS if form.matches(files.names)), None), False
        if decode or title is None:
            title, content = formats.read(files)
            jpeg = content.jpeg
        original = is_original(files)
    except (ValueError, OSError, ImportError) as error:
        return False, f"cannot be read: {str(error).removeprefix(f'{source}: ')}"
    words = "original, by its published checksum" if original else "unverified, no published checksum fits"
    return original, f"{title}; {words}{'; stored as JPEG: accuracies are 2–3 points lower' if jpeg else ''}"
