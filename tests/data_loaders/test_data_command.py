import argparse
import hashlib
import re
import sys

import numpy as np
import pytest
from mirror_server import MirrorServer

from data_loaders import Dataset, Split, command, download, load_cifar10, mirrors, places
from data_loaders.convert import WRITERS, write_cifar10
from data_loaders.formats.content import CLASSES


@pytest.fixture
def course(monkeypatch, tmp_path, capsys):
    """Runs `course data …` with an empty home, and gives the status and what was printed."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setattr("data_loaders.places.COURSE", home)
    monkeypatch.chdir(home)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))
    for name in (
        "XDG_CACHE_HOME",
        "HF_HOME",
        "HF_HUB_CACHE",
        "KERAS_HOME",
        "FASTAI_HOME",
        "COURSE_CIFAR10_URL",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("no_proxy", "*")

    def course(*arguments):
        parser = argparse.ArgumentParser(prog="course")
        command.add_parser(parser.add_subparsers())
        options = parser.parse_args(["data", *map(str, arguments)])
        capsys.readouterr()
        status = options.run(options)
        return status, *capsys.readouterr()

    return course


@pytest.fixture
def small(tmp_path):
    """A copy of CIFAR-10's form with 50 + 10 images of noise, and that data set."""
    random = np.random.default_rng(0)
    splits = [
        Split(random.integers(0, 256, (n, 3, 32, 32), np.uint8), np.arange(n, dtype=np.int64) % 10)
        for n in (50, 10)
    ]
    dataset = Dataset("CIFAR-10", *splits, CLASSES)
    return write_cifar10(dataset, tmp_path / "cifar-10-batches-py", "python"), dataset


def test_list_names_what_is_known_and_how_to_get_it(course, tmp_path):
    for arguments in ([], ["list"]):
        status, out, err = course(*arguments)
        assert (status, err) == (0, "")
        assert "CIFAR-10" in out
        assert f"`{places.command('data fetch cifar10')}`" in out
        assert "Shapes-10" in out
        assert str(tmp_path / "data") in out


def test_list_and_verify_say_that_a_copy_is_not_the_original(course, small, tmp_path):
    folder, _ = small
    folder.rename(tmp_path / "home" / folder.name)
    status, out, _ = course("list")
    assert status == 0
    assert "cifar-10-batches-py: " in out
    assert "unverified" in out
    status, out, _ = course("verify")
    assert status == 1
    assert "unverified" in out


def test_verify_takes_one_copy(course, small):
    folder, _ = small
    for source in (folder, folder.parent):
        status, out, _ = course("verify", source)
        assert status == 1
        assert out.startswith(f"{folder}: ")


def flip_a_bit_of_the_cache(tmp_path):
    (path,) = (tmp_path / "data" / "cache").glob("*/test_images.npy")
    data = bytearray(path.read_bytes())
    data[1000] ^= 4
    path.write_bytes(data)
    return path.parent


def test_verify_reads_the_cache_and_removes_what_is_damaged(course, small, tmp_path):
    folder, dataset = small
    assert load_cifar10(folder, announce=False).test.images.tobytes() == dataset.test.images.tobytes()
    status, out, err = course("verify")
    assert re.fullmatch(r".*cache.cifar10-[0-9a-f]+: as it was written\n", out)
    assert (status, err[:36]) == (1, "course data: CIFAR-10 was not found;")  # no copy in the usual places
    entry = flip_a_bit_of_the_cache(tmp_path)
    assert course("verify")[1] == f"{entry}: damaged, and removed; the next load builds it again\n"
    assert not entry.exists()
    assert load_cifar10(folder, announce=False).test.images.tobytes() == dataset.test.images.tobytes()


def test_verify_fails_where_only_the_cache_is_damaged(course, small, tmp_path, monkeypatch):
    folder, _ = small
    monkeypatch.setattr("data_loaders.checksums.is_original", lambda files: True)
    folder = folder.rename(tmp_path / "home" / folder.name)
    load_cifar10(announce=False)
    assert course("verify")[0] == 0
    flip_a_bit_of_the_cache(tmp_path)
    status, out, _ = course("verify")
    assert status == 1
    assert "damaged" in out
    assert "original" in out


