"""The forward pass of a network with two layers."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.lecture_06._net import as_array, drawn_problem
from lib.tasks.several import one_of
from lib.tasks.task import Task

task = Task(
    "06.forward",
    "Forward",
    defines=("forward",),
    parts={"h1": 1, "scores": 1},
    hints=(
        "X is (N, D) and W1 is (D, H), so X @ W1 is (N, H): a row for each example. b1 adds to each row.",
        "np.maximum(0, …) is ReLU, element by element. It stands between the layers, and not at the end.",
        "h1 = np.maximum(0, X @ W1 + b1). The scores are the second layer of h1, with W2 and b2.",
    ),
    minutes=3,
    tells=("X @ W1 + b1", "h1 @ W2 + b2"),
)


@task.check("h1", within=1e-9)
def hidden_units(forward: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the first of the two arrays"""
    problem = drawn_problem(rng)
    return as_array("h1", one_of(forward(problem.X.copy(), *problem.weights), 0))


@task.check("scores", within=1e-9)
def scores_of_net(forward: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the second of the two arrays"""
    problem = drawn_problem(rng)
    return as_array("scores", one_of(forward(problem.X.copy(), *problem.weights), 1))


@task.reference
def forward(X, W1, b1, W2, b2):
    h1 = np.maximum(0, X @ W1 + b1)
    scores = h1 @ W2 + b2
    return h1, scores


BOTH = ("h1", "scores")


@task.wrong(0, "h1 has negative numbers: ReLU is missing. Without it two layers are one.", breaks=BOTH)
def without_relu(X, W1, b1, W2, b2):
    h1 = X @ W1 + b1
    return h1, h1 @ W2 + b2


@task.wrong(0, "The biases b1 are missing.", breaks=BOTH)
def without_b1(X, W1, b1, W2, b2):
    return forward(X, W1, 0 * b1, W2, b2)


@task.wrong(0, "The bias belongs inside: ReLU comes after b1 was added.", breaks=BOTH)
def bias_after_relu(X, W1, b1, W2, b2):
    h1 = np.maximum(0, X @ W1) + b1
    return h1, h1 @ W2 + b2


@task.wrong(
    0, "ReLU stands at the end, too; scores may be negative, so the last layer has none.", breaks="scores"
)
def relu_at_the_end(X, W1, b1, W2, b2):
    h1, scores = forward(X, W1, b1, W2, b2)
    return h1, np.maximum(0, scores)


@task.wrong(0, "The biases b2 are missing.", breaks="scores")
def without_b2(X, W1, b1, W2, b2):
    return forward(X, W1, b1, W2, 0 * b2)


@task.wrong(0, "The two are exchanged: return h1 first, then the scores.", breaks=BOTH)
def scores_first(X, W1, b1, W2, b2):
    return forward(X, W1, b1, W2, b2)[::-1]


@task.wrong(
    0,
    "The numbers are right, in lists; what comes next needs arrays: make them with np.array(…).",
    breaks=BOTH,
)
def lists_of_rows(X, W1, b1, W2, b2):
    h1, scores = forward(X, W1, b1, W2, b2)
    return list(h1), list(scores)


@task.wrong(
    0,
    "Do the sizes fit? Examples are rows, so it is X @ W1; np.maximum(0, …) goes element by element.",
    breaks=BOTH,
)
def matrices_on_the_left(X, W1, b1, W2, b2):
    h1 = np.maximum(0, W1 @ X + b1)
    return h1, W2 @ h1 + b2


@task.wrong(
    0, "np.max looks for the largest of each column; np.maximum(0, …) compares each number with 0.",
    breaks=BOTH,
)  # fmt: skip
def largest_of_each_column(X, W1, b1, W2, b2):
    h1 = np.max(X @ W1 + b1, 0)
    return h1, h1 @ W2 + b2


@task.wrong(0, "This bends with a sigmoid; here the bend is ReLU.", breaks=BOTH)
def bent_by_a_sigmoid(X, W1, b1, W2, b2):
    h1 = 1 / (1 + np.exp(-(X @ W1 + b1)))
    return h1, h1 @ W2 + b2


@task.wrong(0, "The scores are made of what came before ReLU: the second layer takes h1.", breaks="scores")
def scores_without_the_bend(X, W1, b1, W2, b2):
    return forward(X, W1, b1, W2, b2)[0], (X @ W1 + b1) @ W2 + b2
