"""The plain files of a tar archive, read forwards. A header is checked before its content is read."""

from __future__ import annotations

from collections.abc import Iterator

from .looks import Unreadable, shortened
from .unpack import Unpacked

BLOCK = 512  # bytes; headers and contents begin at multiples of it
LONGEST_HEADER = 64 << 10  # bytes of an extended header; a name takes some hundred
FOLDER, GNU_NAME, GNU_LINK = b"5", b"L", b"K"
PLAIN = (b"0", b"\0", b"7")
EXTENDED = (b"x", b"g", b"X")  # pax: for the next member, for all, and Solaris' kind


def members(stream: Unpacked, most: int) -> Iterator[tuple[str, int]]:
    """Name and size of each plain file. Whoever iterates must take or skip its content before the next one.

    stream: the archive
    most: members, folders among them, that it may have

    Raises `ValueError` for links, devices, sparse files, damaged headers, and a file that is cut.

    Source: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Header Block"; GNU tar, "Basic Tar Format".
    """
    long_name: str | None = None
    long_size: int | None = None
    for _ in range(most):
        header = stream.take(BLOCK)
        if not any(header):
            return
        if _number(header[148:156]) != sum(header) - sum(header[148:156]) + 8 * ord(" "):
            raise Unreadable("it has a damaged header")
        name, size, kind = _name(header), _number(header[124:136]), header[156:157]
        if kind in EXTENDED or kind in (GNU_NAME, GNU_LINK):
            if size > LONGEST_HEADER:
                raise Unreadable(f"it has a header of {size:,} bytes")
            content = stream.take(size)
            stream.skip(-size % BLOCK)
            if kind == GNU_NAME:
                long_name = _text(content.rstrip(b"\0"))
            elif kind in (b"x", b"X"):
                long_name, long_size = _extended(content, long_name)
            continue
        name = name if long_name is None else long_name
        size = size if long_size is None else long_size
        long_name = long_size = None
        if kind == FOLDER or (kind == b"\0" and name.endswith("/")):
            continue
        if kind not in PLAIN:
            raise Unreadable(f"{shortened(name)} is a link, a device or sparse, not a plain file")
        yield name, size
        stream.skip(-size % BLOCK)
    raise Unreadable(f"it has more than {most:,} files and folders, far too many for its size")


def _name(header: bytes) -> str:
    name, prefix = (header[a:b].split(b"\0", 1)[0] for a, b in ((0, 100), (345, 500)))
    is_posix = header[257:263] == b"ustar\0"
    return _text(prefix + b"/" + name if is_posix and prefix else name)


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")


def _number(field: bytes) -> int:
    """The number in a field: octal digits, or binary after a first byte of 128."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    digits = field.split(b"\0", 1)[0].strip()
    if not all(0x30 <= digit < 0x38 for digit in digits):
        raise Unreadable("it has a damaged header")
    return int(digits or b"0", 8)


def _extended(content: bytes, name: str | None) -> tuple[str | None, int | None]:
    """Name and size by a pax header, which has lines such as "12 path=x/y" that begin with their length."""
    size = None
    while content.strip(b"\0"):
        length, _, _ = content[:20].partition(b" ")
        if not length.isdigit() or not len(length) < int(length) <= len(content):
            raise Unreadable("it has a damaged header")
        key, _, value = content[len(length) + 1 : int(length) - 1].partition(b"=")
        content = content[int(length) :]
        if key == b"path":
            name = _text(value)
        elif key == b"size":
            if not value.isdigit() or len(value) > 20:
                raise Unreadable("it has a damaged header")
            size = int(value)
        elif key.startswith(b"GNU.sparse"):
            raise Unreadable("it has a sparse file, not plain ones only")
    return name, size
