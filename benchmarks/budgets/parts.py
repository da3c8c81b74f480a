"""The parts of the benchmark: each spends a budget with every seed, and yields what that bought."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.grading.spent import spent_by
from benchmarks.measure import Row
from lib.convnets.durations import said

SEEDS = (0, 1, 2)
LATE = 1.1  # of a budget, at most


@dataclass(frozen=True)
class Budget:
    """What `course train` is asked for.

    seconds: of the budget
    data: the name of the data set
    at_least: the accuracy that is aimed at, in %; None: no aim
    precision: "bf16" or "fp32"; empty: the fastest here
    """

    seconds: int
    data: str
    at_least: float | None = None
    precision: str = ""


@dataclass(frozen=True)
class Bought:
    """What came out of one training.

    accuracy, mirrored: % of the test images, with a single view and with its mirror image
    seconds: from the start of the process to its end
    training: net, epochs and precision, in words
    """

    accuracy: float
    mirrored: float
    seconds: float
    training: str


def spend(budget: Budget, seed: int) -> Bought:
    """One training, in a process of its own; raises `RuntimeError` where it fails."""
    from lib.convnets.checkpoints import read_checkpoint

    with tempfile.TemporaryDirectory(prefix="budget-") as folder:
        path = Path(folder) / "trained.pt"
        command = [sys.executable, "-m", "lib.cli", "train", "--budget", f"{budget.seconds}s"]
        command += ["--data", budget.data, "--seed", str(seed), "--checkpoint", str(path)]
        command += ["--precision", budget.precision] if budget.precision else []
        spent = spent_by(command, os.environ)
        trained = read_checkpoint(path)
    notes, training = trained["notes"], trained["training"]
    steps = len(trained["history"]["losses"])  # that were taken, whatever was planned
    epochs = steps * training["recipe"]["batch_size"] / training["data"]["images"]
    what = f"{trained['net']['name']}, {epochs:.1f} epochs, {notes['precision']}, {notes['kind']}"
    return Bought(100 * notes["test_accuracy"], 100 * notes["mirrored_accuracy"], spent.wall, what)


def rows(budget: Budget, quick: bool) -> Iterator[Row]:
    """What a budget bought with each seed: a row for each, then those of all."""
    if quick:
        budget = Budget(30, "shapes10", precision=budget.precision)
    found = []
    for seed in SEEDS[:1] if quick else SEEDS:
        found.append(spend(budget, seed))
        yield Row(f"seed {seed}", found[-1].training, [found[-1].accuracy], unit="%")
    case = f"{said(budget.seconds)}, seeds {', '.join(map(str, SEEDS[: len(found)]))}"
    yield Row("accuracy", case, [each.accuracy for each in found], unit="%", at_least=budget.at_least)
    yield Row("accuracy, mirrored too", case, [each.mirrored for each in found], unit="%")
    yield Row(
        "from start to end", case, [each.seconds for each in found], unit="s", at_most=LATE * budget.seconds
    )


PARTS: Mapping[str, Callable[[bool], Iterator[Row]]] = {
    name: partial(rows, budget)
    for name, budget in {
        "shapes": Budget(60, "shapes10", 98.5),
        "hard": Budget(60, "shapes10-hard", 76),
        "3m": Budget(180, "cifar10", 86),
        "10m": Budget(600, "cifar10", 90),
        "3m-fp32": Budget(180, "cifar10", precision="fp32"),
        "10m-fp32": Budget(600, "cifar10", precision="fp32"),
    }.items()
}
