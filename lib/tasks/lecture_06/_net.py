"""What the exercises of lecture 06 share: drawn numbers for a network of two layers."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np


class Problem(NamedTuple):
    """Some examples and a network for them, of sizes that all differ.

    X: (N, D); T: (N, C), a 1 in each row; W1: (D, H); b1: (H,); W2: (H, C); b2: (C,)
    """

    X: np.ndarray
    T: np.ndarray
    W1: np.ndarray
    b1: np.ndarray
    W2: np.ndarray
    b2: np.ndarray

    @property
    def weights(self) -> list[np.ndarray]:
        return [self.W1, self.b1, self.W2, self.b2]


def drawn_problem(rng: np.random.Generator) -> Problem:
    """Numbers for every array; about half of the hidden units are at rest."""
    N, D, H, C = (int(size) for size in rng.permutation(np.arange(3, 9))[:4])
    W1, b1, W2, b2 = (rng.normal(size=size) for size in ((D, H), H, (H, C), C))
    T = np.eye(C)[rng.permutation(max(N, C))[:N] % C]
    return Problem(rng.normal(size=(N, D)), T, W1, b1, W2, b2)


def as_array(name: str, thing: Any) -> dict[str, Any]:
    """A value, and whether it is an array: what comes next asks a list for its shape in vain."""
    return {name: thing, f"{name} is an array": isinstance(thing, np.ndarray)}


def hidden_of(problem: Problem) -> Any:
    """h1, (N, H), of the check's own."""
    z = problem.X @ problem.W1 + problem.b1
    return np.where(z > 0, z, 0.0)
