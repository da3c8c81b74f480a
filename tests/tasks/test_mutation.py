"""A right answer with one change loses a part, or the change makes no difference that a task asks for."""

import re

import pytest
from mutation import Mutant, is_seen, mutants

from lib.tasks import find_task, task_names
from lib.tasks.known import has_answers

# Changes that leave an answer right, as `python tests/tasks/mutation.py` prints them → why, by task.
FREE = "the numbers that a layer begins with are free"
EQUAL: dict[str, dict[str, str]] = {
    "a2.linear": {
        "Linear: def __init__(self, in_features, out_features, seed=0): → "
        "def __init__(self, in_features, out_features, seed=1):": FREE,
        "Linear: self.weight = rng.normal(size=(out_features, in_features)) / np.sqrt(in_features) → "
        "self.weight = rng.normal(size=(out_features, in_features)) * np.sqrt(in_features)": FREE,
        "Linear: self.weight = rng.normal(size=(out_features, in_features)) / np.sqrt(in_features) → "
        "self.weight = rng.normal(size=(out_features, in_features)) / np.abs(in_features)": FREE,
        "Linear: self.bias = np.zeros(out_features) → self.bias = np.ones(out_features)": FREE,
    },
}
NAMES = [name for name in task_names() if re.match(r"a\d", name)]
MUTANTS = [mutant for name in NAMES if has_answers(find_task(name)) for mutant in mutants(name)]


def called(mutant: Mutant) -> str:
    return f"{mutant.task}-{mutant.owner}-{mutant.node}-{mutant.kind}"


@pytest.mark.family(share=40)
@pytest.mark.parametrize("mutant", MUTANTS, ids=called)
def test_a_change_of_a_right_answer_costs_marks(mutant: Mutant):
    seen, reason = is_seen(mutant), EQUAL.get(mutant.task, {}).get(mutant.change)
    assert seen or reason, f"no check of {mutant.task} sees this: {mutant.change}"
    assert not (seen and reason), f"{mutant.change}: take it out of EQUAL, a check sees it"


@pytest.mark.family(share=4)
@pytest.mark.parametrize("name", EQUAL)
def test_the_list_of_equal_changes_names_only_what_there_is(name):
    assert EQUAL[name].keys() <= {mutant.change for mutant in mutants(name)}


def test_there_are_many():
    assert len(MUTANTS) >= min(300, 20 * len(NAMES))
