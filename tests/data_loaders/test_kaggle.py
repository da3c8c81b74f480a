"""Kaggle's table and pictures, as spreadsheets, editors and unpacking programs leave them."""

import numpy as np
import pytest
from cifar10_forms import Memory, kaggle, tiny
from numpy.testing import assert_array_equal

from data_loaders import formats

DATASET = tiny(train=40, test=10)
FILES = kaggle(DATASET)
TABLE = FILES["trainLabels.csv"].decode()


def read(files):
    return formats.read(Memory(files))


def assert_all_there(files):
    title, content = read(files)
    assert title == "Kaggle's pictures"
    for part in ("train", "test"):
        assert_array_equal(getattr(content, part).images, getattr(DATASET, part).images)
        assert_array_equal(getattr(content, part).labels, getattr(DATASET, part).labels)


def rows(line):
    """The table with each line changed."""
    return "".join(line(*row.split(",")) for row in TABLE.splitlines())


def numbered(line):
    """The table with each line changed, which gets the place of the line, too."""
    return "".join(line(place, *row.split(",")) for place, row in enumerate(TABLE.splitlines()))


TABLES = {
    "a blank last line": TABLE + "\n",
    "blank lines": TABLE.replace("\n", "\n\n"),
    "a last line of spaces": TABLE + "  \t \n",
    "a last line of commas": TABLE + ",\n",
    "no last line end": TABLE.rstrip("\n"),
    "a byte order mark": "\ufeff" + TABLE,
    "line ends of Windows": TABLE.replace("\n", "\r\n"),
    "line ends of Windows, doubled": TABLE.replace("\n", "\r\r\n"),
    "line ends of an old Mac": TABLE.replace("\n", "\r"),
    "quotes": rows(lambda id, label: f'"{id}","{label}"\n'),
    "Excel's first line": "sep=,\n" + TABLE,
    "Excel's first line, and semicolons": "sep=;\n" + TABLE.replace(",", ";"),
    "Excel's first line, and tabs": "sep=\t\n" + TABLE.replace(",", "\t"),
    "Excel's first line, and a rarer sign": "sep=|\r\n" + TABLE.replace(",", "|").replace("\n", "\r\n"),
    "Excel's first line in capitals and quotes": '"SEP=,"\n' + TABLE,
    "Excel's first line, saved again by Excel": "sep=;;\n" + TABLE.replace(",", ";"),
    "Excel's first line below a blank one": "\n\ufeffsep=,\n".replace("\ufeff", "") + TABLE,
    "Excel's first line after a byte order mark": "\ufeffsep=,\n" + TABLE,
    "Excel's first line, and no header": "sep=,\n" + TABLE.partition("\n")[2],
    "semicolons": TABLE.replace(",", ";"),
    "tabs": TABLE.replace(",", "\t"),
    "spaces": rows(lambda id, label: f" {id} , {label} \n"),
    "spaces before quotes": rows(lambda id, label: f'"{id}", "{label}"\n'),
    "no header": TABLE.partition("\n")[2],
    "a header in capitals": TABLE.replace("id,label", "Id,Label"),
    "columns exchanged": rows(lambda id, label: f"{label},{id}\n"),
    "a column of row numbers, as pandas writes": numbered(
        lambda k, id, label: f"{k - 1 if k else ''},{id},{label}\n"
    ),
    "numbers with zeros": rows(lambda id, label: f"{id.zfill(5)},{label}\n".replace("000id", "id")),
    "names of files": rows(
        lambda id, label: f"{id}.png,{label}\n" if label != "label" else f"{id},{label}\n"
    ),
    "classes in capitals": rows(lambda id, label: f"{id},{label.title()}\n"),
    "PyTorch's classes": TABLE.replace("airplane", "plane").replace("automobile", "car"),
    "rows in another order": TABLE.partition("\n")[0] + "\n" + "\n".join(sorted(TABLE.split()[1:])),
}


@pytest.mark.parametrize("case", TABLES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_table_is_read_however_it_was_saved(case, encoding):
    assert_all_there(FILES | {"trainLabels.csv": TABLES[case].encode(encoding)})


def moved(place, table="trainLabels.csv"):
    files = {name.replace("train/", place): data for name, data in FILES.items() if name.startswith("train/")}
    return files | {table: FILES["trainLabels.csv"]}


PLACES = {
    "PNG": {name.replace(".png", ".PNG"): data for name, data in FILES.items()},
    "train/train": moved("train/train/"),
    "Train": moved("Train/"),
    "numbers with zeros": {
        f"train/{n[6:-4].zfill(5)}.png" if n.startswith("train/") else n: data for n, data in FILES.items()
    },
    "all in a folder": {f"cifar-10/{name}": data for name, data in FILES.items()},
    "the table in a folder of its name": moved("train/", "trainLabels.csv/trainLabels.csv"),
    "the table in another folder": moved("train/", "tables/trainLabels.csv"),
    "the table in train": moved("train/", "train/trainLabels.csv"),
    "the table in small letters": moved("train/", "trainlabels.csv"),
    "pictures twice": FILES | moved("train/train/"),
    "hidden files": FILES | {"train/.DS_Store": b"Bud1", "train/Thumbs.db": b"x", "train/readme.txt": b"x"},
}


@pytest.mark.parametrize("case", PLACES)
def test_pictures_are_found_wherever_they_were_unpacked(case):
    assert_all_there(PLACES[case])


@pytest.mark.parametrize(
    ("table", "message"),
    {
        b"": "got an empty file; download it again",
        b"<!DOCTYPE html><html>Log in to Kaggle": "got an HTML page .*; download it again",
        b"PK\3\4" + bytes(90): "got a zip file",
        b"\x1f\x8b" + bytes(90): "got a gzip file",
        b"version https://git-lfs.github.com/spec/v1\n": "got a git-lfs pointer",
        b"id,label\n1,frog\n2,frog\n1,cat\n": r"expected a new number and a class in line 4, got '1,cat'",
        b"id,label\n\n1,frog\nx,frog\n": "in line 4, got 'x,frog'",
        b"id,label\n1,frog,3\n": "in line 2, got '1,frog,3'",
        b"id,label\n1,frog\n2\n": "in line 3, got '2'",
        b"id,label\n1,frog\n2,fr": "in line 3, got '2,fr'",
        b"id,label\n-1,frog\n": "in line 2",
        b"id,label\n" + b"1,frog\n" * 2 * 10**6: "expected at most 3,145,728 bytes",
        b"id,label\n1,frog\n": "got 50 pictures and 1 rows; only in one of the two: 2, 3, 4$",
    }.items(),
)
def test_a_table_that_is_wrong_is_named_with_its_line(table, message):
    with pytest.raises(ValueError, match=rf"^somewhere: .*trainLabels\.csv.*{message}"):
        read(FILES | {"trainLabels.csv": table})


@pytest.mark.parametrize(
    "packed", ["train.7z", "trainLabels.csv.zip", "cifar-10/train.zip", "train.rar", "cifar10-images.zip"]
)
def test_what_is_still_packed_is_named(packed):
    with pytest.raises(ValueError, match=rf"got {packed}; unpack it( with 7-Zip)?, beside the others"):
        read({packed: b"", "sampleSubmission.csv": b""})


def test_numbers_tell_the_order_not_names():
    _, content = read(FILES)
    assert_array_equal(np.concatenate([content.train.labels, content.test.labels])[8:12], [8, 9, 0, 1])
