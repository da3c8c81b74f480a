"""Many small PNG or JPEG files as one array."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable

import numpy as np

from ..looks import looks_like

LONG = 2_000  # pictures; from here on a progress bar says how long it takes
MOST = 60_000  # a picture of one colour has 70 bytes in its file, and 3,072 in memory
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
    with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as picture:
        if picture.size != (32, 32):  # known before anything is decoded, so no picture can explode
            raise _OtherSize(f"one of {picture.width}×{picture.height} pixels")
        if picture.mode.startswith("I"):  # 16-bit grey, of which Pillow's convert keeps only 0 to 255
            return np.repeat((np.asarray(picture) >> 8)[None], 3, axis=0), False
        return np.asarray(picture.convert("RGB")).transpose(2, 0, 1), picture.format == "JPEG"


def _what(data: bytes, error: Exception) -> str:
    """What came instead, in words: another kind of file, or a picture that is damaged or of another size."""
    kind = looks_like(data)
    if not kind:
        return "a file of another kind"
    if kind not in ("a PNG picture", "a JPEG picture"):
        return f"{kind}; save it as PNG" if kind.endswith(" picture") else kind
    return str(error) if isinstance(error, _OtherSize) else f"{kind} that is damaged"
