"""Checks of arguments that several parts share; errors read `NAME: expected WHAT, got WHAT; do THIS`."""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, ParamSpec, TypeVar

import numpy as np

Option = TypeVar("Option")
Arguments = ParamSpec("Arguments")
Returned = TypeVar("Returned")
ROWS = 4096  # examples that are looked at together: the data set itself may stay on disk


def name_of(owner: Any) -> str:
    """What an object is called in an error: its print, or only its class where that is no single line."""
    if type(owner).__repr__ is object.__repr__:
        return type(owner).__name__
    try:
        text = repr(owner)
    except AttributeError:  # it is not built to the end yet
        return type(owner).__name__
    return text if "\n" not in text else type(owner).__name__


def mismatch(owner: Any, name: str, expected: str, got: str, advice: str = "") -> ValueError:
    """The error for an argument that does not fit.

    owner: whose argument it is: a layer, an optimiser; or a string, such as the name of a class that is not
        built yet; "" where it belongs to a function
    name: of the argument
    expected: what is accepted
    got: what came
    advice: what to do next, where that helps

    >>> mismatch("Conv2d", "stride", "a whole number of at least 1", "0")
    ValueError('Conv2d: stride: expected a whole number of at least 1, got 0')
    """
    who = owner if isinstance(owner, str) else name_of(owner)
    before, after = f"{who}: " if who else "", f"; {advice}" if advice else ""
    return ValueError(f"{before}{name}: expected {expected}, got {got}{after}")


