"""What is written in a form is read back exactly, and nothing is ever overwritten."""

import pickle

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
    with pytest.raises(FileExistsError, match=r"folder: .*x exists"):
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
    with pytest.raises(OSError, match="No space left"):
        write_cifar10(DATASET, tmp_path / "x", "npz")
    assert list(tmp_path.iterdir()) == []


def test_other_forms_and_images_are_refused(tmp_path):
    with pytest.raises(ValueError, match="form: got 'gif', accepted are 'python', 'binary', 'png', 'npz'"):
        write_cifar10(DATASET, tmp_path / "x", "gif")
    small = Split(np.zeros((1, 3, 8, 8), np.uint8), np.zeros(1, np.int64))
    with pytest.raises(ValueError, match=r"train\.images has shape \(1, 3, 8, 8\)"):
        write_cifar10(Dataset("small", small, small, ("a",)), tmp_path / "x", "python")
    assert list(tmp_path.iterdir()) == []