def test_list_and_verify_say_once_what_a_broken_download_is(course, tmp_path):
    downloads = tmp_path / "home" / "Downloads"
    downloads.mkdir()
    (downloads / "cifar-10-python.tar.gz").write_bytes(b"<html>Log in")
    (downloads / "Tax2025.pdf").write_bytes(b"")
    line = (
        f"{downloads / 'cifar-10-python.tar.gz'}: cannot be read: expected an archive, got an HTML page "
        "(it begins with <html>); download it again\n"
    )
    for action, expected in (("list", 0), ("verify", 1)):
        status, out, _ = course(action)
        assert (status, line in out, "Tax" in out) == (expected, True, False)


def test_a_damaged_copy_is_reported_and_does_not_hide_the_others(course, small, tmp_path):
    folder, _ = small
    (tmp_path / "home" / "cifar-10-batches-bin").mkdir()
    (tmp_path / "home" / "cifar-10-batches-bin" / "data_batch_1.bin").write_bytes(b"x")
    folder.rename(tmp_path / "home" / folder.name)
    status, out, err = course("verify")
    assert (status, err) == (1, "")
    assert "cannot be read" in out
    assert "unverified" in out


@pytest.mark.parametrize("form", command.FORMS)
def test_convert_writes_what_load_reads(course, small, tmp_path, form):
    folder, dataset = small
    status, out, err = course("convert", folder, tmp_path / "new", "--form", form)
    assert (status, err) == (0, "")
    assert str(tmp_path / "new") in out
    if form == "npz":
        read = np.load(tmp_path / "new" / "cifar10.npz")
        np.testing.assert_array_equal(read["train_images"], dataset.train.images, strict=True)
    else:
        read = load_cifar10(tmp_path / "new", announce=False).test
        order = np.argsort(read.labels)  # ten test images, one of each class
        np.testing.assert_array_equal(read.images[order], dataset.test.images, strict=True)


def test_the_forms_are_those_that_can_be_written():
    assert tuple(WRITERS) == command.FORMS


def test_convert_overwrites_nothing(course, small, tmp_path):
    folder, _ = small
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("all of it")
    status, out, err = course("convert", folder, tmp_path / "mine", "--form", "binary")
    assert (status, out.count("Written")) == (1, 0)
    assert err.startswith("course data: ")
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "all of it"


@pytest.mark.parametrize(
    "arguments",
    [["verify"], ["verify", "nowhere"], ["convert", "nowhere", "new"], ["convert", "cifar10", "new"]],
)
def test_what_is_missing_is_one_sentence(course, arguments):
    status, _, err = course(*arguments)
    assert status == 1
    assert err.startswith("course data: ")
    assert "Traceback" not in err


@pytest.mark.parametrize("arguments", [["fetch"], ["fetch", "mnist"], ["convert", "a"], ["fly"]])
def test_a_wrong_command_line_exits_with_2(course, arguments):
    with pytest.raises(SystemExit) as stop:
        course(*arguments)
    assert stop.value.code == 2


def test_fetch_downloads_and_decodes(course, small, tmp_path, monkeypatch):
    import shutil

    folder, _ = small
    packed = shutil.make_archive(tmp_path / "cifar-10-python", "gztar", tmp_path, folder.name)
    with MirrorServer() as server, open(packed, "rb") as file:
        server.content = file.read()
        sha256 = hashlib.sha256(server.content).hexdigest()
        archive = mirrors.RemoteArchive(
            "cifar-10-python.tar.gz", len(server.content), sha256, (server.url("good"),)
        )
        monkeypatch.setattr(mirrors, "CIFAR10", archive)
        monkeypatch.setattr(download, "CIFAR10", archive)
        status, out, _ = course("fetch", "cifar10")
    assert status == 0
    assert f"Ready. CIFAR-10: 50 training and 10 test images, 10 classes, in {tmp_path / 'data'}" in out
    assert "cifar-10-python.tar.gz: " in course("list")[1]


