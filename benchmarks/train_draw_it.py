"""Trains the small convnet of lib/demos/draw_it.py on drawn lines: python -m benchmarks.train_draw_it

Two thirds of the drawings are outlines of the ten classes of Shapes-10, as a hand may draw them: thin and
thick, shaky, turned, shifted, corners rounded, not quite closed. One third is something else: walks, zigzags,
arcs, letters, dots, and shapes of which only a part is drawn. About ten minutes on one core.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from data_loaders.shapes10 import CLASSES
from lib import nn
from lib.demos.draw_it import ELSE, SIDE, WEIGHTS, convnet
from lib.optim import Adam

STEPS, BATCH = 4500, 96
Lines = list[np.ndarray]  # float (k, 2) each: places (right, up) of a line, the shape about 1 around (0, 0)
Rng = np.random.Generator


def circle(
    radius: float, middle: tuple[float, float] = (0.0, 0.0), begin: float = 0.0, end: float = 2 * np.pi
):
    angles = np.linspace(begin, end, 48)
    return np.stack([middle[0] + radius * np.cos(angles), middle[1] + radius * np.sin(angles)], axis=1)


def polygon(*corners: tuple[float, float]) -> np.ndarray:
    return np.array([*corners, corners[0]], float)


def disc(rng: Rng) -> Lines:
    return [circle(0.9)]


def ring(rng: Rng) -> Lines:
    return [circle(0.9), circle(0.9 * rng.uniform(0.35, 0.75), tuple(rng.uniform(-0.08, 0.08, 2)))]


def triangle(rng: Rng) -> Lines:
    tip = rng.uniform(-0.25, 0.25)
    return [rng.choice([1, 1, -1]) * polygon((tip, 0.95), (0.9, -0.6), (-0.9, -0.6))]


def square(rng: Rng) -> Lines:
    return [polygon((0.76, 0.76), (0.76, -0.76), (-0.76, -0.76), (-0.76, 0.76))]


def star(rng: Rng) -> Lines:
    if rng.random() < 0.4:  # in one go, with crossing lines
        angles = np.pi / 2 + np.arange(5) * 0.8 * np.pi
        return [polygon(*np.stack([np.cos(angles), np.sin(angles)], axis=1))]
    angles, inner = np.pi / 2 + np.arange(10) * 0.2 * np.pi, rng.uniform(0.35, 0.58)
    radii = np.where(np.arange(10) % 2, inner, 1)
    return [polygon(*np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=1))]


def cross(rng: Rng) -> Lines:
    if rng.random() < 0.35:
        x, y = rng.uniform(-0.15, 0.15, 2)
        return [np.array([(-0.9, y), (0.9, y)]), np.array([(x, 0.9), (x, -0.9)])]
    w = rng.uniform(0.18, 0.4)
    quarter = np.array([(w, 0.9), (w, w), (0.9, w)])
    return [polygon(*np.concatenate([quarter @ turned(-k * np.pi / 2).T for k in range(4)]))]


def crescent(rng: Rng) -> Lines:
    inner, shift = rng.uniform(0.62, 0.85), rng.uniform(0.38, 0.55)
    across = (0.9**2 - inner**2 + shift**2) / (2 * shift)  # where the two circles meet
    high = np.sqrt(0.9**2 - across**2)
    outer, within = np.arctan2(high, across), np.arctan2(high, across - shift)
    line = np.concatenate(
        [
            circle(0.9, begin=outer, end=2 * np.pi - outer),
            circle(inner, (shift, 0.0), 2 * np.pi - within, within),
        ]
    )
    return [(line - (0.25, 0)) * (rng.choice([-1, 1]), 1)]


def heart(rng: Rng) -> Lines:
    t = np.linspace(0, 2 * np.pi, 60) - np.pi
    if rng.random() < 0.5:
        up = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
        return [np.stack([16 * np.sin(t) ** 3, up + 2.5], axis=1) / 17]
    r = rng.uniform(0.38, 0.44)
    right = np.concatenate([circle(r, (0.4, 0.38), np.pi - 0.3, -0.6), [(0.0, -0.9)]])
    return [np.concatenate([right, right[::-1] * (-1, 1)])]


def arrow(rng: Rng) -> Lines:
    neck, wide = rng.uniform(-0.1, 0.35), rng.uniform(0.5, 0.9)
    if rng.random() < 0.4:
        return [
            np.array([(0, -0.95), (0, 0.95)]),
            np.array([(-wide, neck), (0, 0.95), (wide, neck)]) * (0.8, 1),
        ]
    w = rng.uniform(0.12, 0.36) * wide / 0.7
    return [polygon((0, 0.95), (wide, neck), (w, neck), (w, -0.95), (-w, -0.95), (-w, neck), (-wide, neck))]


def hourglass(rng: Rng) -> Lines:
    w, wide = rng.uniform(0, 0.2) * rng.integers(2), rng.uniform(0.55, 0.85)
    if not w:
        return [polygon((-wide, 0.9), (wide, 0.9), (-wide, -0.9), (wide, -0.9))]
    return [polygon((-wide, 0.9), (wide, 0.9), (w, 0), (wide, -0.9), (-wide, -0.9), (-w, 0))]


SHAPES: dict[str, Callable[[Rng], Lines]] = {
    f.__name__: f for f in (disc, ring, triangle, square, star, cross, crescent, heart, arrow, hourglass)
}
TURNS = {"crescent": 0.7, "disc": np.pi, "ring": np.pi}  # the most that each is turned; others 0.3
LEAST = {"ring": 0.42}  # with more of it, a part is a shape of its own


# ---- Something else.
def walk(rng: Rng) -> Lines:
    """A line that wanders, smoothly or not."""
    steps = rng.integers(8, 60)
    turns = np.cumsum(rng.normal(0, rng.uniform(0.2, 1.5), steps))
    line = np.cumsum(np.stack([np.cos(turns), np.sin(turns)], axis=1), axis=0)
    line -= line.mean(axis=0)
    return [line / max(np.abs(line).max(), 1e-9)]


def corners(rng: Rng) -> Lines:
    """Straight lines through random places."""
    return [rng.uniform(-1, 1, (rng.integers(2, 9), 2)) for _ in range(rng.integers(1, 3))]


def zigzag(rng: Rng) -> Lines:
    n = rng.integers(3, 14)
    side = np.where(np.arange(n) % 2, 1, -1) * rng.uniform(0.2, 0.9)
    return [np.stack([np.linspace(-0.95, 0.95, n), side + rng.normal(0, 0.15, n)], axis=1)]


def letter(rng: Rng) -> Lines:
    """A few bars and arcs, as letters have."""
    lines = []
    for _ in range(rng.integers(1, 5)):
        if rng.random() < 0.6:
            ends = rng.choice([-0.8, 0.0, 0.8], (2, 2)) + rng.normal(0, 0.1, (2, 2))
            lines.append(ends)
        else:
            begin = rng.uniform(0, 2 * np.pi)
            lines.append(
                circle(
                    rng.uniform(0.3, 0.7),
                    tuple(rng.uniform(-0.4, 0.4, 2)),
                    begin,
                    begin + rng.uniform(1, 4.6),
                )
            )
    return lines


def dots(rng: Rng) -> Lines:
    lines = []
    for _ in range(rng.integers(1, 12)):
        place = rng.uniform(-1, 1, 2)
        lines.append(np.stack([place, place + rng.normal(0, rng.choice([0.02, 0.12]), 2)]))
    return lines


def spiral(rng: Rng) -> Lines:
    """A spiral, or a line of loops."""
    t = np.linspace(0, 1, 90)
    angles, radii = (
        2 * np.pi * rng.uniform(1.6, 5) * t,
        t if rng.random() < 0.5 else np.full(90, rng.uniform(0.15, 0.5)),
    )
    along = 0 if radii[0] == 0 else 1.6 * (t - 0.5)
    return [np.stack([radii * np.cos(angles) + along, radii * np.sin(angles)], axis=1)]


def waves(rng: Rng) -> Lines:
    """A curve of few frequencies, which crosses itself."""
    t = np.linspace(0, 2 * np.pi, 80)
    a, b = (
        sum(rng.normal(0, 1 / k) * np.sin(k * t + rng.uniform(0, 6.3)) for k in range(1, 6)) for _ in range(2)
    )
    line = np.stack([a, b], axis=1)
    return [line / np.abs(line).max()]


def part(rng: Rng) -> Lines:
    """A part of a shape, from anywhere on its line."""
    name = str(rng.choice(list(SHAPES)))
    line, lines = np.concatenate(SHAPES[name](rng)), []
    dense = along(line, 0.03)
    share = rng.uniform(0.1, LEAST.get(name, 0.62))
    begin = rng.integers(len(dense))
    lines.append(np.roll(dense, -begin, axis=0)[: int(share * len(dense))])
    gap = np.flatnonzero(
        np.hypot(*np.diff(lines[0], axis=0).T) > 0.1
    )  # where it left the end for the beginning
    return [piece for piece in np.split(lines[0], gap + 1) if len(piece)]


def crowd(rng: Rng) -> Lines:
    """Two or three small shapes, beside one another or one over the other."""
    lines = []
    for _ in range(rng.integers(2, 4)):
        place = rng.uniform(-0.6, 0.6, 2)
        name = str(rng.choice(list(SHAPES)))
        lines += [0.45 * line + place for line in SHAPES[name](rng)]
    return lines


def struck(rng: Rng) -> Lines:
    """A shape that was crossed out."""
    return SHAPES[str(rng.choice(list(SHAPES)))](rng) + walk(rng)


OTHERS = (walk, corners, zigzag, letter, letter, dots, spiral, waves, waves, part, part, part, crowd, struck)


# ---- The hand.
def turned(angle: float) -> np.ndarray:
    return np.array([(np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))])


def along(line: np.ndarray, apart: float) -> np.ndarray:
    """Places on a line, so far apart."""
    ends = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    where = np.linspace(0, ends[-1], max(2, int(ends[-1] / apart) + 1))
    return np.stack([np.interp(where, ends, line[:, k]) for k in (0, 1)], axis=1)


def by_hand(line: np.ndarray, rng: Rng) -> np.ndarray:
    """The same line, shaky, with round corners, and with another beginning if it is closed."""
    line = along(line, 0.05)
    if len(line) > 12 and np.allclose(line[0], line[-1]):
        line = np.roll(line[:-1], rng.integers(len(line)), axis=0)
        beyond = rng.integers(-len(line) // 12, len(line) // 12 + 1)  # it ends too early, or too late
        line = np.concatenate([line, line])[: len(line) + beyond + 1]
        line = line + np.linspace(0, 1, len(line))[:, None] * rng.normal(0, 0.05, 2)
    width = rng.integers(0, 5)
    if width and len(line) > 4 * width:
        ends = np.pad(line, ((width, width), (0, 0)), mode="edge")
        line = np.mean([ends[k : k + len(line)] for k in range(2 * width + 1)], axis=0)
    where = np.arange(len(line)) * 0.05
    shake = 0.045 * rng.uniform() ** 1.5
    for _ in range(4):
        line = (
            line
            + shake * rng.normal(0, 1, 2) * np.sin(rng.uniform(1, 11) * where + rng.uniform(0, 6.3))[:, None]
        )
    return line


def inked(lines: Lines, radius: float) -> np.ndarray:
    """Lines (right, up) in pixels around the middle, as ink: float32 (SIDE, SIDE)."""
    places = np.concatenate([along(line, 0.4) for line in lines]) * (1, -1) + (SIDE - 1) / 2
    ink = np.zeros((SIDE + 8, SIDE + 8), np.float32)
    near = np.arange(-3, 4)
    columns, rows = (np.round(np.clip(places[:, k], -1, SIDE)).astype(int) for k in (0, 1))
    far = np.hypot(
        (rows[:, None] + near - places[:, 1:])[:, :, None],
        (columns[:, None] + near - places[:, :1])[:, None, :],
    )
    at = (rows[:, None, None] + near[:, None] + 4, columns[:, None, None] + near + 4)
    np.maximum.at(ink, at, np.clip(radius + 0.5 - far, 0, 1).astype(np.float32))
    return ink[4:-4, 4:-4]


def drawing(label: int, rng: Rng) -> np.ndarray:
    """One drawing of a class, or of something else, float32 (SIDE, SIDE), 0 paper and 1 ink."""
    if label < ELSE:
        lines, most = SHAPES[CLASSES[label]](rng), TURNS.get(CLASSES[label], 0.3)
        turn = rng.uniform(-most, most) if rng.random() < 0.8 else 0.0
        if CLASSES[label] == "arrow":  # which points in any of four directions
            turn += rng.integers(4) * np.pi / 2
    else:
        lines, turn = OTHERS[rng.integers(len(OTHERS))](rng), rng.uniform(-np.pi, np.pi) * rng.integers(2)
    wide = rng.uniform(0.82, 1.22)
    warp = turned(turn) @ np.diag([wide, 1 / wide]) + rng.normal(0, 0.05, (2, 2))
    lines = [by_hand(line, rng) @ warp.T for line in lines]
    every = np.concatenate(lines)
    low, high = every.min(axis=0), every.max(axis=0)
    least = 0.3 if label < ELSE else 0.12
    size = (SIDE - 4) * rng.uniform(least, 1) ** 0.6 / max(*(high - low), 0.2)
    room = np.maximum((SIDE - 3) / 2 - size * (high - low) / 2, 0)
    middle = rng.uniform(-1, 1, 2) * room
    lines = [(line - (low + high) / 2) * size + middle for line in lines]
    return inked(lines, rng.uniform(0.7, 1.6))


def drawings(count: int, rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    """Drawings float32 (count, 1, SIDE, SIDE) and their classes (count,); a third is something else."""
    labels = np.where(rng.random(count) < 1 / 3, ELSE, rng.integers(len(CLASSES), size=count))
    return np.stack([drawing(label, rng) for label in labels])[:, None], labels


def main() -> None:
    rng = np.random.default_rng(0)
    model, criterion = convnet(), nn.CrossEntropyLoss()
    optimizer = Adam(lambda t: 0.003 * (1 - t / STEPS) + 1e-5)
    parameters, gradients = model.parameters()
    for step in range(STEPS):
        X, labels = drawings(BATCH, rng)
        scores = model.forward(X)
        loss = criterion.forward(scores, labels)
        model.zero_grad_parameters()
        model.backward(X, criterion.backward(scores, labels), need_grad_input=False)
        optimizer.step(parameters, gradients)
        if step % 100 == 0:
            print(f"step {step}: loss {loss:.3f}", flush=True)
    X, labels = drawings(2000, np.random.default_rng(1))
    said = model.forward(X).argmax(axis=1)
    print(f"right on 2000 new ones: {(said == labels).mean():.1%}")
    for k, name in enumerate((*CLASSES, "something else")):
        print(f"  {name}: {(said == labels)[labels == k].mean():.1%}")
    model.save(WEIGHTS)


if __name__ == "__main__":
    main()
