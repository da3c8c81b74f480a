"""What other programs make of the known forms is read; what is no data at all is called by its name."""

import gzip
import io
import json
import pickle
import struct
import zipfile

import numpy as np
import pyarrow as pa
import pytest
import scipy.io
from cifar10_forms import (
    Memory,
    class_folders,
    five_batches,
    hugging_face,
    matlab,
    picture,
    put,
    python,
    rows,
    tiny,
)
from numpy.testing import assert_array_equal
from PIL import Image

from data_loaders import formats
from data_loaders.formats.content import CLASSES
from data_loaders.formats.pictures import decode_all
from data_loaders.formats.tables import TableReader
from data_loaders.mat_file import read_variables
from data_loaders.safe_archive import Archive

DATASET = tiny()


def assert_read(files, dataset=DATASET):
    _, content = formats.read(Memory(files))
    for part in ("train", "test"):
        assert_array_equal(getattr(content, part).images, getattr(dataset, part).images)
        assert_array_equal(getattr(content, part).labels, getattr(dataset, part).labels)


# Pickled batches.


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("dtype", [np.int64, np.int32, np.uint8])
def test_labels_may_be_a_list_of_numpys_integers(protocol, dtype):
    def one(split):
        return pickle.dumps({"data": rows(split), "labels": [dtype(n) for n in split.labels]}, protocol)

    assert_read(five_batches(DATASET, "", one))


@pytest.mark.parametrize("dtype", [np.int64, np.uint8, ">i4"])
def test_labels_may_be_an_array(dtype):
    def one(split):
        return pickle.dumps({"data": rows(split), "labels": split.labels.astype(dtype)})

    assert_read(five_batches(DATASET, "", one))


@pytest.mark.parametrize(
    "labels", [["cat"], [1.0], [True], [10], [-1], [10**30], [[1]], [None], "12", None, {"a": 1}]
)
def test_other_labels_are_named(labels):
    batch = pickle.dumps({"data": np.zeros((1, 3072), np.uint8), "labels": labels})
    with pytest.raises(ValueError, match=r"data_batch_1: labels.*expected"):
        formats.read(Memory({**python(DATASET, 2), "data_batch_1": batch}))


GOOD = python(DATASET, 2)["data_batch_1"]
NO_BATCHES = {
    "an HTML page": (
        b"<!DOCTYPE html><html>Sign in</html>",
        r"an HTML page \(it begins with <!DOCTYPE html>\)",
    ),
    "a gzip file": (gzip.compress(GOOD), "a gzip file"),
    "a git-lfs pointer": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
        "git-lfs pointer",
    ),
    "empty": (b"", "an empty file"),
    "cut": (GOOD[:-10], "cut after"),
    "cut after its first byte": (GOOD[:1], "cut after"),
    "zeros": (bytes(1000), "nothing but zeros"),
    "another pickle": (pickle.dumps([1, 2]), "got a list"),
    "a numpy file": (b"\x93NUMPY" + bytes(100), "a numpy file"),
    "CIFAR-100": (pickle.dumps({"data": rows(DATASET.test), "fine_labels": []}), "'fine_labels'"),
}


@pytest.mark.parametrize("case", NO_BATCHES)
def test_a_batch_that_is_none_is_called_by_its_name(case):
    data, words = NO_BATCHES[case]
    with pytest.raises(ValueError, match=rf"somewhere: data_batch_1: expected.*{words}"):
        formats.read(Memory({**python(DATASET, 2), "data_batch_1": data}))


# MATLAB.


def mats(change, **options):
    def one(split):
        file = io.BytesIO()
        scipy.io.savemat(file, change(rows(split), split.labels), **options)
        return file.getvalue()

    return five_batches(DATASET, ".mat", one)


LABELS = {
    "uint8 column": lambda labels: labels.astype(np.uint8)[:, None],
    "uint8 row": lambda labels: labels.astype(np.uint8)[None],
    "double": lambda labels: labels.astype(float)[:, None],
    "single": lambda labels: labels.astype(np.float32)[:, None],
    "int16": lambda labels: labels.astype(np.int16)[:, None],
    "from 1, double": lambda labels: labels[:, None] + 1.0,
    "from 1, uint8": lambda labels: labels.astype(np.uint8)[:, None] + 1,
}


