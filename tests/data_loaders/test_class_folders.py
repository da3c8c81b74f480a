"""Pictures in folders named after their class: every class is read, or the one that is not is named."""

import numpy as np
import pytest
from cifar10_forms import Memory, class_folders, picture, put, tiny
from numpy.testing import assert_array_equal

from data_loaders import formats
from data_loaders.files import Folder
from data_loaders.formats.content import CLASSES, class_label

DATASET = tiny(train=40, test=20)
FILES = class_folders(DATASET)
FOLDERS, LESSON = "{split}/{label}/{k}.{suffix}", "{split}/{k}_{label}.{suffix}"


def read(files):
    return formats.read(Memory(files))[1]


def assert_all_there(content, dataset=DATASET):
    """Every picture with its label, in whatever order."""
    for part in ("train", "test"):
        got, expected = getattr(content, part), getattr(dataset, part)
        order, wanted = (np.lexsort(split.images.reshape(len(split), -1).T) for split in (got, expected))
        assert_array_equal(got.images[order], expected.images[wanted])
        assert_array_equal(got.labels[order], expected.labels[wanted])


def renamed(old, new, name=FOLDERS):
    return {
        file.replace(f"/{old}/", f"/{new}/").replace(f"_{old}.", f"_{new}."): data
        for file, data in class_folders(DATASET, name=name).items()
    }


WORDS = [
    *[
        ("airplane", word)
        for word in ("plane", "Plane", "planes", "aeroplane", "AIRPLANES", "0_airplane", "00-plane")
    ],
    *[("automobile", word) for word in ("car", "cars", "Car", "auto", "Automobiles", "1.automobile")],
    *[("cat", "cats"), ("dog", "Dogs"), ("deer", "DEER"), ("ship", "8 ships"), ("truck", "truck ")],
]


@pytest.mark.parametrize("name", [FOLDERS, LESSON])
@pytest.mark.parametrize(("old", "new"), WORDS)
def test_synonyms_of_a_class_are_read(old, new, name):
    assert_all_there(read(renamed(old, new, name)))


def test_the_names_of_pytorchs_tutorial_are_read():
    files = {n.replace("airplane", "plane").replace("automobile", "car"): data for n, data in FILES.items()}
    assert_all_there(read(files))


@pytest.mark.parametrize(
    "word", ["", "s", "0", "7", "boat", "category", "catt", "cat - Copy", "carplane", "bus", "🐸"]
)
def test_other_words_are_no_class(word):
    assert class_label(word) is None


@pytest.mark.parametrize("name", [FOLDERS, LESSON])
def test_a_folder_that_is_no_class_is_named(name):
    with pytest.raises(
        ValueError, match=r"somewhere: .*train/(spaceship|\d+_spaceship\.png), which is no class; "
    ) as error:
        read(renamed("airplane", "spaceship", name))
    assert "no pictures of airplane in train" in str(error.value)
    assert "the classes are airplane, automobile" in str(error.value)


@pytest.mark.parametrize(
    "extra", ["train/spaceship/1.png", "test/0/1.png", "train/cat - Copy/1.png", "train/overview.png"]
)
def test_a_picture_without_a_class_is_named_even_where_no_class_is_missing(extra):
    shown = extra if extra.count("/") == 1 else extra.rpartition("/")[0]
    with pytest.raises(ValueError, match=rf"got {shown}, which is no class\. Only CIFAR-10's ten"):
        read(FILES | {extra: picture(DATASET.test.images[0])})


@pytest.mark.parametrize("classes", [[str(k) for k in range(10)], ["love", "salary"], ["apple", "bee"]])
def test_another_data_set_is_refused_without_its_names(classes):
    files = {f"{split}/{c}/1.png": b"" for split in ("train", "test") for c in classes}
    with pytest.raises(
        ValueError,
        match=r"expected folders named after the classes airplane.*other names; only CIFAR-10's ten",
    ) as error:
        read(files)
    assert not any(f"train/{c}" in str(error.value) for c in classes)


def test_pictures_without_folders_and_classes_are_no_known_form():
    with pytest.raises(
        ValueError, match=r"a known form of CIFAR-10, got pictures in train and test, not in class"
    ):
        read({"train/1.png": b"", "test/1.png": b""})


