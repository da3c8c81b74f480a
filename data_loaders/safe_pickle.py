"""Unpickling that runs no code: the few types that CIFAR-10's batches are made of, and nothing else."""

from __future__ import annotations

import io
import pickle
from typing import Any

import numpy as np

# pickle names a class or function by module and name; numpy moved its own from numpy.core to numpy._core.
ARRAY_MAKERS = {"_reconstruct", "_frombuffer"}
NUMPY_MODULES = {
    "numpy",
    "numpy.core.multiarray",
    "numpy._core.multiarray",
    "numpy.core.numeric",
    "numpy._core.numeric",
}


def loads(data: bytes, name: str) -> Any:
    """The object that was pickled: dicts, lists, tuples, strings, bytes, numbers, and arrays of integers.

    data: a pickle of any protocol, written by Python 2 or 3 (strings of Python 2 come back as bytes)
    name: the file, for the error

    Nothing that the pickle names is ever called: stand-ins take the place of numpy's own constructors and
    accept plain integer arrays only. Anything else, and a truncated file, raises `ValueError`.
    """
    try:
        return _finished(_Unpickler(io.BytesIO(data), encoding="bytes").load())
    except Exception as error:
        raise ValueError(
            f"{name}: refused as a pickle of CIFAR-10: {error or type(error).__name__}"
        ) from error


class _Unpickler(pickle._Unpickler):
    """The unpickler written in Python: unlike the one in C, a hostile memo index costs it no memory."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("_codecs", "encode"):
            return _Latin1()
        if (module, name) in {("__builtin__", "bytes"), ("builtins", "bytes")}:
            return _NoBytes()
        if module in NUMPY_MODULES:
            if name in ARRAY_MAKERS:
                return _ArrayMaker(name)
            if name == "ndarray":
                return _Name(name)
            if name == "dtype":
                return _DtypeMaker()
        raise pickle.UnpicklingError(f"it asks for {module}.{name}, which no batch needs")

    def get_extension(self, code: int) -> Any:
        raise pickle.UnpicklingError("it asks for a copyreg extension, which no batch needs")


class _Name:
    """A name that may be mentioned, but neither called nor changed."""

    __slots__ = ("name",)

    def __init__(self, name: str):
        self.name = name

    def __setstate__(self, state: Any) -> None:
        raise ValueError("a name has no state")


class _Latin1(_Name):
    """Bytes in the pickles of protocol 2 by Python 3: text, encoded as latin1."""

    __slots__ = ()

    def __init__(self):
        super().__init__("encode")

    def __call__(self, text: str, encoding: str) -> bytes:
        if encoding not in ("latin1", b"latin1"):
            raise ValueError(f"encoding {encoding!r}, accepted is 'latin1'")
        return text.encode("latin1")


class _NoBytes(_Name):
    """Empty bytes in those pickles: bytes()."""

    __slots__ = ()

    def __init__(self):
        super().__init__("bytes")

    def __call__(self) -> bytes:
        return b""


class _DtypeMaker(_Name):
    __slots__ = ()

    def __init__(self):
        super().__init__("dtype")

    def __call__(self, code: Any, *flags: Any) -> _Dtype:
        return _Dtype(code)


class _Dtype:
    """numpy.dtype('u1', False, True), and the byte order that is set afterwards."""

    __slots__ = ("dtype",)

    def __init__(self, code: Any):
        code = code.decode("ascii") if isinstance(code, bytes) else code
        if not isinstance(code, str) or code not in {"u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8"}:
            raise ValueError(f"arrays of type {code!r}, accepted are integers")
        self.dtype = np.dtype(code)

    def __setstate__(self, state: tuple) -> None:
        order = state[1].decode("ascii") if isinstance(state[1], bytes) else state[1]
        if order not in {"<", ">", "|", "="}:
            raise ValueError(f"byte order {order!r}")
        self.dtype = self.dtype.newbyteorder(order)


class _ArrayMaker(_Name):
    __slots__ = ()

    def __call__(self, *arguments: Any) -> _Array:
        made = _Array()
        if self.name == "_frombuffer":  # protocol 5: everything in one call
            raw, dtype, shape, order = arguments
            made.fill(shape, dtype, order == "F", raw)
        return made


class _Array:
    """An array in the making: empty, until its state arrives."""

    __slots__ = ("array",)

    def __setstate__(self, state: tuple) -> None:
        _version, shape, dtype, fortran, raw = state
        self.fill(shape, dtype, fortran, raw)

    def fill(self, shape: Any, dtype: Any, fortran: bool, raw: Any) -> None:
        if not isinstance(dtype, _Dtype) or not isinstance(raw, bytes | bytearray):
            raise ValueError("an array that is not made of plain bytes")
        flat = np.frombuffer(bytes(raw), dtype.dtype)
        self.array = flat.reshape(shape, order="F" if fortran else "C")


def _finished(value: Any) -> Any:
    """The value with every array in the making replaced by its array: in a dict, or by itself."""
    if isinstance(value, dict):
        return {key: _finished_array(item) for key, item in value.items()}
    return _finished_array(value)


def _finished_array(value: Any) -> Any:
    return value.array if isinstance(value, _Array) else value
