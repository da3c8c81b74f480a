"""What is nearly CIFAR-10, or damaged, is named, with what to do, in at most about 300 letters."""

import io
import re
import zipfile

import numpy as np
import pytest
from cifar10_forms import (
    Memory,
    binary,
    class_folders,
    hugging_face,
    kaggle,
    matlab,
    npz,
    put,
    put_tar,
    put_zip,
    python,
    tiny,
    torch7_tables,
)

from data_loaders import formats, load_cifar10
from data_loaders.formats import near

TINY = tiny()
CLASSES = ("airplane", "cat", "dog")
MNIST = ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz"]

NEAR = {
    "classes alone": (
        [f"{c}/1.png" for c in CLASSES],
        "class folders without train and test",
        "train/ and test/",
    ),
    "classes below": ([f"x/y/{c}/1.jpg" for c in CLASSES], "class folders without train", "train/ and test/"),
    "cat, dog, fox": (
        ["cat/1.png", "dog/1.png", "fox/1.png"],
        "class folders without train",
        "train/ and test/",
    ),
    "train, val": (
        [f"{s}/{c}/1.png" for c in CLASSES for s in ("train", "val")],
        "val, without test",
        "rename val",
    ),
    "train alone": (
        [f"train/{c}/1.png" for c in CLASSES],
        "pictures in train, without test",
        "test/<class>/",
    ),
    "test alone": (
        [f"x/test/{c}/1.png" for c in CLASSES],
        "pictures in test, without train",
        "train/<class>/",
    ),
    "pictures": (["1.png", "2.png"], "pictures without folders of their classes", "ten classes"),
    "npy": (["x.npy", "y.npy"], r"\.npy arrays", "np.savez"),
    "one mat": (["cifar.mat"], r"\.mat files of other names", "test_batch.mat"),
    "pt": (["cifar.pt"], "torch files", "np.savez"),
    "csv": (["train.csv", "test.csv"], "tables of text", "np.savez"),
    "h5": (["a/cifar.h5"], "HDF5 files", "np.savez"),
    "zip": (["mine.zip"], r"an archive \(\.zip\) in the folder", "pass the archive itself"),
    "tar.gz": (["mine.tar.gz"], r"an archive \(\.gz\)", "pass the archive itself"),
    "crdownload": (
        ["cifar-10-python.tar.gz.crdownload"],
        r"an unfinished download \(\.crdownload\)",
        "browser finish",
    ),
    "part": (["cifar-10-python.tar.gz.part"], r"an unfinished download \(\.part\)", "browser finish"),
    "MNIST": (MNIST, "MNIST", "ten classes"),
    "MNIST, unpacked": (["MNIST/raw/t10k-images-idx3-ubyte"], "MNIST", "ten classes"),
    "CIFAR-100": (["train", "test", "meta"], "CIFAR-100", "ten classes"),
    "CIFAR-100 in its folder": (
        [f"cifar-100-python/{n}" for n in ("train", "test", "meta")],
        "CIFAR-100",
        "ten classes",
    ),
    "CIFAR-100, binary": (["train.bin", "test.bin", "fine_label_names.txt"], "CIFAR-100", "ten classes"),
    "SVHN": (["train_32x32.mat", "test_32x32.mat"], "SVHN", "ten classes"),
    "no test_batch": (["data_batch_1", "data_batch_2"], "data_batch_1 without test_batch", "copy test_batch"),
    "no data_batch": (
        ["x/test_batch.bin"],
        r"test_batch.bin without data_batch_1\.bin",
        r"copy data_batch_1\.bin",
    ),
    "parquet": (["0000.parquet"], "parquet tables that are not called", "rename them to train-0.parquet"),
    "Kaggle's as BMP": (
        ["trainLabels.csv", "train/1.bmp", "train/2.bmp"],
        "Kaggle's table with BMP",
        "save them as PNG",
    ),
    "Kaggle's as JPEG": (
        ["x/trainLabels.csv", "x/train/1.jpg"],
        "Kaggle's table with JPEG",
        "save them as PNG",
    ),
    "Kaggle's table": (
        ["trainLabels.csv", "test/1.png"],
        r"trainLabels\.csv without train/1\.png",
        "beside it",
    ),
    "nothing": ([], "no files", "put CIFAR-10 there"),
    "other files": (["a.mov", "b.mov", "README"], r"3 files \(2 \.mov\)", "ten classes"),
}


