"""`write_submission`: the right answer, and the files that leaderboards refuse."""

from __future__ import annotations

import numpy as np

from lib.tasks.a4.submission import task

NAMES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def lines(header, ids, labels, comma=","):
    rows = [f"{number}{comma}{label}" for number, label in zip(ids, labels, strict=False)]
    return "\n".join([*header, *rows]) + "\n"


HEADER = ["id,label"]


@task.reference
def write_submission(path, labels):
    path.write_text(lines(HEADER, range(1, len(labels) + 1), labels))


@task.wrong(134, "The first line is the header, id,label; yours is the first prediction.", breaks="file")
def without_header(path, labels):
    path.write_text(lines([], range(1, len(labels) + 1), labels))


@task.wrong(134, "Your ids run from 0; here they run from 1: images[0] has the id 1.", breaks="file")
def from_zero(path, labels):
    path.write_text(lines(HEADER, range(len(labels)), labels))


@task.wrong(134, "One prediction is missing: does your loop end before the last image?", breaks="file")
def one_less(path, labels):
    path.write_text(lines(HEADER, range(1, len(labels)), labels))


@task.wrong(
    134, "There is a line more than there are images: does your loop go one step too far?", breaks="file"
)
def one_more(path, labels):
    path.write_text(lines(HEADER, range(1, len(labels) + 2), [*labels, 0]))


@task.wrong(134, "Write the number of the class, 0 to 9, and not its name.", breaks="file")
def named(path, labels):
    path.write_text(lines(HEADER, range(1, len(labels) + 1), [NAMES[label] for label in labels]))


@task.wrong(
    134,
    "Every label is there, but most stand at another image's id: a line has id and label of one image.",
    breaks="file",
)
def at_other_ids(path, labels):
    ids = np.random.default_rng(0).permutation(len(labels)) + 1
    path.write_text(lines(HEADER, ids, labels))


@task.wrong(134, "Labels are whole numbers: write 3, not 3.0.", breaks="file")
def decimals(path, labels):
    path.write_text(lines(HEADER, range(1, len(labels) + 1), labels.astype(float)))


@task.wrong(134, "CSV means commas: yours has semicolons between id and label.", breaks="file")
def semicolons(path, labels):
    path.write_text(lines(["id;label"], range(1, len(labels) + 1), labels, ";"))


@task.wrong(
    134,
    "Two columns, id and label; yours has a third before them, such as the index of pandas.",
    breaks="file",
)
def with_index(path, labels):
    rows = [f"{row},{row + 1},{label}" for row, label in enumerate(labels)]
    path.write_text("\n".join([",id,label", *rows]) + "\n")


@task.wrong(134, "Every line has the same id: count it up by one from image to image.", breaks="file")
def one_id(path, labels):
    path.write_text(lines(HEADER, [1] * len(labels), labels))


@task.wrong(0, "Your labels run from 1 to 10; here they run from 0 to 9.", breaks="file")
def labels_from_one(path, labels):
    path.write_text(lines(HEADER, range(1, len(labels) + 1), labels + 1))


@task.wrong(0, "No file was written at the path that is given: is another name used?", breaks="file")
def elsewhere(path, labels):
    path.with_name("other.csv").write_text(lines(HEADER, range(1, len(labels) + 1), labels))


@task.wrong(0, 'Your file grows at each call: open it with mode "w", which begins anew.', breaks="file")
def appended(path, labels):
    with path.open("a") as file:
        if file.tell() == 0:
            file.write("id,label\n")
        file.writelines(f"{number},{label}\n" for number, label in enumerate(labels, start=1))
