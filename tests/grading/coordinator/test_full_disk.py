"""A disk that is full at some moment of a run: it is told, and the next run goes on to the same end."""

from __future__ import annotations

import os
import subprocess

import pytest
from small_class import Book, grade_words, make_class, written

ANSWERS = {f"s{number:02}": text for number, text in enumerate(["one", "two three", "none"] * 4)}
PAGE = 4096  # what the smallest file takes


@pytest.fixture
def disk(tmp_path):
    """A disk of its own, of 2 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={512 * PAGE}", "tmpfs", str(place)]
    try:
        done = subprocess.run(mount, capture_output=True)
    except OSError:
        pytest.skip("needs mount")
    if done.returncode:
        pytest.skip("needs the right to mount a disk")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.mark.parametrize("pages", [0, 1, 3, 8, 15])
def test_a_full_disk_is_told_and_the_next_run_goes_on(tmp_path, disk, pages):
    make_class(tmp_path / "undisturbed", ANSWERS)
    grade_words(tmp_path / "undisturbed", book=Book(tmp_path / "undisturbed" / "book.json"))
    make_class(disk, ANSWERS)
    filler = disk / "filler"
    free = os.statvfs(disk).f_bfree - pages
    filler.write_bytes(bytes(free * PAGE))
    outcome = grade_words(disk, book=Book(disk / "book.json"))
    assert outcome.status == 1
    assert "No space left" in f"{outcome.stopped} {outcome.unrecorded} {outcome.failed}"
    assert "Traceback" not in f"{outcome.failed}"
    filler.unlink()
    outcome = grade_words(disk, book=Book(disk / "book.json"))
    assert (outcome.status, outcome.failed, len(outcome.results)) == (0, {}, len(ANSWERS))
    assert written(disk) == written(tmp_path / "undisturbed")
