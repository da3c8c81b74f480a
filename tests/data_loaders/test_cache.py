"""The cache: read-only maps, built once, never half written, rebuilt when damaged or out of date."""

import os
import shutil
import subprocess
import sys
import time

import numpy as np
import pytest
from cifar10_forms import tiny
from numpy.testing import assert_array_equal

from data_loaders.cache import cached


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    return tmp_path / "cache"


class Builder:
    """Counts how often it builds."""

    def __init__(self, seed=0):
        self.count, self.seed = 0, seed

    def __call__(self):
        self.count += 1
        return tiny(seed=self.seed)


def assert_same(dataset, expected):
    for part in ("train", "test"):
        got, wanted = getattr(dataset, part), getattr(expected, part)
        assert_array_equal(got.images, wanted.images)
        assert_array_equal(got.labels, wanted.labels)
    assert (dataset.name, dataset.classes, dataset.origin) == (
        expected.name,
        expected.classes,
        expected.origin,
    )


def test_built_once_then_mapped(capsys):
    build = Builder()
    for _ in range(3):
        dataset = cached("a-1.b", build)
        assert_same(dataset, tiny())
        for array in (dataset.train.images, dataset.train.labels, dataset.test.images, dataset.test.labels):
            assert isinstance(array, np.memmap)
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 1
    assert build.count == 1
    assert capsys.readouterr().out == ""


def test_another_stamp_builds_again_without_a_word(folder, capsys):
    cached("a", Builder(0), stamp="old")
    assert_same(cached("a", Builder(1), stamp="new"), tiny(seed=1))
    assert_same(cached("a", Builder(2), stamp="new"), tiny(seed=1))
    assert capsys.readouterr().out == ""
    assert sorted(path.name for path in folder.iterdir()) == ["a", "a.lock"]


@pytest.mark.parametrize("key", ["", "..", "a/b", "/a", "a b", ".a", "é"])
def test_a_key_is_a_plain_name(key):
    with pytest.raises(ValueError, match="key: got"):
        cached(key, Builder())


def cut(path):
    path.write_bytes(path.read_bytes()[:-1])


def change(path):
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(1, 1))


@pytest.mark.parametrize("damage", [cut, change, os.remove])
@pytest.mark.parametrize("name", ["train_images.npy", "train_labels.npy", "test_images.npy", "dataset.json"])
def test_a_damaged_cache_is_rebuilt_with_one_line(folder, name, damage, capsys):
    build = Builder()
    cached("a", build)
    damage(folder / "a" / name)
    if (name, damage) == ("dataset.json", change):
        (folder / "a" / name).write_text("[]")
    assert_same(cached("a", build), tiny())
    assert build.count == 2
    assert capsys.readouterr().out == "The cache a is damaged: it is built again.\n"
    assert_same(cached("a", build), tiny())
    assert build.count == 2


def test_what_the_builder_raises_is_passed_on_and_leaves_nothing(folder):
    def build():
        raise ValueError("no data")

    with pytest.raises(ValueError, match="no data"):
        cached("a", build)
    assert not (folder / "a").exists()
    assert_same(cached("a", Builder()), tiny())


def test_a_disk_that_cannot_be_written_leaves_it_in_memory(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "file"))  # no folder can be made inside a file
    dataset = cached("a", Builder())
    assert_same(dataset, tiny())
    assert not dataset.train.images.flags.writeable
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1
    assert "in memory, without a cache" in lines[0]


def test_a_full_disk_leaves_no_half_cache(folder, monkeypatch, capsys):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    assert_same(cached("a", Builder()), tiny())
    assert "No space left" in capsys.readouterr().out
    assert [path.name for path in folder.iterdir()] == ["a.lock"]


def test_what_a_killed_process_left_is_cleared(folder):
    (folder / ".a.new").mkdir(parents=True)
    (folder / ".a.new" / "train_images.npy").write_bytes(b"half")
    assert_same(cached("a", Builder()), tiny())
    assert sorted(path.name for path in folder.iterdir()) == ["a", "a.lock"]


def test_a_mapped_set_survives_its_cache(folder):
    dataset = cached("a", Builder())
    shutil.rmtree(folder)
    assert_same(dataset, tiny())


PROCESS = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from cifar10_forms import tiny
from data_loaders.cache import cached

def build():
    with open(Path(sys.argv[2]) / "built", "a") as file:
        file.write("once ")
    time.sleep(1)
    return tiny()

assert len(cached("a", build).train) == 20
"""


def test_of_two_processes_one_builds(tmp_path):
    command = [sys.executable, "-c", PROCESS, os.path.dirname(__file__), str(tmp_path)]
    first = subprocess.Popen(command)
    deadline = time.monotonic() + 60
    while not (tmp_path / "built").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    second = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert first.wait(timeout=60) == 0
    assert (tmp_path / "built").read_text() == "once "
    assert second.stdout in ("", "Another notebook is preparing a: waiting for it.\n")
