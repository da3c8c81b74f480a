"""The parameters and the work of a convolution."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "10.conv_cost",
    "Parameters and work",
    defines=("conv_cost",),
    parts={"parameters": 1, "work": 1},
    hints=(
        "How many weights has one filter? It looks at k × k places in each of C channels.",
        "Each of the F filters has one bias more. The work: how often is each weight used?",
        "The output has side · side places, and at each of them every weight is used once.",
    ),
    minutes=4,
    tells=("side**2", "weights * side", "(C * k * k + 1)"),
)


def a_convolution(rng: np.random.Generator) -> tuple[int, int, int, int]:
    """C, F, k and the side of the output, of which no two are alike."""
    sizes = rng.permutation([6, 10, 14, 22])
    return int(sizes[0]), int(sizes[1]), int(rng.choice([3, 5, 7])), int(rng.choice([9, 11, 13]))


@task.check("parameters", within=1e-9)
def parameters_of_a_convolution(conv_cost: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the first of the two"""
    C, F, k, side = a_convolution(rng)
    return {f"C = {C}, F = {F}, k = {k}, side = {side}: parameters": conv_cost(C, F, k, side)[0]}


@task.check("work", within=1e-9)
def work_of_a_convolution(conv_cost: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the second of the two"""
    C, F, k, side = a_convolution(rng)
    return {f"C = {C}, F = {F}, k = {k}, side = {side}: multiply–adds": conv_cost(C, F, k, side)[1]}


@task.reference
def conv_cost(C, F, k, side):
    weights = F * C * k * k
    return weights + F, weights * side * side


@task.wrong(0, "The biases are missing among the parameters: one for each filter.", breaks="parameters")
def without_biases(C, F, k, side):
    weights = F * C * k * k
    return weights, weights * side * side


@task.wrong(0, "A filter has one bias, not one for each channel that it looks at.", breaks="parameters")
def a_bias_a_channel(C, F, k, side):
    weights = F * C * k * k
    return weights + F * C, weights * side * side


@task.wrong(
    0,
    "Each filter has a kernel of its own for every channel: C belongs to the weights.",
    breaks=("parameters", "work"),
)
def one_kernel_for_all_channels(C, F, k, side):
    weights = F * k * k
    return weights + F, weights * side * side


@task.wrong(0, "A kernel has k rows and k columns, so k · k weights.", breaks=("parameters", "work"))
def kernels_of_one_row(C, F, k, side):
    weights = F * C * k
    return weights + F, weights * side * side


@task.wrong(0, "The output has rows and columns: each weight is used at side · side places.", breaks="work")
def one_row_of_places(C, F, k, side):
    weights = F * C * k * k
    return weights + F, weights * side


@task.wrong(0, "You count × and + apart. Here a multiplication with its addition is one.", breaks="work")
def both_counted(C, F, k, side):
    weights = F * C * k * k
    return weights + F, 2 * weights * side * side


@task.wrong(
    0,
    "This uses each weight once, as a linear layer does. A convolution uses it at every place.",
    breaks="work",
)
def each_weight_once(C, F, k, side):
    weights = F * C * k * k
    return weights + F, weights


@task.wrong(0, "There is not one bias for the whole layer, but one for each filter: F.", breaks="parameters")
def one_bias_in_all(C, F, k, side):
    weights = F * C * k * k
    return weights + 1, weights * side * side


@task.wrong(0, "You count the biases as work, too; leave them out there.", breaks="work")
def biases_are_work(C, F, k, side):
    weights = F * C * k * k
    return weights + F, (weights + F) * side * side


@task.wrong(0, "`side` is that of the output already: do not take k − 1 away again.", breaks="work")
def side_of_the_image(C, F, k, side):
    weights = F * C * k * k
    return weights + F, weights * (side - k + 1) ** 2


@task.wrong(
    0, "The two are exchanged: first the parameters, then the multiply–adds.", breaks=("parameters", "work")
)
def work_first(C, F, k, side):
    return conv_cost(C, F, k, side)[::-1]


@task.wrong(0, "This is the work of one filter: there are F of them.", breaks="work")
def work_of_one_filter(C, F, k, side):
    weights = F * C * k * k
    return weights + F, C * k * k * side * side
