"""Two classes of points in the plane that no straight line separates."""

from __future__ import annotations

import numpy as np

from lib.checks import check_choice, check_number, check_whole

EDGE = 3.0  # the plane reaches from −EDGE to EDGE


def circles(t: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A disc, and a ring around it."""
    radius = np.where(y == 0, 1.1 * np.sqrt(t), 1.9 + 0.6 * t)
    angle = rng.uniform(0, 2 * np.pi, len(t))
    return radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def moons(t: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Two half circles, each with an end in the hollow of the other."""
    angle, side = np.pi * (t - y), np.where(y == 0, -1, 1)
    return 1.7 * np.stack([np.cos(angle) + 0.5 * side, np.sin(angle) + 0.25 * side], axis=1)


def spiral(t: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Two arms that wind around each other, one turn and a quarter each."""
    radius, angle = 0.3 + 2.3 * np.sqrt(t), 2.5 * np.pi * np.sqrt(t) + np.pi * y
    return radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def xor(t: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A square in each quadrant: class 1 where exactly one coordinate is positive."""
    right = rng.integers(0, 2, len(t))
    signs = 2 * np.stack([right, right ^ y], axis=1) - 1
    return signs * (0.25 + 2.2 * np.stack([t, rng.random(len(t))], axis=1))


SHAPES = {"circles": circles, "moons": moons, "spiral": spiral, "XOR": xor}


def points(name: str, count: int, noise: float = 0.0, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """X, float32 (count, 2), and classes y, int (count,), 0 and 1 in turn.

    name: one of `SHAPES`
    count: how many points, at least 2
    noise: standard deviation by which each point is off, in the plane's units; with more noise the same
        points are further off
    seed: of the points

    Raises `ValueError` that names the argument.

    >>> X, y = points("XOR", 4)
    >>> (X[:, 0] * X[:, 1] < 0).astype(int), y
    (array([0, 1, 0, 1]), array([0, 1, 0, 1]))
    """
    check_choice(name, SHAPES, name="name")
    check_whole(count, name="count", low=2)
    check_number(noise, name="noise", low=0)
    rng = np.random.default_rng(seed)
    y = np.arange(count) % 2
    X = SHAPES[name](rng.random(count), y, rng) + noise * rng.standard_normal((count, 2))
    return np.clip(X, 0.05 - EDGE, EDGE - 0.05).astype(np.float32), y
