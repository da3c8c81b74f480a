"""A convolution whose channels are cut into groups."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "10.groups",
    "A convolution in groups",
    defines=("grouped",),
    parts={"two groups": 1, "more groups": 1},
    hints=(
        "There are F filters still. How many channels does each of them look at?",
        "C // groups channels: each filter has k · k · C // groups weights, and one bias.",
    ),
    minutes=2,
    tells=("C // groups",),
)


def a_grouped_layer(rng: np.random.Generator, groups: int) -> tuple[int, int, int, int]:
    """C, F, k, groups."""
    C, F = (groups * int(number) for number in rng.permutation([3, 5, 7])[:2])
    return C, F, int(rng.choice([3, 5, 7])), groups


@task.check("two groups", within=1e-9)
def parameters_in_two_groups(grouped: Any, rng: np.random.Generator) -> dict[str, Any]:
    """weights and biases, with two groups"""
    C, F, k, groups = a_grouped_layer(rng, 2)
    return {f"C = {C}, F = {F}, k = {k}, groups = {groups}": grouped(C, F, k, groups)}


@task.check("more groups", within=1e-9)
def parameters_in_more_groups(grouped: Any, rng: np.random.Generator) -> dict[str, Any]:
    """weights and biases, with four groups"""
    C, F, k, groups = a_grouped_layer(rng, 4)
    return {f"C = {C}, F = {F}, k = {k}, groups = {groups}": grouped(C, F, k, groups)}


@task.reference
def grouped(C, F, k, groups):
    return F * (C // groups * k * k + 1)


@task.wrong(
    0,
    "Both C and F are divided: in each group there are F // groups filters, but the groups together have F.",
    breaks=("two groups", "more groups"),
)
def one_group_counted(C, F, k, groups):
    return F // groups * (C // groups * k * k + 1)


@task.wrong(
    0,
    "The biases are divided, too. Each of the F filters has its own.",
    breaks=("two groups", "more groups"),
)
def biases_shared(C, F, k, groups):
    return F // groups * (C * k * k + 1)


@task.wrong(
    0,
    "The groups change nothing here: each filter must look at its own group's channels alone.",
    breaks=("two groups", "more groups"),
)
def groups_ignored(C, F, k, groups):
    return F * (C * k * k + 1)


@task.wrong(0, "The biases are missing: one for each filter.", breaks=("two groups", "more groups"))
def groups_without_biases(C, F, k, groups):
    return F * (C // groups * k * k)


@task.wrong(
    0,
    "You halve the channels whatever the number of groups: divide C by it.",
    breaks="more groups",
)
def always_halved(C, F, k, groups):
    return F * (C // 2 * k * k + 1)
