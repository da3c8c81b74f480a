"""What a gate did in a forward or backward pass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.graph.node import Node


@dataclass(frozen=True, eq=False)
class Step:
    """One gate at work, forward or backward: what a demo shows.

    node: the node that the gate computes
    phase: "forward" or "backward"
    taken: forward, the value of each parent; backward, the upstream gradient of each output
    given: forward, the value of each output; backward, the gradient for each parent, upstream × local
    local: backward, where all are plain numbers, the derivative in each parent; None elsewhere
    """

    node: Node
    phase: str
    taken: tuple[np.ndarray, ...]
    given: tuple[np.ndarray, ...]
    local: tuple[np.ndarray, ...] | None = None
