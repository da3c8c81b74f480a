"""A report: each slip its own sentence, at most eight lines, none too wide, true of what came."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from own_linear import Linear

from lib.tasks import Task, assess, find_task
from lib.tasks.assess import LINES, WIDTH, shorter

linear = find_task("a2.linear")


def task_of(parts: int) -> Task:
    """A task with so many parts, each about one number of what a function returns."""
    names = [f"part {number}" for number in range(parts)]
    task = Task("a0.many", "Many numbers", ("many",), dict.fromkeys(names, 1))
    for number, name in enumerate(names):

        def check(many, rng, number=number):
            return {f"many()[{number}]": many()[number]}

        check.__name__, check.__doc__ = f"check_{number}", f"number {number}"
        task.check(name)(check)

    @task.reference
    def many():
        return np.arange(1.0, parts + 1)

    for number, name in enumerate(names):
        wrong = {"row": number + 1, "sentence": f"Number {number} is not {number}.", "breaks": name}

        def without(number=number):
            numbers = np.arange(1.0, parts + 1)
            numbers[number] = number
            return numbers

        without.__name__ = f"without_{number}"
        task.wrong(**wrong)(without)
    return task


def with_slips(task, *slips):
    def many():
        numbers = task.references["many"]().copy()
        for slip in slips:
            numbers[slip] = slip
        return numbers

    return many


def test_two_slips_at_once_get_a_sentence_each():
    task = task_of(4)
    report = assess(task, [with_slips(task, 1, 3)], [0])
    assert {part.name: part.sentence for part in report.parts if not part.passed} == {
        "part 1": "Number 1 is not 1.",
        "part 3": "Number 3 is not 3.",
    }
    assert str(report).splitlines() == [
        "Many numbers: visible checks: 2 of 4",
        "✗ part 1: number 1: many()[1]: expected 2, got 1",
        "  Number 1 is not 1.",
        "✗ part 3: number 3: many()[3]: expected 4, got 3",
        "  Number 3 is not 3.",
    ]
    assert (report.earned, report.passed) == (2, False)


def test_where_the_expected_value_is_the_answer_the_report_keeps_it():
    task = Task("a0.colour", "A colour", ("colour",), {"name": 1})
    task.check("name", keeps=True)(lambda colour, rng: {"the name": colour()})
    task.reference(colour)
    task.wrong(0, "That is a fruit.", breaks="name")(lambda: "plum")
    report = str(assess(task, [lambda: "plum"], [0]))
    assert "the name: “plum” is not right" in report
    assert "That is a fruit." in report
    assert "mauve" not in report


def colour():
    return "mauve"


class TwoSlips(Linear):
    def forward(self, x):
        return super().forward(x) * 2

    def backward(self, x, grad_output, scale=1.0):
        self.grad_weight = scale * grad_output.T @ x
        self.grad_bias += scale * grad_output.sum(axis=0)
        return grad_output @ self.weight


def test_a_slip_of_the_bank_and_one_of_its_own():
    report = assess(linear, [TwoSlips], [0, 1])
    said = {part.name: part.sentence for part in report.parts if not part.passed}
    assert said.keys() == {"output", "grad_weight"}
    assert said["output"].startswith("Every number is 2 times the right one")
    assert "anew" in said["grad_weight"]


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 12), st.sets(st.integers(0, 11)))
def test_a_report_has_at_most_eight_lines_and_names_every_part(parts, slips):
    task = task_of(parts)
    slips = {slip for slip in slips if slip < parts}
    report = assess(task, [with_slips(task, *slips)], [0])
    lines = str(report).splitlines()
    assert len(lines) <= LINES
    assert max(map(len, lines)) <= WIDTH
    assert all(f"part {slip}" in str(report) for slip in slips)
    assert report.earned == parts - len(slips)


@pytest.mark.parametrize(
    "answer",
    [
        lambda: "x\ny" * 1000,
        lambda: [" \n".join(["word"] * 500)] * 3,
        lambda: (_ for _ in ()).throw(ValueError("long " * 1000)),
        lambda: (_ for _ in ()).throw(ValueError("one\n" * 1000)),
        lambda: [np.full((2, 3), 1e300), None, type("A" * 500, (), {})()],
        lambda: None,
        lambda: 1 / 0,
        lambda: [np.nan, True, "x"],
        lambda: [1j, {}, []],
        print,
    ],
)
def test_lines_stay_few_and_narrow_whatever_came(answer):
    report = assess(task_of(3), [answer], [0])
    lines = str(report).splitlines()
    assert len(lines) <= LINES
    assert max(map(len, lines)) <= WIDTH
    assert report.earned < 3


def one_value(right):
    task = Task("a0.one", "One", ("one",), {"value": 1})

    @task.check("value")
    def called(one, rng):
        """called"""
        return {"one()": one()}

    @task.reference
    def one():
        return right

    return task


@pytest.mark.parametrize(
    ("right", "found", "words"),
    [
        (np.zeros((2, 3)), np.eye(2, 3), "called: one() at [0, 0]: expected 0, got 1"),
        (1.5, 2.5, "called: one(): expected 1.5, got 2.5"),
        ("a", "b", "called: one(): expected “a”, got “b”"),
        (True, False, "called: one(): expected True, got False"),
        (np.array([True, False]), np.array([True, True]), "one() at [1]: expected False, got True"),
        (np.zeros(3), np.zeros((3, 1)), "one() has the shape (3, 1), expected (3,)"),
        (np.zeros(2), np.zeros(2, bool), "one() holds bool numbers, expected float64"),
        (1.0, None, "one() did not come"),
        (1.0, object(), "one() did not come"),
    ],
)
def test_what_differs_is_said(right, found, words):
    assert words in str(assess(one_value(right), [lambda: found], [0]))


def test_a_part_is_lost_where_any_seed_shows_it():
    task = Task("a0.sign", "Sign", ("sign",), {"value": 1})

    @task.check("value")
    def one_number(sign, rng):
        return {"sign(x)": sign(rng.normal())}

    @task.reference
    def sign(x):
        return float(np.sign(x))

    seeds = list(range(8))
    assert assess(task, [sign], seeds).passed
    assert not assess(task, [lambda x: 1.0], seeds).passed
    assert any(assess(task, [lambda x: 1.0], [seed]).passed for seed in seeds)


def test_all_right_is_one_line():
    said = "Linear: visible checks: 5 of 5; the grade also uses hidden cases of the same kind"
    assert str(assess(linear, [Linear], [0])) == said
    assert assess(linear, [Linear], [0]).graded() == "Linear: 25 of 25 marks"


def test_a_long_line_is_cut():
    assert shorter("a  b\nc") == "a b c"
    assert len(shorter("x" * 500)) == WIDTH
