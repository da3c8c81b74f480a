"""Gradient descent in mini-batches with the network that was staged by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.lecture_06._net import drawn_problem
from lib.tasks.lecture_06.backward import backward
from lib.tasks.lecture_06.forward import forward
from lib.tasks.lecture_06.loss import loss_and_dscores
from lib.tasks.task import Task

task = Task(
    "06.train",
    "Training",
    defines=("train",),
    parts={"one step": 1, "steps": 1, "losses": 1},
    hints=(
        "The batch is x and t. Call forward, loss_and_dscores and backward for it, one by one.",
        "Move each array against its gradient, in its place: W1 -= rate * dW1.",
        "zip(weights, gradients) gives each array with its gradient; array -= rate * gradient changes it.",
    ),
    minutes=7,
    tells=("-= rate * ",),
)


def trained_net(train: Any, rng: np.random.Generator, steps: int) -> tuple[Any, list[np.ndarray]]:
    """What train returns after some steps of rate 0.3, and the weights then."""
    problem = drawn_problem(rng)
    batches = [rng.permutation(len(problem.X))[:2] for _ in range(steps)]
    weights = [array.copy() for array in problem.weights]
    losses = train(problem.X.copy(), problem.T.copy(), weights, 0.3, batches)
    return losses, weights


def named_weights(weights: list[np.ndarray]) -> dict[str, Any]:
    """The four arrays by their names."""
    names = "W1", "b1", "W2", "b2"
    return {f"{name} afterwards": array for name, array in zip(names, weights, strict=True)}


@task.check("one step", within=1e-9)
def one_step_of_the_net(train: Any, rng: np.random.Generator) -> dict[str, Any]:
    """one batch, rate 0.3"""
    return named_weights(trained_net(train, rng, 1)[1])


@task.check("steps", within=1e-9)
def steps_of_the_net(train: Any, rng: np.random.Generator) -> dict[str, Any]:
    """five batches, rate 0.3"""
    return named_weights(trained_net(train, rng, 5)[1])


@task.check("losses", within=1e-9)
def losses_of_the_net(train: Any, rng: np.random.Generator) -> dict[str, Any]:
    """what train returns after five batches"""
    return {"the losses, one a batch": trained_net(train, rng, 5)[0]}


@task.reference
def train(X, T, weights, rate, batches):
    losses = []
    for rows in batches:
        h1, scores = forward(X[rows], *weights)
        loss, dscores = loss_and_dscores(scores, T[rows])
        losses.append(loss)
        gradients = backward(X[rows], h1, weights[2], dscores)
        for array, gradient in zip(weights, gradients, strict=True):
            array -= rate * gradient
    return losses


ALL = ("one step", "steps", "losses")


@task.wrong(0, "The loss grows: a weight moves against its gradient, so subtract it.", breaks=ALL)
def up_the_hill(X, T, weights, rate, batches):
    return train(X, T, weights, -rate, batches)


@task.wrong(0, "The rate is missing: the arrays move by their whole gradients.", breaks=ALL)
def rate_of_one(X, T, weights, rate, batches):
    return train(X, T, weights, 1.0, batches)


@task.wrong(0, "Each step sees all examples, not those of its batch: take X[rows] and T[rows].", breaks=ALL)
def all_examples(X, T, weights, rate, batches):
    return train(X, T, weights, rate, [np.arange(len(X)) for _ in batches])


@task.wrong(0, "Every step sees the first batch again: take the rows of each batch in its turn.",
            breaks=("steps", "losses"))  # fmt: skip
def first_batch_again(X, T, weights, rate, batches):
    return train(X, T, weights, rate, [batches[0]] * len(batches))


@task.wrong(
    0, "The weights that were given have not moved: W1 = W1 − … makes a new array; W1 -= … changes it.",
    breaks=("one step", "steps"),
)  # fmt: skip
def new_arrays(X, T, weights, rate, batches):
    return train(X, T, [array.copy() for array in weights], rate, batches)


@task.wrong(0, "The biases stay where they are; they have gradients, too, and move like the weights.",
            breaks=ALL)  # fmt: skip
def biases_at_rest(X, T, weights, rate, batches):
    losses = []
    for rows in batches:
        b1, b2 = weights[1].copy(), weights[3].copy()
        losses += train(X, T, weights, rate, [rows])
        weights[1][:], weights[3][:] = b1, b2
    return losses


@task.wrong(0, "No losses came, and the curve needs them: append one for each batch, and return all.",
            breaks="losses")  # fmt: skip
def no_losses(X, T, weights, rate, batches):
    train(X, T, weights, rate, batches)


@task.wrong(
    0,
    "weights is a list of four arrays: forward takes *weights, and each moves by its own gradient (zip).",
    breaks=ALL,
)
def list_in_one_piece(X, T, weights, rate, batches):
    for rows in batches:
        forward(*[X[rows], weights])


@task.wrong(
    0, "Does a batch meet all examples? forward, the loss and backward take x and t, not X and T.", breaks=ALL
)
def backward_of_all(X, T, weights, rate, batches):
    for rows in batches:
        h1, scores = forward(X[rows], *weights)
        backward(X, h1, weights[2], loss_and_dscores(scores, T[rows])[1])


@task.wrong(
    0, "These are the losses after each step; note the loss before the weights move.", breaks="losses"
)
def losses_after_the_step(X, T, weights, rate, batches):
    losses = []
    for rows in batches:
        train(X, T, weights, rate, [rows])
        losses.append(loss_and_dscores(forward(X[rows], *weights)[1], T[rows])[0])
    return losses


@task.wrong(0, "The step is divided by the batch once more; dscores has the 1/N already.", breaks=ALL)
def divided_once_more(X, T, weights, rate, batches):
    return train(X, T, weights, rate / len(batches[0]), batches)
