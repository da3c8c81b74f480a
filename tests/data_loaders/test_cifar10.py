"""CIFAR-10 is found where people have it, read once, recognised, and never confused with something else."""

import hashlib
import os
from pathlib import Path

import pytest
from cifar10_forms import binary, class_folders, hugging_face, put, put_tar, python, tiny
from numpy.testing import assert_array_equal

from data_loaders import checksums, download, load_cifar10
from data_loaders.cifar10 import fingerprint


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """An empty home, an empty course folder work/, and none of the variables that point elsewhere."""
    home = tmp_path / "home"
    (home / "work" / "lectures").mkdir(parents=True)
    for name in ("XDG_CACHE_HOME", "HF_HOME", "HF_HUB_CACHE", "KERAS_HOME", "FASTAI_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.setenv("COURSE_DATA", str(home / "course"))
    monkeypatch.setattr("data_loaders.places.COURSE", home / "work")
    monkeypatch.chdir(home / "work" / "lectures")
    return home


DATASET = tiny()
SNAPSHOT = ".cache/huggingface/hub/datasets--uoft-cs--cifar10/snapshots/0b27149"


@pytest.mark.parametrize(
    ("place", "make"),
    {
        "course/cifar-10-batches-py": lambda d: python(d, 2),
        "work/data/cifar-10-batches-py": lambda d: python(d, 2),  # torchvision
        "work/cifar-10-batches-bin": binary,
        "data/cifar-10-batches-bin": binary,
        "Downloads/cifar-10": class_folders,
        ".keras/datasets/cifar-10-batches-py": lambda d: python(d, 2),
        ".keras/datasets/cifar-10-batches-py-target/cifar-10-batches-py": lambda d: python(d, 2),  # Keras 3
        ".fastai/data/cifar10": class_folders,
        SNAPSHOT: hugging_face,
    }.items(),
)
def test_the_usual_places_are_searched(place, make, home):
    put(make(DATASET), home / place)
    dataset = load_cifar10()
    assert sorted(dataset.train.labels) == sorted(DATASET.train.labels)
    assert (
        f"in ~/{place.removesuffix('/cifar-10-batches-py') if 'target' in place else place}" in dataset.origin
    )


@pytest.mark.parametrize("place", ["course", "Downloads", ".keras/datasets"])
def test_archives_are_found(place, home):
    (home / place).mkdir(parents=True)
    put_tar(
        {f"cifar-10-batches-py/{n}": data for n, data in python(DATASET, 2).items()},
        home / place / "cifar-10-python.tar.gz",
    )
    assert_array_equal(load_cifar10().test.images, DATASET.test.images)


def test_not_found_says_what_fetches_it_and_where_it_looked(home):
    with pytest.raises(FileNotFoundError, match=r"data fetch cifar10`.*Looked in.*Downloads"):
        load_cifar10()
    with pytest.raises(FileNotFoundError, match=r"root: .*nowhere, which does not exist.*data fetch"):
        load_cifar10(home / "nowhere")


@pytest.mark.parametrize("root", ["", "cifar-10-batches-py", "cifar-10-batches-py/test_batch"])
def test_root_is_the_folder_its_parent_or_one_of_its_files(root, tmp_path, capsys):
    put(python(DATASET, 2), tmp_path / "x" / "cifar-10-batches-py")
    dataset = load_cifar10(str(tmp_path / "x" / root))
    assert_array_equal(dataset.train.images, DATASET.train.images)
    assert dataset.name == "CIFAR-10"
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1
    assert "unverified" in lines[0]
    assert "20 + 10 images, not 50,000 + 10,000" in lines[0]


def test_jpeg_pictures_are_announced(tmp_path, capsys):
    load_cifar10(put(class_folders(DATASET, kind="JPEG"), tmp_path / "x"))
    assert "a JPEG copy: accuracies are 2–3 points lower" in capsys.readouterr().out


def test_a_second_load_does_not_read_the_source(tmp_path, monkeypatch):
    root = put(python(DATASET, 2), tmp_path / "x")
    first = load_cifar10(root)
    monkeypatch.setattr("data_loaders.cifar10._build", None)
    second = load_cifar10(root)
    assert_array_equal(first.train.images, second.train.images)
    assert first.origin == second.origin


def test_a_changed_source_is_read_again(tmp_path):
    root = put(python(DATASET, 2), tmp_path / "x")
    load_cifar10(root)
    put(python(tiny(seed=1), 2), root)
    assert_array_equal(load_cifar10(root).train.images, tiny(seed=1).train.images)


@pytest.mark.parametrize("count", [3, 150])
def test_the_fingerprint_changes_with_the_files(count, tmp_path):
    put({f"train/cat/{k}.png": b"1" for k in range(count)}, tmp_path)
    before = fingerprint(tmp_path)
    assert fingerprint(tmp_path) == before
    os.utime(tmp_path / "train" / "cat" / "1.png", ns=(1, 1))
    assert (fingerprint(tmp_path) != before) == (count <= 100)  # a large folder is not looked through
    before = fingerprint(tmp_path)
    (tmp_path / "train" / "cat" / "1.png").rename(tmp_path / "train" / "cat" / "more.png")
    os.utime(tmp_path / "train" / "cat", ns=(2, 2))
    assert fingerprint(tmp_path) != before


def test_a_link_to_nowhere_is_no_obstacle(tmp_path):
    put(python(DATASET, 2), tmp_path / "x")
    try:
        (tmp_path / "x" / "notes").symlink_to(tmp_path / "gone")
    except OSError:
        pytest.skip("this system makes no links without special rights")
    assert len(load_cifar10(tmp_path / "x").train) == 20


def test_a_broken_copy_is_skipped_with_one_line(home, capsys):
    put({"test_batch": b"cut off"}, home / "course" / "cifar-10-batches-py")
    put(binary(DATASET), home / "data" / "cifar-10-batches-bin")
    load_cifar10()
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("CIFAR-10: skipped a copy that cannot be read")
    assert "test_batch" in lines[0]


def test_only_broken_copies_are_an_error_that_names_the_file(home):
    files = python(DATASET, 2)
    put(files | {"data_batch_3": files["data_batch_3"][:-100]}, home / "course" / "cifar-10-batches-py")
    with pytest.raises(ValueError, match=r"data_batch_3: expected a pickled batch.*cut"):
        load_cifar10()
    assert not list((home / "course" / "cache").glob("*/*"))


def test_download_is_asked_only_where_nothing_is_found(home, monkeypatch):
    calls = []

    def fetch() -> Path:
        calls.append("fetch")
        (home / "course").mkdir(exist_ok=True)
        return put_tar(python(DATASET, 2), home / "course" / "cifar-10-python.tar.gz")

    monkeypatch.setattr(download, "fetch_cifar10", fetch)
    assert_array_equal(load_cifar10(download=True).train.images, DATASET.train.images)
    load_cifar10(download=True)
    load_cifar10()
    assert calls == ["fetch"]


@pytest.mark.parametrize("make", [lambda d: python(d, 2), binary, hugging_face])
def test_originals_are_recognised_by_their_checksums(make, tmp_path, monkeypatch, capsys):
    files = {n: data for n, data in make(DATASET).items() if not n.startswith(("batches", "README"))}
    published = {name.rpartition("/")[2]: hashlib.sha1(data).hexdigest() for name, data in files.items()}
    monkeypatch.setattr(checksums, "SETS", (("sha1", published),))
    assert "verified by published checksums" in load_cifar10(put(files, tmp_path / "x")).origin
    assert capsys.readouterr().out == ""
    monkeypatch.setattr(checksums, "SETS", (("sha1", {**published, next(iter(published)): "0" * 40}),))
    assert "unverified" in load_cifar10(put(files, tmp_path / "y")).origin


def test_an_original_archive_is_recognised(tmp_path, monkeypatch):
    path = put_tar(python(DATASET, 2), tmp_path / "any.tar.gz")
    md5 = hashlib.md5(path.read_bytes()).hexdigest()
    monkeypatch.setattr(checksums, "ARCHIVES_MD5", {"cifar-10-python.tar.gz": md5})
    assert "verified by published checksums" in load_cifar10(path).origin
