"""Many small PNG or JPEG files as one array."""

from __future__ import annotations

import io
from collections.abc import Iterable

import numpy as np

from ._optional import needed

LONG = 2_000  # pictures; from here on a progress bar says how long it takes


def decode_all(pictures: Iterable[tuple[str, bytes]], count: int) -> tuple[np.ndarray, bool]:
    """The pixels, uint8 (count, 3, 32, 32), of `count` pairs of name and content; and whether any is a JPEG.

    Raises `ValueError`, naming the file, for anything but a PNG or JPEG of 32×32.
    """
    from tqdm.auto import tqdm

    Image = needed("PIL.Image", "pillow")
    pixels = np.empty((count, 3, 32, 32), np.uint8)
    any_jpeg = False
    bar = tqdm(pictures, total=count, desc="Reading pictures, once", unit=" pictures", disable=count < LONG)
    for row, (name, data) in zip(pixels, bar, strict=True):
        try:
            with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as picture:
                if picture.size != (32, 32):  # known before anything is decoded, so no picture can explode
                    raise ValueError(f"it has {picture.width}×{picture.height} pixels")
                row[:] = np.asarray(picture.convert("RGB")).transpose(2, 0, 1)
                any_jpeg |= picture.format == "JPEG"
        except Exception as error:  # Pillow raises many kinds for damaged files
            raise ValueError(f"{name}: expected a PNG or JPEG of 32×32 pixels: {error}") from error
    return pixels, any_jpeg
