"""What is recorded of a task is what would be computed; a broken file is a sentence and no traceback."""

import json

import pytest

from lib.tasks import Task, known
from lib.tasks.known import Computed, has_answers, known_values, read, record_of, write


def made() -> Task:
    task = Task("a0.double", "Twice a number", ("double",), {"value": 3, "contract": 1})

    @task.check("value")
    def of_a_row(double, rng):
        """a row of numbers"""
        return {"double(x)": double(rng.normal(size=5))}

    @task.check("contract")
    def of_nothing(double, rng):
        """nothing"""
        return {"double(None)": double(None)}

    @task.reference
    def double(x):
        return 2 * x

    @task.wrong(7, "x² is not 2x: multiply by 2.", breaks="value")
    def the_secret_name(x):
        return x**2

    return task


@pytest.fixture
def record(tmp_path):
    write(tmp_path / "double.json", made(), 3)
    return tmp_path / "double.json"


def plain(trace):
    return {check: {n: value.to_json() for n, value in some.items()} for check, some in trace.items()}


def test_written_and_read_again(record):
    live, recorded = Computed(made(), 3), read(record, 3)
    assert plain(recorded.expected) == plain(live.expected)
    (one,), (other,) = live.wrong(), recorded.wrong()
    assert (one.row, one.sentence, one.breaks) == (other.row, other.sentence, other.breaks)
    without_words = plain(one.trace)
    for values in without_words.values():
        for entry in values.values():
            if entry["kind"] == "error":  # its words may name what only instructors have
                entry["values"] = [""]
    assert plain(other.trace) == without_words
    assert "error" in without_words["of_nothing"]


def test_of_a_wrong_answer_only_what_differs_is_written(record):
    content = json.loads(record.read_text())
    (wrong,) = content["wrong"]
    assert wrong["trace"].keys() <= content["expected"].keys()
    for check, values in wrong["trace"].items():
        assert any(values.values()), check


def test_a_record_has_no_code_and_no_name_of_an_answer(record):
    text = record.read_text()
    assert "the_secret_name" not in text
    assert "lambda" not in text
    assert "x**2" not in text


def test_of_another_seed_it_is_refused(record):
    with pytest.raises(
        ValueError, match=r"path: expected values of seed 0, got double\.json with those of 3"
    ):
        read(record, 0)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_record_is_refused(record, share):
    text = record.read_text().rstrip()
    record.write_text(text[: int(len(text) * share)])
    with pytest.raises(ValueError, match=r"path: expected recorded values of a task, got double\.json"):
        read(record, 3)


def put(content, *place_and_value):
    *place, last, value = place_and_value
    for key in place:
        content = content[key]
    content[last] = value


@pytest.mark.parametrize(
    "change",
    [
        ("seed",),
        ("expected",),
        ("wrong",),
        ("wrong", None),
        ("wrong", [1]),
        ("wrong", {"a": 1}),
        ("expected", []),
        ("expected", {"of_a_row": 3}),
        ("expected", {"of_a_row": {"double(x)": 3}}),
        ("expected", "of_a_row", "double(x)", "kind", "code"),
        ("expected", "of_a_row", "double(x)", "shape", [10**9]),
        ("wrong", 0, "row", "a"),
        ("wrong", 0, "breaks", 3),
        ("wrong", 0, "trace", None),
    ],
    ids=str,
)
def test_another_content_is_refused(record, change):
    content = json.loads(record.read_text())
    if len(change) == 1:
        del content[change[0]]
    else:
        put(content, *change)
    record.write_text(json.dumps(content))
    with pytest.raises(ValueError, match="path: expected recorded values"):
        read(record, 3)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[]", b"3", b"null", b"[" * 100_000, b'{"a": 1'])
def test_what_is_no_record_is_refused(tmp_path, content):
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(ValueError, match="path: expected recorded values"):
        read(tmp_path / "a.json", 0)


def test_records_are_taken_where_there_are_no_answers(record, monkeypatch, tmp_path):
    task = made()
    task.references.clear()
    task.wrong_answers.clear()
    monkeypatch.setattr(known, "record_of", lambda task: record)
    assert not has_answers(task)
    assert plain(known_values(task, 3).expected) == plain(Computed(made(), 3).expected)
    task.checks.pop()
    with pytest.raises(ValueError, match=r"a0\.double: expected recorded values of its checks"):
        known_values(task, 3)
    monkeypatch.setattr(known, "record_of", lambda task: tmp_path / "none.json")
    with pytest.raises(ValueError, match="take the course's files from your instructor again"):
        known_values(task, 3)


def test_a_record_lies_beside_the_answers():
    assert record_of(made()).parts[-3:] == ("a0", "recorded", "double.json")
