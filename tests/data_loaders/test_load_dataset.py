"""`load_dataset` takes CIFAR-10 where it is, the built-in set elsewhere, and says which."""

import pytest
from cifar10_forms import put, python, tiny

from data_loaders import load, load_dataset
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
    assert "CIFAR-10 was not found: `course data fetch cifar10` fetches it" in used(capsys)
    with pytest.raises(FileNotFoundError, match="CIFAR-10 was not found"):
        load_dataset("cifar10")


def test_a_broken_copy_is_not_used_silently(home, capsys):
    put({"cifar-10-python.tar.gz": b"\x1f\x8b half"}, home)
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
