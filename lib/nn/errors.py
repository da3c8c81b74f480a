"""One voice for errors, `NAME: ARGUMENT: expected WHAT, got WHAT; do THIS`, and checks that layers share."""

from __future__ import annotations

import functools
import inspect
import re
from types import FunctionType
from typing import Any

import numpy as np

from lib.checks import mismatch, shown

# What numpy says of shapes that no computer could hold; where only this one lacks memory, MemoryError.
TOO_LARGE = re.compile("array is too big|Maximum allowed dimension|maximum supported dimension")
FLOATS = {np.dtype(np.float32), np.dtype(np.float64)}


def as_array(value: Any) -> Any:
    """The value; where it is a single float of numpy, as numpy makes of arrays of shape (), such an array."""
    return np.asarray(value) if isinstance(value, np.floating) else value


def check_arrays(module: Any, name: str, value: Any, *, like: Any = None, role: str = "the output") -> None:
    """Raises `ValueError` unless value is an array of floats, or a list of such, shaped like `like`.

    like: an array, or a list of arrays; None accepts every shape
    role: what `like` is, for the error
    """
    if isinstance(value, (list, tuple)):
        if isinstance(like, np.ndarray) or (like is not None and len(value) != len(like)):
            raise mismatch(module, name, f"{_accepted(like)}, as {role} is", kind_of(value))
        if holds_numbers(value) and not getattr(module, "takes_lists", False):
            advice = f"np.array({name}, float)"
            raise mismatch(module, name, "a numpy array of floats", f"a {type(value).__name__}", advice)
        for i, part in enumerate(value):
            check_arrays(module, f"{name}[{i}]", part, like=None if like is None else like[i], role=role)
        return
    if not isinstance(value, np.ndarray):
        raise mismatch(module, name, "a numpy array of floats", type(value).__name__)
    if value.dtype not in FLOATS:
        advice = "convert with .astype(np.float32)"
        raise mismatch(module, name, "float32 or float64", f"dtype {value.dtype}", advice)
    if like is not None and (isinstance(like, (list, tuple)) or value.shape != like.shape):
        raise mismatch(module, name, f"{_accepted(like)}, as {role} is", kind_of(value))


def holds_numbers(values: Any) -> bool:
    """Whether a list holds numbers, or lists of numbers, and no arrays."""
    while isinstance(values, (list, tuple)) and values:
        values = values[0]
    return isinstance(values, (int, float)) and not isinstance(values, np.floating)


def same_values(left: Any, right: Any) -> bool:
    """Whether two arrays, or two lists of arrays, hold the same numbers; nan is the same as nan.

    Mostly both are one object, or slices of one array, and no number is compared.
    """
    if left is right:
        return True
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(map(same_values, left, right))
    left, right = np.asarray(left), np.asarray(right)
    if _is_same_memory(left, right) or np.array_equal(left, right):
        return True
    floats = "f" in (left.dtype.kind, right.dtype.kind)
    return floats and np.array_equal(left, right, equal_nan=True)  # takes several times as long


def _is_same_memory(left: np.ndarray, right: np.ndarray) -> bool:
    """Whether two arrays look at the same bytes in the same way, such as X[:64] and X[:64] again."""
    if not np.may_share_memory(left, right):  # ten times as quick as the rest
        return False
    return left.__array_interface__ == right.__array_interface__


def shapes_of(value: Any) -> Any:
    """The shape of an array; for a list of arrays, the list of their shapes."""
    if isinstance(value, np.ndarray):
        return value.shape
    return [shapes_of(part) for part in value] if isinstance(value, (list, tuple)) else np.shape(value)


def kind_of(value: Any) -> str:
    """What a value is, for an error: its shape, or how many arrays of which shapes are in a list.

    >>> kind_of(np.ones((2, 3))), kind_of([np.ones(2), np.ones(3)])
    ('shape (2, 3)', 'a list of shapes [(2,), (3,)]')
    """
    if isinstance(value, (list, tuple)):
        return f"a list of shapes {shapes_of(value)}" if value else "an empty list"
    return f"shape {np.shape(value)}"


def no_attribute(owner: Any, name: str) -> AttributeError:
    """The error for an attribute that is not there: in a subclass mostly since the parent was not built."""
    advice = ""
    if sum("__init__" in vars(kind) for kind in type(owner).__mro__) > 2:  # its own, a parent's, object's
        advice = "; where a parent's __init__ makes it, call super().__init__(…) first in yours"
    return AttributeError(
        f"{type(owner).__name__}: expected one of its attributes, got {name}{advice}", name=name, obj=owner
    )


def _accepted(like: Any) -> str:
    return f"a list of {len(like)} arrays" if isinstance(like, (list, tuple)) else str(like.shape)


def name_constructor(kind: type) -> None:
    """Gives a class of this library that inherits its __init__ one of its own name: Python's errors show it.

    Without this, `Conv2d(3, 8, 3, strides=2)` is answered by "KernelLayer.__init__() got an unexpected …".
    """
    inherited = vars(next(k for k in kind.__mro__ if "__init__" in vars(k)))["__init__"]
    inherited = getattr(inherited, "without_memory_check", inherited)
    if "__init__" in vars(kind) or not isinstance(inherited, FunctionType):
        return
    if not kind.__module__.startswith(f"{__package__}."):
        return
    own = FunctionType(
        inherited.__code__, inherited.__globals__, "__init__", inherited.__defaults__, inherited.__closure__
    )
    own.__dict__.update(inherited.__dict__)
    own.__kwdefaults__, own.__annotations__ = inherited.__kwdefaults__, inherited.__annotations__
    own.__doc__, own.__module__ = inherited.__doc__, kind.__module__
    own.__qualname__ = f"{kind.__name__}.__init__"
    setattr(kind, "__init__", own)  # noqa: B010  # an assignment is what mypy forbids


def name_too_large(kind: type) -> None:
    """Gives a class of this library an __init__ whose error names the size for which there is no memory."""
    build = vars(kind).get("__init__")
    if not isinstance(build, FunctionType) or not kind.__module__.startswith(f"{__package__}."):
        return

    @functools.wraps(build)
    def __init__(self: Any, *values: Any, **named: Any) -> None:
        __tracebackhide__ = True  # IPython and lib.jupyter.short_errors pass over this frame
        try:
            build(self, *values, **named)
        except (MemoryError, OverflowError, ValueError) as error:
            ours = (base for base in type(self).__mro__ if base.__module__.startswith(f"{__package__}."))
            if next(ours) is not kind:
                raise  # a parent's arguments are not those that somebody wrote
            if isinstance(error, ValueError) and not TOO_LARGE.match(str(error)):
                raise
            given = inspect.signature(build).bind(self, *values, **named).arguments
            name = max(list(given)[1:], key=lambda name: _largest(given[name]), default="memory")
            expected = "a size for whose arrays there is memory"
            raise mismatch(type(self).__name__, name, expected, shown(given.get(name))) from error

    setattr(__init__, "without_memory_check", build)  # noqa: B010  # an assignment is what mypy forbids
    setattr(kind, "__init__", __init__)  # noqa: B010


def _largest(value: Any) -> int:
    """The largest whole number in an argument, 0 where it has none."""
    if isinstance(value, (list, tuple)):
        return max(map(_largest, value), default=0)
    return int(value) if isinstance(value, (int, np.integer)) else 0
