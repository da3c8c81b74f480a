"""All examples once, in mini-batches."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "04.epoch",
    "An epoch",
    defines=("epoch",),
    parts={"every example": 1, "sizes": 1, "shuffled": 1},
    hints=(
        "rng.permutation(count) gives the numbers from 0 to count − 1 in an order drawn by chance.",
        "Cut this order into pieces: the first `size` of them, the next `size`, and so on.",
        "range(0, count, size) gives where the pieces begin. A slice that ends too late is no error: "
        "the last piece is just shorter.",
    ),
    minutes=4,
    tells=("rng.permutation(", "range(0, count"),
)


def batches_of(epoch: Any, rng: np.random.Generator) -> tuple[int, int, list[np.ndarray]]:
    """An epoch whose last mini-batch is not full."""
    size = int(rng.integers(4, 8))
    count = 4 * size + int(rng.integers(1, size))
    return count, size, [np.asarray(batch) for batch in epoch(count, size, rng)]


@task.check("every example")
def each_example_once(epoch: Any, rng: np.random.Generator) -> dict[str, Any]:
    """all rows of an epoch, sorted"""
    count, size, batches = batches_of(epoch, rng)
    return {f"rows of epoch({count}, {size}, rng), sorted": np.sort(np.concatenate(batches))}


@task.check("sizes")
def sizes_of_the_batches(epoch: Any, rng: np.random.Generator) -> dict[str, Any]:
    """how many rows each mini-batch has"""
    count, size, batches = batches_of(epoch, rng)
    return {f"sizes in epoch({count}, {size}, rng)": [len(batch) for batch in batches]}


@task.check("shuffled")
def order_of_the_rows(epoch: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the rows of two epochs, one after the other"""
    first, second = (np.concatenate(list(epoch(40, 8, rng))) for _ in range(2))
    seed = int(rng.integers(1000))
    one, other = (np.concatenate(list(epoch(40, 8, np.random.default_rng(seed)))) for _ in range(2))
    blocks = [set(first[i : i + 8].tolist()) == set(range(i, i + 8)) for i in range(0, 32, 8)]
    return {
        "rows next to each other come apart": not any(blocks),
        "the second epoch has another order": not np.array_equal(first, second),
        "the order is that of the rng": np.array_equal(one, other),
    }


@task.reference
def epoch(count, size, rng):
    order = rng.permutation(count)
    return [order[i : i + size] for i in range(0, count, size)]


@task.wrong(
    0,
    "The rows come in the order of the file, where neighbours are often alike: shuffle them first.",
    breaks="shuffled",
)
def in_file_order(count, size, rng):
    return [np.arange(first, min(first + size, count)) for first in range(0, count, size)]


@task.wrong(
    0,
    "The last examples are left out, where size does not divide count: give them a smaller batch.",
    breaks=("every example", "sizes"),
)
def without_the_rest(count, size, rng):
    order = rng.permutation(count)
    return [order[i * size : (i + 1) * size] for i in range(count // size)]


@task.wrong(
    0,
    "Some examples come twice and others never: draw one order of all, and cut it into pieces.",
    breaks="every example",
)
def drawn_anew(count, size, rng):
    return [rng.choice(count, min(size, count - i)) for i in range(0, count, size)]


@task.wrong(
    0,
    "Every epoch has the same order, since a new rng is made in the function: use the one handed in.",
    breaks="shuffled",
)
def always_the_same_order(count, size, rng):
    return epoch(count, size, np.random.default_rng(0))


@task.wrong(
    0,
    "This shuffles within each mini-batch only: the same examples always meet. Shuffle all of them first.",
    breaks="shuffled",
)
def within_each_batch(count, size, rng):
    return [rng.permutation(np.arange(i, min(i + size, count))) for i in range(0, count, size)]


@task.wrong(
    0,
    "The order does not come from the rng that is handed in, so nobody can draw it again: use rng.",
    breaks="shuffled",
)
def another_rng(count, size, rng):
    return epoch(count, size, np.random.default_rng())


@task.wrong(
    0,
    "A new order is drawn for each mini-batch, so some rows come twice and others never: draw it once, "
    "before the loop.",
    breaks="every example",
)
def shuffled_for_each_batch(count, size, rng):
    return [rng.permutation(count)[i : i + size] for i in range(0, count, size)]


@task.wrong(
    0,
    "The pieces overlap: they begin at 0, size, 2 · size and so on, as in range(0, count, size).",
    breaks=("every example", "sizes"),
)
def pieces_overlap(count, size, rng):
    order = rng.permutation(count)
    return [order[i : i + size] for i in range(count // size)]


@task.wrong(
    0,
    "Each mini-batch is drawn anew, so some rows come twice and others never: cut one order into pieces.",
    breaks=("every example", "sizes"),
)
def drawn_in_full_batches(count, size, rng):
    return [rng.integers(count, size=size) for _ in range(count // size)]


@task.wrong(
    0,
    "The pieces after the first are empty: the piece that begins at i ends at i + size, not at size.",
    breaks=("every example", "sizes"),
)
def ends_at_size(count, size, rng):
    order = rng.permutation(count)
    return [order[i:size] for i in range(0, count, size)]


@task.wrong(
    0,
    "The rest is spread over the other mini-batches: each has `size` rows, and the last one what is left.",
    breaks="sizes",
)
def rest_is_spread(count, size, rng):
    return np.array_split(rng.permutation(count), count // size)
