"""What the exercises on layers share."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np

# A base to build on, and what it runs; no layer is in there.
MODULE = ("lib.nn.module", "lib.nn.errors", "lib.nn.constructors", "lib.nn.npz")


def sent_forward(layer: Any, x: np.ndarray) -> Any:
    """The layer after forward; an error in it costs the output, and nothing more."""
    with suppress(Exception):
        layer.forward(x)
    return layer
