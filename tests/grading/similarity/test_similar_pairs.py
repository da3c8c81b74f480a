"""Who copied stands above who wrote alone, however it is disguised; natural likeness suggests nobody."""

import random

import pytest
from authors import LINEAR, NAME, STUB, TASKS, a_made_class, alone, body, disguised, hand_in

from lib.grading.places import result_file
from lib.grading.results import Result, TaskMarks, save_result
from lib.grading.similarity.comparison import compared
from lib.tasks.copied import LIB


@pytest.fixture
def root(tmp_path):
    return tmp_path / "course"


def pairs(root, **options):
    """The pairs in their order."""
    return [(pair.one, pair.other) for pair in compared("a7", root, **options).pairs]


def test_planted_copies_rank_above_all_who_wrote_alone(root):
    released, written = a_made_class(root, 40)
    rng = random.Random(1)
    copies = {
        "renamed": {task: disguised(text, rng) for task, text in written["s001"].items()},
        "reordered": written["s020"] | {"a7.filter": disguised(written["s002"]["a7.filter"], rng)},
        "whiles": written["s021"]
        | {task: disguised(written["s003"][task], rng, whiles=True) for task in ("a7.settle", "a7.route")},
        "one-task": alone(rng) | {"a7.route": disguised(written["s004"]["a7.route"], rng)},
    }
    for student, code in copies.items():
        hand_in(root, student, released, code)
    merged = {task: disguised(text, rng) for task, text in written["s005"].items()}
    hand_in(root, "merged", released, merged, merged=True)
    found = compared("a7", root)
    planted = {
        ("renamed", "s001"), ("reordered", "s002"), ("s003", "whiles"), ("one-task", "s004"),
        ("merged", "s005"), ("reordered", "s020"), ("s021", "whiles"),  # who left the rest as it was
    }  # fmt: skip
    first = [(pair.one, pair.other) for pair in found.pairs]
    assert set(first[: len(planted)]) == planted
    weights = [pair.weight for pair in found.pairs]
    assert len(weights) == len(planted) or weights[len(planted) - 1] > 3 * weights[len(planted)]
    by_pair = {(pair.one, pair.other): {common.task: common for common in pair.tasks} for pair in found.pairs}
    assert by_pair["one-task", "s004"].keys() == {"a7.route"}
    assert min(common.share for common in by_pair["renamed", "s001"].values()) > 0.7
    assert "a7.linear" not in {task for tasks in by_pair.values() for task in tasks}


def test_short_answers_that_are_alike_by_nature_suggest_nobody(root):
    released, _ = a_made_class(root, 12)
    for number in range(6):
        hand_in(root, f"same{number}", released, {"a7.linear": LINEAR})
    assert all("same" not in one + other for one, other in pairs(root))


def test_untouched_releases_are_not_compared(root):
    released, _ = a_made_class(root, 3)
    for student in ("idle", "asleep"):
        hand_in(root, student, released, {})
        hand_in(root, f"{student}-too", released, {"a7.route": f"{TASKS['a7.route']}\n    {STUB}"})
    found = compared("a7", root)
    assert not [pair for pair in found.pairs if "idle" in pair.one + pair.other]
    assert found.codes["idle"] == {}


def test_what_the_course_says_is_nobody_s(root):
    released, _ = a_made_class(root, 10)
    library = (LIB / "nn" / "convolution.py").read_text("utf-8")
    for student in ("reads", "reads-too"):
        hand_in(root, student, released, {}, further=[library])
    assert ("reads", "reads-too") not in pairs(root)


def test_what_most_of_the_class_wrote_says_nothing(root):
    released, written = a_made_class(root, 20)
    common = f"{TASKS['a7.route']}\n{body(random.Random('a page that many read'), 20)}"
    for student in list(written)[:12]:
        hand_in(root, student, released, written[student] | {"a7.route": common})
    found = compared("a7", root)
    assert not [common for pair in found.pairs for common in pair.tasks if common.share > 0.5]


