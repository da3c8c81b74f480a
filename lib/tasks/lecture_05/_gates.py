"""What the exercises of lecture 05 share: drawn numbers, and gates of the checks' own."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.graph.gate import Gate

GATES = ("lib.graph.gate", "lib.graph.node", "lib.graph.values", "lib.graph.vocabulary")  # a base to build on


def drawn(rng: np.random.Generator, *shape: int) -> Any:
    """Numbers between 0.5 and 3 with drawn signs: none 0 or 1; a float where no shape is given."""
    numbers = rng.uniform(0.5, 3, shape) * rng.choice([-1, 1], shape)
    return numbers if shape else float(numbers)


def there_and_back(gate: Any, *inputs: Any, upstream: Any) -> dict[str, Any]:
    """What a gate says on the way forward, and what it hands on on the way back."""
    named = ", ".join(f"{x:.4g}" if np.ndim(x) == 0 else f"numbers {np.shape(x)}" for x in inputs)
    up = f"{upstream:.4g}" if np.ndim(upstream) == 0 else "an array"
    found = {f"forward({named})": gate.forward(*inputs)}
    return found | {f"backward({up}) after forward({named})": gate.backward(upstream)}


class Times(Gate):
    """A product."""

    def forward(self, x: Any, y: Any) -> Any:
        self.x, self.y = x, y
        return x * y

    def backward(self, upstream: Any) -> Any:
        return upstream * self.y, upstream * self.x


class Plus(Gate):
    """A sum."""

    def forward(self, x: Any, y: Any) -> Any:
        return x + y

    def backward(self, upstream: Any) -> Any:
        return upstream, upstream
