"""Images that are moved and mirrored, each in its own way."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "11.shift_and_mirror",
    "Moved and mirrored",
    defines=("shift_and_mirror",),
    parts={"moved": 1, "mirrored": 1, "both": 1},
    hints=(
        "np.pad(images, ((0, 0), (0, 0), (border, border), (border, border))) puts zeros around every image.",
        "From the padded image i cut H rows and W columns. Without a move both begin at border.",
        "What moves down by 1 shows, in row 0, what stood one row above: the cut begins at border - down[i].",
        "A mirror image has its columns in the order [:, :, ::-1].",
    ),
    minutes=7,
    tells=("border - down", "[:, :, ::-1]", "np.pad("),
)

SIDE = 2  # the most pixels of a move


def moves(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How far four images go down and to the right, no two alike, and which are mirrored."""
    down = rng.permutation([-2, -1, 1, 2])
    return down, np.roll(down, 1), rng.permutation([True, False, True, False])


@task.check("moved", within=1e-9)
def moved_images(shift_and_mirror: Any, rng: np.random.Generator) -> dict[str, Any]:
    """four images of 5 × 7 pixels, moved"""
    images, (down, right, _) = rng.normal(size=(4, 3, 5, 7)), moves(rng)
    found = shift_and_mirror(images.copy(), down, right, np.zeros(4, bool), SIDE)
    return {f"down {down.tolist()}, right {right.tolist()}": found}


@task.check("mirrored", within=1e-9)
def mirrored_images(shift_and_mirror: Any, rng: np.random.Generator) -> dict[str, Any]:
    """four images of 5 × 7 pixels, two of them mirrored"""
    images, (_, _, mirrored) = rng.normal(size=(4, 3, 5, 7)), moves(rng)
    still = np.zeros(4, int)
    found = shift_and_mirror(images.copy(), still, still, mirrored, SIDE)
    return {f"mirrored {mirrored.tolist()}": found}


@task.check("both", within=1e-9)
def moved_and_mirrored_images(shift_and_mirror: Any, rng: np.random.Generator) -> dict[str, Any]:
    """four images of 5 × 7 pixels, moved, then two of them mirrored"""
    images = rng.normal(size=(4, 3, 5, 7))
    return {"moved, then mirrored": shift_and_mirror(images.copy(), *moves(rng), SIDE)}


@task.reference
def shift_and_mirror(images, down, right, mirrored, border):
    N, _, H, W = images.shape
    padded = np.pad(images, ((0, 0), (0, 0), (border, border), (border, border)))
    changed = np.empty_like(images)
    for i in range(N):
        top, left = border - down[i], border - right[i]
        part = padded[i, :, top : top + H, left : left + W]
        changed[i] = part[:, :, ::-1] if mirrored[i] else part
    return changed


MOVES = ("moved", "both")


@task.wrong(
    0,
    "The images move the other way: to move down, the cut begins further up, at border - down[i].",
    breaks=MOVES,
)
def the_other_way(images, down, right, mirrored, border):
    return shift_and_mirror(images, -down, -right, mirrored, border)


@task.wrong(0, "Down and right are exchanged: rows are the third axis, columns the fourth.", breaks=MOVES)
def rows_for_columns(images, down, right, mirrored, border):
    return shift_and_mirror(images, right, down, mirrored, border)


@task.wrong(
    0,
    "All images move as the first one does; each has a move of its own.",
    breaks=MOVES,
)
def all_move_alike(images, down, right, mirrored, border):
    return shift_and_mirror(images, down[[0] * 4], right[[0] * 4], mirrored, border)


@task.wrong(
    0,
    "What leaves on one side comes in on the other, as np.roll does; let zeros come in.",
    breaks=MOVES,
)
def rolled_round(images, down, right, mirrored, border):
    moved = [np.roll(image, (a, b), axis=(1, 2)) for image, a, b in zip(images, down, right, strict=True)]
    return shift_and_mirror(np.array(moved), 0 * down, 0 * right, mirrored, border)


@task.wrong(
    0,
    "The images stand on their heads: a mirror image has its columns reversed, not its rows.",
    breaks=("mirrored", "both"),
)
def upside_down(images, down, right, mirrored, border):
    moved = shift_and_mirror(images, down, right, np.zeros_like(mirrored), border)
    return np.where(mirrored[:, None, None, None], moved[:, :, ::-1], moved)


@task.wrong(
    0,
    "An image is mirrored before it is moved here, so it ends on the other side: first move, then mirror.",
    breaks="both",
)
def mirrored_first(images, down, right, mirrored, border):
    turned = np.where(mirrored[:, None, None, None], images[..., ::-1], images)
    return shift_and_mirror(turned, down, right, np.zeros_like(mirrored), border)


@task.wrong(
    0,
    "Every image is mirrored; only those whose mirrored[i] is True should be.",
    breaks=("moved", "mirrored", "both"),
)
def all_are_mirrored(images, down, right, mirrored, border):
    return shift_and_mirror(images, down, right, np.ones_like(mirrored), border)


@task.wrong(
    0,
    "The border is still there: cut H rows and W columns out of each padded image.",
    breaks=("moved", "mirrored", "both"),
)
def never_cut(images, down, right, mirrored, border):
    padded = np.pad(images, ((0, 0), (0, 0), (border, border), (border, border)))
    return np.where(mirrored[:, None, None, None], padded[..., ::-1], padded)


@task.wrong(
    0,
    "Nothing moves: the cut begins at another row and another column for each image.",
    breaks=MOVES,
)
def cut_in_the_middle(images, down, right, mirrored, border):
    return shift_and_mirror(images, 0 * down, 0 * right, mirrored, border)


@task.wrong(
    0,
    "Has each part the shape (3, H, W)? Pad rows and columns only, and cut from the padded images: those "
    "without a border are too small.",
    breaks=("moved", "mirrored", "both"),
)
def cut_without_a_border(images, down, right, mirrored, border):
    _, _, H, W = images.shape
    changed = np.empty_like(images)
    for i in range(len(images)):
        top, left = border - down[i], border - right[i]
        part = images[i, :, top : top + H, left : left + W]
        changed[i] = part[:, :, ::-1] if mirrored[i] else part
    return changed


@task.wrong(
    0, "No image is mirrored: those whose mirrored[i] is True should be.", breaks=("mirrored", "both")
)
def none_is_mirrored(images, down, right, mirrored, border):
    return shift_and_mirror(images, down, right, np.zeros_like(mirrored), border)
