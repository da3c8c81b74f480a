"""The benchmark runner: what it measures is right and stands in the table. No speed is asserted here."""

import subprocess
import sys

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

import benchmarks.__main__ as runner
from benchmarks.measure import Row, interleaved, machine, ratios
from benchmarks.neighbors import memory_rows
from benchmarks.table import COLUMNS, aligned, head, line
from data_loaders import Dataset, Split


@pytest.fixture
def three_modules(monkeypatch, tmp_path):
    """A package of three modules instead of the course's: two benchmarks and a helper."""
    for name, value in [("fast_layers", 1.5), ("fast_graphs", 9.0)]:
        (tmp_path / f"{name}.py").write_text(
            "from benchmarks.measure import Row\n"
            f"def rows(quick):\n    return [Row('{name}', f'quick is {{quick}}', [{value}], at_most=2)]\n"
        )
    (tmp_path / "fast_helper.py").write_text("")
    monkeypatch.setattr(runner.benchmarks, "__path__", [str(tmp_path)])
    monkeypatch.setattr(runner.importlib, "import_module", lambda name: load(tmp_path, name.split(".")[-1]))


def load(folder, name):
    module = type(runner)(name)
    exec((folder / f"{name}.py").read_text(), module.__dict__)
    return module


@pytest.mark.usefixtures("three_modules")
def test_the_table_has_the_rows_of_every_benchmark_and_says_which_targets_are_met(capsys):
    assert runner.main([]) == 0
    printed = capsys.readouterr().out
    met, missed = (
        next(line for line in printed.splitlines() if name in line) for name in ("layers", "graphs")
    )
    assert met.split()[-8:] == ["False", "1.50×", "(1.50", "…", "1.50)", "≤", "2×", "met"]
    assert missed.split()[-7:] == ["9.00×", "(9.00", "…", "9.00)", "≤", "2×", "MISSED"]
    assert machine() in printed


@pytest.mark.usefixtures("three_modules")
def test_a_name_chooses_and_quick_does_not_judge(capsys):
    assert runner.main(["graphs", "--quick"]) == 0
    printed = capsys.readouterr().out
    assert "quick is True" in printed
    assert "layers" not in printed
    assert "MISSED" not in printed


@pytest.mark.usefixtures("three_modules")
@pytest.mark.parametrize("name", ["torch", "helper"])
def test_an_unknown_name_is_answered_with_those_that_exist(name, capsys):
    assert runner.main([name]) == 2
    assert (
        f"NAME: expected a part of a benchmark's name, got {name}; the modules are fast_graphs, fast_helper"
        in capsys.readouterr().err
    )


def test_sides_take_turns_and_the_first_turn_does_not_count():
    calls, now = [], iter(range(100))
    sides = {name: lambda name=name: calls.append(name) for name in "ab"}
    seconds = interleaved(sides, turns=3, clock=lambda: next(now))
    assert calls == list("abababab")
    assert seconds == {"a": [1, 1, 1], "b": [1, 1, 1]}


def test_both_sides_run_on_one_thread():
    from threadpoolctl import threadpool_info

    threads = []
    interleaved({"a": lambda: threads.extend(pool["num_threads"] for pool in threadpool_info())}, turns=1)
    assert set(threads) == {1}


def test_a_ratio_is_taken_within_a_turn():
    assert ratios([2.0, 9.0], [1.0, 3.0]) == [2.0, 3.0]


@given(values=st.lists(st.floats(0.01, 1000), min_size=1, max_size=9), target=st.floats(0.01, 1000))
def test_a_target_is_for_the_median(values, target):
    below, above = (sum(value < target for value in values), sum(value > target for value in values))
    at_most, at_least = Row("", "", values, at_most=target), Row("", "", values, at_least=target)
    if above > len(values) / 2:
        assert (at_most.met, at_least.met) == (False, True)
    if below > len(values) / 2:
        assert (at_most.met, at_least.met) == (True, False)
    assert Row("", "", values).met is None


def test_cells_stand_below_those_of_the_head():
    names, rule = head().splitlines()
    first, second = line(Row("a", "x", [1.0], unit="ms")), line(Row("longer", "", [250.0], at_least=2.5))
    assert names.split() == ["case", "ours", "peer", "median", "(min", "…", "max)", "target"]
    assert len(rule) >= len(first)
    assert first.index("1.00 ms") == second.index("250×") == names.index("median")


@given(st.lists(st.text("ab c", max_size=60), min_size=1, max_size=len(COLUMNS)))
def test_no_cell_is_cut_and_two_spaces_stand_between_any_two(cells):
    cells = [cell.strip() for cell in cells]
    text = aligned(cells)
    place = 0
    for cell in cells:
        place = text.index(cell, place) + len(cell)
        assert not cell or text[place : place + 2].strip() == ""


WAITS = """
import sys
import benchmarks.__main__ as runner
from benchmarks.measure import Row

def rows(quick):
    yield Row("first", "", [1.0])
    sys.stdin.readline()  # the second takes until somebody has seen the first
    yield Row("second", "", [2.0])

runner.find = lambda names: {"waits": rows}
sys.exit(runner.main([]))
"""


def test_a_row_is_visible_before_the_next_one_is_measured():
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", WAITS], text=True, encoding="utf-8", **pipes) as process:
        seen = [process.stdout.readline() for _ in range(4)]  # machine, head, rule, first row
        assert seen[-1].startswith("first"), (process.communicate("go\n", timeout=60), process.returncode)
        rest, errors = process.communicate("go\n", timeout=60)
    assert rest.startswith("second")
    assert errors == "measuring waits …\n"
    assert process.returncode == 0


def test_where_nobody_looks_there_is_no_progress_bar(capsys):
    from benchmarks.training import train

    rng = np.random.default_rng(0)
    part = Split(rng.integers(0, 256, (400, 3, 32, 32), np.uint8), np.arange(400) % 10)
    train(Dataset("noise", part, part, tuple("abcdefghij")), 1, examples=400, tested=20)
    assert capsys.readouterr().err == ""


def test_the_memory_benchmark_sees_what_a_search_allocates():
    """2,000 float32 rows of the training data are 24 MB, which an L2 search holds at the same time."""
    (l2, l1) = memory_rows(queries=20, train=4000)
    assert 20 < l2.values[0] < 300
    assert l1.values[0] < l2.values[0]
    assert (l2.at_most, l2.unit) == (300, "MB")
