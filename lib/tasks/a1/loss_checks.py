"""What the two losses of assignment 1, hinge and softmax, are looked at for alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lib.tasks.counting import steps
from lib.tasks.facts import Fact, are_different, are_same
from lib.tasks.task import Task

LossArguments = tuple[np.ndarray, np.ndarray, np.ndarray]
Look = Callable[[Any, np.random.Generator], dict[str, Any]]  # at one loss
MORE = 50  # times as many examples, classes or features
PARTS = {
    "naive loss": 2,
    "naive gradient": 3,
    "naive penalty": 1,
    "vectorized loss": 2,
    "vectorized gradient": 3,
    "vectorized penalty": 1,
    "no loops": 2,
    "arrays unchanged": 1,
}


def add_loss_checks(task: Task, kind: str, losses: Look, gradients: Look) -> None:
    """Gives a task its checks of two functions, KIND_naive and KIND_vectorized, for the marks of `PARTS`.

    kind: such as "hinge"
    losses, gradients: named values of one of the functions, with reg = 0
    """
    names = f"{kind}_naive", f"{kind}_vectorized"

    def add(part: str, name: str, what: str, run: Callable[..., dict[str, Any]]) -> None:
        run.__name__, run.__doc__ = name, what
        task.check(part)(run)

    def of_one(look: Look, number: int) -> Callable[..., dict[str, Any]]:
        return lambda *both_and_rng: look(both_and_rng[number], both_and_rng[-1])

    def of_both(naive: Any, vectorized: Any, rng: np.random.Generator) -> dict[str, Any]:
        found = [arguments_as_before(loss, rng) for loss in (naive, vectorized)]
        return {
            f"{name}: {what}": same
            for name, values in zip(names, found, strict=True)
            for what, same in values.items()
        }

    for number, way in enumerate(("naive", "vectorized")):
        for part, look, reg in (
            ("loss", losses, "reg = 0"),
            ("gradient", gradients, "reg = 0"),
            ("penalty", penalties, "with reg and without"),
        ):
            words = f"{names[number]}, {reg}"
            add(f"{way} {part}", f"{way}_{kind}_{part}", words, of_one(look, number))
    add("no loops", f"steps_of_{kind}", f"{names[1]} at two sizes", of_one(few_steps, 1))
    add("arrays unchanged", f"arguments_of_{kind}", "W, X and y beside copies made before", of_both)


def linear_problem(rng: np.random.Generator) -> LossArguments:
    """W (C, D), X (N, D) and y (N,): no two sizes are alike, and no example is of the last class."""
    classes, features, examples = (int(size) for size in rng.permutation(np.arange(4, 9))[:3])
    y = rng.integers(classes - 1, size=examples)
    return rng.normal(size=(classes, features)), rng.normal(size=(examples, features)), y


def with_scores(scores: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> LossArguments:
    """W, X and y whose scores X Wᵀ are exactly these."""
    examples, classes = scores.shape
    return np.eye(classes, classes + 2), np.column_stack([scores, rng.normal(size=(examples, 2))]), y


def of_bytes(rng: np.random.Generator) -> LossArguments:
    """W, X and y where X and y are of type uint8, as raw pixels are; a few hundred examples."""
    W, X, y = linear_problem(rng)
    y = np.tile(y, MORE)
    return W / 255, rng.integers(256, size=(len(y), X.shape[1]), dtype=np.uint8), y.astype(np.uint8)


def of_floats(rng: np.random.Generator) -> LossArguments:
    """W, X and y where W and X are of type float32."""
    W, X, y = linear_problem(rng)
    return W.astype(np.float32), X.astype(np.float32), y.astype(np.int32)


def loss_and_gradient(loss: Any, arrays: LossArguments, reg: float = 0.0) -> tuple[Any, Any]:
    """Loss and gradient; whatever the answer does to its arguments, it does to copies.

    The results are copies too: an answer may return the same array again and again.
    """
    value, gradient = loss(*(array.copy() for array in arrays), reg)
    return copy_of(value), copy_of(gradient)


def copy_of(thing: Any) -> Any:
    """A copy of an array; anything else as it is."""
    return np.array(thing) if isinstance(thing, np.ndarray) else thing


def gradients_of_two_calls(loss: Any, arrays: LossArguments) -> tuple[Any, Any, Any]:
    """The gradients of two calls with the same arrays, and of a third, after W has changed in its place."""
    kept = [array.copy() for array in arrays]
    first = np.array(loss(*kept, 0.0)[1])
    for array, before in zip(kept, arrays, strict=True):
        array[...] = before
    second = copy_of(loss(*kept, 0.0)[1])
    for array, changed in zip(kept, (-2 * arrays[0], *arrays[1:]), strict=True):
        array[...] = changed
    return first, second, copy_of(loss(*kept, 0.0)[1])


def penalties(loss: Any, rng: np.random.Generator) -> dict[str, Any]:
    """What reg adds to the loss and to the gradient, for all examples and for two."""
    W, X, y = linear_problem(rng)
    reg = float(rng.uniform(0.5, 2))
    values = {}
    for name, count in (("all", len(X)), ("two", 2)):
        some = W, X[:count], y[:count]
        (more, more_gradient), (less, less_gradient) = (
            loss_and_gradient(loss, some, reg),
            loss_and_gradient(loss, some),
        )
        values[f"what reg adds to the loss of {name} examples"] = np.subtract(more, less)
        values[f"what reg adds to the gradient of {name} examples"] = np.subtract(
            more_gradient, less_gradient
        )
    return values


def few_steps(loss: Any, rng: np.random.Generator) -> dict[str, Any]:
    """Whether the steps that Python takes grow with the sizes, and whether the answer is one at all."""
    W, X, y = linear_problem(rng)
    larger = {
        "examples": (W.copy(), np.tile(X, (MORE, 1)), np.tile(y, MORE)),
        "classes": (np.tile(W, (MORE, 1)), X.copy(), y.copy()),
        "features": (np.tile(W, (1, MORE)), np.tile(X, (1, MORE)), y.copy()),
    }
    some = depends_on_data(loss, (W, X, y))
    few = steps(loss, W.copy(), X.copy(), y.copy(), 0.5)
    found = {
        f"{MORE} times the {what} take less than twice the steps": steps(loss, *arrays, 0.5) < 2 * few
        for what, arrays in larger.items()
    }
    return {**found, "another X gives another loss and gradient": some}


def depends_on_data(loss: Any, arrays: LossArguments) -> Fact:
    """Whether another X gives another loss and another gradient; a constant is no answer."""
    W, X, y = arrays
    (one, gradient), (other, other_gradient) = (
        loss_and_gradient(loss, arrays),
        loss_and_gradient(loss, (W, 2 * X, y)),
    )
    return are_different(one, other, gradient, other_gradient)


def arguments_as_before(loss: Any, rng: np.random.Generator) -> dict[str, Fact]:
    """Which of the arguments are as before."""
    arrays = linear_problem(rng)
    kept = [array.copy() for array in arrays]
    loss(*kept, float(rng.uniform(0.5, 2)))
    same = zip("WXy", kept, arrays, strict=True)
    found = {f"{name} is as before": are_same(array, before) for name, array, before in same}
    return {**found, "another X gives another loss and gradient": depends_on_data(loss, arrays)}
