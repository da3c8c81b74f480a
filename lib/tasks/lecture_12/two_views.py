"""Scores of an image and its mirror image."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "12.two_views",
    "Two views of one image",
    defines=("two_views",),
    parts={"scores": 1},
    hints=(
        "Columns are the last axis of (N, 3, H, W). Which slice walks through them backwards?",
        "images[..., ::-1] are the mirror images. Score both, and take the mean of the two scores.",
    ),
    minutes=2,
    tells=("::-1",),
)


@task.check("scores", within=1e-9)
def scores_of_two_views(two_views: Any, rng: np.random.Generator) -> dict[str, Any]:
    """a linear net and a bend"""
    N, C, H, W = (int(size) for size in rng.permutation([3, 4, 5, 6]))
    images, weight = rng.normal(size=(N, 3, H, W)), rng.normal(size=(3 * H * W, C))

    def score(x: Any) -> Any:
        return np.exp(np.reshape(x, (len(x), -1)) @ weight / 10)

    return {f"scores of {N} images": np.asarray(two_views(score, images.copy()))}


@task.reference
def two_views(score, images):
    return (score(images) + score(images[..., ::-1])) / 2


@task.wrong(0, "The images stand on their heads: mirror the columns, the last axis.", breaks="scores")
def upside_down(score, images):
    return (score(images) + score(images[:, :, ::-1])) / 2


@task.wrong(0, "Only the mirror images are scored: take the mean of both views.", breaks="scores")
def mirror_image_alone(score, images):
    return score(images[..., ::-1])


@task.wrong(0, "This is the sum of the two scores: divide by 2.", breaks="scores")
def sum_of_the_views(score, images):
    return score(images) + score(images[..., ::-1])


@task.wrong(0, "You average the images, and score what comes out. Average the scores.", breaks="scores")
def score_of_the_mean_image(score, images):
    return score((images + images[..., ::-1]) / 2)


@task.wrong(0, "You take the larger of the two scores; take their mean.", breaks="scores")
def larger_of_the_two(score, images):
    return np.maximum(score(images), score(images[..., ::-1]))


@task.wrong(
    0,
    "images[::-1] turns the order of the images round. Mirror the columns, the last axis.",
    breaks="scores",
)
def images_in_reverse(score, images):
    return (score(images) + score(images[::-1])) / 2


@task.wrong(
    0,
    "Axis 1 is turned round: these are the colours (np.fliplr does so). Mirror the last axis.",
    breaks="scores",
)
def colours_in_reverse(score, images):
    return (score(images) + score(images[:, ::-1])) / 2
