"""Folders that submissions write in are emptied, whatever was put there."""

from __future__ import annotations

import os
import socket
import time

import pytest

from lib.grading.sandbox.folders import empty_folder
from lib.grading.template.wiping import looks, restore

pytestmark = pytest.mark.skipif(os.name != "posix", reason="for Linux")


@pytest.fixture
def top(tmp_path):
    folder = tmp_path / "top"
    folder.mkdir()
    return folder


def emptied(top, **how):
    before = time.thread_time()
    empty_folder(str(top), **how)
    assert time.thread_time() - before < 2


def test_files_links_pipes_and_sockets_go_and_what_links_point_to_stays(top, tmp_path, monkeypatch):
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").write_text("stay")
    (top / "file").write_text("x")
    (top / "link").symlink_to(kept / "file")
    (top / "folder link").symlink_to(kept)
    (top / "hard").hardlink_to(kept / "file")
    os.mkfifo(top / "pipe")
    with monkeypatch.context() as at, socket.socket(socket.AF_UNIX) as end:
        at.chdir(top)  # a short name
        end.bind("socket")
    emptied(top)
    assert list(top.iterdir()) == []
    assert (kept / "file").read_text() == "stay"


def test_closed_folders_go(top):
    (top / "a" / "b").mkdir(parents=True)
    (top / "a" / "b" / "file").write_text("x")
    (top / "a" / "b").chmod(0)
    (top / "a").chmod(0)
    top.chmod(0o500)
    emptied(top)
    assert list(top.iterdir()) == []


def test_folders_deeper_than_a_path_can_be_go(top):
    back = os.getcwd()
    os.chdir(top)
    try:
        for _ in range(300):
            os.mkdir("a folder with a name that is rather long")
            os.chdir("a folder with a name that is rather long")
        with open("file", "w") as file:
            file.write("x")
    finally:
        os.chdir(back)
    emptied(top)
    assert list(top.iterdir()) == []


def test_broad_trees_go(top):
    for number in range(20):
        for inner in range(5):
            (top / f"lifted {number}" / str(inner) / "x").mkdir(parents=True)
            (top / f"lifted {number}" / str(inner) / "file").write_text("x")
    emptied(top)
    assert list(top.iterdir()) == []


def test_a_kept_folder_is_emptied_and_stays(top):
    (top / "fonts" / "x").mkdir(parents=True)
    (top / "fonts" / "file").write_text("x")
    emptied(top, kept=[str(top), str(top / "fonts")])
    assert [path.name for path in top.rglob("*")] == ["fonts"]


def test_folders_in_kept_folders_are_kept_too(top):
    """Where Python's environment lies below /tmp, each template was used only once: a folder was gone."""
    (top / "a" / "b" / "c").mkdir(parents=True)
    before = looks([str(top)])
    (top / "a" / "b" / "left").mkdir()
    (top / "a" / "file").write_text("x")
    (top / "left").mkdir()
    emptied(top, kept=list(before))
    restore(before)
    assert looks([str(top)]) == before
    assert [path.name for path in top.rglob("*")] == ["a", "b", "c"]


def test_other_disks_are_not_looked_into():
    if not os.path.ismount("/dev/shm"):
        pytest.skip("no disk in memory here")
    found = looks(["/dev"])
    assert "/dev/shm" in found
    assert not [path for path in found if path.startswith("/dev/shm/")]


def test_changes_of_modes_are_put_back_and_other_changes_are_seen(top):
    (top / "fonts").mkdir()
    before = looks([str(top)])
    (top / "fonts").chmod(0o777)
    top.chmod(0o1700)
    assert looks([str(top)]) != before
    restore(before)
    assert looks([str(top)]) == before

    (top / "new").mkdir()
    restore(before)
    assert looks([str(top)]) != before
    (top / "new").rmdir()
    (top / "fonts").rmdir()
    restore(before)
    assert looks([str(top)]) != before
