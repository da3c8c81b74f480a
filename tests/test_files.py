"""Files that are written as a whole or not at all."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from contextlib import suppress

import pytest

from lib.files import check_writable, placing_new, replacing_bytes, replacing_text


def test_a_file_and_its_folders_are_made(tmp_path):
    with replacing_text(tmp_path / "new" / "ö.csv") as file:
        file.write("ä\r\nb\n")
    assert (tmp_path / "new" / "ö.csv").read_bytes() == "ä\r\nb\n".encode()
    with replacing_bytes(tmp_path / "numbers") as file:
        file.write(b"\0\n\r")
    assert (tmp_path / "numbers").read_bytes() == b"\0\n\r"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, OSError])
@pytest.mark.parametrize("opened", [replacing_text, replacing_bytes])
def test_after_an_error_the_old_file_is_there_and_no_other(tmp_path, opened, error):
    (tmp_path / "a").write_bytes(b"old")

    def write():
        with opened(tmp_path / "a") as file:
            file.write("half" if opened is replacing_text else b"half")
            raise error

    with pytest.raises(error):
        write()
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("a", b"old")]


def test_until_the_end_the_old_file_is_read(tmp_path):
    (tmp_path / "a").write_text("old")
    with replacing_text(tmp_path / "a") as file:
        file.write("new" * 100_000)
        assert (tmp_path / "a").read_text() == "old"
    assert (tmp_path / "a").read_text() == "new" * 100_000


def test_a_process_that_is_killed_leaves_the_old_file(tmp_path):
    (tmp_path / "a").write_text("old")
    program = (
        "import os, signal; from lib.files import replacing_bytes\n"
        f"with replacing_bytes({str(tmp_path / 'a')!r}, 'a.part') as file:\n"
        "    file.write(b'half'); file.flush(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    if os.name == "nt":
        pytest.skip("Windows has no SIGKILL")
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode != 0
    assert (tmp_path / "a").read_text() == "old"
    with replacing_bytes(tmp_path / "a", "a.part") as file:  # the next one writes over what was left
        file.write(b"new")
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("a", b"new")]


def no_links(*_):
    raise PermissionError(1, "Operation not permitted")


@pytest.mark.parametrize("links", [True, False])
def test_a_new_file_is_its_owner_s_and_takes_nobody_s_place(tmp_path, monkeypatch, links):
    if not links:
        monkeypatch.setattr(os, "link", no_links)
    for text in ("first", "second"):
        with suppress(FileExistsError), placing_new(tmp_path / "new" / "a") as new:
            assert new.parent == tmp_path / "new"
            new.write_text(text)
    (only,) = (tmp_path / "new").iterdir()
    assert (only.name, only.read_text()) == ("a", "first")
    if os.name != "nt":
        assert stat.S_IMODE(only.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError), placing_new(only):
        pass
    with pytest.raises(ZeroDivisionError), placing_new(tmp_path / "new" / "b"):
        raise ZeroDivisionError
    assert list((tmp_path / "new").iterdir()) == [only]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there that few have")
def test_a_link_stays_a_link_and_its_file_is_written(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "there" / "file")
    for text in ("first", "second"):
        with replacing_text(tmp_path / "link") as file:
            file.write(text)
        assert (tmp_path / "link").is_symlink()
        assert (tmp_path / "there" / "file").read_text() == text
    assert [p.name for p in (tmp_path / "there").iterdir()] == ["file"]


def test_where_nothing_can_be_written_is_known_before(tmp_path):
    check_writable(tmp_path / "new" / "a")
    assert [p.name for p in tmp_path.rglob("*")] == ["new"]
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match=r"file.a'"):
        check_writable(tmp_path / "file" / "a")
