"""Archives read into memory, never unpacked: no member can write anywhere, none can grow without bound."""

from __future__ import annotations

import bz2
import gzip
import lzma
import stat
import tarfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from .files import LARGEST_FILE, MOST_FILES

LARGEST_TOTAL = (
    1 << 30
)  # bytes of all members together; the largest form has 200 MB, Kaggle's test images 800 MB
BROKEN = (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError)
OPENERS = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\x00": lzma.open}


def is_archive(path: Path) -> bool:
    """Whether the file begins as an archive does: tar, plain or compressed by gzip, bzip2 or xz; zip; 7z."""
    with open(path, "rb") as file:
        head = file.read(265)
    return head.startswith((*OPENERS, b"PK\x03\x04", b"7z\xbc\xaf\x27\x1c")) or head[257:262] == b"ustar"


class Archive:
    """The files of a tar or zip archive, in memory.

    Raises `ValueError`, naming the archive, where it is damaged or hostile: a member outside its folder, a
    link or a device, two members of one name, or more bytes than the data set can have.
    """

    def __init__(self, path: Path):
        self.path = path
        try:
            with open(path, "rb") as file:
                head = file.read(6)
            if head.startswith(b"7z"):
                raise ValueError("7z cannot be read here; unpack it with 7-Zip and pass the folder")
            self._content = _read_zip(path) if head.startswith(b"PK") else _read_tar(path, head)
        except (*BROKEN, ValueError, MemoryError, OverflowError) as error:
            raise ValueError(
                f"{path}: this archive is damaged or refused: {error or type(error).__name__}"
            ) from error
        self.names = sorted(self._content)

    def read(self, name: str) -> bytes:
        if name not in self._content:
            raise ValueError(f"{self.path}: there is no file {name}")
        return self._content[name]


def _read_tar(path: Path, head: bytes) -> dict[str, bytes]:
    opener = next((opener for magic, opener in OPENERS.items() if head.startswith(magic)), open)
    content = {}
    # A stream is read once, forwards: nothing is decompressed twice, and every byte is counted.
    with opener(path, "rb") as raw, tarfile.open(fileobj=(counted := _Counted(raw)), mode="r|") as archive:
        for count, member in enumerate(archive):
            if member.isdir():
                continue
            if not member.isreg() or member.issparse():
                raise ValueError(
                    f"{member.name!r} is a link, a device or sparse; only plain files are accepted"
                )
            _check(member.name, member.size, count, content)
            if _is_wanted(member.name):
                content[_plain(member.name)] = archive.extractfile(member).read()
        while counted.read(1 << 20):  # to the end, where gzip has its checksum
            pass
    return content


def _read_zip(path: Path) -> dict[str, bytes]:
    content, total = {}, 0
    with zipfile.ZipFile(path) as archive:
        for count, member in enumerate(archive.infolist()):
            if member.is_dir():
                continue
            if stat.S_ISLNK(member.external_attr >> 16):
                raise ValueError(f"{member.filename!r} is a link; only plain files are accepted")
            _check(member.filename, member.file_size, count, content)
            total += member.file_size
            if total > LARGEST_TOTAL:
                raise ValueError(f"it expands to more than {LARGEST_TOTAL:,} bytes")
            if _is_wanted(member.filename):
                content[_plain(member.filename)] = archive.read(member)
    return content


def _check(name: str, size: int, count: int, content: dict[str, bytes]) -> None:
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts or "\\" in name or ":" in name or "\0" in name:
        raise ValueError(f"the name {name!r} leads outside its folder")
    if _plain(name) in content:
        raise ValueError(f"the name {name!r} occurs twice")
    if name.endswith(".7z"):
        raise ValueError(f"it holds {name!r}; unpack everything with 7-Zip and pass the folder")
    if size > LARGEST_FILE:
        raise ValueError(f"{name!r} has {size:,} bytes, more than any file of CIFAR-10 ({LARGEST_FILE:,})")
    if count >= MOST_FILES:
        raise ValueError(f"it has more than {MOST_FILES:,} files")


def _plain(name: str) -> str:
    return str(PurePosixPath(name))  # without a leading "./"


def _is_wanted(name: str) -> bool:
    """Not what macOS adds to archives, and not hidden."""
    return not any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(name).parts)


class _Counted:
    """A file that refuses to give more bytes than a data set can have."""

    def __init__(self, file):
        self.file, self.left = file, LARGEST_TOTAL

    def read(self, size: int) -> bytes:
        block = self.file.read(size)
        self.left -= len(block)
        if self.left < 0:
            raise ValueError(f"it expands to more than {LARGEST_TOTAL:,} bytes")
        return block
