"""A folder is placed as a whole or not at all, whoever makes it at the same time."""

import os
import stat

import pytest

from lib.grading.examination.placed_folder import placed_folder


def fill(folder, text):
    (folder / "inner").mkdir(mode=0o700)
    (folder / "inner" / "file").write_text(text)
    (folder / "inner" / "file").chmod(0o600)


def test_all_may_read_what_is_placed(tmp_path):
    place = tmp_path / "rooms" / "one"
    with placed_folder(place) as new:
        fill(new, "whole")
        assert not place.exists()
    assert (place / "inner" / "file").read_text() == "whole"
    assert list(place.parent.iterdir()) == [place]
    if os.name != "nt":
        modes = [stat.S_IMODE(path.stat().st_mode) for path in (place, place / "inner", place / "inner/file")]
        assert modes == [0o755, 0o755, 0o644]


def test_an_error_leaves_nothing(tmp_path):
    def half():
        with placed_folder(tmp_path / "one") as new:
            fill(new, "half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    assert list(tmp_path.iterdir()) == []


def test_the_folder_of_who_was_first_stays(tmp_path):
    with placed_folder(tmp_path / "one") as late:
        fill(late, "second")
        with placed_folder(tmp_path / "one") as early:
            fill(early, "first")
    assert (tmp_path / "one" / "inner" / "file").read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


def test_where_it_cannot_be_placed_it_says_so(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "rename", full)
    with pytest.raises(OSError, match="No space"), placed_folder(tmp_path / "one") as new:
        fill(new, "whole")
    assert list(tmp_path.iterdir()) == []
