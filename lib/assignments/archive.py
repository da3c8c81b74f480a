"""Zip archives of which the same files always give the same bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

EARLIEST = (1980, 1, 1, 0, 0, 0)  # that a zip archive can hold: the time of every file


def packed(files: Mapping[str, bytes], *, compressed: bool = True) -> bytes:
    """A zip archive.

    files: path, with "/" between folders → content
    compressed: as zlib does it here, which elsewhere may give other bytes

    >>> packed({"b": b"2", "a/c": b"1"}) == packed({"a/c": b"1", "b": b"2"})
    True
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path in sorted(files):
            info = zipfile.ZipInfo(path, EARLIEST)
            info.create_system, info.external_attr = 3, 0o644 << 16  # as on Unix, wherever it is made
            info.compress_type = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
            archive.writestr(info, files[path])
    return out.getvalue()


def unpacked(archive: bytes) -> dict[str, bytes]:
    """What `packed` has packed."""
    with zipfile.ZipFile(io.BytesIO(archive)) as file:
        return {name: file.read(name) for name in file.namelist()}
