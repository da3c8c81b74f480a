"""Layers for a closing training: one that fails its own task costs nothing a second time."""

from __future__ import annotations

from typing import Any

from lib.tasks.assess import assess
from lib.tasks.check import VISIBLE
from lib.tasks.known import has_answers
from lib.tasks.task import find_task

TASKS = {"Conv2d": "a3.convolution", "MaxPool2d": "a3.max_pooling", "BatchNorm": "a3.batch_norm"}


def mended(Conv2d: Any, MaxPool2d: Any, BatchNorm: Any) -> tuple[Any, ...]:
    """The layers that pass the visible checks of their tasks; the reference in place of each other."""
    return tuple(
        mended_one(*pair) for pair in zip(TASKS.values(), (Conv2d, MaxPool2d, BatchNorm), strict=True)
    )


def mended_one(name: str, layer: Any) -> Any:
    """The layer, or the reference of its task."""
    task = find_task(name)
    has_answers(task)
    return layer if assess(task, [layer], [VISIBLE]).passed else task.given()[0]
