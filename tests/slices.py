"""Large families of tests: each commit runs one case in so many, and `course test --all` runs all of them.

    @pytest.mark.family(share=4)

stands on a test with many cases that are alike, or on one that takes a second or more: an environment made,
a server started, a net trained. Which cases run follows from the commit and from the case's name, so that one
commit always runs the same ones and every case has its turn. With `together=True` only what stands in
brackets counts: tests that share a costly fixture then run for the same of its cases. What the command line
names, with `::` or with -k, runs whatever the commit is.
"""

from __future__ import annotations

import os
import subprocess
import zlib
from collections.abc import Sequence
from pathlib import Path

import pytest

ALL = "all"
LEFT_OUT = pytest.StashKey[int]()


def chosen() -> str:
    """The commit whose slice runs, or "all"; COURSE_SLICE, which worker processes inherit, says it."""
    if "COURSE_SLICE" not in os.environ:
        os.environ["COURSE_SLICE"] = commit(Path(__file__).parents[1])
    return os.environ["COURSE_SLICE"]


def commit(folder: Path) -> str:
    """The hash of the commit in this folder; of a folder without git, such as a download, always "0"."""
    if not (folder / ".git").exists():  # a folder above it may be of another repository
        return "0"
    command = ["git", "-C", str(folder), "rev-parse", "HEAD"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() or "0"
    except (OSError, subprocess.CalledProcessError):
        return "0"


def runs(case: str, share: int, commit: str) -> bool:
    """Whether this commit runs the case: of `share` numbers that a commit can stand for, one does."""
    return commit == ALL or (zlib.crc32(case.encode()) - zlib.crc32(commit.encode())) % share == 0


def key(case: str, share: int, together: bool = False) -> str:
    """What decides about a case: its whole name, or only what stands in brackets.

    >>> key("tests/x.py::test_a[blue]", 4), key("tests/x.py::test_a[blue]", 4, together=True)
    ('tests/x.py::test_a[blue]', 'blue]')
    """
    return case.partition("[")[2] if together else case


def is_named(nodeid: str, arguments: Sequence[str], root: Path, here: Path) -> bool:
    """Whether one of pytest's arguments names this test, or this case of it."""
    for argument in arguments:
        file, colons, test = argument.partition("::")
        if not colons:
            continue
        full = f"{(here / file).resolve()}::{test}"
        case = f"{(root / nodeid.partition('::')[0]).resolve()}::{nodeid.partition('::')[2]}"
        if case == full or case.startswith((f"{full}[", f"{full}::")):
            return True
    return False


def leave_out(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect what is not in the commit's slice."""
    if chosen() == ALL or config.getoption("keyword"):
        return
    left, out = [], []
    for item in items:
        family = item.get_closest_marker("family")
        kept = (
            family is None
            or runs(key(item.nodeid, **family.kwargs), family.kwargs["share"], chosen())
            or is_named(item.nodeid, config.args, config.rootpath, config.invocation_params.dir)
        )
        (left if kept else out).append(item)
    if out:
        items[:] = left
        config.hook.pytest_deselected(items=out)
    config.stash[LEFT_OUT] = len(out)


def summary(count: int) -> str:
    """What the end of the output says about so many cases that were left out."""
    return f"{count:,} cases of large families wait for other commits; all of them: course test --all"
