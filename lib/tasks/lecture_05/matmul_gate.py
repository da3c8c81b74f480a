"""The product of two matrices as a gate."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.graph.gate import Gate
from lib.tasks.lecture_05._gates import GATES
from lib.tasks.several import one_of
from lib.tasks.task import Task

task = Task(
    "05.matmul_gate",
    "MatMulGate",
    defines=("MatMulGate",),
    parts={"forward": 1, "in X": 1, "in W": 1},
    allows=GATES,
    hints=(
        "The gradient in X has the shape of X, (N, D). G is (N, C), and W is (D, C).",
        "Only one product of G and W, one of them transposed, has the shape (N, D).",
        "dX = G @ W.T. Find dW in the same way: of X and G, with the shape (D, C).",
    ),
    minutes=5,
    tells=("@ self.W.T", "self.X.T @", "G @ W.T"),
)


def gate_and_gradients(MatMulGate: Any, rng: np.random.Generator) -> tuple[Any, Any]:
    """The gradients in X and in W, of sizes that all differ."""
    N, D, C = (int(size) for size in rng.permutation(np.arange(2, 7))[:3])
    gate = MatMulGate()
    gate.forward(rng.normal(size=(N, D)), rng.normal(size=(D, C)))
    both = gate.backward(rng.normal(size=(N, C)))
    return one_of(both, 0), one_of(both, 1)


@task.check("forward")
def matmul_forward(MatMulGate: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward"""
    return {"forward(X, W)": MatMulGate().forward(rng.normal(size=(4, 3)), rng.normal(size=(3, 2)))}


@task.check("in X")
def matmul_in_x(MatMulGate: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward, then backward(G): the first of the two"""
    return {"the gradient in X": gate_and_gradients(MatMulGate, rng)[0]}


@task.check("in W")
def matmul_in_w(MatMulGate: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward, then backward(G): the second of the two"""
    return {"the gradient in W": gate_and_gradients(MatMulGate, rng)[1]}


@task.reference
class MatMulGate(Gate):
    def forward(self, X, W):
        self.X, self.W = X, W
        return X @ W

    def backward(self, G):
        return G @ self.W.T, self.X.T @ G


@task.wrong(
    0,
    "The two gradients are exchanged: return them in the order of forward's arguments.",
    breaks=("in X", "in W"),
)
class Exchanged(MatMulGate):
    def backward(self, G):
        return super().backward(G)[::-1]


@task.wrong(
    0,
    "Both are transposed: the gradient of X has the shape of X, that of W the shape of W.",
    breaks=("in X", "in W"),
)
class BothTransposed(MatMulGate):
    def backward(self, G):
        dX, dW = super().backward(G)
        return dX.T, dW.T


@task.wrong(
    0, "G is missing: these are the right gradients where G is 1 everywhere.", breaks=("in X", "in W")
)
class OfOnes(MatMulGate):
    def backward(self, G):
        return super().backward(np.ones_like(G))


@task.wrong(
    0,
    "This averages over the examples; the gate knows nothing of a mean, and each example adds its share.",
    breaks="in W",
)
class Averaged(MatMulGate):
    def backward(self, G):
        dX, dW = super().backward(G)
        return dX, dW / len(G)
