"""`course check` on files: what they define is looked at by the visible checks, whatever else they do."""

import json
from pathlib import Path

import pytest

from lib import cli

OWN = Path(__file__).with_name("own_linear.py").read_text("utf-8")
WRONG = OWN.replace("self.grad_weight += scale", "self.grad_weight = scale")


def notebook(path, *cells):
    made = [
        {"cell_type": "code", "source": source.splitlines(True), "metadata": {}, "outputs": []}
        for source in cells
    ]
    text = {"cell_type": "markdown", "source": ["import nothing"], "metadata": {}}
    path.write_text(json.dumps({"cells": [text, *made], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return str(path)


def check(capfd, *arguments):
    status = cli.main(["check", *arguments])
    shown = capfd.readouterr()
    return status, shown.out, shown.err


def test_without_arguments_the_tasks_are_listed(capfd):
    status, out, _ = check(capfd)
    assert status == 0
    assert any(line.split() == ["a2.linear", "Linear", "(25", "marks)"] for line in out.splitlines())
    assert any(line.split() == ["05.add_gate", "AddGate", "(2", "minutes)"] for line in out.splitlines())


def test_a_right_file_passes(tmp_path, capfd):
    (tmp_path / "mine.py").write_text(OWN)
    status, out, err = check(capfd, "a2.linear", str(tmp_path / "mine.py"))
    assert (status, err) == (0, "")
    assert "Linear: visible checks: 5 of 5" in out
    assert out.splitlines()[-1] == "1 of 1 tasks pass the visible checks"


def test_errors_magics_prints_and_exits_of_cells_stop_nothing(tmp_path, capfd):
    cells = [
        "%matplotlib inline\nprint('loud')",
        "1 / 0",
        "this is no Python",
        "import sys; sys.exit()",
        "input()",
        WRONG,
        "from lib.tasks import check\ncheck('a2.linear', Linear)",
        "import warnings; warnings.warn('loud')",
    ]
    status, out, err = check(capfd, "a2.linear", notebook(tmp_path / "my notebook.ipynb", *cells))
    assert (status, err) == (1, "")
    assert "loud" not in out
    assert "✗ grad_weight: " in out
    assert "start anew" in out
    assert "cell [2], “1 / 0”, raised ZeroDivisionError: division by zero" in out
    assert "cell [7]" not in out


def test_exercises_of_a_lecture_are_checked_and_what_is_open_says_so(tmp_path, capfd):
    gate = "class AddGate:\n    def forward(self, x, y):\n        return x + y\n    def backward(self, dz):\n"
    gate += "        "
    status, out, err = check(capfd, "05.add_gate", notebook(tmp_path / "mine.ipynb", f"{gate}return dz, dz"))
    assert (status, err) == (0, "")
    assert "AddGate: right\n1 of 1 tasks" in out
    status, out, err = check(capfd, "05", notebook(tmp_path / "mine.ipynb", f"{gate}..."))
    assert (status, err) == (1, "")
    assert "AddGate: not right yet" in out
    assert "MaxGate: expected MaxGate; MaxGate did not come." in out


def test_tasks_are_told_in_the_order_of_the_notebook(tmp_path, capfd):
    first, second = 'check("a2.relu", ReLU)', 'check("a2.gates", Add, Multiply, Max, Sigmoid)'
    _, out, _ = check(capfd, "a2", notebook(tmp_path / "mine.ipynb", first, second))
    assert out.index("ReLU: ") < out.index("Gates: ")


@pytest.mark.family(share=3)
def test_what_is_missing_is_said_and_the_other_tasks_are_looked_at(tmp_path, capfd):
    status, out, _ = check(
        capfd, "a2", notebook(tmp_path / "mine.ipynb", OWN.replace("class Linear", "class Lin"))
    )
    assert status == 1
    assert "Linear: expected Linear; Linear did not come." in out


@pytest.mark.family(share=3)
def test_a_loop_that_never_ends_is_stopped(tmp_path, capfd):
    (tmp_path / "mine.py").write_text("while True: pass")
    status, out, _ = check(capfd, "a2.linear", str(tmp_path / "mine.py"), "--time", "3s")
    assert status == 1
    assert "still running after 3 seconds" in out


@pytest.mark.family(share=3)
@pytest.mark.parametrize("code", [0, 3])
def test_an_end_of_python_is_said(tmp_path, capfd, code):
    (tmp_path / "mine.py").write_text(f"import os; os._exit({code})")
    status, out, _ = check(capfd, "a2.linear", str(tmp_path / "mine.py"))
    assert status == 1
    assert "Python ended before the checks did" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["a2.nothing"], "expected a task, such as 'a2.linear', got 'a2.nothing'"),
        (["../lib"], "expected a task"),
        (["a2", "nowhere.ipynb"], "no such file"),
    ],
)
def test_mistakes_are_one_sentence(arguments, words, capfd):
    status, _, err = check(capfd, *arguments)
    assert status == 1
    assert words in err
