"""What a drawing asks of a graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from lib.graph.node import Node
from lib.graph.step import Step


class Drawable(Protocol):
    """A graph as its picture sees it; a `ComputationalGraph` is one."""

    @property
    def outputs(self) -> Sequence[Node]:
        """The nodes at its end."""

    @property
    def nodes(self) -> Sequence[Node]:
        """All nodes, in the order of computing."""

    @property
    def values(self) -> Mapping[Node, Any]:
        """Node → number or array, as far as they are computed."""

    @property
    def gradients(self) -> Mapping[Node, Any]:
        """Node → number or array, as far as they are computed."""

    def trace(self) -> Sequence[Step]:
        """The steps of the last forward and backward pass, in order."""
