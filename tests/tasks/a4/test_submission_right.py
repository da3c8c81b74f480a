"""Files of predictions that are right although written in another way."""

import csv
import gzip
import zipfile

import numpy as np
import pytest

from lib.leaderboard import write_predictions
from lib.tasks import CheckFailed, check, find_task
from lib.tasks.assess import assess


def with_csv(path, labels):
    with open(str(path), "w", newline="") as file:
        writer = csv.writer(file)  # its lines end with \r\n
        writer.writerow(["id", "label"])
        writer.writerows(zip(range(1, len(labels) + 1), labels, strict=True))


def with_quotes(path, labels):
    with path.open("w") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerows([("id", "label"), *enumerate(labels, 1)])


def with_numpy(path, labels):
    table = np.stack([np.arange(len(labels)) + 1, labels], axis=1)
    np.savetxt(path, table, fmt="%d", delimiter=",", header="id,label", comments="")


def as_excel_does(path, labels):
    rows = "\r\n".join(f"{k + 1},{label}" for k, label in enumerate(labels))
    path.write_text("ID,Label\r\n" + rows, encoding="utf-8-sig", newline="")


def backwards(path, labels):
    with open(path, "w") as file:
        print("id,label", file=file)
        for k in reversed(range(len(labels))):
            print(k + 1, labels[k], sep=", ", file=file)


def packed(path, labels):
    text = "id,label\n" + "".join(f"{k},{label}\n" for k, label in enumerate(labels.tolist(), 1))
    path.write_bytes(gzip.compress(text.encode()))
    return path


def by_the_course(path, labels):
    write_predictions(path, labels)


def in_an_archive(path, labels):
    text = "id,label\n" + "\n".join(f"{k},{int(label)}" for k, label in enumerate(labels, 1))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("predictions.csv", text)


def line_by_line(path, labels):
    lines = ["id,label"]
    for row, label in np.ndenumerate(labels):
        lines.append(f"{row[0] + 1},{label}")
    with open(path, "wb") as file:
        file.write("\n".join(lines).encode("ascii") + b"\n\n")


RIGHT = [
    with_csv, with_quotes, with_numpy, as_excel_does, backwards, packed, by_the_course, in_an_archive,
    line_by_line,
]  # fmt: skip


@pytest.mark.parametrize("write_submission", RIGHT)
def test_another_way_of_writing_is_right(write_submission):
    report = assess(find_task("a4.submission"), [write_submission], [0])
    assert report.passed, str(report)


def test_a_file_that_is_there_is_looked_at(tmp_path, capsys):
    labels = np.arange(10_000) % 10
    with_csv(tmp_path / "predictions.csv", labels)
    check("a4.submission", tmp_path / "predictions.csv")
    check("a4.submission", str(tmp_path / "predictions.csv"))
    assert "visible checks: 1 of 1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "predictions.csv: expected a file of this name, got none"),
        ("id,label\n1,3\n", "predictions.csv, line 3: expected 10000 predictions, got 1"),
        ("id;label\n1;3\n", "predictions.csv, line 1: expected the header id,label"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_line(tmp_path, text, words):
    path = tmp_path / "predictions.csv"
    if text is not None:
        path.write_text(text)
    with pytest.raises(CheckFailed) as failed:
        check("a4.submission", path)
    assert words in " ".join(str(failed.value).split())
