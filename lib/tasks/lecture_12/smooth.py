"""Targets that are not quite sure."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "12.smooth",
    "Smooth targets",
    defines=("smooth",),
    parts={"targets": 1},
    hints=(
        "What does a wrong class get? The share eps goes in equal parts to all C classes.",
        "Begin with np.full((N, C), eps / C). The right class of each row gets something on top of it.",
        "targets[np.arange(N), labels] are the right ones, one in each row. They get 1 - eps more.",
    ),
    minutes=4,
    tells=("eps / C", "0.82", "1 - eps"),
)


@task.check("targets", within=1e-9)
def targets_of_drawn_labels(smooth: Any, rng: np.random.Generator) -> dict[str, Any]:
    """drawn labels"""
    N, C = (int(size) for size in rng.permutation([4, 5, 6, 7])[:2])
    labels, eps = rng.permutation(max(N, C))[:N] % C, float(rng.uniform(0.1, 0.4))
    return {f"smooth(labels, {C}, {eps:.3g})": np.asarray(smooth(labels.copy(), C, eps))}


@task.reference
def smooth(labels, C, eps):
    targets = np.full((len(labels), C), eps / C)
    targets[np.arange(len(labels)), labels] += 1 - eps
    return targets


@task.wrong(
    0, "You share eps among the wrong classes alone; all C classes get a part, the right one too.",
    breaks="targets",
)  # fmt: skip
def among_the_others(labels, C, eps):
    return smooth(labels, C, eps * C / (C - 1))


@task.wrong(0, "Your rows do not add up to 1: the right class gets its part of eps, too.", breaks="targets")
def without_its_own_part(labels, C, eps):
    targets = np.full((len(labels), C), eps / C)
    targets[np.arange(len(labels)), labels] = 1 - eps
    return targets


@task.wrong(0, "The right class has kept its whole 1. It gives the share eps away first.", breaks="targets")
def keeps_its_one(labels, C, eps):
    targets = smooth(labels, C, eps)
    targets[np.arange(len(labels)), labels] = 1
    return targets


@task.wrong(0, "Every class has got the whole eps: it is divided among the C classes.", breaks="targets")
def whole_to_each(labels, C, eps):
    targets = np.full((len(labels), C), eps)
    targets[np.arange(len(labels)), labels] += 1 - eps
    return targets


@task.wrong(0, "An example is a row: the shape is (N, C), and yours is (C, N).", breaks="targets")
def examples_in_columns(labels, C, eps):
    return smooth(labels, C, eps).T


@task.wrong(
    0,
    "targets[:, labels] are whole columns. One place in each row is meant: targets[np.arange(N), labels].",
    breaks="targets",
)
def whole_columns(labels, C, eps):
    targets = np.full((len(labels), C), eps / C)
    targets[:, labels] += 1 - eps
    return targets


@task.wrong(0, "The share eps is lost: each class, the right one too, gets eps / C of it.", breaks="targets")
def share_is_lost(labels, C, eps):
    return smooth(labels, C, eps) - eps / C


@task.wrong(0, "The wrong classes get nothing: each of them gets its part of eps, too.", breaks="targets")
def nothing_for_the_wrong(labels, C, eps):
    return smooth(labels, C, eps) * (smooth(labels, C, eps) > 0.5)


@task.wrong(
    0,
    "Your rows add up to more than 1: on top of its part, the right class keeps 1 - eps, not 1.",
    breaks="targets",
)
def whole_one_on_top(labels, C, eps):
    targets = np.full((len(labels), C), eps / C)
    targets[np.arange(len(labels)), labels] += 1
    return targets
