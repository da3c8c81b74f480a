"""CIFAR-10 is found under the names that browsers, Windows and macOS give it; other files are never shown."""

import os

import pytest
from cifar10_forms import binary, hugging_face, kaggle, put, put_tar, put_zip, python, tiny
from numpy.testing import assert_array_equal

from data_loaders import load_cifar10, load_dataset, usual_names

DATASET = tiny(train=40, test=10)
BATCHES = {f"cifar-10-batches-py/{name}": data for name, data in python(DATASET, 2).items()}


@pytest.fixture(autouse=True)
def downloads(tmp_path, monkeypatch):
    """A home whose Downloads hold other things, too."""
    for name in ("XDG_CACHE_HOME", "HF_HOME", "HF_HUB_CACHE", "KERAS_HOME", "FASTAI_HOME", "COURSE_DATASET"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "course"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    put({"Tax2025.pdf": b"%PDF", "salary.xlsx": b"PK", "love letters/1.txt": b""}, tmp_path / "Downloads")
    return tmp_path / "Downloads"


def assert_found(name):
    dataset = load_cifar10(announce=False)
    assert_array_equal(dataset.test.images, DATASET.test.images)
    assert f"in ~/Downloads/{name}, " in dataset.origin


@pytest.mark.family(share=3)
@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("cifar-10-python.tar.gz", "w:gz"),
        ("cifar-10-python.tar", "w:"),  # Safari unpacks the outer half
        ("cifar-10-python.tgz", "w:gz"),
        ("cifar-10-python.gz", "w:gz"),
        ("cifar-10-python.tar.bz2", "w:bz2"),
        ("cifar-10-python.tar.xz", "w:xz"),
        ("CIFAR-10-Python.TAR.GZ", "w:gz"),
        ("cifar-10-python (1).tar.gz", "w:gz"),
        ("cifar-10-python(12).tar.gz", "w:gz"),
        ("cifar-10-python.tar (1).gz", "w:gz"),
        ("cifar-10-python.tar(1).gz", "w:gz"),
        ("cifar-10-python (1).tar", "w:"),
        ("cifar-10-python-1.tar.gz", "w:gz"),
        ("cifar-10-python 2.tar.gz", "w:gz"),
        ("cifar-10-python - Copy.tar.gz", "w:gz"),
        ("cifar-10-python.tar - Copy (2).gz", "w:gz"),
        ("cifar-10-python - Kopie.tar.gz", "w:gz"),
        ("cifar-10-python copy.tar.gz", "w:gz"),
        ("cifar-10-python copy 2.tar.gz", "w:gz"),
        ("cifar-10-python_copy.tar.gz", "w:gz"),
        ("cifar-10-python (copy).tar.gz", "w:gz"),
        ("cifar-10-python (another copy).tar.gz", "w:gz"),
        ("Copy of cifar-10-python.tar.gz", "w:gz"),
        ("cifar-10-python.tar.gz.1", "w:gz"),
        ("cifar-10-batches-py.tar.gz", "w:gz"),
        ("cifar10.tgz", "w:gz"),
    ],
)
def test_archives_are_found(name, mode, downloads):
    put_tar(BATCHES, downloads / name, mode)
    assert_found(name)


@pytest.mark.parametrize(
    "name",
    [
        "cifar-10-python",  # Windows' "Extract all"
        "cifar-10-python (1)",
        "cifar-10-python - Copy",
        "cifar-10-python.tar",  # 7-Zip's "Extract to"
        "cifar-10-python.tar.gz",
        "cifar10",
        "CIFAR10",
    ],
)
def test_folders_around_the_batches_are_found(name, downloads):
    put(BATCHES, downloads / name)
    assert_found(name)


@pytest.mark.parametrize("name", ["cifar-10-batches-py", "cifar-10-batches-py (2)", "cifar-10-batches-py 2"])
def test_folders_of_batches_are_found(name, downloads):
    put(python(DATASET, 2), downloads / name)
    assert_found(name)


@pytest.mark.parametrize(
    ("name", "make"),
    {
        "cifar-10-binary.zip": binary,
        "cifar-10-batches-bin (1).zip": binary,
        "cifar10.zip": hugging_face,
        "cifar-10.zip": kaggle,
        "cifar-10 (3).zip": kaggle,
    }.items(),
)
def test_zips_of_other_forms_are_found(name, make, downloads):
    put_zip({f"inner/{n}": data for n, data in make(DATASET).items()}, downloads / name)
    assert_found(name)


@pytest.mark.parametrize("folder", ["cifar-10-python", "cifar-10-python.tar", "cifar10"])
def test_an_archive_alone_in_a_folder_is_found(folder, downloads):
    put({".DS_Store": b""}, downloads / folder)
    put_tar(BATCHES, downloads / folder / "cifar-10-python.tar", "w:")
    assert_found(f"{folder}/cifar-10-python.tar")


