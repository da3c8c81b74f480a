"""Facts about what an answer gave: a check hands on the numbers, and whether a fact holds is said elsewhere.

An answer can change numpy for one call: what compares arrays beside it may say whatever it likes. So a check
of an assignment compares no arrays; `settled` does so where no answer runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lib.tasks.values import KINDS, Plain, plain_value

MANY = 10_000  # arrays of a fact, at most


@dataclass(frozen=True, eq=False)
class Fact:
    """A question, and the numbers that it is about; ~fact asks for the opposite.

    asks: a name of `ASKED`
    about: the values, in the order in which the question takes them
    bounds: numbers that the question takes as well
    holds: what the answer must be, for the fact to be true
    """

    asks: str
    about: tuple[Plain, ...]
    bounds: tuple[float, ...] = ()
    holds: bool = True

    def __invert__(self) -> Fact:
        return Fact(self.asks, self.about, self.bounds, not self.holds)

    def to_json(self) -> dict[str, Any]:
        """Only lists, numbers and words; arrays as their bytes, which are written and read quickly."""
        about = [_bytes_of(value) for value in self.about]
        return {"asks": self.asks, "about": about, "bounds": list(self.bounds), "holds": self.holds}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Fact:
        """What `to_json` gave; raises `ValueError` for anything else."""
        try:
            asks, about, bounds, holds = (content[key] for key in KEYS)
            right = asks in ASKED and type(about) is list and len(about) <= MANY
            right = right and type(bounds) is list and {*map(type, bounds)} <= {float} and type(holds) is bool
            if not right or len(content) != len(KEYS):
                raise ValueError("content: expected the keys of a fact, got others")
            return cls(asks, tuple(map(_of_bytes, about)), tuple(bounds), holds)
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
            raise ValueError(f"content: expected a fact, got something else ({error})") from error


KEYS = ("asks", "about", "bounds", "holds")
NUMBERS = tuple(KINDS.values())


def are_same(*pairs: Any) -> Fact:
    """Whether two arrays have one shape and the same numbers.

    pairs: one, other, and further pairs: of each two arrays that must be the same
    """
    return _fact("same", pairs)


def are_near(*pairs: Any, rtol: float = 1e-5, atol: float = 1e-8) -> Fact:
    """Whether two arrays have one shape and the same numbers, but for rounding.

    pairs: as in `are_same`
    rtol, atol: as in `np.allclose`
    """
    return _fact("near", pairs, rtol, atol)


def are_different(*pairs: Any) -> Fact:
    """Whether two arrays of one shape differ in some number.

    pairs: as in `are_same`; all of them must differ
    """
    return _fact("different", pairs)


def are_mostly_same(one: Any, other: Any, share: float) -> Fact:
    """Whether two arrays have one shape, and at least this share of their numbers is the same."""
    return _fact("mostly same", (one, other), share)


def any_nonzero(*arrays: Any) -> Fact:
    """Whether an array holds another number than 0.

    arrays: each of them must
    """
    return _fact("nonzero", arrays)


def any_spread(array: Any) -> Fact:
    """Whether an array holds two different numbers."""
    return _fact("spread", (array,))


def handed_on(thing: Any) -> Plain | Fact:
    """What a check found, as data."""
    return thing if isinstance(thing, Fact) else plain_value(thing)


def settled(value: Plain | Fact) -> Plain:
    """A fact as a bool, or as the error of numbers that cannot be compared; any other value as it is.

    >>> bool(settled(are_same([1, 2], [1, 2], 3, 4)).array), bool(settled(~any_nonzero([0, 0])).array)
    (False, True)
    """
    if isinstance(value, Plain):
        return value
    try:
        return plain_value(ASKED[value.asks](_arrays(value.about), *value.bounds) is value.holds)
    except Exception as error:  # of shapes that do not go together, or of bounds that it does not take
        return plain_value(error)


def _fact(asks: str, about: Sequence[Any], *bounds: float) -> Fact:
    return Fact(asks, tuple(map(plain_value, about)), bounds)


def _arrays(about: Sequence[Plain]) -> list[np.ndarray]:
    """The numbers; None stays what it is. Raises `TypeError` for anything else."""
    if other := [value.kind for value in about if value.kind not in (*NUMBERS, "none")]:
        raise TypeError(f"about: expected arrays of numbers, got {other[0]}")
    return [value.array if value.kind in NUMBERS else np.array(None) for value in about]


def _pairs(arrays: Sequence[np.ndarray]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    return zip(arrays[::2], arrays[1::2], strict=True)


def _near(arrays: Sequence[np.ndarray], rtol: float, atol: float) -> bool:
    return all(a.shape == b.shape and np.allclose(a, b, rtol=rtol, atol=atol) for a, b in _pairs(arrays))


def _different(arrays: Sequence[np.ndarray]) -> bool:
    return all(a.shape == b.shape and bool((a != b).any()) for a, b in _pairs(arrays))


def _mostly_same(arrays: Sequence[np.ndarray], share: float) -> bool:
    one, other = arrays
    return one.shape == other.shape and bool((one == other).mean() >= share)


ASKED: Mapping[str, Callable[..., bool]] = {
    "same": lambda arrays: all(np.array_equal(a, b) for a, b in _pairs(arrays)),
    "near": _near,
    "different": _different,
    "mostly same": _mostly_same,
    "nonzero": lambda arrays: all(bool(array.any()) for array in arrays),
    "spread": lambda arrays: all(bool(np.ptp(array) > 0) for array in arrays),
}


def _bytes_of(value: Plain) -> dict[str, Any]:
    """The numbers of a value in base 16; of anything else its kind alone."""
    if value.kind not in NUMBERS:
        return {"kind": value.kind}
    array = value.array.astype(value.array.dtype.newbyteorder("="))
    return {"dtype": value.dtype, "shape": list(array.shape), "bytes": array.tobytes().hex()}


def _of_bytes(content: Mapping[str, Any]) -> Plain:
    if content.keys() == {"kind"}:
        return Plain("none" if content["kind"] == "none" else "other", "", np.array(""))
    dtype, shape, text = (content[key] for key in ("dtype", "shape", "bytes"))
    if len(content) != 3:
        raise ValueError("about: expected dtype, shape and bytes, got more")
    if not dtype.isalnum() or np.dtype(dtype).name != dtype or np.dtype(dtype).kind not in KINDS:
        raise ValueError(f"dtype: expected a type of numbers, got {dtype:.50}")
    if type(shape) is not list or any(type(size) is not int or size < 0 for size in shape):
        raise ValueError("shape: expected a list of sizes, got something else")
    array = np.frombuffer(bytes.fromhex(text), dtype).reshape(shape)
    return Plain(KINDS[array.dtype.kind], dtype, array)
