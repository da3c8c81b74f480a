"""Libraries for one form only, imported when that form is met."""

from __future__ import annotations

import importlib
from types import ModuleType


def needed(module: str, package: str) -> ModuleType:
    """The module; `ImportError` says how to add it where it is missing."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(
            f"this form of CIFAR-10 is read with {package}, which is not installed: "
            "pip install 'deep-vision-course[formats]'"
        ) from error