@pytest.mark.parametrize(
    "name",
    [
        "cifar-10-python.tar.gz.part",
        "cifar-10-python.tar.gz.crdownload",
        "cifar-10-python.tar.gz.6d958be0.part",
        "cifar-10-python.tar.gz.unverified",
        ".cifar-10-python.tar.gz.lock",
        "cifar-100-python.tar.gz",
        "cifar-10-python.pdf",
        "my cifar-10-python.tar.gz",
        "cifar-10-python (final).tar.gz",
        "cifar-10-python",  # a file without an ending may be anything
        "cifar10",
    ],
)
def test_other_names_are_not_ours(name, downloads):
    put({name: b"<html>"}, downloads)
    with pytest.raises(FileNotFoundError, match="CIFAR-10 was not found"):
        load_cifar10()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_a_pipe_of_the_right_name_is_passed_over(downloads):
    os.mkfifo(downloads / "cifar-10-python.tar.gz")
    assert usual_names.known(downloads) == []


def test_unpacked_comes_before_packed_and_the_first_before_its_copies(downloads):
    names = (
        "cifar-10-batches-py cifar-10-batches-bin cifar-10-python cifar-10-python.tar.gz cifar-10-python.zip "
        "cifar-10-python_(1).tar.gz cifar-10-binary.tar.gz cifar10 cifar-10 cifar10.tgz"
    )
    for name in reversed(names.split()):
        name = name.replace("_", " ")
        if "." in name:
            put({name: b"x"}, downloads)
        else:
            put({"test_batch": b""}, downloads / name)
    found = [path.name.replace(" ", "_") for path in usual_names.known(downloads)]
    assert found == names.split()


@pytest.mark.family(share=3)
@pytest.mark.parametrize("name", ["cifar-10-python.tar.gz", "cifar-10-python (1).tar.gz", "cifar10.zip"])
@pytest.mark.parametrize(
    ("data", "seen"),
    {
        b"<html><head>Please log in": r"an HTML page \(it begins with <html>\)",
        b"\n\n<!DOCTYPE HTML>": r"an HTML page \(it begins with <!DOCTYPE HTML>\)",
        b"": "an empty file",
        b"version https://git-lfs.github.com/spec/v1\noid sha256:": "a git-lfs pointer",
        b"%PDF-1.7": "a PDF",
        bytes(5000): "nothing but zeros",
        b"Not Found": "something else",
    }.items(),
)
def test_a_download_that_is_no_archive_is_named_and_nothing_else(
    name, data, seen, downloads, monkeypatch, capsys
):
    put({name: data}, downloads)
    with pytest.raises(ValueError, match=rf"expected an archive, got {seen}.*; download it again$") as error:
        load_cifar10()
    assert str(error.value).startswith(f"{downloads / name}: ")
    monkeypatch.setattr("data_loaders.load.load_shapes10", lambda: DATASET)
    with pytest.warns(UserWarning, match="cannot be read"):
        load_dataset()
    for said in (str(error.value), capsys.readouterr().out):
        assert "download it again" in said
        assert not any(private in said for private in ("Tax", "salary", "pdf", "love"))


@pytest.mark.parametrize("root", ["", "Tax2025.pdf", "salary.xlsx"])
def test_other_peoples_files_are_never_listed(root, downloads, capsys):
    with pytest.raises(ValueError, match=r"expected a|damaged") as error:
        load_cifar10(downloads / root)
    said = str(error.value) + capsys.readouterr().out
    assert not any(
        private in said.replace(str(downloads / root), "") for private in ("Tax", "salary", "love")
    )


@pytest.mark.parametrize("name", ["cifar10.zip", "photos.rar", "photos.tar.zst", "cifar-10-python.tar.gz"])
@pytest.mark.parametrize(
    ("data", "seen"),
    [(b"Rar!", "a rar file"), (b"\x28\xb5\x2f\xfd", "a zstd file"), (b"\x1f\x9d", "a .Z file")],
)
def test_an_archive_of_another_kind_is_to_be_unpacked(name, data, seen, downloads):
    put({name: data}, downloads)
    with pytest.raises(
        ValueError, match=f"expected an archive, got {seen}; unpack it with 7-Zip and pass the"
    ):
        load_cifar10(downloads / name)


def test_a_broken_download_does_not_hide_the_second_one(downloads, capsys):
    put({"cifar-10-python.tar.gz": b"<html>"}, downloads)
    put_tar(BATCHES, downloads / "cifar-10-python (1).tar.gz")
    assert_found("cifar-10-python (1).tar.gz")
    (line,) = capsys.readouterr().out.splitlines()
    assert "skipped a copy that cannot be read" in line
