"""Archives that are made to do harm are refused with a reason, and cost nobody else anything."""

from __future__ import annotations

import io
import os
import stat
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from uploaded import FULL, handed_in, laid, nb, small_class, text_of, zipped

from lib.grading.submissions.importing import import_submissions

INSIDE = f"eve/{FULL}/"


@pytest.fixture
def root(tmp_path):
    return small_class(tmp_path / "course")


@pytest.fixture
def place(tmp_path):
    folder = tmp_path / "download"
    folder.mkdir()
    return folder


def archive(*members: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(f"{INSIDE}{FULL}.ipynb", nb("eve"))
        for name, content in members:
            file.writestr(name, content)
    return out.getvalue()


def link(name: str, target: str) -> tuple[zipfile.ZipInfo, bytes]:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return info, target.encode()


def changed(content: bytes, at: bytes, offset: int, new: bytes) -> bytes:
    """An archive in which some bytes after a signature are others, everywhere."""
    place = content.find(at)
    while place >= 0:
        content = content[: place + offset] + new + content[place + offset + len(new) :]
        place = content.find(at, place + 4)
    return content


def encrypted() -> bytes:
    content = changed(archive(), b"PK\x01\x02", 8, b"\x01\x00")
    return changed(content, b"PK\x03\x04", 6, b"\x01\x00")


def twice() -> bytes:
    with pytest.warns(UserWarning, match="Duplicate"):
        return archive((f"{INSIDE}{FULL}.ipynb", nb("other")))


WHOLE = {  # archive → part of the reason
    "up": (archive(("../../../bob/a1_small/x.py", b"")), "leads outside its folder"),
    "up inside": (archive((f"{INSIDE}../../bob/{FULL}/x.py", b"")), "leads outside its folder"),
    "up, as Windows writes it": (archive(("..\\..\\x.py", b"")), "leads outside its folder"),
    "absolute": (archive(("/etc/cron.d/x", b"")), "leads outside its folder"),
    "a drive": (archive(("C:\\x.py", b"")), "leads outside its folder"),
    "a share": (archive(("\\\\host\\x.py", b"")), "leads outside its folder"),
    "very long": (archive((f"{INSIDE}{'x' * 2000}", b"")), "letters"),
    "very deep": (archive((INSIDE + "d/" * 30 + "x", b"")), "too many folders"),
    "encrypted": (encrypted(), "password"),
    "a rare method": (changed(archive(), b"PK\x01\x02", 10, b"\x0e\x00"), "LZMA"),
    "no archive": (b"I am a zip", "damaged"),
    "empty": (b"", "damaged"),
    "cut": (archive()[:-30], "damaged"),
    "a list that is too long": (archive() + b"PK\x05\x06" + bytes(8) + b"\xff" * 8 + bytes(2), ""),
}


@pytest.mark.parametrize("name", WHOLE)
def test_it_is_refused_and_the_others_are_taken(name, root, place, tmp_path):
    content, why = WHOLE[name]
    laid(place, {"a1-ada.zip": handed_in("ada"), "a1-eve.zip": content, "a1-zoe.zip": handed_in("zoe")})
    before = sorted(os.listdir(tmp_path))
    report = import_submissions("a1", place, root)
    assert report.taken == ["ada", "zoe"]
    ((where, said),) = report.refused
    assert where == "a1-eve.zip"
    assert why in said
    assert sorted(os.listdir(root / "submitted")) == ["ada", "zoe"]
    assert sorted(os.listdir(tmp_path)) == before
    assert not list((root / "grading/incoming").rglob("*.ipynb"))


def test_two_files_of_one_name_are_refused(root, place):
    laid(place, {"a1-eve.zip": twice()})
    assert "occurs twice" in import_submissions("a1", place, root).refused[0][1]


PARTS = {
    "a link": link(f"{INSIDE}passwd", "/etc/passwd"),
    "a link to a folder": link(f"{INSIDE}up", ".."),
    "another case": (f"{INSIDE}{FULL.upper()}.IPYNB", nb("other")),
    "another composition": (f"{INSIDE}é.py", b""),
    "a device of Windows": (f"{INSIDE}con.py", b""),
    "a device in a folder": (f"{INSIDE}nul/x.py", b""),
    "a stream of Windows": (f"{INSIDE}x.py:hidden", b""),
    "a dot at the end": (f"{INSIDE}x.py.", b""),
    "a space at the end": (f"{INSIDE}x.py ", b""),
    "an end of line": (f"{INSIDE}x\ny.py", b""),
    "an escape": (f"{INSIDE}\x1b[2J.py", b""),
    "a star": (f"{INSIDE}*.py", b""),
    "too long for some": (f"{INSIDE}{'x' * 250}.py", b""),
    "another archive format": (f"{INSIDE}data.7z", b"7z"),
}


@pytest.mark.parametrize("name", PARTS)
def test_it_is_left_out_and_the_rest_is_taken(name, root, place):
    members = [PARTS[name]]
    if name == "another composition":
        members.append((f"{INSIDE}e\u0301.py", b""))
    laid(place, {"a1-eve.zip": archive(*members)})
    report = import_submissions("a1", place, root)
    assert report.taken == ["eve"]
    assert len(report.refused) == 1
    assert text_of(root, "eve") == "eve"
    assert all(line.isprintable() for line in report.lines())
    for path in (root / "submitted").rglob("*"):
        assert not path.is_symlink()


def test_a_bomb_is_refused_without_being_unpacked(root, place):
    laid(place, {"a1-eve.zip": bomb(), "a1-ada.zip": handed_in("ada")})
    report = import_submissions("a1", place, root)
    assert report.taken == ["ada"]
    assert report.refused == [("a1-eve.zip", "it expands far beyond its size")]


def bomb() -> bytes:
    """An archive that says that it holds 900 MB: its entries are one and the same, as in those of Fifield."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(f"{INSIDE}{FULL}.ipynb", bytes(1 << 20))
        (one,) = file.filelist
        for number in range(900):
            other = zipfile.ZipInfo(f"{INSIDE}{number}")
            for name in ("header_offset", "compress_size", "file_size", "CRC", "compress_type"):
                setattr(other, name, getattr(one, name))
            file.filelist.append(other)
        file._didModify = True
    return content.getvalue()


def test_a_member_that_is_longer_than_it_says_is_refused(root, place):
    content = changed(archive(), b"PK\x01\x02", 24, (5).to_bytes(4, "little"))
    laid(place, {"a1-eve.zip": content})
    report = import_submissions("a1", place, root)
    assert report.taken == []
    assert len(report.refused) == 1
    assert not (root / "submitted" / "eve").exists()


def test_a_broken_member_is_refused_and_the_version_before_stays(root, place):
    laid(place, {"a1-eve.zip": handed_in("eve", "good")})
    os.utime(place / "a1-eve.zip", (10**9, 10**9))
    import_submissions("a1", place, root)
    broken = bytearray(archive())
    broken[60:80] = bytes(20)
    (place / "a1-eve.zip").write_bytes(broken)
    report = import_submissions("a1", place, root)
    assert report.taken == []
    assert len(report.refused) == 1
    assert text_of(root, "eve") == "good"


def test_where_the_newest_is_broken_the_one_before_counts(root, place):
    laid(place, {"1.zip": handed_in("eve", "good"), "2.zip": archive()[:60] + bytes(20) + archive()[80:]})
    os.utime(place / "1.zip", (10**9, 10**9))
    report = import_submissions("a1", place, root)
    assert report.taken == ["eve"]
    assert text_of(root, "eve") == "good"


def test_archives_in_archives_end_somewhere(root, place):
    content = handed_in("eve")
    for depth in range(6):
        content = zipped({f"{depth}.zip": content})
    laid(place, {"deep.zip": content, "a1-ada.zip": handed_in("ada")})
    report = import_submissions("a1", place, root)
    assert report.taken == ["ada"]
    assert report.refused == [("deep.zip/5.zip/4.zip/3.zip", "it is an archive in too many others")]


def test_an_archive_that_holds_itself_ends_somewhere(root, place):
    laid(place, {"a1-ada.zip": handed_in("ada")})
    os.symlink(place, place / "loop")
    os.symlink(place / "a1-ada.zip", place / "link.zip")
    os.mkfifo(place / "pipe.zip")
    report = import_submissions("a1", place, root)
    assert report.taken == ["ada"]
    assert report.refused == [("link.zip", "it is a link"), ("loop", "it is a link")]


def test_one_of_a_platforms_archive_costs_no_other(root, place):
    source = place / "all.zip"
    source.write_bytes(zipped({
        "a1-ada.zip": handed_in("ada"), "../a1-eve.zip": handed_in("eve"), "a1-zoe.zip": b"PK\x03\x04",
    }))  # fmt: skip
    report = import_submissions("a1", source, root)
    assert report.taken == ["ada"]
    assert len(report.refused) == 2


def test_too_many_files_of_one_are_refused(root, place):
    laid(place, {"a1-eve.zip": archive(*((f"{INSIDE}{number}.txt", b"") for number in range(1_000)))})
    assert import_submissions("a1", place, root).refused[0][1].startswith("it has 1,001 files")


def test_a_students_own_notes_are_not_believed(root, place):
    said = (f"{INSIDE}timestamp.txt", b"2000-01-01 00:00:00 UTC"), (f"{INSIDE}.submission.json", b"{}")
    laid(place, {"a1-eve.zip": archive(*said)})
    import_submissions("a1", place, root)
    assert "2000" not in (root / "submitted/eve/a1_small/timestamp.txt").read_text()


def test_what_a_program_has_left_is_left(root, place):
    names = (
        f"__MACOSX/{INSIDE}._{FULL}.ipynb", f"{INSIDE}.DS_Store", f"{INSIDE}__pycache__/x.pyc",
        f"{INSIDE}.ipynb_checkpoints/{FULL}-checkpoint.ipynb",
    )  # fmt: skip
    laid(place, {"a1-eve.zip": archive(*((name, b"x") for name in names))})
    report = import_submissions("a1", place, root)
    assert report.refused == []
    assert len(list((root / "submitted").rglob("*.ipynb"))) == 1


def test_names_that_a_program_has_not_marked_as_utf8(root, place):
    content = bytearray(archive((f"{INSIDE}größe.csv", b"1")))
    for mark, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        content = bytearray(changed(bytes(content), mark, offset, b"\x00\x00"))
    laid(place, {"a1-eve.zip": bytes(content)})
    import_submissions("a1", place, root)
    assert (root / "submitted/eve/a1_small/größe.csv").exists()


@pytest.mark.family(share=3)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_damage_ends_in_a_report(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("fuzz")
    content = bytearray(archive((f"{INSIDE}data.csv", b"1,2,3" * 50)))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    laid(folder / "download", {"a1-ada.zip": handed_in("ada"), "a1-eve.zip": bytes(content)})
    report = import_submissions("a1", folder / "download", small_class(folder / "course"))
    assert "ada" in report.taken
    assert all(line.isprintable() for line in report.lines())
    assert sorted(os.listdir(folder)) == ["course", "download"]


@pytest.mark.family(share=3)
@settings(max_examples=60, deadline=None)
@given(name=st.text(st.sampled_from("ab./\\:~ \0\n\x1b*é").filter(bool), min_size=1, max_size=12))
def test_any_name_stays_in_its_folder(name, tmp_path_factory):
    folder = tmp_path_factory.mktemp("names")
    laid(folder / "download", {"a1-eve.zip": archive((INSIDE + name, b"x"), ("é" + name, b"x"))})
    import_submissions("a1", folder / "download", small_class(folder / "course"))
    assert sorted(os.listdir(folder)) == ["course", "download"]
    assert set(os.listdir(folder / "course")) <= {"lib", "grading", "submitted"}
    assert set(os.listdir(folder / "course" / "grading")) <= {"incoming", "import.lock"}
