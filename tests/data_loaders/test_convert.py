"""What is written in a form is read back exactly, and nothing is ever overwritten."""

import os
import pickle
import shutil
import subprocess
import sys

import numpy as np
import pytest
from cifar10_forms import tiny
from numpy.testing import assert_array_equal

from data_loaders import Dataset, Split, convert, formats
from data_loaders.convert import write_cifar10
from data_loaders.files import Folder

DATASET = tiny(train=23, test=7)


@pytest.mark.parametrize("form", ["python", "binary"])
def test_batches_are_read_back(form, tmp_path):
    _, content = formats.read(Folder(write_cifar10(DATASET, tmp_path / "new" / "folder", form)))
    for got, expected in ((content.train, DATASET.train), (content.test, DATASET.test)):
        assert_array_equal(got.images, expected.images)
        assert_array_equal(got.labels, expected.labels)


def test_python_batches_are_those_of_pickle(tmp_path):
    folder = write_cifar10(DATASET, tmp_path / "x", "python")
    batch = pickle.loads((folder / "test_batch").read_bytes(), encoding="bytes")
    assert_array_equal(batch[b"data"], DATASET.test.images.reshape(7, 3072))
    assert batch[b"labels"] == DATASET.test.labels.tolist()
    assert batch[b"batch_label"] == b"testing batch 1 of 1"


def test_pictures_are_read_back(tmp_path):
    _, content = formats.read(Folder(write_cifar10(DATASET, tmp_path / "x", "png")))
    for got, expected in ((content.train, DATASET.train), (content.test, DATASET.test)):
        order, wanted = (np.lexsort(split.images.reshape(len(split), -1).T) for split in (got, expected))
        assert_array_equal(got.images[order], expected.images[wanted])
        assert_array_equal(got.labels[order], expected.labels[wanted])


def test_npz_is_read_by_numpy(tmp_path):
    arrays = np.load(write_cifar10(DATASET, tmp_path / "x", "npz") / "cifar10.npz")
    assert_array_equal(arrays["train_images"], DATASET.train.images)
    assert_array_equal(arrays["train_labels"], DATASET.train.labels)
    assert_array_equal(arrays["test_images"], DATASET.test.images)
    assert_array_equal(arrays["test_labels"], DATASET.test.labels)


@pytest.mark.parametrize("form", ["python", "binary", "png", "npz"])
def test_nothing_is_overwritten(form, tmp_path):
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "thesis.tex").write_text("mine")
    with pytest.raises(FileExistsError, match=r"folder: expected .*, got .*x, which exists"):
        write_cifar10(DATASET, tmp_path / "x", form)
    with pytest.raises(FileExistsError, match="exists"):
        write_cifar10(DATASET, tmp_path / "x" / "thesis.tex", form)
    assert [path.name for path in tmp_path.rglob("*")] == ["x", "thesis.tex"]
    assert (tmp_path / "x" / "thesis.tex").read_text() == "mine"


def test_an_empty_folder_may_be_filled(tmp_path):
    assert (write_cifar10(DATASET, tmp_path, "binary") / "test_batch.bin").stat().st_size == 7 * 3073


def test_a_failure_leaves_nothing(tmp_path, monkeypatch):
    def fail(dataset, folder):
        (folder / "half").write_text("")
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(convert.WRITERS, "npz", fail)
    with pytest.raises(
        OSError, match=r"^x: no room left in .*; free some space, or name a folder on another disk$"
    ):
        write_cifar10(DATASET, tmp_path / "x", "npz")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", ["python", "binary", "png", "npz"])
def test_nothing_is_written_where_there_is_too_little_room(form, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**9, 10**9, 50_000))
    monkeypatch.setitem(convert.WRITERS, form, lambda dataset, folder: pytest.fail("it was tried"))
    with pytest.raises(OSError, match="x: no room left in"):
        write_cifar10(DATASET, tmp_path / "x", form)
    assert list(tmp_path.iterdir()) == []


KILLED = """
import sys, time
sys.path.insert(0, sys.argv[1])
from cifar10_forms import tiny
from data_loaders import convert

def write(dataset, folder):
    (folder / "half").write_text("half")
    print("writing", flush=True)
    time.sleep(60)

convert.WRITERS["npz"] = write
convert.write_cifar10(tiny(), sys.argv[2], "npz")
"""


def test_what_a_killed_process_left_is_removed_by_the_next_run_and_not_before(tmp_path):
    command = [sys.executable, "-c", KILLED, os.path.dirname(__file__), str(tmp_path / "out")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"writing\n"
        (left,) = tmp_path.iterdir()
        os.utime(left, (1, 1))
        write_cifar10(DATASET, tmp_path / "other", "npz")
        assert (left / "half").exists()  # somebody works there
        process.kill()
    write_cifar10(DATASET, tmp_path / "out", "npz")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", "out"]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["cifar10.npz"]


@pytest.mark.parametrize(
    ("name", "files", "stays"),
    [
        (".out.abcdefgh.unfinished", [".in_use", "half"], False),
        (".another.abcdefgh.unfinished", [".in_use"], False),
        (".out.abcdefgh.unfinished", [], False),  # killed before it had its lock
        (".out.abcdefgh.unfinished", ["thesis.tex"], True),  # not ours: it never had a lock
        (".out.abcdefgh", [".in_use"], True),
        ("out.unfinished", [".in_use"], True),
    ],
)
def test_only_unfinished_folders_of_the_course_are_removed(name, files, stays, tmp_path):
    (tmp_path / name).mkdir()
    for file in files:
        (tmp_path / name / file).write_text("")
    os.utime(tmp_path / name, (1, 1))
    write_cifar10(DATASET, tmp_path / "out", "npz")
    assert (tmp_path / name).exists() == stays


def test_an_unfinished_folder_that_was_just_made_is_left_alone(tmp_path):
    (tmp_path / ".out.abcdefgh.unfinished").mkdir()
    write_cifar10(DATASET, tmp_path / "out", "npz")
    assert (tmp_path / ".out.abcdefgh.unfinished").exists()


def test_other_forms_and_images_are_refused(tmp_path):
    with pytest.raises(ValueError, match="form: expected one of 'python', 'binary', 'png', 'npz', got 'gif'"):
        write_cifar10(DATASET, tmp_path / "x", "gif")
    small = Split(np.zeros((1, 3, 8, 8), np.uint8), np.zeros(1, np.int64))
    with pytest.raises(ValueError, match=r"dataset: expected train\.images of shape .*, got \(1, 3, 8, 8\)"):
        write_cifar10(Dataset("small", small, small, ("a",)), tmp_path / "x", "python")
    assert list(tmp_path.iterdir()) == []