@pytest.mark.parametrize(
    ("kind", "ending"),
    [("BMP", "bmp"), ("GIF", "gif"), ("TIFF", "tif"), ("TIFF", "tiff"), ("WebP", "webp"), ("PPM", "PPM")],
)
@pytest.mark.parametrize("name", [FOLDERS, LESSON, "x/{split}/{label}/{k}.{suffix}"])
def test_pictures_of_another_kind_are_counted_and_one_is_named(kind, ending, name):
    files = {n.replace(".png", f".{ending}"): b"" for n in class_folders(DATASET, name=name)}
    with pytest.raises(
        ValueError,
        match=rf"somewhere: expected PNG or JPEG .*, got 60 {kind}, such as \S+\.{ending}; save them as PNG",
    ):
        read(files)


def test_one_picture_of_another_kind_is_not_passed_over():
    with pytest.raises(ValueError, match=r"got 1 WebP, 1 BMP, such as test/dog/1\.webp; save them as PNG"):
        read(FILES | {"train/cat/99.bmp": b"", "test/dog/1.webp": b""})


def test_many_folders_that_are_no_class_are_counted():
    extra = {f"train/class{k}/1.png": b"" for k in range(9)}
    with pytest.raises(
        ValueError, match=r"class0, which.*class1, which.*class2, which.*6 more, which"
    ) as error:
        read(FILES | extra)
    assert "class3" not in str(error.value)


@pytest.mark.parametrize("missing", [["frog"], ["airplane", "truck"], [*CLASSES[1:]]])
def test_a_class_without_pictures_in_train_is_named(missing):
    files = {n: data for n, data in FILES.items() if not any(n.startswith(f"train/{m}/") for m in missing)}
    with pytest.raises(
        ValueError, match=rf"got no pictures of {', '.join(missing)} in train\. Only CIFAR-10's ten"
    ):
        read(files)


def test_a_class_without_pictures_in_test_is_remarked_upon():
    content = read({n: data for n, data in FILES.items() if not n.startswith("test/frog/")})
    assert (len(content.test), content.note) == (18, "no pictures of frog in test")


@pytest.mark.parametrize(
    ("extra", "data"),
    {
        "train/cat/.DS_Store": b"Bud1",
        "train/cat/Thumbs.db": b"\xd0\xcf",
        "train/desktop.ini": b"[.ShellClassInfo]",
        "train/README.md": b"pictures",
        "other/train/spaceship/1.png": b"",  # another data set in another folder
        "holiday.png": b"",
        "train/overview.gif": b"GIF89a",
        "train/icons/1.gif": b"GIF89a",
        "holiday.heic": b"",
    }.items(),
)
def test_other_files_do_no_harm(extra, data):
    assert_all_there(read(FILES | {extra: data}))


def test_what_macos_adds_does_no_harm(tmp_path):
    extra = {
        f"__MACOSX/{n.rpartition('/')[0]}/._{n.rpartition('/')[2]}": b"\0\5\x16\7" for n in FILES if "/" in n
    }
    assert_all_there(formats.read(Folder(put(FILES | extra | {".DS_Store": b"Bud1"}, tmp_path)))[1])


@pytest.mark.parametrize(
    "name",
    [
        "{split}/{split}/{label}/{k}.{suffix}",  # as some programs unpack
        "cifar10/{split}/{label}/{k}.{suffix}",
        "train/cifar/{split}/{label}/{k}.{suffix}",
        "{split}/{label}/more/{k}.{suffix}",
        "{split}/{label}/{k}.PNG",
    ],
)
def test_other_depths_and_endings_are_read(name):
    assert_all_there(read(class_folders(DATASET, name=name)))


def test_capitals_are_read():
    files = {n.replace("train/", "Train/").replace("test/", "TEST/"): data for n, data in FILES.items()}
    assert_all_there(read(files))


def test_of_two_data_sets_the_outermost_is_read():
    inner = {f"backup/{n}": data for n, data in class_folders(tiny(train=30, test=10, seed=1)).items()}
    assert_all_there(read(FILES | inner))