@pytest.mark.family(share=6)
def test_a_solution_that_many_hand_round_is_seen(root):
    released, written = a_made_class(root, 130)
    ring = [f"ring{number:02}" for number in range(60)]
    for student in ring:
        text = disguised(written["s001"]["a7.route"], random.Random(student))
        hand_in(root, student, released, {"a7.route": text})
    found = pairs(root)
    assert all(set(pair) <= {"s001", *ring} for pair in found[:50])
    assert {"s001", *ring} == {name for pair in found[:100] for name in pair if name in {"s001", *ring}}


def test_code_that_is_no_python_is_still_found(root):
    released, written = a_made_class(root, 12)
    broken = {
        task: disguised(text, random.Random(2)) + "\n    return (((" for task, text in written["s003"].items()
    }
    hand_in(root, "broken", released, broken)
    assert pairs(root)[0] == ("broken", "s003")


def test_helpers_count_to_the_task_whose_functions_they_serve(root):
    released, _ = a_made_class(root, 8)
    rng = random.Random(3)
    helper = f"def steps_between(a, b):\n{body(rng, 12)}"
    route = f"{TASKS['a7.route']}\n    return steps_between(start, goal)"
    for student in ("ada", "bob"):
        hand_in(root, student, released, alone(rng) | {"a7.route": route}, further=[helper, "print(1)"])
    hand_in(root, "cem", released, {}, further=[f"def nobody_calls(a, b):\n{body(rng, 12)}"])
    found = compared("a7", root)
    assert (found.pairs[0].one, found.pairs[0].other) == ("ada", "bob")
    assert [common.task for common in found.pairs[0].tasks] == ["a7.route"]
    assert "steps_between" in found.codes["ada"]["a7.route"]
    assert set(found.codes["cem"]) == {"elsewhere"}


def slips(root, by_student):
    """Results with the wrong answers that were recognised in a7.linear."""
    for student, names in by_student.items():
        marks = TaskMarks("linear-marks", "a7.linear", 10, 5, slips=tuple(names))
        save_result(result_file(student, NAME, root), Result(student, NAME, "key", (marks,)))


def test_a_rare_wrong_answer_in_common_ranks_first_and_a_frequent_one_not(root):
    released, written = a_made_class(root, 40)
    found = {student: ["Overwrites"] if number % 2 else [] for number, student in enumerate(written)}
    slips(root, found | {"s011": ["Transposed", "TransposedTwice"], "s030": ["Transposed"]})
    compared_class = compared("a7", root)
    first = compared_class.pairs[0]
    assert (first.one, first.other) == ("s011", "s030")
    assert first.tasks[0].slips == ("Transposed",)
    assert not [common for pair in compared_class.pairs[1:] for common in pair.tasks if common.slips]
    hand_in(
        root,
        "copy",
        released,
        {task: disguised(text, random.Random(5)) for task, text in written["s007"].items()},
    )
    assert ("copy", "s007") in pairs(root)[:2]


@pytest.mark.parametrize("layout", ["a course", "ID/ASSIGNMENT", "ID"])
def test_last_year_is_beside_this_year_and_not_beside_itself(root, tmp_path, layout):
    released, _ = a_made_class(root, 10)
    before = tmp_path / "before"
    _, theirs = a_made_class(before, 10, seed=1)
    hand_in(before, "twin", released, theirs["s004"])
    hand_in(
        root,
        "copy",
        released,
        {task: disguised(text, random.Random(6)) for task, text in theirs["s004"].items()},
    )
    folder = before
    if layout != "a course":
        folder = before / "submitted"
    if layout == "ID":
        for place in list(folder.glob(f"*/{NAME}")):
            (place / f"{NAME}.ipynb").rename(place.parent / f"{NAME}.ipynb")
            place.rmdir()
    found = pairs(root, last_year=folder)
    assert set(found[:2]) == {("copy", "s004 (last year)"), ("copy", "twin (last year)")}
    assert not [pair for pair in found if all("last year" in name for name in pair)]
    with pytest.raises(ValueError, match="expected submissions as ID/a7_made, got none"):
        compared("a7", root, last_year=tmp_path / "nothing")


def test_nobody_has_handed_in(root):
    a_made_class(root, 0)
    with pytest.raises(ValueError, match="expected submissions in submitted/ID/a7_made, got none"):
        compared("a7", root)


def test_it_is_the_same_each_time(root):
    a_made_class(root, 8)
    assert compared("a7", root) == compared("a7", root)
