"""The three trainings of lecture 11 that take minutes: what is written down is what the commands gave."""

import csv
import sys

import pytest

from lib.commands import parse_command
from lib.convnets.studies import sitting


def test_the_committed_numbers_belong_to_the_commands_as_they_are():
    study = sitting.read_sitting()
    assert study["command"] == "python -m lib.convnets.studies.sitting"
    assert study["machine"]
    assert study["data"]
    assert {name: run["command"] for name, run in study["runs"].items()} == sitting.COMMANDS


def test_the_curves_tell_the_story_from_forty_to_ninety():
    runs = sitting.read_sitting()["runs"]
    accuracies = [run["test"] for run in runs.values()]
    assert accuracies == sorted(accuracies)
    assert 0.39 < accuracies[0] < 0.42
    assert 0.89 < accuracies[-1] < 0.91
    for run in runs.values():
        assert len(run["training"]) == len(run["validation"]) == len(run["seconds"])
        assert run["seconds"] == sorted(run["seconds"])


@pytest.mark.parametrize("command", sitting.COMMANDS.values())
def test_a_command_is_one_that_there_is(command):
    arguments, further = parse_command(command.split()[1:])
    assert (arguments.command, further) == ("train", [])


def test_a_history_becomes_curves(tmp_path, monkeypatch):
    def run(command, check):
        assert command[:4] == [sys.executable, "-m", "lib.cli", "train"]
        place = command[command.index("--checkpoint") + 1].replace(".pt", ".csv")
        with open(place, "w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["seconds", "train_accuracy", "validation_accuracy", "test_accuracy"])
            rows.writerows([[1.5, 0.2, 0.25, ""], [2, 0.33333, 0.3, 0.31]])

    monkeypatch.setattr(sitting.subprocess, "run", run)
    sitting.main("shapes10", tmp_path / "sitting.json")
    study = sitting.read_sitting(tmp_path / "sitting.json")
    assert study["data"] == "shapes10"
    assert study["runs"]["fast"] == {
        "command": sitting.COMMANDS["fast"],
        "training": [0.2, 0.3333],
        "validation": [0.25, 0.3],
        "seconds": [1.5, 3.5],
        "test": 0.31,
    }
