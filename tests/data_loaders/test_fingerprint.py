"""A changed copy is decoded again, also where its size and its time of writing are the same."""

import os
import time

import pytest
from cifar10_forms import binary, put, put_tar, python, tiny
from numpy.testing import assert_array_equal

from data_loaders import fingerprint as module
from data_loaders import load_cifar10
from data_loaders.fingerprint import fingerprint

OLD, NEW = tiny(seed=0), tiny(seed=1)


@pytest.fixture(autouse=True)
def data_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "course"))


def stored(files, folder):
    """Without compression, so that every change keeps the size."""
    return put_tar(files, folder / "data.tar", "w:")


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps no time of change")
@pytest.mark.parametrize("pack", [put, stored])
@pytest.mark.parametrize("make", [lambda d: python(d, 4), binary])
def test_a_source_changed_under_the_same_time_stamp_is_read_again(make, pack, tmp_path):
    (tmp_path / "x").mkdir()
    root = pack(make(OLD), tmp_path / "x")
    before = {path: path.stat() for path in [*(tmp_path / "x").iterdir(), tmp_path / "x"]}
    load_cifar10(root, announce=False)
    pack(make(NEW), tmp_path / "x")
    for path, stat in before.items():
        assert path.stat().st_size == stat.st_size
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert_array_equal(load_cifar10(root, announce=False).train.images, NEW.train.images)


def test_a_source_changed_at_once_is_read_again(tmp_path):
    """As quickly as one can: within one tick of the disk's clock, if there were no waiting."""
    for seed in range(8):
        expected = tiny(seed=seed)
        put(binary(expected), tmp_path / "x")
        assert_array_equal(load_cifar10(tmp_path / "x", announce=False).test.images, expected.test.images)


@pytest.mark.parametrize(
    ("age", "whole_seconds", "waits"),
    [
        (0.001, False, 0.019),
        (0.015, False, 0.005),
        (0.025, False, 0),
        (1.5, False, 0),
        (0.5, True, 1.5),  # disks that keep whole seconds, or every second one
        (2.5, True, 0),
        (3600, True, 0),
        (-10, False, 0),  # a clock that was set back, or a disk with a clock of its own
    ],
)
def test_it_waits_until_the_clock_of_the_disk_has_moved_on(age, whole_seconds, waits, monkeypatch):
    changed = 1_700_000_000 * 10**9 + (0 if whole_seconds else 123_456_789)
    monkeypatch.setattr(time, "time", lambda: changed / 1e9 + age)
    assert module._seconds_to_wait(changed) == pytest.approx(waits, abs=1e-6)


@pytest.mark.parametrize(("age", "waits"), [(0.001, [0.019]), (10, [])])
def test_only_a_source_that_was_just_changed_is_waited_for(age, waits, tmp_path, monkeypatch):
    put(binary(OLD), tmp_path / "x")
    stats = [path.stat() for path in [*(tmp_path / "x").iterdir(), tmp_path / "x"]]
    newest = max(max(stat.st_mtime_ns, stat.st_ctime_ns) for stat in stats)
    if newest % 10**9 == 0:
        pytest.skip("this disk keeps whole seconds")
    monkeypatch.setattr(time, "time", lambda: newest / 1e9 + age)
    waited = []
    monkeypatch.setattr(time, "sleep", waited.append)
    fingerprint(tmp_path / "x")
    assert waited == pytest.approx(waits, abs=1e-5)
