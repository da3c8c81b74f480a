"""The file of predictions: what deck A2 asks for, read back as it was, or refused with the line's number."""

import csv
import os

import hypothesis.strategies as st
import numpy as np
import pytest
import torch
from hypothesis import given, settings

from lib.leaderboard import predictions
from lib.leaderboard.predictions import read_entry, read_predictions, write_predictions

ANIMALS = ("cat", "dog", "a, b", 'the "fox"')


def test_a_file_has_a_header_row_and_ten_thousand_lines(tmp_path):
    labels = np.random.default_rng(0).integers(0, 10, 10_000)
    write_predictions(tmp_path / "predictions.csv", labels)
    lines = (tmp_path / "predictions.csv").read_text().splitlines()
    assert (lines[0], len(lines)) == ("id,label", 10_001)
    assert lines[1] == f"1,{labels[0]}"
    assert lines[-1] == f"10000,{labels[-1]}"
    assert np.array_equal(read_predictions(tmp_path / "predictions.csv"), labels)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=30), st.booleans(), st.randoms())
def test_what_is_written_is_read_whatever_the_order_and_the_ends_of_lines(
    tmp_path_factory, labels, named, random
):
    path = tmp_path_factory.mktemp("csv") / "p.csv"
    write_predictions(path, torch.tensor(labels), ANIMALS if named else None)
    assert read_predictions(path, ANIMALS, count=len(labels)).tolist() == labels
    header, *lines = path.read_text().splitlines()
    random.shuffle(lines)
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join([header, *lines]).encode())
    assert read_predictions(path, ANIMALS, count=len(labels)).tolist() == labels


def test_csv_readers_read_it(tmp_path):
    write_predictions(tmp_path / "p.csv", [2, 3, 0], ANIMALS)
    with open(tmp_path / "p.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["label"] for row in rows] == ["a, b", 'the "fox"', "cat"]
    assert [row["id"] for row in rows] == ["1", "2", "3"]


def test_a_file_is_replaced_in_one_go_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "new" / "p.csv"
    write_predictions(path, [1, 2])
    before = path.read_bytes()

    def full(*_):
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space left"):
        write_predictions(path, [3, 4])
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == ["p.csv"]


GOOD = ["id,label", "1,3", "2,0", "3,9"]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["", *GOOD], "line 1: expected the header id,label, got ''"),
        (GOOD[1:], "line 1: expected the header id,label, got '1,3'"),
        (["image,class", *GOOD[1:]], "line 1: expected the header id,label, got 'image,class'"),
        (GOOD[:3], "line 4: expected 3 predictions, got 2, none of id 3"),
        (GOOD[:1], "line 2: expected 3 predictions, got 0, none of id 1"),
        ([*GOOD, "4,1"], "line 5: expected an id from 1 to 3, got '4'"),
        ([*GOOD, "3,1"], "line 5: expected each id once, got 3 again, after line 4"),
        (["id,label", "0,3", *GOOD[2:]], "line 2: expected an id from 1 to 3, got '0'"),
        ([*GOOD[:2], "", *GOOD[2:]], "line 3: expected an id, a comma and a label, got ''"),
        ([*GOOD[:2], "2", GOOD[3]], "line 3: expected an id, a comma and a label, got '2'"),
        ([*GOOD[:2], "2,0,1", GOOD[3]], "line 3: expected an id, a comma and a label, got '2,0,1'"),
        ([*GOOD[:2], "2;0", GOOD[3]], "line 3: expected an id, a comma and a label, got '2;0'"),
        ([*GOOD[:2], '2,"0', GOOD[3]], "line 3: expected an id, a comma and a label"),
        ([*GOOD[:2], "2,10", GOOD[3]], "line 3: expected a label from 0 to 9, got '10'"),
        ([*GOOD[:2], "2,-1", GOOD[3]], "line 3: expected a label from 0 to 9, got '-1'"),
        ([*GOOD[:2], "2,3.0", GOOD[3]], "line 3: expected a label from 0 to 9, got '3.0'"),
        ([*GOOD[:2], "2,cat", GOOD[3]], "line 3: expected a label from 0 to 9, got 'cat'"),
        ([*GOOD[:2], "2,²", GOOD[3]], "line 3: expected a label from 0 to 9, got '²'"),
        ([*GOOD[:2], "two,1", GOOD[3]], "line 3: expected an id from 1 to 3, got 'two'"),
    ],
)
def test_the_first_wrong_line_is_named(tmp_path, lines, message):
    path = tmp_path / "p.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    with pytest.raises(ValueError, match=f"^p.csv, {message}"):
        read_predictions(path, count=3)