@pytest.mark.parametrize("case", NEAR)
def test_the_nearest_form_is_named_first_and_what_to_do(case):
    names, found, todo = NEAR[case]
    with pytest.raises(ValueError, match="expected a known form of CIFAR-10, got ") as error:
        formats.read(Memory(dict.fromkeys(names, b"")))
    said = str(error.value)
    assert re.search(rf"got .*{found}.*; .*{todo}.*\. docs/instructors\.md lists all forms$", said)
    assert len(said) <= 300


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["meta", "test", "train"], "3 files"),
        (["a/b.c/d"], "1 file"),
        ([".profile"], "1 file"),
        (["a.TXT", "b.txt", "c.x y"], "3 files (2 .txt)"),
        ([f"{k}.{'abcdef'[k]}" for k in range(6)], "6 files (1 .a, 1 .b, 1 .c, 1 .d)"),
    ],
)
def test_only_endings_that_files_have_are_counted(names, said):
    assert near.summary(names) == said


LIBRARIES = re.compile(r"Error -?\d|not a zip|magic bytes|footer|CRC|decompress|Traceback|unpack requires")
MAKE = {
    "python": lambda d: python(d, 2),
    "binary": binary,
    "matlab": matlab,
    "tables": torch7_tables,
    "parquet": hugging_face,
    "kaggle": kaggle,
    "class folders": class_folders,
    "npz": npz,
}


def damaged(data, how):
    middle = len(data) // 2
    return {
        "cut": data[: middle + 7],
        "zeros": data[:middle] + bytes(50) + data[middle + 50 :],
        "begun": data[:20],
    }[how]


def complaint(read):
    """What reading raises, "" where it does not; it is in our own words, and says what to do."""
    try:
        read()
    except ValueError as error:
        said = str(error)
    else:
        return ""
    assert re.search("expected .*; ", said), said
    assert not LIBRARIES.search(said), said
    return said


@pytest.mark.parametrize("how", ["cut", "zeros", "begun"])
@pytest.mark.parametrize("make", MAKE)
def test_a_damaged_file_is_told_in_our_own_words_with_what_to_do(make, how):
    files = MAKE[make](TINY)
    largest = max(files, key=lambda name: len(files[name]))
    changed = Memory(files | {largest: damaged(files[largest], how)})
    said = complaint(lambda: formats.read(changed))
    assert largest in said or how == "zeros"  # pixels may be zero, where no sum protects them


@pytest.mark.parametrize("how", ["cut", "zeros", "begun"])
@pytest.mark.parametrize("pack", ["mine.zip", "mine.tar.gz", "mine.tar.bz2", "mine.tar.xz", "mine.tar"])
def test_a_damaged_archive_is_told_in_our_own_words(pack, how, tmp_path):
    files = python(TINY, 2)
    if pack.endswith("zip"):
        path = put_zip(files, tmp_path / pack)
    else:
        kind = pack.removeprefix("mine.tar").removeprefix(".")
        path = put_tar(files, tmp_path / pack, f"w:{kind}")
    path.write_bytes(damaged(path.read_bytes(), how))
    said = complaint(lambda: load_cifar10(path, announce=False))
    assert str(path) in said or (pack, how) == ("mine.tar", "zeros")


def arrays(**changes):
    names = ("train_images", "train_labels", "test_images", "test_labels")
    values = (TINY.train.images, TINY.train.labels, TINY.test.images, TINY.test.labels)
    file = io.BytesIO()
    np.savez(file, **dict(zip(names, values, strict=True)) | changes)
    return {"a.npz": file.getvalue()}


