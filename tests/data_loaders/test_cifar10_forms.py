"""Every form of CIFAR-10 is read exactly, from folders and archives, and refused where it is damaged."""

import re

import numpy as np
import pytest
from cifar10_forms import (
    FORMS,
    Memory,
    TableReaderHere,
    binary,
    class_folders,
    hugging_face,
    kaggle,
    matlab,
    picture,
    put,
    put_tar,
    put_zip,
    python,
    tiny,
    torch7_assignment,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from data_loaders import formats
from data_loaders.cifar10 import open_files
from data_loaders.formats import hugging_face as hugging_face_form

DATASET = tiny(train=40, test=10)  # the test is a fifth of all, as where a form holds it out


def assert_same(content, dataset, ordered):
    for part in ("train", "test"):
        got, expected = getattr(content, part), getattr(dataset, part)
        order, wanted = slice(None), slice(None)
        if not ordered:
            order, wanted = (
                np.lexsort(got.images.reshape(len(got), -1).T),
                np.lexsort(expected.images.reshape(len(expected), -1).T),
            )
        assert_array_equal(got.images[order], expected.images[wanted])
        assert_array_equal(got.labels[order], expected.labels[wanted])


@pytest.mark.family(share=4)
def test_every_form_has_a_fixture_and_is_recognised_below_a_folder():
    fixtures = [[f"some/folder/{name}" for name in make(DATASET)] for make, _ in FORMS.values()]
    found = {form.TITLE for form in map(formats.recognise, fixtures) if form}
    assert found == {form.TITLE for form in formats.FORMS}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("pack", ["folder", "tar.gz", "zip"])
def test_every_pixel_and_label_arrives(form, pack, tmp_path):
    make, ordered = FORMS[form]
    files = {f"some/folder/{name}": data for name, data in make(DATASET).items()}
    put_it = {"folder": put, "tar.gz": put_tar, "zip": put_zip}[pack]
    _, content = formats.read(open_files(put_it(files, tmp_path / "data")))
    assert_same(content, DATASET, ordered)
    assert not content.jpeg


def test_pictures_of_one_class_are_not_in_a_row():
    _, content = formats.read(Memory(class_folders(DATASET)))
    assert (np.diff(content.train.labels) == 0).mean() < 0.5


def test_jpeg_is_noticed():
    _, content = formats.read(Memory(class_folders(DATASET, kind="JPEG")))
    assert content.jpeg
    assert (len(content.train), len(content.test)) == (40, 10)


@pytest.mark.parametrize("make", [kaggle, torch7_assignment])
def test_a_held_out_test_split_is_announced(make):
    _, content = formats.read(Memory(make(DATASET)))
    assert "no labels" in content.note
    assert "10" in content.note


def test_what_was_found_is_named_where_no_form_fits():
    with pytest.raises(
        ValueError,
        match=r"somewhere: expected a known.*got 1 file \(1 \.mov\); only CIFAR-10's ten.*instructors\.md",
    ):
        formats.read(Memory({"holiday.mov": b""}))
    with pytest.raises(ValueError, match="got no files"):
        formats.read(Memory({}))
    with pytest.raises(ValueError, match=r"expected unpacked files, got train\.7z; unpack it with 7-Zip"):
        formats.read(Memory({"train.7z": b"", "trainLabels.csv": b""}))


def replaced(files, name, data):
    assert name in files
    return {**files, name: data}


def without(files, name):
    return {key: data for key, data in files.items() if key != name}


CATS = class_folders(DATASET)
WRONG = {
    "a batch is missing": (
        without(binary(DATASET), "data_batch_3.bin"),
        "expected data_batch_3.bin beside data_batch_4.bin, got none",
    ),
    "half a record": (replaced(binary(DATASET), "test_batch.bin", bytes(3000)), "records of 3073 bytes"),
    "a label of 10": (replaced(binary(DATASET), "test_batch.bin", b"\x0a" + bytes(3072)), "labels 10 to 10"),
    "an empty batch": (replaced(binary(DATASET), "data_batch_1.bin", b""), "an empty file"),
    "other classes": (replaced(binary(DATASET), "batches.meta.txt", b"apple pear"), "expected the classes"),
    "no labels": (
        replaced(python(DATASET, 2), "test_batch", python(DATASET, 2)["batches.meta"]),
        "data and labels",
    ),
    "half a picture": (replaced(CATS, "train/cat/3.png", CATS["train/cat/3.png"][:500]), r"cat/3\.png"),
    "too large a picture": (
        replaced(CATS, "train/cat/3.png", picture(np.zeros((3, 33, 32), np.uint8))),
        r"cat/3\.png.*32×33 pixels",
    ),
    "not a picture": (replaced(CATS, "train/cat/3.png", b"GIF89a" + bytes(50)), r"cat/3\.png"),
    "an unknown class": (replaced(kaggle(DATASET), "trainLabels.csv", b"id,label\n1,spaceship\n"), "line 2"),
    "a table that is none": (replaced(kaggle(DATASET), "trainLabels.csv", b"\0,\r\r\n"), "trainLabels.csv"),
    "a picture is missing": (without(kaggle(DATASET), "train/7.png"), "only in one of the two: 7"),
    "no tr_labels.bin": (
        without(torch7_assignment(DATASET), "tr_labels.bin"),
        "tr_labels.bin: expected a Torch7 file, got none of this name",
    ),
    "a mat without data": (
        replaced(matlab(DATASET), "test_batch.mat", matlab(DATASET)["batches.meta.mat"]),
        "got one without the variable data",
    ),
    "other columns": (hugging_face(DATASET, "photo"), "columns photo, label, not img and label"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_content_is_named(case):
    files, message = WRONG[case]
    with pytest.raises(ValueError, match=message):
        formats.read(Memory(files))


INSTEAD = {
    "an HTML page": b"<!DOCTYPE html><html><body>Sign in to continue",
    "a gzip file": b"\x1f\x8b\x08" + bytes(4000),
    "a zip file": b"PK\3\4" + bytes(4000),
    "an xz file": b"\xfd7zXZ\0" + bytes(4000),
    "a git-lfs pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:6d95\nsize 30730000\n",
    "an empty file": b"",
    "nothing but zeros": bytes(3 * 3073),
    "a PDF": b"%PDF-1.7" + bytes(3073 - 8),  # as long as a record
}
FILES = {
    "binary": ["data_batch_1.bin", "test_batch.bin", "batches.meta.txt"],
    "torch7, deck A2": ["tr_data.bin", "tr_labels.bin"],
    "torch7, deck A2 with labels": ["te_data.bin", "te_labels.bin"],
    "torch7, tables": ["cifar10-train.t7", "cifar10-test.t7"],
    "torch7, batches": ["data_batch_3.t7", "test_batch.t7"],
}


@pytest.mark.parametrize("seen", INSTEAD)
@pytest.mark.parametrize(("form", "name"), [(form, name) for form, names in FILES.items() for name in names])
@pytest.mark.parametrize("pack", ["folder", "zip"])
def test_what_lies_in_the_place_of_a_file_is_named(seen, form, name, pack, tmp_path):
    files = replaced(FORMS[form][0](DATASET), name, INSTEAD[seen])
    source = {"folder": put, "zip": put_zip}[pack](files, tmp_path / "data")
    with pytest.raises(
        ValueError, match=rf"^{source}: {name}: expected .*, got {seen}.*; download it again$"
    ):
        formats.read(open_files(source))


@pytest.mark.parametrize(
    ("form", "name"), [(form, name) for form, names in FILES.items() for name in names if name[-3:] != "txt"]
)
@pytest.mark.parametrize("left", [1, 5, 100, 0.45, -1])
def test_a_file_that_was_cut_is_named(form, name, left, tmp_path):
    files = FORMS[form][0](DATASET)
    data = files[name][: left if isinstance(left, int) else int(left * len(files[name]))]
    source = put(replaced(files, name, data), tmp_path / "data")
    with pytest.raises(ValueError, match=name) as error:
        formats.read(open_files(source))
    assert re.search(": expected .*, got .", str(error.value))


BYTES = {form: make(tiny(train=10, test=5)) for form, (make, _) in FORMS.items()}


@pytest.mark.parametrize("form", FORMS)
@given(data=st.data())
@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damage_is_a_value_error_or_harmless(form, monkeypatch, data):
    """Cut or changed anywhere, a file gives a data set of the right type or a ValueError that names it."""
    monkeypatch.setattr(
        hugging_face_form, "TableReader", TableReaderHere
    )  # a process for each takes too long
    files = dict(BYTES[form])
    name = data.draw(st.sampled_from(sorted(files)))
    content = bytearray(files[name])
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content) - 1)) :]
    else:
        for _ in range(data.draw(st.integers(1, 4))):
            content[
                data.draw(st.integers(0, len(content) - 1) | st.integers(0, min(300, len(content) - 1)))
            ] = data.draw(st.integers(0, 255))
    files[name] = bytes(content)
    try:
        _, read = formats.read(Memory(files))
    except ValueError as error:
        message = str(error)
    else:
        message = "somewhere"
        assert read.train.images.shape[1:] == read.test.images.shape[1:] == (3, 32, 32)
        assert set(read.train.labels) | set(read.test.labels) <= set(range(10))
    assert "somewhere" in message


def test_a_missing_library_gives_a_hint(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r"pip install 'deep-vision-course\[formats\]'"):
        formats.read(Memory(hugging_face(DATASET)))
