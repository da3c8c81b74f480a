"""What is measured: the rows in their order, with their targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lib.checks import check_choice, check_whole

ORIGINAL, JPEG, UNVERIFIED = "original pixels", "JPEG copies", "unverified copy"  # kinds of CIFAR-10


@dataclass(frozen=True)
class Target:
    """What a row is to reach on one GPU: on the original pixels, with a single view, after the last epoch.

    accuracy: in %, at least
    seconds: of training, at most
    process: seconds from the start of Python, at most; None: no target
    """

    accuracy: float
    seconds: float
    process: float | None = None

    def __str__(self) -> str:
        text = f"{self.accuracy:g} % in {self.seconds:g} s"
        return text if self.process is None else f"{text}, {self.process:g} s in all"


@dataclass(frozen=True)
class Entry:
    """A row of the table.

    name: of the row; that of the net, where there is one row a net
    runs: how many, with the seeds 0, 1, …
    net: for `build_model`; empty: the row's name
    changes: what differs from the net's recipe in RECIPES
    """

    name: str
    runs: int
    target: Target
    net: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def model(self) -> str:
        """The name of the net."""
        return self.net or self.name


# The targets come from the arithmetic of one H200, at 30 % of its 790 TFLOP/s, and from published trainings.
# Not measured yet: neither the targets nor, on a GPU, the recipes.
PLAN = (
    Entry("fast", 5, Target(94, 2.5, 10)),
    Entry("linear", 3, Target(40, 2)),
    Entry("alexnet_cifar", 3, Target(90, 15)),
    Entry("vgg16", 1, Target(94, 30)),
    Entry("allcnn", 1, Target(94, 40)),
    Entry("resnet18", 1, Target(95, 40)),
    # 200 epochs and squares of 16 pixels: 96.01 % by DeVries and Taylor, 2017.
    Entry("resnet18_long", 1, Target(96, 180), "resnet18", {"epochs": 200, "cutout": 16}),
    Entry("resnet20", 1, Target(92, 60)),
)


def chosen(names: Sequence[str] = (), runs: int | None = None) -> list[Entry]:
    """The rows that are asked for, in the order of the plan.

    names: of rows; none: all
    runs: of each; None: as the plan says

    Raises `ValueError` for a name that is no row, and for less than one run.
    """
    known = [entry.name for entry in PLAN]
    for name in names:
        check_choice(name, known, name="--only")
    entries = [entry for entry in PLAN if not names or entry.name in names]
    if runs is None:
        return entries
    check_whole(runs, name="--runs", low=1)
    return [Entry(e.name, runs, e.target, e.net, e.changes) for e in entries]