@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize("kind", LABELS)
def test_labels_of_matlab(kind, compressed):
    def batch(data, labels):
        return {
            "batch_label": "x",
            "data": data,
            "cells": np.array([[1], ["a"]], object),
            "labels": LABELS[kind](labels),
        }

    assert_read(mats(batch, do_compression=compressed))


@pytest.mark.parametrize("labels", [0.5, np.nan, np.inf, 11, -1, 1e300])
def test_labels_of_matlab_that_are_no_classes(labels):
    with pytest.raises(ValueError, match=r"data_batch_1\.mat.*labels"):
        formats.read(Memory(mats(lambda data, old: {"data": data, "labels": old[:, None] * 0.0 + labels})))


@pytest.mark.parametrize("order", "<>")
def test_both_byte_orders(order):
    """A .mat file by hand: scipy writes the machine's own order only."""

    def element(kind, content):
        return struct.pack(f"{order}II", kind, len(content)) + content + bytes(-len(content) % 8)

    numbers = np.arange(6).reshape(2, 3)
    matrix = element(6, struct.pack(f"{order}II", 6, 0)) + element(5, struct.pack(f"{order}2i", 2, 3))
    matrix += element(1, b"data") + element(9, numbers.astype(f"{order}f8").tobytes("F"))
    head = b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack(f"{order}H", 0x100)
    file = head + (b"IM" if order == "<" else b"MI") + element(14, matrix)
    assert_array_equal(read_variables(file, ("data",), "file")["data"], numbers)
    assert_array_equal(scipy.io.loadmat(io.BytesIO(file))["data"], numbers)


@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8"])
@pytest.mark.parametrize("compressed", [True, False])
def test_arrays_are_those_of_scipy(dtype, compressed):
    saved = {"data": np.arange(24, dtype=dtype).reshape(2, 3, 4), "x": np.ones((1, 1), dtype)}
    file = io.BytesIO()
    scipy.io.savemat(file, saved, do_compression=compressed)
    read = read_variables(file.getvalue(), ("data", "x"), "file")
    for name in saved:
        assert_array_equal(read[name], saved[name])


HDF5 = (
    b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x02IM" + bytes(384) + b"\x89HDF\r\n\x1a\n"
)


def version4():
    file = io.BytesIO()
    scipy.io.savemat(file, {"data": rows(DATASET.test)}, format="4")
    return file.getvalue()


NO_MATS = {
    "version 7.3": (HDF5, "one of version 7.3; save it with -v7"),
    "HDF5 of Octave": (HDF5[512:], "save it with -v7"),
    "version 4": (version4(), "save it with -v7"),
    "text of Octave": (b"# Created by Octave 8.4.0\n# name: data\n", "save it with -v7"),
    "an HTML page": (b"<html>", "an HTML page"),
    "empty": (b"", "an empty file"),
    "cut": (matlab(DATASET)["data_batch_1.mat"][:-50], "cut"),
    "text for labels": (
        mats(lambda d, n: {"data": d, "labels": "cat"})["data_batch_1.mat"],
        "labels is text",
    ),
    "complex pixels": (
        mats(lambda d, n: {"data": d * 1j, "labels": n})["data_batch_1.mat"],
        "data is complex",
    ),
}


@pytest.mark.parametrize("case", NO_MATS)
def test_a_mat_that_cannot_be_read_is_called_by_its_name(case):
    data, words = NO_MATS[case]
    with pytest.raises(
        ValueError, match=rf"somewhere: data_batch_1\.mat: expected a \.mat batch, got.*{words}"
    ):
        formats.read(Memory({**matlab(DATASET), "data_batch_1.mat": data}))


# Tables: each is read by a process of its own, so these are few.


def a_table(pictures, labels=None, kind="parquet"):
    sink = io.BytesIO()
    labels = pa.array(np.resize(np.arange(10), len(pictures))) if labels is None else labels
    table = pa.table({"img": pictures, "label": labels})
    if kind == "parquet":
        pa.parquet.write_table(table, sink)
    else:
        with (pa.ipc.new_file if kind == "file" else pa.ipc.new_stream)(sink, table.schema) as writer:
            writer.write_table(table)
    return sink.getvalue()


