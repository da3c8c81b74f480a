"""A right answer with one change loses a part, or the change makes no difference that a task asks for."""

import re

import pytest
from mutation import Mutant, is_seen, mutants

from lib.tasks import find_task, task_names
from lib.tasks.known import has_answers

# Changes that leave an answer right: task, what is found in the change as `python tests/tasks/mutation.py`
# prints it, and why.
BEGIN = "the numbers that a layer begins with are free"
WRITTEN = "every number is written over"
FILLED = r"(\w+) = np\.zeros.* → .*np\.ones"
EQUAL = [
    ("a4.reproducible", r".*", "another training of another net, which may be as right"),
    ("a1.*|a2.cross_entropy", r"axis=1.* → .*axis=-1", "the last axis of two is axis 1"),
    ("a1.vote", r"axis=1, .* → .*argsort\(distances, kind", "the last axis is the usual one"),
    ("a1.softmax", r"if shift is None .* if True else shift", "only wrong answers choose a shift"),
    ("a1.cross_validation", r"np\.mean.* → .*np\.sum", "the largest mean belongs to the largest sum"),
    ("a1.distances|a1.cross_validation|a2.gradient_check", FILLED, WRITTEN),
    ("a3.convolution", f"weight_gradient: {FILLED}", WRITTEN),
    ("a2.linear|a3.convolution", r"^\w+: self\.(weight|bias) = ", BEGIN),
    ("a2.linear|a3.convolution", r"seed=0\): → .*seed=1\):$", BEGIN),
    ("a2.relu|a2.mul_constant", r"scale=1.0\): → ", "the layer has no parameters to scale a gradient of"),
    ("a2.gates", r"Sigmoid: .* if x >= 0 .* if x > 0 ", "both forms are alike at 0"),
    ("a2.graph", r"self\.nodes\[name\]\[1\] → .*\[-1\]", "the last of two"),
    ("a2.gradient_check", r"h=1e-05\): → .*h=(-1|2)e-05\):$", "another small step, and both sides of it"),
    ("a2.gradient_check", r"size == 0, 1, .* → .*size == 0, (-1|2), ", "0 divided by whatever is not 0"),
    ("a3.dropout", r"random\(shape\) >= self\.p → .* > self\.p", "a drawn number is p once in 2⁵³ draws"),
    ("a3.dropout", r" else 0\.0 → .* else 1\.0$", "at p = 1 nothing is left to be scaled"),
    ("a3.max_pooling|a3.convolution", r"shape\[2:\].* → .*shape\[-2:\]", "the last two axes of four"),
    ("a4.submission", r"len\(labels\) \+ 1.* → .*len\(labels\) \+ 2", "the rows end with the labels"),
    ("a3.batch_norm", r"mode = True → ", "forward sets it"),
    ("a3.batch_norm", r"\.reshape\(-1, .* → .*\.reshape\(-2, ", "numpy takes any negative size for -1"),
    ("a3.convolution|a3.batch_norm", r"__init__\(.*(stride|momentum)=", "given in the notebook"),
    ("a3.convolution", r"axis=\(0, 2, 3\).* → .*axis=\(0, -2, 3\)", "axis 2 of four"),
]
NAMES = [name for name in task_names() if re.match(r"a\d", name)]
MUTANTS = [mutant for name in NAMES if has_answers(find_task(name)) for mutant in mutants(name)]


def called(mutant: Mutant) -> str:
    return f"{mutant.task}-{mutant.owner}-{mutant.node}-{mutant.kind}"


def listed(mutant: Mutant, rules: list[tuple[str, str, str]]) -> str:
    """Why a change is on a list; "" where it is not."""
    return next(
        (
            why
            for task, found, why in rules
            if re.fullmatch(task, mutant.task) and re.search(found, mutant.change)
        ),
        "",
    )


@pytest.mark.family(share=40)
@pytest.mark.parametrize("mutant", MUTANTS, ids=called)
def test_a_change_of_a_right_answer_costs_marks(mutant: Mutant):
    seen = is_seen(mutant) or listed(mutant, EQUAL)
    assert seen, f"no check of {mutant.task} sees this: {mutant.change}"


@pytest.mark.family(share=4)
@pytest.mark.parametrize("rule", EQUAL, ids=lambda rule: rule[1])
def test_a_listed_change_is_one_of_those_that_are_made(rule):
    of_task = [mutant for mutant in MUTANTS if re.fullmatch(rule[0], mutant.task)]
    if not of_task:
        pytest.skip("this task is not here yet")
    assert any(listed(mutant, [rule]) for mutant in of_task)


def test_there_are_many():
    assert len(MUTANTS) >= min(300, 20 * len(NAMES))
