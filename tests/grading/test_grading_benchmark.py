"""The benchmark of grading: its table and its file; no speed is asserted here."""

import sys

import pytest

import benchmarks.__main__ as runner
from benchmarks.grading import command, spent
from benchmarks.grading.parts import PARTS
from benchmarks.measure import Row
from lib.grading.template import template_offered


@pytest.fixture
def one_part(monkeypatch):
    rows = [Row("a / b", "tiny", [0.2, 0.3, 0.4], at_most=0.35, ours="1 s", peer="4 s"), Row("", "x", [1.0])]
    monkeypatch.setattr(command, "PARTS", {"tiny": lambda quick: iter(rows), "broken": broken})


def broken(quick):
    raise RuntimeError("a case failed")
    yield


@pytest.mark.usefixtures("one_part")
def test_rows_are_printed_and_kept_one_file_a_machine(tmp_path, capsys):
    for _ in range(2):
        assert runner.main(["grading", "tiny", "--results", str(tmp_path)]) == 0
    assert "a / b" in capsys.readouterr().out
    (path,) = tmp_path.glob("*.json")
    rows = command.read_rows(path)
    assert [row["row"] for row in rows] == ["a / b", "", "a / b", ""]
    assert (rows[0]["median"], rows[0]["met"], rows[0]["part"]) == (0.3, True, "tiny")
    path.write_text("[]", "utf-8")
    with pytest.raises(ValueError, match="expected results of"):
        command.read_rows(path)


@pytest.mark.usefixtures("one_part")
def test_a_part_that_fails_costs_no_other(tmp_path, capsys):
    assert runner.main(["grading", "broken", "tiny", "--results", str(tmp_path)]) == 1
    printed = capsys.readouterr()
    assert "broken: not measured: a case failed" in printed.err
    assert "a / b" in printed.out
    assert runner.main(["grading", "unknown"]) == 2


def test_quick_keeps_nothing(monkeypatch, one_part):
    monkeypatch.setattr(command, "keep", lambda *given: pytest.fail("kept"))
    assert runner.main(["grading", "tiny", "--quick"]) == 0


@pytest.mark.skipif(not hasattr(spent.os, "wait4"), reason="needs wait4")
def test_what_a_program_and_its_children_took_is_counted():
    burn = "import time\nwhile time.process_time() < 0.3: pass"
    both = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {burn!r}])\n{burn}"
    both += "\nprint('{\"a\": 1}')"
    found = spent.spent_by([sys.executable, "-c", both], dict(spent.os.environ))
    assert 0.6 <= found.cpu < 3
    assert found.said == {"a": 1}
    with pytest.raises(RuntimeError, match="oh no"):
        spent.spent_by([sys.executable, "-c", "raise SystemExit('oh no')"], dict(spent.os.environ))


@pytest.mark.family(share=20)
@pytest.mark.timeout(600)
def test_the_kernels_of_the_benchmark_run():
    if not template_offered()[0]:
        pytest.skip("there is no template on this computer")
    assert [row.name.split(" / ")[0] for row in PARTS["kernels"](quick=True)] == 2 * [
        "kernel in template",
        "kernel in bubblewrap",
    ]
