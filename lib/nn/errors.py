"""One voice for errors, `NAME: ARGUMENT: expected WHAT, got WHAT; do THIS`, and checks that layers share."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches
from typing import Any

import numpy as np

from lib.checks import mismatch, name_of

COLUMNS = "where each column is an example, x.T"  # advice for what may be transposed, or not
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


def say_what_came_before(error: Exception, before: Any, module: Any, x: Any) -> None:
    """Adds to an error of a module about the shape of x which layer before it has made that x.

    Between two layers nobody has exchanged rows and columns: there the sizes of the two do not fit.
    """
    text = str(error).removesuffix(f"; {COLUMNS}")
    if not isinstance(error, ValueError) or ": x: expected" not in text or not text.endswith(kind_of(x)):
        return
    gives, takes = "this shape", ""
    for sizes, rank in (("features", 2), ("channels", 4)):
        size = getattr(module, f"in_{sizes}", None)
        if size is not None and isinstance(x, np.ndarray) and x.ndim == rank and x.shape[1] != size:
            gives, takes = f"{x.shape[1]} {sizes}", f", this one takes {size}"
    advice = f"the layer before, {name_of(before)}, gives {gives}{takes}"
    error.args = (f"{text}; {advice}",)


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
    """The error for an attribute that is not there, with the name that was probably meant.

    In a subclass of one's own it may be that the parent was not built.
    """
    advice = ""
    if not name.startswith("_"):  # what Python and Jupyter ask for, such as _repr_html_
        if _is_made_by_a_parent(owner, name):
            advice = "; a parent's __init__ makes it: call super().__init__(…) first in yours"
        elif near := near_name(name, [other for other in dir(owner) if other[0] != "_"]):
            advice = f"; did you mean {near}?"
        else:
            for part in getattr(owner, "walk", list)():
                if near := name if name in vars(part) else near_name(name, vars(part)):
                    advice = f"; {near} belongs to the layers inside, such as {name_of(part)}"
                    break
    return AttributeError(
        f"{type(owner).__name__}: expected one of its attributes, got {name}{advice}", name=name, obj=owner
    )


# How Torch7 and torch call what a module has here under another name: docs/layers.md, "A module's methods".
CALLED_ELSEWHERE = {
    "zero_grad": "zero_grad_parameters",
    "load_state_dict": "load",
    "state_dict": "state",
    "named_children": "children",
    "named_modules": "walk",
    "listmodules": "walk",
    "modules": "walk",
    "evaluate": "eval",
    "write": "save",
    "read": "load",
}


def near_name(name: str, names: Collection[str]) -> str:
    """The one of these names that was meant where another was written; "" where none is near.

    >>> near_name("Hardtanh", ["HardTanh", "Tanh"]), near_name("weights", ["weight"]), near_name("x", ["y"])
    ('HardTanh', 'weight', '')
    """
    plain = {other.replace("_", "").lower(): other for other in names}
    found = plain.get(name.replace("_", "").lower(), "")
    if not found and CALLED_ELSEWHERE.get(name.lower()) in names:
        found = CALLED_ELSEWHERE[name.lower()]
    if not found and len(name) > 2:
        begin_alike = [other for other in names if other[0] == name[0]]  # the comparison is slow
        found = "".join(get_close_matches(name, begin_alike, 1, 0.8))
    return "" if found == name else found


def _is_made_by_a_parent(owner: Any, name: str) -> bool:
    """Whether a class of one's own has an __init__, and an inherited one sets this attribute."""
    first, *parents = [vars(kind)["__init__"] for kind in type(owner).__mro__ if "__init__" in vars(kind)]
    if hasattr(first, "as_written"):  # the class is one of this library
        return False
    written = [getattr(build, "as_written", build) for build in parents]
    return any(name in build.__code__.co_names for build in written if hasattr(build, "__code__"))


def _accepted(like: Any) -> str:
    return f"a list of {len(like)} arrays" if isinstance(like, (list, tuple)) else str(like.shape)
