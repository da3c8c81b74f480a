"""`check`, `hint` and `or_ours`, as a lecture calls them."""

import numpy as np
import pytest

from lib.lessons import check, exercises, hint, or_ours
from lib.tasks import CheckFailed, find_task


class AddGate:
    def forward(self, x, y):
        return x + y

    def backward(self, dz):
        return dz, dz


class Wrong(AddGate):
    def backward(self, dz):
        return 1.0, 1.0


class Stub:
    def forward(self, x, y): ...

    def backward(self, dz): ...


@pytest.fixture(autouse=True)
def noted(monkeypatch):
    found = []
    monkeypatch.setattr(exercises, "note_passed", found.append)
    monkeypatch.setattr(exercises, "hints_taken", {})
    return found


def test_a_right_answer_is_said_and_noted(noted, capsys):
    assert check("05.add_gate", AddGate) is None
    assert capsys.readouterr().out == "AddGate: right\n"
    assert noted == ["05.add_gate"]


def test_a_wrong_answer_is_told_its_slip_and_where_a_hint_is(noted, capsys):
    check("05.add_gate", Wrong)
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "AddGate: not right yet"
    assert "The upstream gradient is missing" in said[-2]
    assert said[-1] == 'Stuck? Run hint("05.add_gate").'
    assert noted == []


@pytest.mark.parametrize("stub", [Stub, None, find_task("05.add_gate").references["AddGate"]])
def test_what_is_not_begun_or_ours_is_one_line(stub, noted, capsys):
    check("05.add_gate", stub)
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("Not yet: AddGate")
    assert noted == []


class Leftover(AddGate):
    def forward(self, x, y):
        ...
        return x + y

    def backward(self, dz):
        ...
        return dz, dz


class LeftoverAndWrong(Leftover):
    def forward(self, x, y):
        ...
        return x - y

    def backward(self, dz):
        ...
        return dz, dz


def test_dots_that_are_left_in_a_right_answer_are_no_matter(noted, capsys):
    check("05.add_gate", Leftover)
    assert capsys.readouterr().out == "AddGate: right\n"
    assert noted == ["05.add_gate"]
    check("05.add_gate", LeftoverAndWrong)
    assert capsys.readouterr().out.startswith("Not yet: AddGate. Write AddGate in the place of ...")


def test_the_library_s_own_gate_is_refused(noted, capsys):
    from lib.graph.gates.arithmetic import AddGate as TheirGate

    check("05.add_gate", TheirGate)
    assert "the task is to write it" in capsys.readouterr().out
    assert noted == []


def test_a_task_of_an_assignment_raises_as_it_does_there(noted, monkeypatch):
    monkeypatch.delenv("COURSE_GRADING", raising=False)
    with pytest.raises(CheckFailed, match="ReLU: visible checks"):
        check("a2.relu", Wrong)
    assert noted == []


def test_hints_come_one_at_a_time_and_then_the_place_of_the_solution(capsys):
    hints = find_task("05.add_gate").hints
    for _ in range(len(hints) + 2):
        hint("05.add_gate")
    said = capsys.readouterr().out.splitlines()
    assert said[:-2] == [f"Hint {k} of {len(hints)}: {text}" for k, text in enumerate(hints, 1)]
    assert (
        said[-1]
        == said[-2]
        == ("That was the last hint. The solution is folded, below the check of this exercise.")
    )


def test_there_are_no_hints_for_assignments(capsys):
    hint("a2.linear")
    assert "no hints for an assignment" in capsys.readouterr().out


@pytest.mark.parametrize("given", [Stub, Wrong, None])
def test_our_solution_stands_in_for_what_is_not_right(given, capsys):
    used = or_ours("05.add_gate", given)
    assert used is find_task("05.add_gate").references["AddGate"]
    assert capsys.readouterr().out == "The next cells use our AddGate.\n"
    assert used().backward(np.ones(2))[0].tolist() == [1, 1]


def test_what_is_right_is_used(capsys):
    assert or_ours("05.add_gate", AddGate) is AddGate
    assert capsys.readouterr().out == "The next cells use your AddGate.\n"


@pytest.mark.parametrize("name", ["a2.linear", "a1.vote"])
def test_solutions_of_assignments_are_not_given_away(name):
    with pytest.raises(ValueError, match="expected an exercise of a lecture"):
        or_ours(name, AddGate)


@pytest.mark.parametrize("call", [check, or_ours])
def test_a_call_with_too_little_is_a_sentence(call):
    with pytest.raises(
        ValueError, match=r'expected AddGate, got nothing; write check\("05.add_gate", AddGate\)'
    ):
        call("05.add_gate")


@pytest.mark.parametrize("name", ["05.nothing", "05", "lecture_05.add_gate", "5.add_gate", None])
@pytest.mark.parametrize("call", [check, hint, or_ours])
def test_a_name_that_there_is_not_is_a_sentence(call, name):
    with pytest.raises(ValueError, match=r"expected a task, such as 'a2\.linear'"):
        call(name)
