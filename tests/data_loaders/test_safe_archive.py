"""Archives come out as they went in; what is hostile or damaged is refused, and nothing is written."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile

import pytest
from cifar10_forms import put_tar, put_zip
from hypothesis import given, settings
from hypothesis import strategies as st

from data_loaders import safe_archive
from data_loaders.safe_archive import Archive, is_archive

FILES = {"a.txt": b"one", "folder/b.bin": bytes(range(256)) * 40}


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz", "zip"])
def test_content_arrives(mode, tmp_path):
    path = put_zip(FILES, tmp_path / "x") if mode == "zip" else put_tar(FILES, tmp_path / "x", mode)
    assert is_archive(path)
    archive = Archive(path)
    assert {name: archive.read(name) for name in archive.names} == FILES
    assert sorted(tmp_path.iterdir()) == [path]
    with pytest.raises(ValueError, match="expected the file other, got none"):
        archive.read("other")


def test_other_files_are_no_archives(tmp_path):
    (tmp_path / "x").write_bytes(bytes(1000))
    assert not is_archive(tmp_path / "x")


def test_hidden_and_macos_files_are_left_out(tmp_path):
    files = {"./a": b"1", "._a": b"2", "__MACOSX/a": b"3", "x/.DS_Store": b"4"}
    assert Archive(put_tar(files, tmp_path / "x")).names == ["a"]


BAD_NAMES = ["/etc/passwd", "../up", "a/../../up", "C:/x", "a\\..\\..\\b"]


@pytest.mark.parametrize("name", BAD_NAMES)
@pytest.mark.parametrize("pack", [put_tar, put_zip])
def test_names_that_lead_outside_are_refused(name, pack, tmp_path):
    with pytest.raises(ValueError, match=r"x: expected a tar or zip archive.*leads outside"):
        Archive(pack({name: b"1"}, tmp_path / "x"))


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE]
)
def test_links_and_devices_are_refused(kind, tmp_path):
    member = tarfile.TarInfo("a")
    member.type, member.linkname = kind, "/etc/passwd"
    with tarfile.open(tmp_path / "x", "w:gz") as archive:
        archive.addfile(member)
    with pytest.raises(ValueError, match="not a plain file"):
        Archive(tmp_path / "x")


def test_sparse_members_are_refused(tmp_path):
    """A sparse member of a few bytes could claim terabytes of zeros."""
    member = tarfile.TarInfo("a")
    member.type = tarfile.GNUTYPE_SPARSE
    header = bytearray(member.tobuf(tarfile.GNU_FORMAT))
    header[386:410] = b"%011o\0%011o\0" % (0, 0)  # the first of the four regions in the header
    header[483:495] = b"%011o\0" % (1 << 32)  # the size it unfolds to
    header[148:156] = b"        "
    header[148:156] = b"%06o\0 " % sum(header)
    (tmp_path / "x").write_bytes(header + bytes(1024))
    with tarfile.open(tmp_path / "x") as archive:
        assert archive.getmembers()[0].size == 1 << 32
    with pytest.raises(ValueError, match="not a plain file"):
        Archive(tmp_path / "x")


def test_links_in_zip_archives_are_refused(tmp_path):
    member = zipfile.ZipInfo("a")
    member.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "x", "w") as archive:
        archive.writestr(member, "/etc/passwd")
    with pytest.raises(ValueError, match="not a plain file"):
        Archive(tmp_path / "x")


def test_two_members_of_one_name_are_refused(tmp_path):
    with tarfile.open(tmp_path / "x", "w") as archive:
        for _ in range(2):
            archive.addfile(tarfile.TarInfo("a"), io.BytesIO())
    with pytest.raises(ValueError, match="occurs twice"):
        Archive(tmp_path / "x")


@pytest.mark.parametrize("pack", [put_tar, put_zip])
@pytest.mark.parametrize("limit", ["LARGEST_FILE", "LARGEST_TOTAL"])
def test_bombs_are_refused(pack, limit, tmp_path, monkeypatch):
    path = pack({"a": bytes(300_000), "b": bytes(300_000)}, tmp_path / "x")
    assert path.stat().st_size < 5_000
    Archive(path)
    monkeypatch.setattr(safe_archive, limit, 200_000)
    with pytest.raises(ValueError, match="more than"):
        Archive(path)


def test_a_stream_that_never_ends_is_refused(tmp_path, monkeypatch):
    """Neither what follows the last member nor a header of any length is read without bound."""
    monkeypatch.setattr(safe_archive, "LARGEST_TOTAL", 200_000)
    tar = put_tar({"a": b"1"}, tmp_path / "tar", "w").read_bytes()
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 1 << 32
    for k, stream in enumerate((tar + bytes(1_000_000), header.tobuf() + b"x" * 1_000_000)):
        path = tmp_path / str(k)
        path.write_bytes(gzip.compress(stream))
        with pytest.raises(ValueError, match=r"expands to more than|header of 4,294,967,296 bytes"):
            Archive(path)


def packed_by(method, path):
    """A zip archive whose list says that its only member is packed by another method."""
    data = bytearray(put_zip({"x/data_batch_1": b"1" * 100}, path).read_bytes())
    for magic, place in ((b"PK\3\4", 8), (b"PK\1\2", 10)):
        start = data.index(magic) + place
        data[start : start + 2] = method.to_bytes(2, "little")
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("method", "said"),
    {
        9: "Deflate64",
        12: "bzip2",
        14: "LZMA",
        93: "Zstandard",
        95: "xz",
        98: "PPMd",
        99: "AES",
        6: "method 6",
        77: "method 77",
    }.items(),
)
def test_the_method_of_a_zip_archive_is_named(method, said, tmp_path):
    with pytest.raises(
        ValueError, match=f"packed with {said}; unpack it with 7-Zip and pass the fold"
    ) as error:
        Archive(packed_by(method, tmp_path / "x.zip"))
    assert "damaged" not in str(error.value)


@pytest.mark.parametrize(("method", "said"), [(zipfile.ZIP_BZIP2, "bzip2"), (zipfile.ZIP_LZMA, "LZMA")])
def test_a_true_archive_of_another_method_is_refused_before_it_is_unpacked(method, said, tmp_path):
    with zipfile.ZipFile(tmp_path / "x", "w") as archive:
        archive.writestr("a", b"1")
        archive.writestr("b", b"1" * 100, method)
    with pytest.raises(ValueError, match=f"it is packed with {said}; unpack"):
        Archive(tmp_path / "x")


def test_a_zip_archive_with_a_password_says_so(tmp_path):
    data = bytearray(put_zip({"a": b"1"}, tmp_path / "x").read_bytes())
    for magic, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(magic) + place] |= 1
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(ValueError, match="it asks for a password; unpack it with 7-Zip"):
        Archive(tmp_path / "x")


def test_7z_gets_a_hint(tmp_path):
    (tmp_path / "x").write_bytes(b"7z\xbc\xaf\x27\x1c" + bytes(100))
    assert is_archive(tmp_path / "x")
    with pytest.raises(ValueError, match="unpack it with 7-Zip"):
        Archive(tmp_path / "x")
    with pytest.raises(ValueError, match="unpack everything with 7-Zip"):
        Archive(put_zip({"train.7z": b""}, tmp_path / "y"))


PACKED = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "tar": bytes}


def packed(kind, path):
    if kind == "zip":
        return put_zip(FILES, path).read_bytes()
    return PACKED[kind](put_tar(FILES, path, "w").read_bytes())


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz", "zip"])
def test_truncated_archives_are_refused(kind, tmp_path):
    path = tmp_path / "x"
    whole = packed(kind, path)
    for length in [*range(6, 40), *range(40, len(whole), 23), len(whole) - 1]:
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match="expected a tar or zip archive, got one that cannot be read: "):
            Archive(path)


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz", "zip", "tar"])
@given(data=st.data())
@settings(deadline=None, max_examples=40)
def test_changed_archives_are_read_or_refused(kind, tmp_path_factory, data):
    path = tmp_path_factory.mktemp("archive") / "x"
    whole = bytearray(packed(kind, path))
    for _ in range(data.draw(st.integers(1, 3))):
        whole[data.draw(st.integers(6, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(whole)
    try:
        archive = Archive(path)
    except ValueError as error:
        message = str(error)
    else:
        message = "expected a tar or zip archive, got one that cannot be read: "
        assert all(isinstance(archive.read(name), bytes) for name in archive.names)
    assert "expected a tar or zip archive, got one that cannot be read: " in message
