"""`load_dataset` takes CIFAR-10 where it is, the built-in set elsewhere, and says which."""

from pathlib import Path

import pytest
from cifar10_forms import put, python, tiny

from data_loaders import cache, load, load_dataset, places
from data_loaders.dataset import Dataset

CIFAR10 = tiny()
SHAPES10 = Dataset("Shapes-10", CIFAR10.train, CIFAR10.test, tuple("0123456789"), "generated")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    for name in ("XDG_CACHE_HOME", "HF_HOME", "HF_HUB_CACHE", "KERAS_HOME", "FASTAI_HOME", "COURSE_DATASET"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HOME", "USERPROFILE", "COURSE_DATA"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setattr("data_loaders.places.COURSE", tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(load, "load_shapes10", lambda: SHAPES10)
    return tmp_path


def used(capsys):
    """The one line that was printed."""
    (line,) = capsys.readouterr().out.splitlines()
    return line


def test_cifar10_where_it_is(home, capsys):
    put(python(CIFAR10, 2), home / "data" / "cifar-10-batches-py")
    for name in ("auto", "cifar10"):
        assert load_dataset(name).name == "CIFAR-10"
        line = used(capsys)
        assert line.startswith("Data set in use: CIFAR-10: 20 training")
        assert "unverified" in line
    assert load_dataset("shapes10").name == "Shapes-10"
    assert "Shapes-10" in used(capsys)


def test_shapes10_elsewhere_and_nothing_is_downloaded(capsys):
    assert load_dataset().name == "Shapes-10"
    fetch = places.command("data fetch cifar10")
    assert f"CIFAR-10 was not found: `{fetch}` fetches it" in used(capsys)
    with pytest.raises(FileNotFoundError, match="CIFAR-10 was not found"):
        load_dataset("cifar10")


def test_a_broken_copy_is_not_used_silently(home, capsys):
    put({"cifar-10-python.tar.gz": b"\x1f\x8b half"}, home)
    with pytest.warns(UserWarning, match=r"-python\.tar\.gz: .*damaged.*Shapes-10 is used in its place"):
        assert load_dataset().name == "Shapes-10"
    assert "cannot be read" in used(capsys)
    with pytest.raises(ValueError, match=r"cifar-10-python\.tar\.gz: expected a tar or zip archive"):
        load_dataset("cifar10")


def test_the_environment_says_what_auto_means(home, monkeypatch, capsys):
    put(python(CIFAR10, 2), home / "data" / "cifar-10-batches-py")
    monkeypatch.setenv("COURSE_DATASET", "shapes10")
    assert load_dataset().name == "Shapes-10"
    assert load_dataset("cifar10").name == "CIFAR-10"
    monkeypatch.setenv("COURSE_DATASET", "imagenet")
    with pytest.raises(ValueError, match=r"COURSE_DATASET: expected one of 'auto', .*, got 'imagenet'"):
        load_dataset()


def test_another_name_is_refused():
    with pytest.raises(ValueError, match="name: expected one of 'auto', 'cifar10', 'shapes10', got 'mnist'"):
        load_dataset("mnist")


@pytest.mark.parametrize("name", ["CIFAR10", "CIFAR-10", "cifar_10", "Auto", "Shapes 10"])
def test_another_spelling_is_named(name):
    plain = "".join(filter(str.isalnum, name)).lower()
    with pytest.raises(ValueError, match=rf"got '{name}'; write '{plain}'$"):
        load_dataset(name)


@pytest.mark.parametrize("name", ["/my/folder", "~/data", "data.zip", "folder", "C:\\\\data"])
def test_a_path_is_sent_to_load_cifar10(name, home):
    (home / "folder").mkdir()
    with pytest.raises(ValueError, match=r"; load_cifar10\('.*'\) reads a folder or an archive$"):
        load_dataset(name)
    with pytest.raises(ValueError, match=r"got '/my/folder'; load_cifar10"):
        load_dataset(Path("/my/folder"))


@pytest.mark.parametrize("chosen", ["~nobody-here/x", "a_file"])
def test_auto_goes_on_where_the_folder_for_data_is_none(chosen, home, monkeypatch, capsys):
    (home / "a_file").write_bytes(b"")
    monkeypatch.setenv("COURSE_DATA", chosen)
    with pytest.warns(UserWarning, match="COURSE_DATA: expected the path of a folder"):
        assert load_dataset().name == "Shapes-10"
    capsys.readouterr()
    assert cache.cached("shapes10", lambda: SHAPES10).name == "Shapes-10"  # as load_shapes10 does
    assert "stays in memory, without a cache: COURSE_DATA: expected" in capsys.readouterr().out
