"""The softmax loss of raw scores, and its gradient."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np

from lib.tasks.counting import steps
from lib.tasks.facts import any_nonzero, are_same
from lib.tasks.task import Task
from lib.tasks.values import plain_array as copy

task = Task(
    "a2.cross_entropy",
    "Cross-entropy",
    defines=("CrossEntropy",),
    parts={"loss": 4, "gradient": 4, "contract": 2},
)


def batch(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Scores of some examples, and their classes; the first class is among them, and one class is not."""
    examples, classes = (int(size) for size in rng.choice(np.arange(4, 9), 2, replace=False))
    labels = rng.integers(0, classes - 1, examples)
    labels[:2] = 0, classes - 2
    return 2 * rng.normal(size=(examples, classes)), labels


def loss_first(criterion: Any, scores: np.ndarray, labels: Any) -> None:
    """forward, for the sake of backward: an error in it costs the loss, and nothing more."""
    with suppress(Exception):
        criterion.forward(scores, labels)


def extreme_scores(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Scores that are far out, for three examples with the labels 0, 1, 0."""
    near = rng.normal(size=(3, 2))
    far = np.zeros((3, 2))
    far[0, 0], far[1, 0], far[2, 1] = 1000, 1000, -1000
    return {
        "scores of ±1000": far,
        "scores near −10,000": near - 10_000,
        "scores near 10,000": near + 10_000,
        "rows near 1000, −1000 and 0": near + np.array([[1000.0], [-1000.0], [0.0]]),
    }


@task.check("loss")
def loss_of_scores(CrossEntropy: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward, of batches of several sizes"""
    criterion, (scores, labels), (others, classes) = CrossEntropy(), batch(rng), batch(rng)
    return {
        "forward(scores, labels)": criterion.forward(scores.copy(), labels),
        "forward of another batch": criterion.forward(others.copy(), classes),
        "forward of a single example": criterion.forward(scores[:1].copy(), labels[:1]),
        "forward where all scores are 0": criterion.forward(np.zeros_like(scores), labels),
    }


@task.check("loss")
def loss_far_out(CrossEntropy: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward, of scores far out"""
    labels = np.array([0, 1, 0])
    cases = extreme_scores(rng).items()
    sure = np.array([[50.0, 0.0, 0.0], [0.0, 0.0, 60.0], [70.0, 0.0, 0.0]])
    return {f"forward, {name}": CrossEntropy().forward(scores, labels) for name, scores in cases} | {
        "forward, sure and wrong": CrossEntropy().forward(sure, np.array([1, 0, 2]))
    }


@task.check("loss")
def loss_of_other_types(CrossEntropy: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward, with other types of numbers"""
    scores, labels = batch(rng)
    return {
        "forward, labels in uint8": CrossEntropy().forward(scores, labels.astype(np.uint8)),
        "forward, labels in int32, scores in float32": CrossEntropy().forward(
            scores.astype(np.float32), labels.astype(np.int32)
        ),
    }


@task.check("gradient")
def gradient_of_scores(CrossEntropy: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward, then backward, of batches of several sizes"""
    criterion, found = CrossEntropy(), {}
    (scores, labels), (others, classes) = batch(rng), batch(rng)
    many = rng.normal(size=(300, 7)), rng.integers(0, 7, 300).astype(np.uint8)
    for name, (s, y) in {
        "(scores, labels)": (scores, labels),
        " of another batch": (others, classes),
        " of a single example": (scores[:1], labels[:1]),
        ", labels in uint8": (scores, labels.astype(np.uint8)),
        " of 300 examples, labels in uint8": many,
        ", scores in float32": (scores.astype(np.float32), labels.astype(np.int32)),
    }.items():
        loss_first(criterion, s.copy(), y)
        found[f"backward{name}"] = copy(criterion.backward(s.copy(), y))
    return found


@task.check("gradient")
def gradient_far_out(CrossEntropy: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward, then backward, of scores far out"""
    found, labels = {}, np.array([0, 1, 0])
    for name, scores in extreme_scores(rng).items():
        criterion = CrossEntropy()
        loss_first(criterion, scores.copy(), labels)
        found[f"backward, {name}"] = criterion.backward(scores, labels)
    return found


@task.check("contract")
def scores_and_labels_stay(CrossEntropy: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward, and backward twice, beside copies made before"""
    criterion, (scores, labels) = CrossEntropy(), batch(rng)
    before, classes = scores.copy(), labels.copy()
    loss_first(criterion, scores, labels)
    once = copy(criterion.backward(scores, labels))
    again = criterion.backward(before.copy(), classes.copy())
    return {
        "the scores are as before": are_same(scores, before),
        "the labels are as before": are_same(labels, classes),
        "a second backward is as the first": are_same(once, again),
        "backward gives something": any_nonzero(once),
    }


@task.check("contract")
def no_loop_in_the_criterion(CrossEntropy: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward and backward of 20 examples, and of 200"""

    def there_and_back(scores: np.ndarray) -> None:
        labels = np.zeros(len(scores), int)
        criterion = CrossEntropy()
        loss_first(criterion, scores, labels)
        criterion.backward(scores, labels)

    few, many = rng.normal(size=(20, 5)), rng.normal(size=(200, 5))
    there_and_back(few)
    bound = 2 * steps(there_and_back, few) + 50
    return {"ten times the examples take no more Python": steps(there_and_back, many) < bound}
