"""What is written down of a training: a row of numbers an epoch, and every look at the test set."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib.checks import mismatch, shown
from lib.convnets.evaluate import accuracies, accuracy
from lib.files import replacing_text

if TYPE_CHECKING:
    from lib.convnets.learner import Learner
    from lib.convnets.run import Data

COLUMNS = (
    "epoch", "steps", "loss", "train_accuracy", "validation_accuracy", "learning_rate", "seconds",
)  # fmt: skip


class History:
    """The numbers of a training.

    columns: by name, a list with one number an epoch:
        epoch, steps: how many were finished by then
        loss, train_accuracy: means over the images, while the weights moved
        validation_accuracy: after the epoch; nan where it was not measured, empty where it never was
        learning_rate: of its last step
        seconds: of the training alone
    losses: of every step
    tests: every look at the test set: the epochs that were finished by then, and the accuracy, nan where
        something else was looked at
    """

    def __init__(self) -> None:
        self.columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}
        self.losses: list[float] = []
        self.tests: list[list[Any]] = []

    def add(self, **numbers: Any) -> None:
        """A row for an epoch: a number for each column, None for a validation that was not measured."""
        before = len(self.columns["epoch"])
        for name in COLUMNS:
            column, number = self.columns[name], numbers[name]
            if number is not None or column:
                column += [math.nan] * (before - len(column))
                column.append(math.nan if number is None else number)

    def last(self, name: str) -> Any:
        """The newest number of a column; None where there is none."""
        return self.columns[name][-1] if self.columns[name] else None

    @property
    def test_looks(self) -> int:
        """How often the test set was looked at; whoever looks at it adds 1."""
        return len(self.tests)

    @test_looks.setter
    def test_looks(self, count: int) -> None:
        while len(self.tests) < count:
            self.tests.append([len(self.columns["epoch"]), math.nan])

    def score_test(self, learner: Learner, data: Data) -> float:
        """The accuracy on the test set, 0…1. Each look is written down: choices belong on validation images.

        Raises `ValueError` where the images do not say that they are the test set.
        """
        _check_is_test(data, "score_test")
        self.tests[-1][1] = found = accuracy(learner, data, history=self)
        return found

    def score_views(self, learner: Learner, data: Data) -> tuple[float, float]:
        """As `score_test`, and beside it the accuracy where each image is seen mirrored, too: one look."""
        _check_is_test(data, "score_views")
        single, mirrored = accuracies(learner, data, history=self)
        self.tests[-1][1] = single
        return single, mirrored

    def save(self, path: str | Path) -> None:
        """Writes a CSV file: the columns, and of the test set the accuracy and how often it was looked at."""
        rows = [[*COLUMNS, "test_accuracy", "test_looks"]]
        for row in range(len(self.columns["epoch"])):
            values = [self.columns[name][row] if self.columns[name] else "" for name in COLUMNS]
            looks = [a for epoch, a in self.tests if epoch == row + 1 and not math.isnan(a)]
            rows.append([*values, looks[-1] if looks else "", sum(e <= row + 1 for e, _ in self.tests)])
        with replacing_text(path) as file:
            csv.writer(file, lineterminator="\n").writerows(rows)

    def state_dict(self) -> dict[str, Any]:
        """All of it, as lists of numbers: for a checkpoint."""
        return {"columns": self.columns, "losses": self.losses, "tests": self.tests}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Puts back what `state_dict` gave; raises `ValueError` where it is something else."""
        columns, losses, tests = state["columns"], state["losses"], state["tests"]
        lists = [*columns.values(), losses, *tests]
        if list(columns) != list(COLUMNS) or not all(type(numbers) is list for numbers in lists):
            raise ValueError(f"history: expected lists of {', '.join(COLUMNS)}, got {shown(columns)}")
        for name in COLUMNS:
            self.columns[name][:] = columns[name]
        self.losses[:] = losses
        self.tests[:] = tests


def _check_is_test(data: Any, asked: str) -> None:
    if not getattr(data, "is_test", False):
        raise mismatch(asked, "data", "the test set, made with is_test=True", shown(data))
