"""`check` in a notebook: a sentence for every mistake of the call, an error where an answer is wrong."""

import subprocess
import sys

import pytest
from own_linear import Linear

from lib.tasks import CheckFailed, Task, check


class Wrong(Linear):
    def forward(self, x):
        return super().forward(x) + 1


def test_a_right_answer_prints_one_line(capsys):
    check("a2.linear", Linear)
    assert capsys.readouterr().out.splitlines() == [
        "Linear: visible checks: 5 of 5; the grade also uses hidden cases of the same kind"
    ]


def test_a_wrong_answer_of_an_assignment_raises(monkeypatch, capsys):
    monkeypatch.delenv("COURSE_GRADING", raising=False)
    with pytest.raises(CheckFailed, match="Every number is off by the same amount, 1"):
        check("a2.linear", Wrong)
    assert capsys.readouterr().out == ""


def test_a_notebook_shows_the_message_alone(monkeypatch, capsys):
    from IPython.core.interactiveshell import InteractiveShell

    monkeypatch.delenv("COURSE_GRADING", raising=False)
    shell = InteractiveShell()
    shell.user_ns |= {"check": check, "Linear": Wrong}
    shell.run_cell("check('a2.linear', Linear)", store_history=False)
    shown = capsys.readouterr().out.strip().splitlines()
    assert shown[0] == "Linear: visible checks: 4 of 5"
    assert shown[-1].strip() == "Every number is off by the same amount, 1."


def test_in_a_lecture_it_is_printed(monkeypatch, capsys):
    task = Task("l05.double", "Twice", ("double",), {"value": 1})
    task.check("value")(lambda double, rng: {"double(2)": double(2)})
    task.references["double"] = lambda x: 2 * x
    monkeypatch.setattr(sys.modules["lib.tasks.check"], "find_task", lambda name: task)
    check("l05.double", lambda x: 3 * x)
    assert "double(2): expected 4, got 6" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["a2.linear"], r'check: given: expected Linear, got nothing; write check\("a2.linear", Linear\)'),
        (["a2.linear", Linear, Linear], "expected Linear, got Linear, Linear"),
        (["a2.linear", Linear, 3], "expected Linear, got Linear, 3"),
        (["a2"], "name: expected a task, such as 'a2.linear', got 'a2'"),
        (["a2.linaer", Linear], "`course check` lists them"),
        ([Linear], "name: expected a task"),
        ([None], "name: expected a task"),
        (["a2.answers", Linear], "name: expected a task"),
        (["..a2.linear", Linear], "name: expected a task"),
    ],
)
def test_a_wrong_call_is_a_sentence(arguments, words):
    with pytest.raises(ValueError, match=words):
        check(*arguments)


def test_a_check_needs_numpy_only():
    program = (
        "import sys, lib.tasks; print(*{'matplotlib', 'torch', 'IPython', 'ipywidgets'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []
