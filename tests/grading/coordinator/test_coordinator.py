"""The coordinator: what is graded again and what is not, and that nobody's fault is somebody else's."""

from __future__ import annotations

import errno
import json
import os
import threading
import time

import pytest
from small_class import NAME, Bench, Book, WordSteps, grade_words, make_class, written

from lib.grading import coordinator, journal
from lib.grading.journal import Journal, key_of, reasons
from lib.grading.places import result_file
from lib.grading.regrade import change_lines, forget_former, keep_former
from lib.grading.report import flag_lines, marks_table, summary_lines
from lib.grading.results import load_result

ANSWERS = {"ada": "one two three", "bob": "one", "cyd": "none", "dan": "two wait"}


@pytest.fixture
def root(tmp_path):
    make_class(tmp_path, ANSWERS)
    return tmp_path


def earned(outcome):
    return {student: result.earned for student, result in outcome.results.items()}


def test_each_submission_is_graded_once(root):
    book = Book(root / "book.json")
    first = grade_words(root, book=book)
    assert earned(first) == {"ada": 7, "bob": 1, "cyd": 0, "dan": 2}
    assert (first.status, sorted(first.graded)) == (0, sorted(ANSWERS))
    before = written(root)
    steps = WordSteps()
    again = grade_words(root, steps, Book(root / "book.json"))
    assert (earned(again), list(again.graded), steps.examined) == (earned(first), [], [])
    assert written(root) == before


def test_what_is_new_or_changed_is_graded(root):
    grade_words(root)
    make_class(root, {"bob": "one two", "eve": "three"})
    outcome = grade_words(root)
    assert sorted(outcome.graded) == ["bob", "eve"]
    assert earned(outcome) == {"ada": 7, "bob": 3, "cyd": 0, "dan": 2, "eve": 4}


def test_force_and_student_choose(root):
    grade_words(root)
    assert sorted(grade_words(root, force=True).graded) == sorted(ANSWERS)
    only = grade_words(root, only=["bob"], force=True)
    assert list(only.graded) == list(only.results) == ["bob"]
    with pytest.raises(ValueError, match="student: expected one with a folder in submitted"):
        grade_words(root, only=["zoe"])


@pytest.mark.parametrize("change", ["release", "secret", "check"])
def test_all_are_graded_again_where_what_they_share_changes(root, change, monkeypatch):
    grade_words(root)
    secret = b"s" * 32
    if change == "release":
        journal_release = root / "lib" / "assignments" / "originals" / f"{NAME}.zip"
        journal_release.write_bytes(journal_release.read_bytes() + b" ")
    elif change == "secret":
        secret = b"t" * 32
    else:
        tasks = root / "tasks"
        (tasks / "a9").mkdir(parents=True)
        (tasks / "a9" / "words.py").write_text("# another check")
        monkeypatch.setattr(journal, "TASKS", tasks)
    outcome = grade_words(root, secret=secret)
    assert sorted(outcome.graded) == sorted(ANSWERS)


def test_a_mistake_of_ours_keeps_the_former_result_and_stops_nobody(root):
    grade_words(root)
    make_class(root, {"ada": "fault", "bob": "unjudged", "cyd": "torn", "eve": "one", "fay": "fault"})
    book = Book(root / "book.json")
    outcome = grade_words(root, book=book)
    assert earned(outcome) == {"ada": 7, "bob": 1, "cyd": 0, "dan": 2, "eve": 1}
    assert list(outcome.graded) == ["eve"]
    assert outcome.failed == {
        "ada": "RuntimeError: a mistake of ours",
        "bob": "KeyError: 'no such task'",
        "cyd": "the folder cannot be read",
        "fay": "RuntimeError: a mistake of ours",
    }
    assert outcome.status == 1
    assert set(book.rows) == {"ada", "bob", "cyd", "dan", "eve"}
    make_class(root, {"ada": "one", "fay": "two"})
    mended = grade_words(root)
    assert sorted(mended.graded) == ["ada", "fay"]


def test_an_answer_that_fails_leaves_its_sandbox_to_nobody(root):
    make_class(root, {"ada": "fault", "bob": "fault"})
    Bench.opened = 0
    grade_words(root, workers=1)
    assert Bench.opened == 5  # two tries each, and one for all that follow


def test_a_kernel_that_somebody_killed_is_tried_once_more(root):
    make_class(root, {"ada": "one two killed", "bob": "one dead"})
    steps = WordSteps()
    outcome = grade_words(root, steps)
    assert (outcome.results["ada"].earned, outcome.results["ada"].flags) == (3, ())
    assert [flag.kind for flag in outcome.results["bob"].flags] == ["dead"]
    assert steps.examined.count("ada") == steps.examined.count("bob") == 2


def test_one_that_never_ends_is_left_and_the_others_are_graded(root, monkeypatch):
    make_class(root, {"ada": "hang", "bob": "hang"})
    monkeypatch.setattr(coordinator, "SandboxPool", lambda *a, longest: coordinator_pool(*a, longest=0.3))
    outcome = grade_words(root, workers=2)
    assert set(outcome.failed) == {"ada", "bob"}
    assert "not done after" in outcome.failed["ada"]
    assert sorted(outcome.graded) == ["cyd", "dan"]


coordinator_pool = coordinator.SandboxPool


def test_a_sandbox_that_cannot_be_opened_is_told(root):
    steps = WordSteps()
    steps.open_sandbox = lambda: 1 / 0
    outcome = grade_words(root, steps)
    assert set(outcome.failed) == set(ANSWERS)
    assert threading.active_count() < 20


def test_ctrl_c_keeps_what_is_done(root, monkeypatch):
    make_class(root, {"ada": "hang"})
    kept = coordinator._finished

    def interrupted(*arguments):
        result = kept(*arguments)
        if len(arguments[4].graded) == 2:
            raise KeyboardInterrupt
        return result

    monkeypatch.setattr(coordinator, "_finished", interrupted)
    begin = time.monotonic()
    outcome = grade_words(root, book=Book(root / "book.json"), workers=2)
    assert time.monotonic() - begin < 5
    assert (outcome.stopped, len(outcome.graded), outcome.status) == ("it was interrupted", 2, 1)
    monkeypatch.undo()
    make_class(root, ANSWERS)
    assert earned(grade_words(root, book=Book(root / "book.json"))) == {
        "ada": 7,
        "bob": 1,
        "cyd": 0,
        "dan": 2,
    }


def test_a_full_disk_ends_the_run_and_the_next_one_goes_on(root, monkeypatch):
    real, calls = coordinator.save_result, []

    def full(path, result):
        calls.append(path)
        if len(calls) > 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        real(path, result)

    monkeypatch.setattr(coordinator, "save_result", full)
    outcome = grade_words(root, book=Book(root / "book.json"), workers=1)
    assert "No space left" in outcome.stopped
    assert len(outcome.graded) == 2
    assert len(Book(root / "book.json").rows) == 2
    monkeypatch.undo()
    outcome = grade_words(root, book=Book(root / "book.json"))
    assert (outcome.status, len(outcome.graded)) == (0, 2)
    assert len(Book(root / "book.json").rows) == 4


def test_a_locked_gradebook_stops_no_grading_and_is_written_by_the_next_run(root):
    book = Book(root / "book.json")

    def locked():
        raise TimeoutError("another program keeps the gradebook locked")

    book.flush = locked
    outcome = grade_words(root, book=book)
    assert (len(outcome.graded), outcome.status) == (4, 1)
    assert "locked" in outcome.unrecorded
    outcome = grade_words(root, book=Book(root / "book.json"))
    assert (list(outcome.graded), outcome.status) == ([], 0)
    rows = Book(root / "book.json").rows
    assert {student: row["earned"] for student, row in rows.items()} == earned(outcome)
    assert rows["ada"]["notebook"] == "one two three"


def test_a_result_that_lost_its_notebook_before_it_was_recorded_is_graded_again(root):
    grade_words(root)
    (root / "autograded" / "ada" / NAME / f"{NAME}.ipynb").unlink()
    outcome = grade_words(root, book=Book(root / "book.json"))
    assert list(outcome.graded) == ["ada"]
    assert Book(root / "book.json").rows["ada"]["notebook"] == "one two three"


@pytest.mark.parametrize("content", [b"", b"{", b'{"student": 1}', b"[]", b"\xff"])
def test_a_result_file_that_is_none_counts_as_none(root, content):
    before = grade_words(root)
    result_file("ada", NAME, root).write_bytes(content)
    outcome = grade_words(root)
    assert (list(outcome.graded), earned(outcome)) == (["ada"], earned(before))