def test_fetch_downloads_nothing_where_an_original_is_found(course, small, tmp_path, monkeypatch):
    folder, _ = small
    folder.rename(tmp_path / "home" / folder.name)
    monkeypatch.setattr("data_loaders.checksums.is_original", lambda files: True)
    monkeypatch.setattr(download, "fetch_cifar10", lambda: pytest.fail("it was downloaded"))
    status, out, _ = course("fetch", "cifar10")
    assert status == 0
    assert "Ready." in out


def test_a_failed_fetch_lists_the_mirrors(course, monkeypatch, tmp_path):
    with MirrorServer() as server:
        monkeypatch.setenv("COURSE_CIFAR10_URL", server.url("html"))
        archive = mirrors.RemoteArchive("cifar-10-python.tar.gz", 10, 64 * "0", (server.url("503"),))
        monkeypatch.setattr(mirrors, "CIFAR10", archive)
        monkeypatch.setattr(download, "CIFAR10", archive)
        status, _, err = course("fetch", "cifar10")
    assert status == 1
    assert "html: answered with a web page" in err
    assert "503: answered 503" in err


def test_fetch_shapes10_generates_it(course, monkeypatch, small):
    monkeypatch.setattr("data_loaders.load_shapes10", lambda: small[1])
    assert course("fetch", "shapes10")[0] == 0


def test_control_c_is_one_sentence(course, monkeypatch):
    def stopped():
        raise KeyboardInterrupt

    monkeypatch.setattr(download, "fetch_cifar10", stopped)
    status, _, err = course("fetch", "cifar10")
    assert status == 130
    assert "goes on where it ended" in err


@pytest.mark.parametrize("source", ["mnist", "nowhere/x", "CIFAR10", "~/none"])
def test_convert_names_its_arguments_as_the_help_does(course, source, small, tmp_path):
    status, _, err = course("convert", source, tmp_path / "new")
    assert status == 1
    assert err.startswith(
        "course data: SOURCE: expected cifar10, shapes10, or a folder or archive of CIFAR-10, got '"
    )
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a").touch()
    status, _, err = course("convert", small[0], tmp_path / "full")
    assert (status, err[:50]) == (1, "course data: DEST: expected a new or an empty fold")


def test_help_says_what_dest_may_be(course, capsys):
    with pytest.raises(SystemExit):
        course("convert", "--help")
    assert "new or empty" in " ".join(capsys.readouterr().out.split())


def test_an_npz_file_is_written_where_dest_is_called_so(course, small, tmp_path):
    status, _, err = course("convert", small[0], tmp_path / "out.npz", "--form", "npz")
    assert (status, err) == (0, "")
    assert (tmp_path / "out.npz").is_file()
    read = load_cifar10(tmp_path / "out.npz", announce=False)
    np.testing.assert_array_equal(read.train.images, small[1].train.images)
    status, _, err = course("convert", small[0], tmp_path / "out.npz", "--form", "npz")
    assert (status, "DEST: expected a new file, got" in err) == (1, True)


@pytest.mark.parametrize(("name", "form"), [("out.npz", "python"), ("out.zip", "png"), ("out.tar.gz", "npz")])
def test_a_folder_is_not_called_like_a_file(course, small, tmp_path, name, form):
    status, _, err = course("convert", small[0], tmp_path / name, "--form", form)
    assert (status, "DEST: expected the name of a folder, got" in err) == (1, True)
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("variable", ["VIRTUAL_ENV", "CONDA_PREFIX", None])
def test_the_command_is_named_as_it_can_be_typed(course, monkeypatch, variable):
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        monkeypatch.delenv(name, raising=False)
    if variable:
        monkeypatch.setenv(variable, sys.prefix)
    wanted = "`course data fetch" if variable else "course.py data fetch"
    assert wanted in course("list")[1]
    assert wanted in course("verify")[2]
    with pytest.raises(FileNotFoundError, match=wanted):
        load_cifar10()
    monkeypatch.setenv("VIRTUAL_ENV", "/another/environment")
    monkeypatch.delenv("CONDA_PREFIX", raising=False)
    assert "course.py data fetch" in course("list")[1]