def test_a_class_that_there_is_not_is_named(tmp_path):
    (tmp_path / "p.csv").write_text("id,label\n1,dog\n2,cow\n")
    with pytest.raises(
        ValueError, match=r"^p.csv, line 3: expected a class, or a number from 0 to 3, got 'cow'"
    ):
        read_predictions(tmp_path / "p.csv", ANIMALS, count=2)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"id,label\n1,\xff\xfe\n", "line 2: expected text in UTF-8"),
        (b"PK\x03\x04\x9c", "expected a zip archive of one CSV file, got one that cannot be read"),
        (b"id,label\n" + b"9" * 5_000_000, "expected a file of 3 predictions, got one that is far longer"),
        (b"", "got an empty file"),
        (b"\x00" * 100, "line 1: expected the header"),
        (b"id,label\n1,\x00\n", "line 2: expected"),
    ],
)
def test_a_file_of_another_kind_is_refused(tmp_path, content, message):
    (tmp_path / "p.csv").write_bytes(content)
    with pytest.raises(ValueError, match=message):
        read_predictions(tmp_path / "p.csv", count=3)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_predictions(tmp_path / "p.csv")


@pytest.mark.parametrize(
    ("labels", "classes", "message"),
    [
        ([], None, "labels: expected at least one prediction, got none"),
        (3, None, r"labels: expected shape \(1,\)"),
        (np.eye(3), None, "labels: .*argmax"),
        ([0.5, 1], None, "labels: expected integers"),
        ([0, -1], None, r"labels: expected labels 0 and up, got -1 at \[1\]"),
        ([0, 4], ANIMALS, r"labels: expected labels 0 to 3, got 4 at \[1\]"),
        ([0], "cat", "classes: expected the names of the classes"),
        ([0], [], "classes: expected the names of the classes"),
        ([0], ["a", 3], "classes: expected the names of the classes"),
        ([0], ["a", " a"], "classes: expected the names of the classes"),
        ([0], ["a", "a"], "classes: expected names that are all different"),
        ([0], ["a\nb"], "classes: expected names of one line each"),
    ],
)
def test_what_are_no_predictions_is_not_written(tmp_path, labels, classes, message):
    with pytest.raises(ValueError, match=message):
        write_predictions(tmp_path / "p.csv", labels, classes)
    assert not os.listdir(tmp_path)


def outcome(content, classes, count):
    """The labels of a file, or what is wrong with it."""
    try:
        return read_entry(content, "p.csv", classes, count=count).tolist()
    except ValueError as error:
        return str(error)


ODD = [
    "", " ", ",", "\n", '"', "\r", "0", "+1", "1_0", "²", "\x0b", "\u2028", "-", "7", ";", "cat", "a, b", "é",
]  # fmt: skip
NAMES = ("cat", "3", '"x"', "a, b", 'q"', "é")  # a number, and quotes, for names


@settings(deadline=None, max_examples=300)
@given(data=st.data())
def test_a_file_is_read_the_same_with_and_without_the_fast_way(data):
    classes = data.draw(st.sampled_from([None, NAMES, NAMES[:2]]))
    count = data.draw(st.integers(1, 12))
    said = [*map(str, range(3)), *(classes or ())]
    lines = [f"{row},{data.draw(st.sampled_from(said))}" for row in range(1, count + 1)]
    lines = data.draw(st.permutations(lines))
    lines += data.draw(st.sampled_from([[], [], [], lines[:1], [f"{count + 1},0"]]))
    text = "\n".join(["id,label", *lines[data.draw(st.sampled_from([0, 0, 0, 1])) :]]) + "\n"
    for _ in range(data.draw(st.integers(0, 2))):  # what breaks a file slightly
        at, over = data.draw(st.integers(0, len(text))), data.draw(st.integers(0, 2))
        text = text[:at] + data.draw(st.sampled_from(ODD)) + text[at + over :]
    fast = outcome(text.encode(), classes, count)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(predictions, "_well_formed", lambda *given: None)
        assert fast == outcome(text.encode(), classes, count)


@pytest.mark.parametrize("classes", [None, NAMES])
def test_a_usual_file_goes_the_fast_way(tmp_path, monkeypatch, classes):
    monkeypatch.setattr(predictions, "_line_by_line", lambda *given: pytest.fail("line by line"))
    write_predictions(tmp_path / "p.csv", [1, 0, 0, 1], classes)
    assert read_predictions(tmp_path / "p.csv", classes, count=4).tolist() == [1, 0, 0, 1]


def test_quotes_around_a_cell_are_no_part_of_a_name():
    assert outcome(b'id,label\n1,"cat"\n', NAMES, 1) == [0]
    assert outcome(b'id,label\n1,"""x"""\n', NAMES, 1) == [2]
    assert "line 2: expected a class" in outcome(b'id,label\n1,"x"\n', NAMES, 1)