def shown(value: object) -> str:
    """A value in an error message, in one line of at most 60 characters: an array by its type and shape.

    >>> shown("10"), shown(np.float64(0.5)), shown(np.zeros((2, 3)))
    ("'10'", '0.5', 'float64 (2, 3)')
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {value.shape}"
    if isinstance(value, type):
        return f"the class {value.__name__}"
    try:
        text = " ".join(repr(value).split("\n"))
    except Exception:  # somebody else's __repr__
        text = f"an object of type {type(value).__name__}"
    return text if len(text) <= 60 else f"{text[:57]}…"


def called_like(example: str) -> Callable[[Callable[Arguments, Returned]], Callable[Arguments, Returned]]:
    """Answers a call with other arguments than a function has by a right one.

    example: a right call, as somebody writes it; {name} stands for the class, where it is a constructor's

    >>> @called_like("half(x=3.0)")
    ... def half(x):
    ...     return x / 2
    >>> half(y=3.0)
    Traceback (most recent call last):
    TypeError: half: y: expected no argument of this name, got y=3.0; write half(x=3.0)
    """

    def decorate(function: Callable[Arguments, Returned]) -> Callable[Arguments, Returned]:
        @functools.wraps(function)
        def call(*values: Arguments.args, **named: Arguments.kwargs) -> Returned:
            try:
                return function(*values, **named)
            except TypeError:
                name = function.__qualname__
                if function.__name__ == "__init__" and values:
                    name = type(values[0]).__name__
                wrong = wrong_call(name, function, values, named, write=example.replace("{name}", name))
                if wrong is None:
                    raise  # the call was right: the fault is further inside
            raise wrong

        return call

    return decorate


def wrong_call(
    name: str,
    function: Callable[..., Any],
    values: Sequence[Any],
    named: Mapping[str, Any],
    *,
    write: str = "",
    reasons: Mapping[str, str] | None = None,
) -> TypeError | None:
    """The error for a call with other arguments than a function has; None where they fit.

    name: what the error calls it
    values, named: what it was called with; of a method, with its self
    write: a right call; "" shows the name with all arguments
    reasons: of arguments that somebody may expect, why there is none
    """
    signature = inspect.signature(function)
    parameters = list(signature.parameters.values())
    if not write:
        bare = [p.replace(annotation=p.empty) for p in parameters if p.name != "self"]
        write = f"{name}{inspect.Signature(bare)}"
    rest = any(p.kind is p.VAR_KEYWORD for p in parameters)
    for argument, value in named.items():
        if argument not in signature.parameters and not rest:
            why = f", since {reasons[argument]}" if reasons and argument in reasons else ""
            came = f"{argument}={shown(value)}"
            return TypeError(
                f"{name}: {argument}: expected no argument of this name, got {came}; write {write}{why}"
            )
    try:
        given = signature.bind_partial(*values, **named).arguments
    except TypeError:
        in_order = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        for argument in in_order[: len(values)]:
            if argument in named:
                return TypeError(f"{name}: {argument}: expected one value, got two; write {write}")
        of_self = in_order[:1] == ["self"]
        most, count = len(in_order) - of_self, len(values) - of_self
        most_words = f"at most {most} in order" if most else "none without its name"
        return TypeError(f"{name}: arguments: expected {most_words}, got {count}; write {write}")
    for p in parameters:
        if p.name not in given and p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD):
            return TypeError(f"{name}: {p.name}: expected a value, got none; write {write}")
    return None


def check_number(
    value: Any,
    *,
    name: str,
    owner: Any = "",
    low: float = -math.inf,
    high: float = math.inf,
    open_low: bool = False,
    open_high: bool = False,
    otherwise: str = "",
    advice: str = "",
) -> float:
    """A finite number from `low` to `high`, returned as a float; anything else raises `ValueError`.

    name: of the argument, for the error
    owner: an object whose class the error names, or that name; "" for an argument of a function
    low, high: the ends, which belong to the range
    open_low, open_high: True where that end itself is refused
    otherwise: what else is accepted, for the error
    advice: what to do next, for the error

    >>> check_number(np.float32(0.5), name="margin", low=0)
    0.5
    """
    finite = real = type(value) is float or _is_real(value)
    if real:
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        finite = math.isfinite(number)
        above = low < number if open_low else low <= number
        below = number < high if open_high else number <= high
        if finite and above and below:
            return number
    kind = "a finite number" if real and not finite else "a number"
    expected = f"{kind}{_span(low, high, open_low, open_high)}{otherwise}"
    raise mismatch(_class_name(owner), name, expected, shown(value), advice)


def check_whole(
    value: Any, *, name: str, owner: Any = "", low: int | None = 0, high: int | None = None, of: str = ""
) -> int:
    """A whole number from `low` to `high`, returned as an int; anything else raises `ValueError`.

    name: of the argument, for the error
    owner: an object whose class the error names, or that name; "" for an argument of a function
    low, high: the ends, which belong to the range; None for no such end
    of: what the upper end is, in words, for the error

    >>> check_whole(np.int64(3), name="k", low=1)
    3
    """
    good = type(value) is int or (isinstance(value, (int, np.integer)) and not isinstance(value, bool))
    if not good or (low is not None and value < low) or (high is not None and value > high):
        span = "" if low is None else f" of at least {low}"
        if high is not None:
            span = f" from {low} to {high}{', ' if of else ''}{of}"
        raise mismatch(_class_name(owner), name, f"a whole number{span}", shown(value))
    return int(value)


def check_choice(value: Any, options: Collection[Option], *, name: str, owner: Any = "") -> Option:
    """One of a few words or numbers, returned; anything else raises `ValueError` that lists them.

    options: what is accepted; it must be of the same type: True is not 1
    name: of the argument, for the error
    owner: an object whose class the error names, or that name; "" for an argument of a function

    >>> check_choice("l1", ("l1", "l2"), name="metric")
    'l1'
    """
    if isinstance(value, (str, int)):  # an array cannot be looked up
        for option in options:
            same = (isinstance(value, str) and isinstance(option, str)) or type(value) is type(option)
            if same and value == option:
                return option
    raise mismatch(_class_name(owner), name, alternatives(options), shown(value))


def check_switch(value: Any, *, name: str) -> bool:
    """True or False, returned; anything else, 0 and 1 too, raises `ValueError`."""
    if not isinstance(value, (bool, np.bool_)):
        raise mismatch("", name, "True or False", shown(value))
    return bool(value)


def alternatives(options: Collection[Any]) -> str:
    """Words or numbers to choose from, in an error message.

    >>> alternatives(["l1", "l2", "elastic"])
    "'l1', 'l2' or 'elastic'"
    """
    *others, last = map(repr, options)
    return f"{', '.join(others)} or {last}" if others else last


def check_examples(X: Any, *, name: str = "X", features: int | None = None) -> np.ndarray:
    """X as a matrix of examples, (N, D) with N, D ≥ 1, of finite numbers; an array is returned unchanged.

    name: of the argument, for the error
    features: the D it must have, where that is known, at prediction time
    """
    X = as_numbers(X, name=name)
    if X.ndim != 2:
        hint = "images become rows with data.train.vectors()"
        if X.ndim == 1:
            hint = f"one example is {name}[None]" if name.isidentifier() else "one example is X[None]"
        raise ValueError(f"{name}: expected one example a row, shape (N, D), got shape {X.shape}; {hint}")
    if X.size == 0:
        raise ValueError(f"{name}: expected at least one example, got shape {X.shape}")
    if features is not None and X.shape[1] != features:
        hint = f"; where each column is an example, {name}.T" if X.shape[0] == features else ""
        raise ValueError(f"{name}: expected {features} features, as in training, got {X.shape[1]}{hint}")
    check_finite(X, name=name)
    return X


def check_labels(y: Any, count: int, *, name: str = "y", classes: int | None = None) -> np.ndarray:
    """y as labels, integers ≥ 0 of shape (count,), returned as int64.

    count: how many examples there are
    name: of the argument, for the error
    classes: how many there are, where that is known: labels are below it
    """
    y = _as_array(y, name)
    if y.shape != (count,):
        hint = ""
        if y.shape == (count, 1):
            hint = f"; {name.split()[-1]}.ravel() makes it so"
        elif y.ndim == 2 and len(y) == count:
            hint = f"; one-hot rows become labels with {name.split()[-1]}.argmax(axis=1)"
        raise ValueError(f"{name}: expected shape ({count},), one label an example, got {y.shape}{hint}")
    if y.dtype.kind not in "ui":
        check_finite(y, name=name)
        hint = f"; convert with {name.split()[-1]}.astype(np.int64)" if y.dtype.kind in "fb" else ""
        raise ValueError(f"{name}: expected integers, got dtype {y.dtype}{hint}")
    wrong = (y < 0) | (y >= (np.inf if classes is None else classes))
    if wrong.any():
        where = int(np.argmax(wrong))
        span = "0 and up" if classes is None else f"0 to {classes - 1}"
        raise ValueError(f"{name}: expected labels {span}, got {y[where]} at [{where}]")
    return y.astype(np.int64, copy=False)


def as_numbers(values: Any, *, name: str) -> np.ndarray:
    """An array of real numbers; booleans, words and what is no array raise `ValueError`."""
    array = _as_array(values, name)
    if array.dtype.kind not in "uif":
        hint = (
            f"; convert with np.asarray({name.split()[-1]}, np.float32)" if array.dtype.kind in "bOU" else ""
        )
        raise ValueError(f"{name}: expected numbers, got dtype {array.dtype}{hint}")
    return array


def check_finite(array: np.ndarray, *, name: str) -> None:
    """Raises `ValueError` that names the first element which is nan or infinite."""
    if array.dtype.kind != "f":
        return
    for start in range(0, len(array), ROWS):
        part = array[start : start + ROWS]
        finite = np.isfinite(part)
        if not finite.all():
            where = tuple(map(int, np.unravel_index(np.argmin(finite), part.shape)))
            place = [where[0] + start, *where[1:]]
            raise ValueError(f"{name}: expected finite numbers, got {part[where]} at {place}")


def _as_array(values: Any, name: str) -> np.ndarray:
    try:
        return np.asarray(values)
    except ValueError:  # rows of different lengths
        raise ValueError(
            f"{name}: expected rows of one length, got a ragged {type(values).__name__}"
        ) from None


def _is_real(value: Any) -> bool:
    if isinstance(value, (bool, np.bool_)):
        return False
    return isinstance(value, (int, float, np.integer, np.floating))


def _span(low: float, high: float, open_low: bool, open_high: bool) -> str:
    """The range from `low` to `high`, in words."""
    if -math.inf < low and high < math.inf and not open_low and not open_high:
        return f" from {low:g} to {high:g}"
    ends = []
    if low > -math.inf:
        ends.append(f"above {low:g}" if open_low else f"of at least {low:g}")
    if high < math.inf:
        ends.append(f"below {high:g}" if open_high else f"at most {high:g}")
    return f" {' and '.join(ends)}" if ends else ""


def _class_name(owner: Any) -> str:
    """An owner that is being built has no print yet."""
    return owner if isinstance(owner, str) else type(owner).__name__
