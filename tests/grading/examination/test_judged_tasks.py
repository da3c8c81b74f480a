"""Judging answers that have come out gives what `grade` gives in the student's process."""

import pytest
from examined import CELLS, SECRET, small_job

from lib.grading.examination.answers import values_of
from lib.grading.examination.examination import CellError, Examined
from lib.grading.examination.integrity import changed, tampered_sentence
from lib.grading.examination.job import MarkedCell
from lib.grading.examination.judging import judge_all, judge_task
from lib.grading.examination.known import KnownValues
from lib.grading.results import Flag
from lib.tasks.assess import WHOLE, assess
from lib.tasks.check import VISIBLE
from lib.tasks.grade import SEEDS, hidden_seeds
from lib.tasks.known import has_answers
from lib.tasks.task import find_task
from lib.tasks.trace import trace

TASKS = ("a2.relu", "a2.linear", "a1.accuracy", "a3.dropout")


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    return KnownValues(SECRET, tmp_path_factory.mktemp("known"))


def answers_of(task, given, seeds):
    """As they come out of a kernel."""
    found = {}
    for seed in seeds:
        content = trace(task, given, seed)
        found[seed] = {c: values_of({n: v.to_json() for n, v in vs.items()}) for c, vs in content.items()}
    return found


def cases():
    for name in TASKS:
        task = find_task(name)
        has_answers(task)
        yield pytest.param(name, None, id=f"{name}-reference")
        for wrong in task.wrong_answers:
            yield pytest.param(name, wrong, id=f"{name}-{wrong.name}")


@pytest.mark.family(share=20)
@pytest.mark.parametrize(("name", "wrong"), list(cases()))
def test_marks_and_sentences_are_those_of_grade(known, name, wrong):
    task = find_task(name)
    cell = MarkedCell("cell", name, task.defines, float(task.marks))
    given = task.given(wrong.written if wrong else None)
    seeds = hidden_seeds(name, SECRET, SEEDS)
    shown = answers_of(task, given, [VISIBLE])[VISIBLE]
    marks = judge_task(task, cell, answers_of(task, given, seeds), known, seeds, "", shown)
    report = assess(task, given, [VISIBLE, *seeds])  # sentences are those of the visible checks
    assert (marks.earned, marks.marks) == (report.earned, task.marks)
    assert "\n".join(marks.said) == report.graded(WHOLE)
    lost = {part for part, (most, earned) in marks.parts.items() if earned < most}
    assert lost == set(wrong.breaks if wrong else ())
    assert marks.slips == tuple(dict.fromkeys(part.wrong.name for part in report.parts if part.wrong))


def test_the_values_of_wrong_answers_are_computed_once_and_kept_for_the_owner_alone(tmp_path, monkeypatch):
    task, seed = find_task("a2.relu"), 5
    first = list(KnownValues(SECRET, tmp_path).of(task, seed).wrong())
    file = next(tmp_path.rglob("*.json"))
    assert file.parent.stat().st_mode & 0o777 == 0o700
    monkeypatch.setattr("lib.grading.examination.known._write_apart", None)
    again = list(KnownValues(SECRET, tmp_path).of(task, seed).wrong())
    assert [w.name for w in again] == [w.name for w in first] == [w.name for w in task.wrong_answers]
    assert KnownValues(b"another", tmp_path).folder != KnownValues(SECRET, tmp_path).folder


def test_nobody_computes_wrong_answers_while_all_is_right(known, monkeypatch):
    task = find_task("a2.mul_constant")
    has_answers(task)
    seeds = hidden_seeds(task.name, SECRET, SEEDS)
    monkeypatch.setattr("lib.grading.examination.known._write_apart", None)
    cell = MarkedCell("cell", task.name, task.defines, 10.0)
    marks = judge_task(task, cell, answers_of(task, task.given(), seeds), known, seeds)
    assert marks.earned == 10
    assert marks.said == ("MulConstant: 10 of 10 marks",)


def outcome(known, **changes):
    task = find_task("a2.relu")
    has_answers(task)
    answers = answers_of(task, task.given(), hidden_seeds("a2.relu", SECRET, SEEDS))
    examined = Examined(b"", {"a2.relu": answers, "a2.linear": {}}, sandbox="bubblewrap")
    job = small_job("x = 1")
    return judge_all(job, Examined(**{**vars(examined), **changes}), known, "ada", "key")


def test_what_did_not_come_earns_nothing_and_costs_no_other_task(known):
    result = outcome(known)
    assert [task.earned for task in result.tasks] == [10, 0]
    assert (result.student, result.key, result.sandbox) == ("ada", "key", "bubblewrap")
    assert result.tasks[1].said[0] == "Linear: 0 of 25 marks"
    assert result.flags == ()


def test_a_name_that_is_missing_is_named(known):
    result = outcome(known, missing={"a2.relu": ("ReLU",)})
    assert result.tasks[0].said == ("No marks for ReLU: expected ReLU; ReLU did not come.",)
    assert result.tasks[0].parts == {part: (m, 0.0) for part, m in find_task("a2.relu").parts.items()}


def test_a_refused_task_earns_nothing_and_is_flagged(known):
    said = "a2.relu: uses lib.nn.activations: the task is to write it; nothing is counted here"
    result = outcome(known, refused={"a2.relu": said})
    assert result.tasks[0].earned == 0
    assert result.tasks[0].said == (said,)
    assert result.flags == (Flag("refused", said),)


def test_a_notebook_that_tampered_earns_nothing_at_all(known):
    flag = Flag("tampered", tampered_sentence(["numpy.dot"]))
    result = outcome(known, flags=(flag,))
    assert result.earned == 0
    assert result.flags == (flag,)


@pytest.mark.parametrize(
    ("error", "kinds"),
    [
        (CellError("raised NameError", "NameError", True), ["error"]),
        (CellError("raised NameError", "NameError", False), []),  # a lost mark may explain it
        (CellError("raised NotImplementedError", "NotImplementedError", True), []),
        (CellError("raised MemoryError", "MemoryError", False), ["memory"]),
    ],
)
def test_errors_of_cells_are_flagged_where_no_mark_explains_them(known, error, kinds):
    assert [flag.kind for flag in outcome(known, errors=(error,)).flags] == kinds


def test_many_errors_are_a_few_flags(known):
    errors = tuple(CellError(f"cell {k} raised", "NameError", True) for k in range(30))
    assert len(outcome(known, errors=errors).flags) == 6


def test_what_is_judged_is_not_trusted(known):
    task = find_task("a2.relu")
    for garbage in ({"forward": {"x": 3}}, {"nothing": {}}, {"forward": {}}):
        seeds = hidden_seeds("a2.relu", SECRET, SEEDS)
        marks = judge_task(task, CELLS[0], dict.fromkeys(seeds, garbage), known, seeds)
        assert marks.earned == 0


def test_two_looks_side_by_side():
    assert changed({"a": "1", "b": "2"}, {"a": "1", "b": "2", "new": "3"}) == []
    assert changed({"a": "1", "b": "2"}, {"a": "9"}) == ["a", "b"]
    assert changed({"a": "1"}, None) == changed({"a": "1"}, "x") == ["what is looked at"]
    assert "a, b, c and 4 more" in tampered_sentence(list("abcdefg"))
