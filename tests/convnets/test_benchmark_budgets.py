"""`python -m benchmarks budgets`: what it asks for and writes down. No accuracy is asserted here."""

import pytest

import benchmarks.__main__ as runner
from benchmarks.budgets import parts
from benchmarks.budgets.parts import PARTS, SEEDS, Bought, Budget, rows
from benchmarks.grading.command import read_rows


def test_every_seed_is_kept_and_judged(monkeypatch, tmp_path, capsys):
    asked = []

    def spend(budget, seed):
        asked.append((budget, seed))
        return Bought(89.0 + seed, 90.5, 600.0 + 40 * seed, "fast, 11.0 epochs, bf16, CIFAR-10")

    monkeypatch.setattr(parts, "spend", spend)
    assert runner.main(["budgets", "10m", "--results", str(tmp_path)]) == 0
    assert "fast, 11.0 epochs" in capsys.readouterr().out
    (path,) = tmp_path.glob("*.json")
    kept = {row["row"]: row for row in read_rows(path)}
    assert asked == [(Budget(600, "cifar10", 90), seed) for seed in SEEDS]
    assert [kept[f"seed {seed}"]["values"] for seed in SEEDS] == [[89.0], [90.0], [91.0]]
    assert kept["accuracy"]["values"] == [89.0, 90.0, 91.0]
    assert kept["accuracy"]["met"]
    assert kept["from start to end"]["values"] == [600.0, 640.0, 680.0]
    assert kept["from start to end"]["at_most"] == pytest.approx(660)


@pytest.mark.family(share=4)
def test_a_budget_is_spent_by_the_command_of_the_students():
    found = {row.name: row for row in rows(PARTS["3m"].args[0], quick=True)}
    assert list(found) == ["seed 0", "accuracy", "accuracy, mirrored too", "from start to end"]
    assert "Shapes-10" in found["seed 0"].what
    assert 30 < found["accuracy"].values[0] <= 100
    assert found["from start to end"].values[0] > 5
