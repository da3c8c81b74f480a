"""From 40% to almost 90% on CIFAR-10 without a GPU: three nets, each trained by one command.

`python -m lib.convnets.studies.sitting` takes a quarter of an hour on two idle cores with bf16, and
writes sitting.json beside this file: their learning curves, and the accuracy on the test images, looked at
once, at the end.
"""

from __future__ import annotations

import csv
import json
import shlex
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

from lib.convnets.device import cpu_fields
from lib.files import replacing_text

COMMANDS = {
    "linear": "course train linear",
    "fast_half": "course train fast_half --budget 3m",
    "fast": "course train fast --budget 10m",
}
RESULTS = Path(__file__).with_name("sitting.json")


def history_curves(path: Path) -> dict[str, Any]:
    """What a lecture shows of the history that `course train` has written.

    path: of the CSV file

    Returns training and validation, the accuracies 0…1 after each epoch; seconds, of the training until then;
    test, the accuracy on the test images.
    """
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    passed = 0.0
    found: dict[str, Any] = {"training": [], "validation": [], "seconds": []}
    for row in rows:
        passed += float(row["seconds"])
        found["seconds"].append(round(passed, 1))
        found["training"].append(round(float(row["train_accuracy"]), 4))
        found["validation"].append(round(float(row["validation_accuracy"]), 4))
    return found | {"test": float(rows[-1]["test_accuracy"])}


def read_sitting(path: Path = RESULTS) -> dict[str, Any]:
    """What is written in sitting.json."""
    return json.loads(path.read_text("utf-8"))


def main(data: str = "cifar10", path: Path = RESULTS) -> None:
    """Trains all of them, and writes the file.

    data: as in `course train --data`
    path: of the file
    """
    runs = {}
    with TemporaryDirectory() as folder:
        for name, command in COMMANDS.items():
            checkpoint = Path(folder, f"{name}.pt")
            options = ["--data", data, "--checkpoint", str(checkpoint)]
            subprocess.run([sys.executable, "-m", "lib.cli", *shlex.split(command)[1:], *options], check=True)
            runs[name] = {"command": command} | history_curves(checkpoint.with_suffix(".csv"))
    write_sitting(path, runs, data)


def write_sitting(path: Path, runs: dict[str, Any], data: str) -> None:
    """Writes down the runs, and on what they ran."""
    machine = f"{cpu_fields().get('model name', 'unknown')}, two cores, torch {torch.__version__}"
    study = {
        "command": "python -m lib.convnets.studies.sitting",
        "machine": machine,
        "data": data,
        "runs": runs,
    }
    with replacing_text(path) as file:
        file.write(json.dumps(study, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "cifar10")
