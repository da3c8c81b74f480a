"""An .npz file of images and labels: as the course and others write it, and where it is refused."""

import io
import zipfile

import numpy as np
import pytest
from cifar10_forms import Memory, npz, put, put_tar, put_zip, tiny
from numpy.testing import assert_array_equal

from data_loaders import Dataset, Split, formats, load_cifar10, load_dataset
from data_loaders.cifar10 import open_files
from data_loaders.convert import write_cifar10
from data_loaders.formats.content import CLASSES
from data_loaders.usual_names import known

DATASET = tiny(train=23, test=7)
OURS = ("train_images", "train_labels", "test_images", "test_labels")
ARRAYS = [array for split in (DATASET.train, DATASET.test) for array in (split.images, split.labels)]


def assert_same(content, dataset=DATASET):
    for part in ("train", "test"):
        got, expected = getattr(content, part), getattr(dataset, part)
        assert_array_equal(got.images, expected.images)
        assert_array_equal(got.labels, expected.labels)
        assert (got.images.dtype, got.labels.dtype) == (np.uint8, np.int64)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """All usual places lie in one folder."""
    for name in ("HOME", "COURSE_DATA", "XDG_CACHE_HOME", "KERAS_HOME", "FASTAI_HOME", "HF_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    monkeypatch.delenv("COURSE_DATASET", raising=False)
    return tmp_path


def test_what_convert_writes_is_found_and_read_back_by_load_dataset(home, capsys):
    write_cifar10(DATASET, home / "COURSE_DATA" / "cifar10", "npz")
    assert_same(load_dataset("cifar10"))
    assert "numpy arrays in" in capsys.readouterr().out


@pytest.mark.parametrize("root", ["x", "x/cifar10.npz"])
def test_what_convert_writes_is_read_back_from_folder_and_file(root, home):
    write_cifar10(DATASET, home / "x", "npz")
    assert_same(load_cifar10(home / root, announce=False))


def test_an_npz_is_read_alone_whatever_lies_beside_it(tmp_path):
    other = tiny(train=5, test=5, seed=1)
    put(
        {"a.npz": npz(other)["cifar10.npz"], "b.npz": npz(DATASET)["cifar10.npz"], "test_batch": b""},
        tmp_path,
    )
    assert_same(formats.read(open_files(tmp_path / "b.npz"))[1])
    assert_same(formats.read(open_files(tmp_path / "a.npz"))[1], other)


@pytest.mark.parametrize("name", ["cifar10.npz", "CIFAR-10.NPZ", "cifar10 (1).npz", "cifar-10 - Copy.npz"])
def test_a_usual_place_may_hold_the_file_itself(name, tmp_path):
    put({name: b"PK"}, tmp_path)
    assert known(tmp_path) == [tmp_path / name]


@pytest.mark.parametrize("pack", [put_zip, put_tar])
def test_an_npz_in_an_archive_is_read(pack, tmp_path):
    assert_same(
        formats.read(open_files(pack({"x/cifar10.npz": npz(DATASET)["cifar10.npz"]}, tmp_path / "a")))[1]
    )


def saved(images=lambda images: images, labels=lambda labels: labels, names=OURS, save=np.savez, **more):
    """An .npz file with images and labels changed."""
    parts = DATASET.train, DATASET.test
    arrays = [change for part in parts for change in (images(part.images), labels(part.labels))]
    sink = io.BytesIO()
    save(sink, **dict(zip(names, arrays, strict=True)), **more)
    return {"data.npz": sink.getvalue()}


def beside(images):
    """Colours of a pixel side by side, as most programs keep them."""
    return images.transpose(0, 2, 3, 1)


NEIGHBOURS = {
    "compressed": saved(save=np.savez_compressed),
    "Keras' names": saved(names=("x_train", "y_train", "x_test", "y_test")),
    "Keras' names in capitals": saved(names=("X_train", "Y_train", "X_test", "Y_test")),
    "names turned round": saved(names=("train_x", "train_y", "test_x", "test_y")),
    "data": saved(names=("train_data", "train_labels", "test_data", "test_labels")),
    "colours side by side": saved(lambda images: np.ascontiguousarray(beside(images))),
    "colours side by side, as Keras has it": saved(
        lambda images: np.ascontiguousarray(beside(images)),
        lambda labels: labels.astype(np.uint8)[:, None],
        ("x_train", "y_train", "x_test", "y_test"),
    ),
    "Fortran's order": saved(lambda images: np.asfortranarray(images)),
    "colours side by side, in Fortran's order": saved(beside),
    "rows of 3072": saved(lambda images: images.reshape(-1, 3072)),
    "labels as a column": saved(labels=lambda labels: labels[:, None]),
    "labels as a row": saved(labels=lambda labels: labels[None]),
    "labels of one byte": saved(labels=lambda labels: labels.astype(np.uint8)),
    "labels of four bytes, the high one first": saved(labels=lambda labels: labels.astype(">i4")),
    "more arrays": saved(val_images=np.zeros(5), classes=np.array(["cat"])),
    "objects beside": saved(info=np.array([{"a": 1}], object)),
}


@pytest.mark.parametrize("case", NEIGHBOURS)
def test_other_names_shapes_and_types_are_read(case):
    title, content = formats.read(Memory(NEIGHBOURS[case]))
    assert title == "numpy arrays"
    assert_same(content)


def smooth(count, seed):
    """Pictures whose neighbouring pixels differ little, as in photographs."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (count, 3, 9, 9))
    fine = np.repeat(np.repeat(coarse, 4, axis=2), 4, axis=3)
    means = sum(fine[:, :, i : i + 32, k : k + 32] for i in range(4) for k in range(4)) // 16
    return Split(means.astype(np.uint8), np.resize(np.arange(10), count))


@pytest.mark.parametrize("count", [1, 5, 150])
@pytest.mark.parametrize("change", [lambda images: images, beside], ids=["apart", "side by side"])
def test_rows_of_3072_have_their_colours_apart_or_side_by_side(change, count):
    dataset = Dataset("CIFAR-10", smooth(count, 1), smooth(7, 2), CLASSES)
    arrays = {
        f"{part}_{kind}": getattr(getattr(dataset, part), kind)
        for part in ("train", "test")
        for kind in ("images", "labels")
    }
    for part in ("train", "test"):
        arrays[f"{part}_images"] = change(arrays[f"{part}_images"]).reshape(-1, 3072)
    sink = io.BytesIO()
    np.savez(sink, **arrays)
    assert_same(formats.read(Memory({"x.npz": sink.getvalue()}))[1], dataset)


@pytest.mark.parametrize("pixels", [np.zeros, np.ones])
def test_rows_of_one_colour_are_read(pixels):
    images = pixels((5, 3072), np.uint8)
    sink = io.BytesIO()
    np.savez(sink, x_train=images, y_train=np.arange(5), x_test=images, y_test=np.arange(5))
    assert_array_equal(
        formats.read(Memory({"x.npz": sink.getvalue()}))[1].test.images, images.reshape(5, 3, 32, 32)
    )


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_every_version_of_npy_is_read(version):
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for name, array in zip(OURS, ARRAYS, strict=True):
            with archive.open(f"{name}.npy", "w") as file:
                np.lib.format.write_array(file, array, version)
    assert_same(formats.read(Memory({"x.npz": sink.getvalue()}))[1])


def test_the_outermost_file_is_taken_and_of_several_the_one_called_cifar():
    other = npz(tiny(train=5, test=5, seed=1))["cifar10.npz"]
    mine = npz(DATASET)["cifar10.npz"]
    assert_same(formats.read(Memory({"a.npz": other, "my_cifar.npz": mine, "x/cifar.npz": other}))[1])


def changed_file(**changes):
    arrays = dict(zip(OURS, ARRAYS, strict=True)) | changes
    sink = io.BytesIO()
    np.savez(sink, **{name: array for name, array in arrays.items() if array is not None})
    return sink.getvalue()


REFUSED = {
    "one array is missing": (
        changed_file(test_labels=None),
        r"expected the arrays train_images, .* or x_train, .*, got 'train_images', 'train_labels', 't",
    ),
    "weights": (changed_file(**dict.fromkeys(OURS), weight=np.zeros(3)), r"arrays .*, got 'weight'"),
    "no arrays": (changed_file(**dict.fromkeys(OURS)), "expected the arrays .*, got none"),
    "digits of 28×28": (
        changed_file(train_images=np.zeros((23, 28, 28), np.uint8)),
        r"train_images: expected uint8 of shape .*, got uint8 of shape \(23, 28, 28\)",
    ),
    "floats": (changed_file(test_images=np.zeros((7, 3072))), r"test_images: expected uint8 .*, got float64"),
    "signed bytes": (
        changed_file(test_images=np.zeros((7, 3072), np.int8)),
        "test_images: expected uint8 .*, got int8",
    ),
    "one image": (
        changed_file(test_images=np.zeros((32, 32, 3), np.uint8)),
        r"got uint8 of shape \(32, 32, 3\)",
    ),
    "a number": (
        changed_file(train_images=np.uint8(5)),
        r"train_images: expected uint8 .*, got uint8 of shape \(\)",
    ),
    "labels of one-hot": (
        changed_file(test_labels=np.eye(7, 10, dtype=np.uint8)),
        r"test_labels: expected 7 integers, one an image, got uint8 of shape \(7, 10\)",
    ),
    "labels of floats": (
        changed_file(test_labels=np.zeros(7)),
        "test_labels: expected 7 integers.*got float64",
    ),
    "labels of truth": (
        changed_file(test_labels=np.zeros(7, bool)),
        "test_labels: expected 7 integers.*got bool",
    ),
    "labels too few": (changed_file(test_labels=np.zeros(6, int)), r"expected 7 integers.*shape \(6,\)"),
    "a label of 10": (
        changed_file(test_labels=np.full(7, 10)),
        "expected labels 0 to 9, got labels 10 to 10",
    ),
    "no images": (
        changed_file(test_images=np.zeros((0, 3072), np.uint8), test_labels=np.zeros(0, int)),
        "got 0 images",
    ),
    "objects": (changed_file(train_labels=np.array([None] * 23)), "train_labels.npy' holds Python objects"),
    "text": (changed_file(train_labels=np.array(["cat"] * 23)), "train_labels.npy' holds the type <U3"),
    "records": (
        changed_file(train_labels=np.zeros(23, [("a", "u1")])),
        "train_labels.npy' has a head that describes no plain array",
    ),
    "an HTML page": (b"<!DOCTYPE html><html>", r"got an HTML page"),
    "an empty file": (b"", "got an empty file"),
    "a numpy file": (b"\x93NUMPY\1\0", "got a numpy file"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_other_arrays_are_named(case):
    data, message = REFUSED[case]
    with pytest.raises(ValueError, match=message) as error:
        formats.read(Memory({"cifar10.npz": data}))
    assert str(error.value).startswith("somewhere: cifar10.npz: ")


@pytest.mark.parametrize("left", [1, 5, 100, 0.45, -1])
def test_a_file_that_was_cut_is_named(left):
    data = npz(DATASET)["cifar10.npz"]
    data = data[: left if isinstance(left, int) else int(left * len(data))]
    with pytest.raises(ValueError, match=r"^somewhere: cifar10\.npz: expected an \.npz file of arrays, got "):
        formats.read(Memory({"cifar10.npz": data}))


def test_a_flipped_bit_is_noticed():
    data = bytearray(npz(DATASET)["cifar10.npz"])
    data[5_000] ^= 1
    with pytest.raises(ValueError, match=r"cannot be read: it is damaged.*; download or copy it again$"):
        formats.read(Memory({"cifar10.npz": bytes(data)}))


def test_nothing_is_read_before_all_heads_are_right(monkeypatch):
    """The last array is wrong: none before it is unpacked."""
    taken = []
    monkeypatch.setattr(formats.numpy_arrays, "_array", lambda *arguments: taken.append(arguments))
    with pytest.raises(ValueError, match="test_labels: expected"):
        formats.read(Memory({"x.npz": changed_file(test_labels=np.zeros(7))}))
    assert taken == []


@pytest.mark.parametrize(("method", "said"), [(zipfile.ZIP_BZIP2, "bzip2"), (zipfile.ZIP_LZMA, "LZMA")])
def test_an_npz_of_another_packing_names_it(method, said):
    sink = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(npz(DATASET)["cifar10.npz"])) as old,
        zipfile.ZipFile(sink, "w", method) as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name))
    with pytest.raises(ValueError, match=f"it is packed with {said}"):
        formats.read(Memory({"cifar10.npz": sink.getvalue()}))
