"""The hinge loss of a single image, with any margin."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "03.hinge_of_one",
    "The hinge loss of one image",
    defines=("hinge_of_one",),
    parts={"loss": 1, "margin": 1, "the scores stay": 1},
    hints=(
        "For each wrong class: by how much does it come closer to the right score than the margin allows?",
        "That is scores[j] - scores[right] + margin where it is positive, else 0. Add up over the wrong j.",
        "All at once: np.maximum(0, scores - scores[right] + margin). Then the right class must not pay.",
    ),
    minutes=5,
    tells=("scores[right] + margin", "5.1 - 3.2"),
)


def scores_that_pay(rng: np.random.Generator, margin: float) -> tuple[Any, int]:
    """Scores of six classes and the right one: two or three of the others pay, with this margin."""
    scores = rng.permutation(np.array([-6.0, -4.5, 0.9, 1.8, 2.9, 0.0])) + rng.uniform(-0.2, 0.2, 6)
    right = int(np.argsort(scores)[3])
    scores[right] += 0.05 * margin
    return scores, right


@task.check("loss", within=1e-9)
def loss_of_one_image(hinge_of_one: Any, rng: np.random.Generator) -> dict[str, Any]:
    """a margin of 1"""
    scores, right = scores_that_pay(rng, 1.0)
    return {f"the loss of {scores.round(1).tolist()}, right is {right}": hinge_of_one(scores, right, 1.0)}


@task.check("margin", within=1e-9)
def loss_with_a_margin(hinge_of_one: Any, rng: np.random.Generator) -> dict[str, Any]:
    """another margin"""
    margin = float(rng.uniform(1.5, 2.5))
    scores, right = scores_that_pay(rng, margin)
    return {f"the loss with a margin of {margin:.2f}": hinge_of_one(scores, right, margin)}


@task.check("the scores stay")
def what_becomes_of_the_scores(hinge_of_one: Any, rng: np.random.Generator) -> dict[str, Any]:
    """what becomes of scores"""
    scores, right = scores_that_pay(rng, 1.0)
    before = scores.copy()
    found = hinge_of_one(scores, right, 1.0)
    return {
        "scores is as before": bool((scores == before).all()),
        "there is a result": found is not None,
    }


@task.reference
def hinge_of_one(scores, right, margin):
    pays = np.maximum(0, scores - scores[right] + margin)
    pays[right] = 0
    return pays.sum()


@task.wrong(
    0,
    "Too much by exactly the margin: the right class pays for not leading itself. Leave it out.",
    breaks=("loss", "margin"),
)
def right_class_pays(scores, right, margin):
    return np.maximum(0, scores - scores[right] + margin).sum()


@task.wrong(0, "The margin is always 1 here: use the argument.", breaks="margin")
def margin_of_one(scores, right, margin):
    return hinge_of_one(scores, right, 1.0)


@task.wrong(
    0,
    "Classes that are far behind lower this loss: none may pay less than 0. Where is the max?",
    breaks=("loss", "margin"),
)
def nobody_stops_at_zero(scores, right, margin):
    return (scores - scores[right] + margin).sum() - margin


@task.wrong(
    0,
    "The sign: here those pay who are far behind. A wrong class pays when its score is high.",
    breaks=("loss", "margin"),
)
def far_behind_pays(scores, right, margin):
    return np.maximum(0, scores[right] - scores + margin).sum() - margin


@task.wrong(
    0, "Only the class that pays most is in here; all that pay are added up.", breaks=("loss", "margin")
)
def greatest_debt_only(scores, right, margin):
    pays = np.maximum(0, scores - scores[right] + margin)
    pays[right] = 0
    return pays.max()


@task.wrong(
    0, "This is the mean over the classes; within one image the classes add up.", breaks=("loss", "margin")
)
def mean_of_the_classes(scores, right, margin):
    return hinge_of_one(scores, right, margin) / len(scores)


@task.wrong(
    0, "The scores have changed, and the next cells need them: work on a copy.", breaks="the scores stay"
)
def writes_into_the_scores(scores, right, margin):
    loss = hinge_of_one(scores, right, margin)
    scores -= scores[right] - margin
    return loss


@task.wrong(
    0,
    "You take 1 off for the right class; it has paid the margin, and that is not always 1.",
    breaks="margin",
)
def one_taken_off(scores, right, margin):
    return hinge_of_one(scores, right, margin) + margin - 1


@task.wrong(
    0,
    "This is the mean over the wrong classes; within one image they add up.",
    breaks=("loss", "margin"),
)
def mean_of_the_wrong_classes(scores, right, margin):
    return hinge_of_one(scores, right, margin) / (len(scores) - 1)


@task.wrong(
    0,
    "The margin has the wrong sign: a class pays as soon as it is within the margin, so add it.",
    breaks=("loss", "margin"),
)
def margin_subtracted(scores, right, margin):
    return np.maximum(0, scores - scores[right] - margin).sum()


@task.wrong(
    0,
    "`right` is the number of a class; its score is scores[right].",
    breaks=("loss", "margin"),
)
def number_for_score(scores, right, margin):
    pays = np.maximum(0, scores - right + margin)
    pays[right] = 0
    return pays.sum()


@task.wrong(
    0,
    "The max is taken of the whole sum: no single class may pay less than 0.",
    breaks=("loss", "margin"),
)
def max_of_the_sum(scores, right, margin):
    return max(0, (scores - scores[right] + margin).sum() - margin)


@task.wrong(
    0,
    "This is what each class pays; the loss is one number, the sum of them.",
    breaks=("loss", "margin"),
)
def not_added_up(scores, right, margin):
    pays = np.maximum(0, scores - scores[right] + margin)
    pays[right] = 0
    return pays