CELLS = [picture(image) for image in DATASET.test.images]
STRUCTS = [{"bytes": cell, "path": None} for cell in CELLS]
VIEWS = pa.struct({"bytes": pa.binary_view(), "path": pa.string_view()})
READABLE = {
    "plain binary": a_table(pa.array(CELLS)),
    "large binary": a_table(pa.array(CELLS, pa.large_binary())),
    "a dictionary": a_table(pa.array(CELLS).dictionary_encode()),
    "views": a_table(pa.array(CELLS, pa.binary_view())),
    "views in an Arrow stream": a_table(pa.array(CELLS, pa.binary_view()), kind="stream"),
    "views in an Arrow file, not from its first row": a_table(
        pa.array([b"x" * 99, *CELLS], pa.binary_view())[1:], kind="file"
    ),
    "a dictionary of views": a_table(
        pa.DictionaryArray.from_arrays(pa.array(range(10)), pa.array(CELLS, pa.binary_view())), kind="stream"
    ),
    "structures of views": a_table(pa.array(STRUCTS, VIEWS)),
    "structures of views in an Arrow stream": a_table(pa.array(STRUCTS, VIEWS), kind="stream"),
    "structures of large bytes": a_table(
        pa.array(STRUCTS, pa.struct({"bytes": pa.large_binary(), "path": pa.large_string()}))
    ),
    "names as labels": a_table(pa.array(CELLS), pa.array(CLASSES)),
    "names as labels, in an Arrow file": a_table(pa.array(CELLS), pa.array(CLASSES), kind="file"),
    "large names": a_table(pa.array(CELLS), pa.array(CLASSES, pa.large_string())),
    "names as views": a_table(pa.array(CELLS), pa.array(CLASSES, pa.string_view())),
    "names in a dictionary, in another order": a_table(
        pa.array(CELLS), pa.DictionaryArray.from_arrays(range(9, -1, -1), CLASSES[::-1])
    ),
    "names in a dictionary of small numbers, in an Arrow stream": a_table(
        pa.array(CELLS),
        pa.array(CLASSES).dictionary_encode().cast(pa.dictionary(pa.int8(), pa.string())),
        kind="stream",
    ),
    "PyTorch's names in capitals": a_table(pa.array(CELLS), pa.array(["Plane", "Car", *CLASSES[2:]])),
    "numbers as text": a_table(pa.array(CELLS), pa.array(list("0123456789"))),
    "numbers in a dictionary": a_table(pa.array(CELLS), pa.array(range(10)).dictionary_encode()),
    "bytes alone": a_table(pa.array([{"bytes": cell} for cell in CELLS])),
    "small labels": a_table(pa.array(STRUCTS), pa.array(range(10), pa.uint8())),
    "an Arrow file": a_table(pa.array(STRUCTS), kind="file"),
    "an Arrow stream": a_table(pa.array(CELLS), kind="stream"),
}


@pytest.fixture(scope="module")
def reader():
    """One process for all: to start it takes longer than to read a table."""
    with TableReader() as reader:
        yield reader


@pytest.mark.parametrize("case", READABLE)
def test_tables_by_other_programs(case, reader):
    name = "case.parquet" if READABLE[case].startswith(b"PAR1") else "case.arrow"
    cells, labels = reader.read(READABLE[case], name)
    assert cells == CELLS
    assert labels == list(range(10))


