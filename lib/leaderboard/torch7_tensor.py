"""A tensor of bytes as Torch7's `torch.save` writes it, binary: deck A2's te_data.bin."""

from __future__ import annotations

import math
import struct
from typing import BinaryIO

import numpy as np

OBJECT = 4  # what Torch7 writes before any of its own objects


def write_byte_tensor(file: BinaryIO, array: np.ndarray) -> None:
    """Writes a `torch.ByteTensor`.

    file: open for writing bytes
    array: uint8, of any shape but an empty one

    Source: the format as documented by Torch7, doc/serialization.md; deck A2, "Data files".
    """
    strides = [math.prod(array.shape[axis + 1 :]) for axis in range(array.ndim)]
    file.write(_head(1, "torch.ByteTensor") + struct.pack("<i", array.ndim))
    file.write(struct.pack(f"<{2 * array.ndim + 1}q", *array.shape, *strides, 1))  # Lua counts from 1
    file.write(_head(2, "torch.ByteStorage") + struct.pack("<q", array.size))
    file.write(np.ascontiguousarray(array, np.uint8).data)


def _head(number: int, name: str) -> bytes:
    """What stands before an object: its number, the version of the format, its class."""
    return struct.pack("<ii", OBJECT, number) + _string("V 1") + _string(name)


def _string(text: str) -> bytes:
    return struct.pack("<i", len(text)) + text.encode("ascii")
