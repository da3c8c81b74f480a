"""Checks that every layer shares, and how a layer is called in a message."""

from __future__ import annotations

from typing import Any

import numpy as np


def describe(module: Any) -> str:
    """A module's name in one line: its print, or only its class where that has several lines."""
    text = repr(module)
    return text if "\n" not in text else type(module).__name__


def check_arrays(module: Any, name: str, value: Any, *, like: Any = None) -> None:
    """Raises `ValueError` unless value is an array of floats, or a list of such, shaped like `like`."""
    if isinstance(value, (list, tuple)):
        if isinstance(like, np.ndarray) or (like is not None and len(value) != len(like)):
            came, takes = f"a list of {len(value)}", _kind(like)
            raise ValueError(f"{describe(module)}: {name} is {came}, it takes {takes}, as the output is")
        for i, part in enumerate(value):
            check_arrays(module, f"{name}[{i}]", part, like=None if like is None else like[i])
        return
    if not isinstance(value, np.ndarray):
        raise ValueError(
            f"{describe(module)}: {name} is of type {type(value).__name__}, it takes a numpy array of floats"
        )
    if value.dtype not in (np.float32, np.float64):
        raise ValueError(
            f"{describe(module)}: {name} has dtype {value.dtype}, it takes float32 or float64; "
            f"convert with .astype(np.float32)"
        )
    if like is not None and (isinstance(like, (list, tuple)) or value.shape != like.shape):
        raise ValueError(
            f"{describe(module)}: {name} has shape {value.shape}, it takes {_kind(like)}, as the output is"
        )


def shapes_of(value: Any) -> Any:
    """The shape of an array, or the list of the shapes of several."""
    return [shapes_of(part) for part in value] if isinstance(value, (list, tuple)) else np.shape(value)


def _kind(value: Any) -> str:
    return str(value.shape) if isinstance(value, np.ndarray) else f"a list of {len(value)} arrays"