NO_TABLES = {
    "a picture is null": (a_table(pa.array([*CELLS[:7], None])), "row 7: the picture is missing"),
    "a structure is null": (a_table(pa.array([*STRUCTS[:7], None])), "row 7: the picture is missing"),
    "its bytes are null": (a_table(pa.array([*STRUCTS[:7], {"path": "a"}])), "row 7: the picture is missing"),
    "a label is null": (a_table(pa.array(CELLS[:2]), pa.array([1, None])), "row 1: the label is missing"),
    "a label is text": (
        a_table(pa.array(CELLS[:2]), pa.array(["cat", "b" * 99])),
        "row 1: the label is 'bbbb.*, neither a number from 0 to 9 nor the name of a class",
    ),
    "a label is empty": (a_table(pa.array(CELLS[:1]), pa.array([""])), "row 0: the label is '', neither"),
    "a name is null": (a_table(pa.array(CELLS[:2]), pa.array(["cat", None])), "row 1: the label is missing"),
    "a label of 10": (a_table(pa.array(CELLS[:2]), pa.array([9, 10])), "row 1: the label is 10, neither"),
    "a label of −1": (a_table(pa.array(CELLS[:2]), pa.array([9, -1])), "row 1: the label is -1, neither"),
    "a label of 2**64 − 1": (
        a_table(pa.array(CELLS[:1]), pa.array([2**64 - 1], pa.uint64())),
        "row 0: the label is 18446744073709551615, neither",
    ),
    "labels are floats": (a_table(pa.array(CELLS[:2]), pa.array([1.0, 2.0])), "column of type double"),
    "labels are bytes": (a_table(pa.array(CELLS[:2]), pa.array([b"cat", b"dog"])), "column of type binary"),
    "a view is null": (
        a_table(pa.array([*CELLS[:7], None], pa.binary_view())),
        "row 7: the picture is missing",
    ),
    "pictures are text": (a_table(pa.array(["a", "b"])), "column of type string"),
    "paths only": (a_table(pa.array([{"path": "a"}])), "column of type struct"),
    "an HTML page": (b"<html>", "got an HTML page"),
    "a git-lfs pointer": (b"version https://git-lfs.github.com/spec/v1", "got a git-lfs pointer"),
    "empty": (b"", "got an empty file"),
    "cut": (a_table(pa.array(CELLS))[:-9], "cannot be read"),
    "a BMP in row 1": (
        a_table(pa.array([CELLS[0], picture(DATASET.test.images[0], "BMP")])),
        "row 1.*a BMP picture; save it as PNG",
    ),
    "nothing in row 1": (a_table(pa.array([CELLS[0], b""])), "row 1.*an empty file"),
}


@pytest.mark.family(share=3)
@pytest.mark.parametrize("case", NO_TABLES)
def test_a_table_that_cannot_be_read_names_file_and_row(case):
    data, words = NO_TABLES[case]
    with pytest.raises(ValueError, match=rf"somewhere: train-0\.parquet.*{words}"):
        formats.read(Memory({"train-0.parquet": data, "test-0.parquet": a_table(pa.array(CELLS))}))


def saved_to_disk(**state):
    """As `save_to_disk` leaves it, with what `map` and an earlier version left beside."""
    good = hugging_face(DATASET, arrow=True)
    files = {}
    for split in ("train", "test"):
        name = "data-00000-of-00001.arrow"
        files[f"x/{split}/{name}"] = good[f"cifar10-{split}.arrow"]
        files[f"x/{split}/cache-9f3a.arrow"] = good[f"cifar10-{split}.arrow"]
        files[f"x/{split}/data-00000-of-00002.arrow"] = good[f"cifar10-{split}.arrow"]
        files[f"x/{split}/state.json"] = json.dumps({"_data_files": [{"filename": name}]} | state).encode()
    return files


def test_of_arrow_files_those_in_state_json_are_read():
    assert_read(saved_to_disk())


def test_caches_are_left_out_without_state_json():
    good = hugging_face(DATASET, arrow=True)
    assert_read({**good, "train/cache-9f3a.arrow": good["cifar10-train.arrow"], "train/tmp1.arrow": b""})


@pytest.mark.parametrize(
    "state", [{"_data_files": []}, {"_data_files": None}, {"_data_files": [{"filename": "../../etc/passwd"}]}]
)
def test_a_state_json_that_lists_no_file_is_named(state):
    with pytest.raises(ValueError, match=r"x/train/state\.json"):
        formats.read(Memory(saved_to_disk(**state)))


# Pictures.

PICTURES = {
    "a BMP called .png": (picture(DATASET.test.images[0], "BMP"), "a BMP picture; save it as PNG"),
    "a GIF called .png": (picture(DATASET.test.images[0], "GIF"), "a GIF picture; save it as PNG"),
    "a WebP called .png": (picture(DATASET.test.images[0], "WEBP"), "a WebP picture; save it as PNG"),
    "no bytes": (b"", "an empty file"),
    "an HTML page": (b"<html>", "an HTML page"),
    "text": (b"hello", "a file of another kind"),
    "cut": (picture(DATASET.test.images[0])[:100], "a PNG picture that is damaged"),
    "100 million pixels in its head": (
        CELLS[0][:16] + struct.pack(">II", 10_000, 10_000) + CELLS[0][24:],
        "(one of 10000×10000 pixels|a PNG picture that is damaged)",
    ),
    "too large": (picture(np.zeros((3, 64, 48), np.uint8)), "one of 48×64 pixels"),
}


