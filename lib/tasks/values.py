"""What comes out of a check, as plain data: exact types that no code of a student's has a part in."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

MOST = 1_000_000  # numbers in a value; more is nothing that a check asks for


@dataclass(frozen=True, eq=False)
class Plain:
    """A number, an array, a word, or what came in their place.

    kind: "float", "int", "bool", "text", "none"; "error" for one that was raised; "other" for what is none
    dtype: of an array, such as "float64"; of an error its class, of something else its type; "" else
    array: the numbers, of numpy's own type; of text and errors the words
    """

    kind: str
    dtype: str
    array: np.ndarray

    @property
    def shape(self) -> tuple[int, ...]:
        return self.array.shape

    @property
    def words(self) -> str:
        return str(self.array)

    def to_json(self) -> dict[str, Any]:
        """Only lists, numbers and words."""
        numbers = self.array.ravel().tolist()
        return {"kind": self.kind, "dtype": self.dtype, "shape": list(self.shape), "values": numbers}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Plain:
        """What `to_json` gave; raises `ValueError` for anything else."""
        try:
            kind, dtype = str(content["kind"]), str(content["dtype"])
            array = np.array(content["values"], "U" if kind in OTHER_KINDS else dtype)
            array = array.reshape(content["shape"])
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise ValueError(f"content: expected a recorded value, got something else ({error})") from error
        if kind not in (KINDS.get(array.dtype.kind), *OTHER_KINDS):
            raise ValueError(f"content: expected a recorded value, got {kind} of {array.dtype}")
        return cls(kind, dtype, array)


KINDS = {"f": "float", "i": "int", "u": "int", "b": "bool"}
OTHER_KINDS = ("text", "none", "error", "other")


def plain_value(thing: Any) -> Plain:
    """Plain data from whatever an answer returned; nothing of it is shared.

    A list or tuple of numbers counts as an array, as does a subclass of ndarray.

    >>> plain_value(np.float32(0.5)).kind, plain_value([[1, 2]]).shape, plain_value(print).kind
    ('float', (1, 2), 'other')
    """
    if thing is None or (type(thing) is np.ndarray and thing.dtype == object and thing.tolist() is None):
        return Plain("none", "", np.array(""))
    if isinstance(thing, str):
        return Plain("text", "", np.array(words_of(thing)[:1000]))
    if isinstance(thing, Exception):
        return Plain("error", type(thing).__name__, np.array(words_of(thing).partition("\n")[0][:200]))
    if isinstance(thing, np.ndarray | np.generic | bool | int | float | list | tuple):
        try:
            array = np.array(thing, copy=True, subok=False)
        except Exception:  # rows of different lengths, an array of somebody's own
            array = np.array(None)
        if array.dtype.kind == "f" and array.dtype.itemsize > 8:
            array = array.astype(np.float64)
        kind = KINDS.get(array.dtype.kind)
        if kind and array.size <= MOST and type(array) is np.ndarray:
            return Plain(kind, array.dtype.name, array)
    return Plain("other", type(thing).__name__, np.array(type(thing).__name__))


def plain_array(thing: Any) -> Any:
    """A copy of an array, of numpy's own type whatever its subclass says; anything else as it is.

    >>> type(plain_array(np.ones(2).view(np.recarray)))
    <class 'numpy.ndarray'>
    """
    return np.array(thing, copy=True, subok=False) if isinstance(thing, np.ndarray) else thing


def words_of(thing: Any) -> str:
    """What `str` says; "" where somebody's own `__str__` fails."""
    try:
        return str(thing)
    except BaseException:  # whatever it raises
        return ""


def number_text(number: Any) -> str:
    """A number as people read it: four significant digits, more for whole numbers.

    >>> number_text(0.123456), number_text(12), number_text(float("nan"))
    ('0.1235', '12', 'nan')
    """
    if isinstance(number, bool | int):
        return str(number)
    return f"{number:.4g}" if math.isfinite(number) else str(number)
