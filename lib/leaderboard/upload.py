"""The text of a file that somebody hands in, alone or in a zip or gz archive; nothing is written to disk."""

from __future__ import annotations

import io
import zlib
from pathlib import PurePosixPath

from data_loaders.looks import Unreadable, damage, looks_like, printable
from data_loaders.safe_archive import DAMAGE, check_packing, open_zip
from lib.checks import mismatch, shown

ZIP, GZ = (b"PK\x03\x04", b"PK\x05\x06"), b"\x1f\x8b"
OTHERS = {
    b"Rar!\x1a\x07": "a rar archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"\xfd7zXZ\0": "an xz archive",
    b"BZh": "a bz2 archive",
    b"\x28\xb5\x2f\xfd": "a zst archive",
}
OFFICE, OLDER_OFFICE = "a document of Excel or Word", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
READ = "a CSV file, or one in a zip or gz archive"
WIDE = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}  # how such a text begins


def text_of(content: bytes, name: str, most: int, what: str) -> str:
    r"""The text of a file, its lines ended by "\n".

    content: all its bytes, packed or not
    name: of the file, for errors
    most: bytes that it may have, before it is unpacked and after
    what: is expected, for errors

    Raises `ValueError` that names the file for what is longer, damaged, no text, or packed in another way.
    """
    if len(content) > most:
        raise _too_long(name, what)
    if content.startswith(OLDER_OFFICE):
        raise _no_csv(name, OFFICE)
    plain = _unpacked(content, name, most)
    if not plain.strip():
        raise _no_csv(name, "an empty file", "write it again")
    if len(plain) > most:
        raise _too_long(name, what)
    if wide := next((kind for mark, kind in WIDE.items() if plain.startswith(mark)), ""):
        raise mismatch("", f"{name}, line 1", "text in UTF-8", wide, "save it as CSV UTF-8")
    try:
        text = plain.decode("utf-8-sig")  # Excel begins its files with a mark
    except UnicodeDecodeError as error:
        if seen := looks_like(plain):
            raise mismatch("", name, READ, seen) from None
        number = plain[: error.start].count(b"\n") + 1
        got = shown(plain[error.start : error.start + 8])
        raise mismatch("", f"{name}, line {number}", "text in UTF-8", got) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _unpacked(content: bytes, name: str, most: int) -> bytes:
    """The bytes of the one file in an archive, at most one more than may be; of what is none, as they are."""
    kind = next((kind for beginning, kind in OTHERS.items() if content.startswith(beginning)), "")
    if kind:
        raise mismatch("", name, READ, kind, "unpack it, and hand in the CSV file itself")
    if not content.startswith((*ZIP, GZ)):
        return content
    kind = "gz" if content.startswith(GZ) else "zip"
    try:
        plain = _from_gz(content, most) if kind == "gz" else _from_zip(content, most)
    except DAMAGE as error:
        if str(error) == OFFICE:
            raise _no_csv(name, OFFICE) from None
        why = "a password" if isinstance(error, Unreadable) and "password" in str(error) else damage(error)
        got = "one that asks for a password" if why == "a password" else f"one that cannot be read: {why}"
        raise mismatch("", name, f"a {kind} archive of one CSV file", got.split(";")[0]) from None
    inside = _kind_inside(plain)
    if inside:
        advice = "put the CSV file itself into the archive"
        raise mismatch("", name, f"a {kind} archive of one CSV file", f"one that holds {inside}", advice)
    return plain


def _from_gz(content: bytes, most: int) -> bytes:
    """What is in a gz file; no more of it is unpacked than may be."""
    stream = zlib.decompressobj(wbits=31)
    plain = stream.decompress(content, most + 1)
    if len(plain) <= most and not stream.eof:
        raise Unreadable("it is cut")
    return plain


def _from_zip(content: bytes, most: int) -> bytes:
    """What is in the one file of a zip archive; macOS adds files that nobody has put there."""
    with open_zip(io.BytesIO(content), len(content)) as archive:
        members = [member for member in archive.infolist() if _is_meant(member.filename)]
        if any(member.filename == "[Content_Types].xml" for member in members):
            raise Unreadable(OFFICE)
        if len(members) != 1:
            names = ", ".join(printable(member.filename)[:20] for member in members[:3])
            more = ", …" if len(members) > 3 else ""
            raise Unreadable(f"it has {len(members)} files ({names}{more})" if members else "it has no files")
        check_packing(members[0])
        with archive.open(members[0]) as packed:
            plain = packed.read(most + 1)
            if len(plain) <= most:
                packed.read(1)  # to the end, where the checksum is compared
            return plain


def _is_meant(name: str) -> bool:
    """Whether a member of an archive is a file that its owner knows of."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return not name.endswith(("/", "\\")) and not any(part.startswith((".", "__MACOSX")) for part in parts)


def _kind_inside(plain: bytes) -> str:
    """What a file in an archive is where it is an archive again; "" where it is none."""
    packed = {**OTHERS, **dict.fromkeys(ZIP, "a zip archive"), GZ: "a gz archive"}
    found = next((kind for beginning, kind in packed.items() if plain.startswith(beginning)), "")
    return found or ("a tar archive" if plain[257:262] == b"ustar" else "")


def _no_csv(name: str, got: str, advice: str = "save it as CSV, and hand that in") -> ValueError:
    return mismatch("", name, READ, got, advice)


def _too_long(name: str, what: str) -> ValueError:
    return mismatch("", name, what, "one that is far longer")
