"""What is written down of a training: a row of numbers an epoch, and every look at the test set."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

COLUMNS = (
    "epoch", "steps", "loss", "train_accuracy", "validation_accuracy", "learning_rate", "seconds",
    "test_accuracy", "test_looks",
)  # fmt: skip


class History:
    """The numbers of a training.

    columns: by name, one number an epoch, None where there is none:
        epoch, steps: how many were finished by then
        loss, train_accuracy: means over the images, while the weights moved
        validation_accuracy: after the epoch
        learning_rate: of its last step
        seconds: of the training alone
        test_accuracy: of the test set, where it was looked at after that epoch
        test_looks: how often it was looked at by then
    losses: of every step
    """

    def __init__(self) -> None:
        self.columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}
        self.losses: list[float] = []
        self.test_looks = 0

    def add(self, **numbers: Any) -> None:
        """A row for an epoch."""
        for name in COLUMNS:
            self.columns[name].append(numbers.get(name))
        self.columns["test_looks"][-1] = self.test_looks

    def last(self, name: str) -> Any:
        """The newest number of a column; None where there is none."""
        return self.columns[name][-1] if self.columns[name] else None

    def save(self, path: str | Path) -> None:
        """Writes the columns as CSV."""
        with open(path, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            writer.writerows(zip(*self.columns.values(), strict=True))

    def state_dict(self) -> dict[str, Any]:
        return {"columns": self.columns, "losses": self.losses, "test_looks": self.test_looks}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        for name in COLUMNS:
            self.columns[name][:] = state["columns"][name]
        self.losses[:] = state["losses"]
        self.test_looks = state["test_looks"]