@pytest.mark.parametrize("case", PICTURES)
def test_a_picture_that_cannot_be_read_is_called_by_its_name(case, recwarn):
    data, words = PICTURES[case]
    with pytest.raises(ValueError, match=rf"train/cat/3\.png: expected a PNG or JPEG.*got {words}"):
        formats.read(Memory({**class_folders(DATASET), "train/cat/3.png": data}))
    assert not recwarn.list


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "LA", "1", "I;16"])
def test_pictures_of_other_modes_are_read(mode):
    data = io.BytesIO()
    Image.new("RGB" if mode in ("P", "1") else mode, (32, 32)).convert(mode).save(data, "PNG")
    _, content = formats.read(Memory({**class_folders(DATASET), "train/cat/3.png": data.getvalue()}))
    assert len(content.train) == 20


# Archives.


def test_a_zip_with_backslashes_is_read(tmp_path):
    """As PowerShell 5 packs a folder, with an entry for the folder itself."""
    path = tmp_path / "cifar.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("cifar\\", b"")
        for name, data in python(DATASET, 2).items():
            archive.writestr(f"cifar\\{name}", data)
    archive = Archive(path)
    assert "cifar/test_batch" in archive.names
    assert_read({name: archive.read(name) for name in archive.names})


@pytest.mark.parametrize(
    "name", ["..\\up", "a\\..\\..\\up", "\\etc\\passwd", "C:\\x", "\\\\server\\x", "a/..\\..\\up"]
)
def test_backslashes_do_not_lead_outside(name, tmp_path):
    with zipfile.ZipFile(tmp_path / "x", "w") as archive:
        archive.writestr(name, b"1")
    with pytest.raises(ValueError, match="leads outside"):
        Archive(tmp_path / "x")


def test_the_same_name_with_both_slashes_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "x", "w") as archive:
        archive.writestr("a/b", b"1")
        archive.writestr("a\\b", b"2")
    with pytest.raises(ValueError, match="occurs twice"):
        Archive(tmp_path / "x")


@pytest.mark.parametrize("form", ["USTAR", "GNU", "PAX"])
def test_long_and_foreign_names_in_every_kind_of_tar(form, tmp_path):
    import tarfile

    names = ["x/" + "y" * 90 + "/" + "z" * 90, "ärger/π.bin", "plain"]
    if form != "USTAR":
        names.append("n" * 200)
    with tarfile.open(tmp_path / "x", "w", format=getattr(tarfile, f"{form}_FORMAT")) as archive:
        for k, name in enumerate(names):
            member = tarfile.TarInfo(name)
            member.size, member.mtime = k, 1.5
            archive.addfile(member, io.BytesIO(b"1" * k))
    archive = Archive(tmp_path / "x")
    assert {name: archive.read(name) for name in archive.names} == {n: b"1" * k for k, n in enumerate(names)}


def test_a_folder_of_batches_may_hold_links_to_files(tmp_path):
    put(python(DATASET, 2), tmp_path / "real")
    (tmp_path / "x").mkdir()
    for file in (tmp_path / "real").iterdir():
        (tmp_path / "x" / file.name).symlink_to(file)
    from data_loaders.cifar10 import open_files

    _, content = formats.read(open_files(tmp_path / "x"))
    assert_array_equal(content.test.images, DATASET.test.images)


@pytest.mark.parametrize("factor", [257, 256])
def test_grey_pictures_of_16_bits_keep_their_upper_8(factor):
    grey = (np.arange(1024) % 256).reshape(32, 32)
    file = io.BytesIO()
    Image.fromarray((grey * factor).astype(np.uint16)).save(file, "PNG")
    assert file.getvalue()[24] == 16  # bits
    (pixels, *_), _ = decode_all([("1.png", file.getvalue())], 1)
    assert_array_equal(pixels, np.stack([grey] * 3))