def test_without_a_sandbox_grades_count_until_there_is_one(root):
    bare = WordSteps()
    bare.kind = "none"
    outcome = grade_words(root, bare)
    for result in outcome.results.values():
        assert result.sandbox == "none"
    assert not grade_words(root, bare).graded
    again = grade_words(root)
    assert sorted(again.graded) == sorted(ANSWERS)
    assert {result.sandbox for result in again.results.values()} == {"bubblewrap"}
    assert not grade_words(root, bare).graded  # what ran in a sandbox stays


# What the key is made of


def test_the_key_does_not_depend_on_the_order_of_files_but_on_names_and_bytes(tmp_path):
    for name, text in (("a", "x"), ("b", "y")):
        (tmp_path / name).write_text(text)
    first = journal.submission_digest(tmp_path)
    (tmp_path / "a").write_text("y")
    (tmp_path / "b").write_text("x")
    assert journal.submission_digest(tmp_path) != first
    (tmp_path / "a").write_text("x")
    (tmp_path / "b").write_text("y")
    assert journal.submission_digest(tmp_path) == first
    (tmp_path / "c").symlink_to("/nowhere")
    os.mkfifo(tmp_path / "d")
    journal.submission_digest(tmp_path)


def test_the_secret_itself_is_kept_nowhere(root):
    grade_words(root, secret=b"0123456789" * 4)
    for path in (root / "grading").rglob("*"):
        assert path.is_dir() or b"0123456789" not in path.read_bytes()


def test_a_journal_that_was_cut_short_loses_its_last_line_alone(tmp_path):
    path = tmp_path / "journal.jsonl"
    first, second, third = ({"the submission": str(number)} for number in range(3))
    Journal(path).note(first)
    Journal(path).note(second)
    path.write_bytes(path.read_bytes()[:-7])
    cut = Journal(path)
    assert cut.parts_of(key_of(first)) == first
    assert cut.parts_of(key_of(second)) is None
    cut.note(third)
    whole = Journal(path)
    assert (whole.parts_of(key_of(first)), whole.parts_of(key_of(third))) == (first, third)
    assert len(path.read_bytes().splitlines()) == 2


def test_the_journal_forgets_what_no_result_names(tmp_path):
    log = Journal(tmp_path / "journal.jsonl")
    keys = [log.note({"the submission": str(number)}) for number in range(120)]
    log.keep_only(keys[:5])
    assert set(Journal(log.path).entries) == set(keys[:5])


def test_reasons_are_told_in_words():
    before = {"the submission": "1", "the secret": "1", "the check of a2.relu": "1"}
    assert reasons(before, before | {"the check of a2.relu": "2"}) == "the check of a2.relu changed"
    assert reasons(before, {**before, "the secret": "2", "the submission": "2"}) == (
        "the submission and the secret changed"
    )
    assert reasons(None, before) == "it is not known what the marks before came from"


def test_the_journal_does_not_grow_from_year_to_year(root):
    log = Journal(journal.journal_file(NAME, root))
    for number in range(200):
        log.note({"the submission": str(number)})
    grade_words(root)
    entries = Journal(log.path).entries
    assert len(entries) == len(ANSWERS)
    assert load_result(result_file("ada", NAME, root)).key in entries


# Regrading


def test_a_regrade_says_whose_marks_changed_where_and_why(root):
    grade_words(root)
    make_class(root, {"cyd": "two"})
    before = keep_former(NAME, root)
    outcome = grade_words(root, WordSteps(marks=(1, 3, 4)), force=True)
    log = Journal(journal.journal_file(NAME, root))
    lines = change_lines(before, outcome.results, log, outcome.graded)
    assert lines == [
        "ada: 7 → 8 marks, since nothing that the marks depend on changed",
        "  a9.words: 7/7 → 8/8 (two 2/2 → 3/3)",
        "bob: 1 → 1 marks, since nothing that the marks depend on changed",
        "  a9.words: 1/7 → 1/8 (two 0/2 → 0/3)",
        "cyd: 0 → 3 marks, since the submission changed",
        "  a9.words: 0/7 → 3/8 (two 0/2 → 3/3)",
        "dan: 2 → 3 marks, since nothing that the marks depend on changed",
        "  a9.words: 2/7 → 3/8 (two 2/2 → 3/3)",
    ]


