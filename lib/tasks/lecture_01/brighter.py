"""A picture made brighter or darker, in bytes that do not overflow."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "01.brighter",
    "Brighter",
    defines=("brighter",),
    parts={"up": 1, "down": 1, "type": 1, "the picture stays": 1},
    hints=(
        "A byte has no room for 300 or −10. Convert the picture to a larger type before you add.",
        "image.astype(np.int16) + amount is right, but leaves 0 … 255. np.clip(numbers, 0, 255) cuts it off.",
        "At the end the numbers fit into bytes again: .astype(np.uint8).",
    ),
    minutes=3,
    tells=("np.clip(", "np.minimum(", "cuts off"),
)


def bytes_of_a_picture(rng: np.random.Generator) -> np.ndarray:
    """Dark, middle and light pixels."""
    image = rng.integers(90, 160, size=(3, 4, 5))
    image[0], image[1, :2] = rng.integers(0, 30, size=(4, 5)), rng.integers(220, 256, size=(2, 5))
    return image.astype(np.uint8)


@task.check("up")
def brighter_up(brighter: Any, rng: np.random.Generator) -> dict[str, Any]:
    """a picture made brighter"""
    amount = int(rng.integers(40, 90))
    return {f"brighter(image, {amount})": np.asarray(brighter(bytes_of_a_picture(rng), amount)).astype(int)}


@task.check("down")
def brighter_down(brighter: Any, rng: np.random.Generator) -> dict[str, Any]:
    """a picture made darker"""
    amount = -int(rng.integers(40, 80))
    return {f"brighter(image, {amount})": np.asarray(brighter(bytes_of_a_picture(rng), amount)).astype(int)}


@task.check("type")
def brighter_type(brighter: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the type of what comes out"""
    return {"the type": str(np.asarray(brighter(bytes_of_a_picture(rng), 7)).dtype)}


@task.check("the picture stays")
def what_becomes_of_the_picture(brighter: Any, rng: np.random.Generator) -> dict[str, Any]:
    """what becomes of image"""
    image = bytes_of_a_picture(rng)
    before = image.copy()
    found = brighter(image, 50)
    return {"image is as before": bool((image == before).all()), "there is a result": found is not None}


@task.reference
def brighter(image, amount):
    return np.clip(image.astype(np.int16) + amount, 0, 255).astype(np.uint8)


@task.wrong(
    0,
    "What is above 255 begins again at 0: convert first, add, and bring what is too large back to 255.",
    breaks=("up", "down"),
)
def begins_again(image, amount):
    return (image.astype(np.int16) + amount).astype(np.uint8)


@task.wrong(
    0,
    "Dark pixels become light: what falls below 0 has to stay at 0, before it is a byte again.",
    breaks="down",
)
def no_floor(image, amount):
    return np.minimum(image.astype(np.int16) + amount, 255).astype(np.uint8)


@task.wrong(
    0, "The numbers are right, but they are no bytes any more: end with .astype(np.uint8).", breaks="type"
)
def no_bytes(image, amount):
    return np.clip(image.astype(np.int16) + amount, 0, 255)


@task.wrong(
    0,
    "Numbers below 0 and above 255 are left: no screen can show them. Cut them off.",
    breaks=("up", "down", "type"),
)
def not_cut_off(image, amount):
    return image.astype(np.int16) + amount


@task.wrong(
    0,
    "Each number is scaled here; brighter by an amount means that the same is added to each.",
    breaks=("up", "down"),
)
def scaled(image, amount):
    return np.clip(image * (1 + amount / 255), 0, 255).astype(np.uint8)


@task.wrong(
    0,
    "This type goes from −128 to 127 only, and light pixels are above: take np.int16, or int.",
    breaks=("up", "down"),
)
def a_type_too_small(image, amount):
    return np.clip(image.astype(np.int8) + np.int8(amount), 0, 255).astype(np.uint8)


@task.wrong(
    0,
    "The picture itself has changed, and the next cells need it: work on a copy, such as astype gives.",
    breaks="the picture stays",
)
def writes_into_the_picture(image, amount):
    image[:] = brighter(image, amount)
    return image


@task.wrong(
    0,
    "Pixels that leave 0 … 255 are left as they were; they end at 0 or at 255.",
    breaks=("up", "down"),
)
def leaves_them_as_they_were(image, amount):
    wide = image.astype(np.int16) + amount
    return np.where((wide < 0) | (wide > 255), image, wide).astype(np.uint8)
