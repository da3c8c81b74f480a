"""The cache: read-only maps, built once, never half written, rebuilt when damaged or out of date."""

import errno
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from cifar10_forms import tiny
from numpy.testing import assert_array_equal

from data_loaders import cache
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
    with pytest.raises(ValueError, match=r"key: expected letters.*got"):
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

    monkeypatch.setattr(cache, "_write_array", full)
    assert_same(cached("a", Builder()), tiny())
    (line,) = capsys.readouterr().out.splitlines()
    assert re.fullmatch(
        rf"CIFAR-10 stays in memory, without a cache: no room left in {re.escape(str(folder))}"
        r"; free some space, or set COURSE_DATA to .* another disk",
        line,
    )
    assert [path.name for path in folder.iterdir()] == ["a.lock"]


@pytest.mark.parametrize("array", [np.zeros(10**5, np.uint8), np.zeros((4, 3, 32, 32), np.uint8)])
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no disk that is always full")
def test_an_array_on_a_full_disk_is_the_error_of_the_system(array):
    """numpy's own `save` says only "100000 requested and 0 written" there, without a number."""
    with pytest.raises(OSError, match="No space left") as error:
        cache._write_array(array, Path("/dev/full"))
    assert error.value.errno == errno.ENOSPC


def test_nothing_is_written_where_there_is_too_little_room(folder, monkeypatch, capsys):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**9, 10**9, 10**4))
    monkeypatch.setattr(cache, "_write_array", lambda *arguments: pytest.fail("it was tried"))
    assert_same(cached("a", Builder()), tiny())
    assert "(0 MB are needed, 0 MB are free); free some space" in capsys.readouterr().out


def flip(folder, name, *, times=None, place=-5):
    """One bit of a file changes; its times are set back, as far as a program can."""
    path = folder / "a" / f"{name}.npy"
    stat = path.stat()
    with path.open("r+b") as file:  # the file stays the same one, as on a disk that forgets
        file.seek(place, os.SEEK_END if place < 0 else os.SEEK_SET)
        byte = file.read(1)[0]
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte ^ 1]))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def note(folder, **changes):
    """What the cache noted is changed: the states of now, as if the system had not noticed the flip."""
    path = folder / "a" / "dataset.json"
    cache._note(json.loads(path.read_text()) | changes, path.parent)


ALL = ("train_images", "train_labels", "test_images", "test_labels")


@pytest.mark.parametrize("name", ALL)
@pytest.mark.skipif(os.name == "nt", reason="Windows keeps no time of change")
def test_a_bit_flipped_under_the_same_time_stamp_is_noticed_at_the_next_load(folder, name, capsys):
    cached("a", Builder())
    flip(folder, name)
    assert_same(cached("a", Builder()), tiny())
    assert capsys.readouterr().out == "The cache a is damaged: it is built again.\n"


@pytest.mark.parametrize("place", [-1, -2000, 128, 5000])
@pytest.mark.parametrize("name", ALL[:1] + ALL[2:3])
def test_a_bit_that_flips_on_the_disk_itself_is_noticed_at_the_first_load_of_a_day(
    folder, name, place, capsys
):
    cached("a", Builder())
    flip(folder, name, place=place)
    note(folder, states=cache._states(folder / "a"))
    cached("a", Builder())
    assert capsys.readouterr().out == ""  # today's look was taken before: documented
    note(folder, checked=time.time() - 25 * 3600)
    assert_same(cached("a", Builder()), tiny())
    assert capsys.readouterr().out == "The cache a is damaged: it is built again.\n"


def test_every_byte_is_looked_at_once_a_day(folder, monkeypatch):
    looks = []
    whole = cache._is_whole
    monkeypatch.setattr(cache, "_is_whole", lambda *arguments: looks.append(1) or whole(*arguments))
    for days, expected in ((0, 0), (2, 1), (0, 1), (-2, 2), (0, 2)):  # a clock that was set back, too
        cached("a", Builder())
        note(
            folder, checked=json.loads((folder / "a" / "dataset.json").read_text())["checked"] - days * 86400
        )
        cached("a", Builder())
        assert len(looks) == expected


def test_a_folder_that_cannot_be_written_is_used_as_it_is(folder, monkeypatch, capsys):
    build = Builder()
    cached("a", build)
    note(folder, checked=0)
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    monkeypatch.setattr(cache, "_is_whole", lambda *arguments: pytest.fail("every byte at every load"))
    assert_same(cached("a", build), tiny())
    monkeypatch.undo()
    monkeypatch.setenv("COURSE_DATA", str(folder.parent))
    monkeypatch.setattr(
        cache, "_note", lambda *arguments: (_ for _ in ()).throw(PermissionError("read-only"))
    )
    assert_same(cached("a", build), tiny())
    assert (build.count, capsys.readouterr().out) == (1, "")


@pytest.mark.parametrize("keep_times", [True, False])
def test_a_cache_that_was_copied_elsewhere_is_used(folder, keep_times, tmp_path, monkeypatch, capsys):
    build = Builder()
    cached("a", build)
    shutil.copytree(
        folder, tmp_path / "other" / "cache", copy_function=shutil.copy2 if keep_times else shutil.copy
    )
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "other"))
    assert_same(cached("a", build), tiny())
    assert (build.count, capsys.readouterr().out) == (1, "")


def test_verify_looks_at_every_byte_and_removes_what_is_damaged(folder):
    assert list(cache.verify()) == []
    for key in ("a", "b"):
        cached(key, Builder())
    assert list(cache.verify()) == [("a", True), ("b", True)]
    flip(folder, "test_images")
    note(folder, states=cache._states(folder / "a"))
    assert list(cache.verify()) == [("a", False), ("b", True)]
    assert sorted(path.name for path in folder.iterdir()) == ["a.lock", "b", "b.lock"]
    assert_same(cached("a", Builder()), tiny())


@pytest.mark.parametrize("damage", ["shape", "sums", "no sums"])
def test_verify_notices_a_damaged_header_and_damaged_sums(folder, damage):
    cached("a", Builder())
    path = folder / "a" / ("train_images.npy" if damage == "shape" else "sums.npy")
    data = path.read_bytes()
    if damage == "no sums":
        path.unlink()
    else:
        new = data.replace(b"(20, 3, 32, 32)", b"(20, 3, 32, 12)") if damage == "shape" else data[:200]
        assert new != data
        path.write_bytes(new)
        note(folder, states=cache._states(folder / "a"))
    assert list(cache.verify()) == [("a", False)]


def test_files_of_an_older_version_of_the_course_are_replaced_without_a_word(folder, capsys):
    cached("a", Builder())
    path = folder / "a" / "dataset.json"
    about = json.loads(path.read_text()) | {"stamp": "2 "}
    del about["sum"]  # version 2 had none
    path.write_text(json.dumps(about))
    assert_same(cached("a", Builder(1)), tiny(seed=1))
    assert capsys.readouterr().out == ""


def test_what_a_killed_process_left_is_cleared(folder):
    (folder / ".a.new").mkdir(parents=True)
    (folder / ".a.new" / "train_images.npy").write_bytes(b"half")
    assert_same(cached("a", Builder()), tiny())
    assert sorted(path.name for path in folder.iterdir()) == ["a", "a.lock"]


def test_a_mapped_set_survives_that_its_cache_is_built_again():
    """Files are replaced as a whole, never changed or cut: who has mapped the old ones keeps them."""
    old = cached("a", Builder(0), stamp="old")
    cached("a", Builder(1), stamp="new")
    assert_same(old, tiny(seed=0))


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


@pytest.mark.family(share=2)
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