def test_a_regrade_that_was_ended_still_knows_the_marks_before_it(root):
    grade_words(root)
    before = keep_former(NAME, root)
    grade_words(root, WordSteps(marks=(2, 2, 4)), force=True, only=["ada"])  # and then somebody ended it
    again = keep_former(NAME, root)
    assert again == before
    forget_former(NAME, root)
    assert keep_former(NAME, root)["ada"].earned == 8


def test_a_dry_run_writes_nothing(root):
    grade_words(root, book=Book(root / "book.json"))
    before = written(root)
    outcome = grade_words(root, WordSteps(marks=(9, 9, 9)), force=True, write=False)
    assert outcome.results["ada"].earned == 27
    assert written(root) == before


# What is said


def test_the_table_shows_marks_by_task_and_flags(root):
    make_class(root, {"bob": "one dead", "eve": "fault"})
    outcome = grade_words(root)
    assert marks_table(outcome.results.values(), list(outcome.failed)) == [
        "student  words  by checks  flags",
        "ada      7/7    7/7",
        "bob      0/7    0/7        dead",
        "cyd      0/7    0/7",
        "dan      2/7    2/7",
        "eve      –      –          not graded",
    ]
    assert flag_lines(outcome.results.values()) == ["bob: dead: the kernel died"]
    assert summary_lines(outcome, NAME) == [
        "a9: 4 submissions graded now, 0 as before.",
        "Not graded: eve: RuntimeError: a mistake of ours",
        "`course grade a9` goes on where this has ended; what is graded is not graded again.",
    ]


@pytest.mark.parametrize(
    ("answers", "graded", "kept", "written", "said"),
    [
        ({}, 0, 0, True, "a9: nothing is new or has changed; no submission as before."),
        ({}, 0, 1, True, "a9: nothing is new or has changed; 1 submission as before."),
        ({}, 0, 7, True, "a9: nothing is new or has changed; 7 submissions as before."),
        ({}, 1, 0, True, "a9: 1 submission graded now, 0 as before."),
        ({}, 2, 1, True, "a9: 2 submissions graded now, 1 as before."),
        ({"zoe": "it broke"}, 0, 0, True, "a9: no submission graded now, 0 as before."),
        ({}, 0, 0, False, "a9: no submission graded for a try; nothing was written."),
        ({}, 1, 0, False, "a9: 1 submission graded for a try; nothing was written."),
        ({}, 3, 0, False, "a9: 3 submissions graded for a try; nothing was written."),
    ],
)
def test_what_is_said_of_one_of_none_and_of_many(answers, graded, kept, written, said):
    outcome = coordinator.Outcome(failed=answers)
    outcome.results = {str(number): None for number in range(graded + kept)}
    outcome.graded = {str(number): {} for number in range(graded)}
    assert summary_lines(outcome, NAME, written=written)[0] == said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, ["Ended before the end, since it was interrupted; what is graded stays.",
              "`course grade a9` goes on where this has ended; what is graded is not graded again."]),
        ({"regraded": True}, ["Ended before the end, since it was interrupted; what is graded stays.",
              "`course regrade a9` grades all again, and still knows the marks from before."]),
        ({"regraded": True, "written": False}, ["Ended before the end, since it was interrupted.",
              "`course regrade a9 --dry-run` tries all of them again."]),
    ],
)  # fmt: skip
def test_what_is_said_of_a_run_that_was_ended(options, said):
    outcome = coordinator.Outcome(stopped="it was interrupted")
    assert summary_lines(outcome, NAME, **options)[1:] == said


def test_a_result_is_written_whole_or_not_at_all(root, monkeypatch):
    grade_words(root)
    before = written(root)

    def broken(*arguments, **options):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", broken)
    outcome = grade_words(root, force=True)
    assert set(outcome.failed) == set(ANSWERS)
    assert written(root) == before
    assert load_result(result_file("ada", NAME, root)).earned == 7
    assert json.loads(result_file("ada", NAME, root).read_text("utf-8"))["key"]


def test_a_sandbox_that_is_killed_while_it_starts_costs_nobody_a_grade(root):
    make_class(root, {"ada": "one unstarted", "bob": "one"})
    outcome = grade_words(root)
    assert outcome.failed == {}
    assert outcome.results["ada"].earned == outcome.results["bob"].earned == 1
