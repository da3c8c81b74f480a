"""Many small PNG or JPEG files as one array."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable

import numpy as np

from ..looks import Unreadable, advice, looks_like

LONG = 2_000  # pictures; from here on a progress bar says how long it takes
MOST = 60_000  # a picture of one colour has 70 bytes in its file, and 3,072 in memory
PNG = b"\x89PNG\r\n\x1a\n"
PIXELS = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")  # the chunks that say what the pixels are
MOST_PARTS = 200  # chunks or segments of one picture; 32×32 pixels take less than ten
BARE = {0x01, *range(0xD0, 0xDA)}  # markers of JPEG without a length
LARGEST = 256 << 10  # bytes of one; 32×32 pixels take 3,000, and programs may add a colour profile


def decode_all(pictures: Iterable[tuple[str, bytes]], count: int) -> tuple[np.ndarray, bool]:
    """The pixels, uint8 (count, 3, 32, 32), of `count` pairs of name and content; and whether any is a JPEG.

    Raises `ValueError`, naming the file, for anything but a PNG or JPEG of 32×32, and for more than 60,000.
    """
    from PIL import Image
    from tqdm.auto import tqdm

    if count > MOST:
        raise ValueError(f"pictures: expected at most {MOST:,}, as many as CIFAR-10 has, got {count:,}")
    pixels = np.empty((count, 3, 32, 32), np.uint8)
    any_jpeg = False
    bar = tqdm(pictures, total=count, desc="Reading pictures, once", unit=" pictures", disable=count < LONG)
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", Image.DecompressionBombWarning
        )  # such a picture is refused by its size
        for row, (name, data) in zip(pixels, bar, strict=True):
            try:
                row[:], is_jpeg = _decode(data)
            except Exception as error:  # Pillow raises many kinds for damaged files
                raise ValueError(
                    f"{name}: expected a PNG or JPEG of 32×32 pixels, got {_what(data, error)}"
                ) from error
            any_jpeg |= is_jpeg
    return pixels, any_jpeg


class _OtherSize(ValueError):
    """The picture is whole, and of more bytes or of another size: "one of 64×64 pixels"."""


def _decode(data: bytes) -> tuple[np.ndarray, bool]:
    from PIL import Image

    if len(data) > LARGEST:
        raise _OtherSize(f"one of {len(data):,} bytes")
    if data.startswith(PNG):
        data = _pixels_only(data)
    else:
        _count_segments(data)
    with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as picture:
        if picture.size != (32, 32):  # known before anything is decoded, so no picture can explode
            raise _OtherSize(f"one of {picture.width}×{picture.height} pixels")
        if picture.mode.startswith("I"):  # 16-bit grey, of which Pillow's convert keeps only 0 to 255
            return np.repeat((np.asarray(picture) >> 8)[None], 3, axis=0), False
        return np.asarray(picture.convert("RGB")).transpose(2, 0, 1), picture.format == "JPEG"


def _pixels_only(data: bytes) -> bytes:
    """A PNG file without texts, colour profiles and the like: each could unpack to a megabyte.

    Source: ISO/IEC 15948 (PNG), chunk layout.
    """
    kept, position = [PNG], len(PNG)
    for _ in range(MOST_PARTS):
        if position + 8 > len(data):
            return b"".join(kept)
        end = position + 12 + int.from_bytes(data[position : position + 4], "big")
        if data[position + 4 : position + 8] in PIXELS:
            kept.append(data[position:end])
        position = end
    raise _OtherSize(f"one in more than {MOST_PARTS} chunks")


def _count_segments(data: bytes) -> None:
    """Raises `ValueError` where a JPEG file has very many segments, such as comments, before its pixels, or
    anything between them.

    Source: ITU-T T.81 (JPEG), B.1.1, markers and segments.
    """
    position = 2
    for _ in range(MOST_PARTS):
        if position + 4 > len(data) or data[position] != 0xFF:
            raise Unreadable("a part of the JPEG file has no marker")
        code = data[position + 1]
        if code == 0xDA:  # the pixels
            return
        if code == 0xFF:  # a filler
            position += 1
        elif code in BARE:
            position += 2
        else:
            position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    raise _OtherSize(f"one in more than {MOST_PARTS} segments")


def _what(data: bytes, error: Exception) -> str:
    """What came instead, in words: another kind of file, or a picture that is damaged or of another size."""
    kind = looks_like(data)
    if not kind:
        return "a file of another kind; remove it, or save it as PNG"
    if kind not in ("a PNG picture", "a JPEG picture"):
        return f"{kind}; {'save it as PNG' if kind.endswith(' picture') else advice(kind)}"
    if not isinstance(error, _OtherSize):
        return f"{kind} that is damaged; download or copy it again"
    return f"{error}; only the 32×32 pictures of CIFAR-10 can be used"