N = len(TINY.test)
NEARLY = {
    "floats": (
        {"test_images": np.zeros((N, 3, 32, 32), np.float32)},
        r"test_images: .*float32.*; .*astype\('uint8'\)",
    ),
    "doubles": ({"train_images": np.zeros((20, 3072))}, r"train_images: .*float64.*; .*255"),
    "int64 pixels": ({"test_images": np.zeros((N, 32, 32, 3), int)}, r".*int64 .*; save them as uint8"),
    "28×28": (
        {"test_images": np.zeros((N, 28, 28), np.uint8)},
        r".*\(10, 28, 28\); only CIFAR-10's pictures, 32×32 in colour",
    ),
    "64×64": ({"test_images": np.zeros((N, 3, 64, 64), np.uint8)}, r".*; only CIFAR-10's pictures, 32×32"),
    "grey": ({"test_images": np.zeros((N, 32, 32), np.uint8)}, r".*; only CIFAR-10's pictures"),
    "one-hot": (
        {"test_labels": np.eye(10)[TINY.test.labels]},
        r"test_labels: .*; .*labels\.argmax\(axis=1\)",
    ),
    "one-hot bytes": ({"train_labels": np.zeros((20, 10), np.uint8)}, r"train_labels: .*argmax\(axis=1\)"),
    "float labels": ({"test_labels": TINY.test.labels * 1.0}, r"test_labels: .*labels\.astype\('int64'\)"),
    "1 to 10": (
        {"test_labels": TINY.test.labels + 1},
        "test_labels: expected labels 0 to 9, got labels 1 to 10; subtract 1",
    ),
    "-1 to 8": (
        {"train_labels": TINY.train.labels - 1},
        "train_labels: expected labels 0 to 9, got labels -1 to 8; add 1",
    ),
    "0 to 99": (
        {"train_labels": np.arange(20) * 5},
        "train_labels: .*got labels 0 to 95; only CIFAR-10's ten classes",
    ),
    "too few": ({"test_labels": TINY.test.labels[:-1]}, "test_labels: .*; save one label for each image"),
}


@pytest.mark.parametrize("case", NEARLY)
def test_nearly_right_arrays_say_which_and_what_to_do(case):
    changes, words = NEARLY[case]
    with pytest.raises(ValueError, match=rf"somewhere: a\.npz: {words}"):
        formats.read(Memory(arrays(**changes)))


def test_names_of_arrays_are_shown_as_they_are_written():
    file = io.BytesIO()
    np.savez(file, X=np.zeros(1), y=np.zeros(1))
    with pytest.raises(ValueError, match="got 'X', 'y'; save it with these names"):
        formats.read(Memory({"a.npz": file.getvalue()}))


@pytest.mark.parametrize("ending", [".zip", ".npz"])
def test_a_zip_that_is_cut_is_to_be_fetched_again(ending, tmp_path):
    with zipfile.ZipFile(tmp_path / f"cifar10{ending}", "w") as archive:
        archive.writestr("train_images.npy", bytes(3000))
    (tmp_path / f"cifar10{ending}").write_bytes((tmp_path / f"cifar10{ending}").read_bytes()[:2000])
    with pytest.raises(ValueError, match=r": it is damaged, or was cut on its way; download or copy it"):
        load_cifar10(tmp_path / f"cifar10{ending}")


@pytest.mark.parametrize("folders", [("cat", "dog", "fox"), ("cat", "fox"), ("apple", "bee")])
def test_classes_of_another_set_are_told_that_only_ten_can_be_used(folders, tmp_path):
    put({f"{split}/{c}/1.png": b"" for split in ("train", "test") for c in folders}, tmp_path)
    with pytest.raises(ValueError, match=r"nly CIFAR-10's ten classes can be used") as error:
        load_cifar10(tmp_path)
    assert "Rename" not in str(error.value)
