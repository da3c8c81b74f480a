"""Shapes-10: the built-in stand-in for CIFAR-10, drawn from a seed when it is first used."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from data_loaders.cache import cached
from data_loaders.dataset import Dataset, Split
from data_loaders.shapes.draws import Draws, mix, words
from data_loaders.shapes.render import CLASSES, NUISANCES, check_integer, check_number, paint_class, render

__all__ = ["CLASSES", "NUISANCES", "load_shapes10", "render"]

TRAIN, TEST = 50_000, 10_000
VERSION = 1  # of the pictures: a new one makes old caches unused
PICTURES_AT_ONCE = 32  # drawn together: few calls, and arrays that stay in the processor's cache


def load_shapes10(
    seed: int = 0,
    *,
    illumination: float = 0.6,
    viewpoint: float = 0.7,
    occlusion: float = 0.6,
    deformation: float = 0.7,
    clutter: float = 0.5,
    variation: float = 0.8,
    scale: float = 0.6,
) -> Dataset:
    """50,000 training and 10,000 test pictures of ten shapes, uint8 (N, 3, 32, 32), as many of each class.

    The first call draws them in a few seconds and keeps them; later calls open what was kept. The same
    arguments give the same bits on every machine. A picture is `render` with sliders drawn evenly from
    their range × strength.

    seed: 0…2⁶⁴ − 1; another seed is another set of the same kind
    illumination … scale: the strength of each nuisance, 0 (none) to 1 (all of its range); by default
        nearest neighbours and linear classifiers do as badly as on CIFAR-10, and a small convnet does well

    Raises `ValueError` that names the argument.
    """
    strengths = {
        "illumination": illumination,
        "viewpoint": viewpoint,
        "occlusion": occlusion,
        "deformation": deformation,
        "clutter": clutter,
        "variation": variation,
        "scale": scale,
    }
    seed = check_integer("seed", seed, 0, 2**64 - 1)
    for name, value in strengths.items():
        check_number(name, value, 0.0, 1.0)
    settings = [VERSION, seed, *(float(value) for value in strengths.values())]
    key = "shapes10-" + hashlib.sha256(repr(settings).encode()).hexdigest()[:16]

    def build() -> Dataset:
        print("Drawing Shapes-10, once, in about ten seconds …")
        return generate(seed, strengths)

    return cached(key, build)


def generate(seed: int, strengths: dict[str, float], train: int = TRAIN, test: int = TEST) -> Dataset:
    """Draw the set.

    seed: 0…2⁶⁴ − 1, as in `load_shapes10`
    strengths: nuisance → 0…1, as in `load_shapes10`
    train: how many training pictures
    test: how many test pictures
    """
    # Training pictures are numbers 0, 1, … and test pictures TRAIN, TRAIN + 1, …: no picture is in both.
    seeds = words(np.array([seed], np.uint64), TRAIN + test)[0]
    return Dataset(
        "Shapes-10",
        draw_split(seeds[:train], strengths),
        draw_split(seeds[TRAIN:], strengths),
        CLASSES,
        f"drawn by this computer from seed {seed}",
    )


def draw_split(seeds: np.ndarray, strengths: dict[str, float]) -> Split:
    """One picture for each seed, uint64 (N,); the classes are shuffled and as even as N allows."""
    labels = np.empty(len(seeds), np.int64)
    labels[np.argsort(seeds, kind="stable")] = np.arange(len(seeds)) % len(CLASSES)
    images = np.empty((len(seeds), 3, 32, 32), np.uint8)

    def draw(label: int, rows: np.ndarray) -> None:
        images[rows] = paint_class(label, seeds[rows], draw_sliders(seeds[rows], strengths), 32)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = []
        for label in range(len(CLASSES)):
            rows = np.flatnonzero(labels == label)
            jobs += [
                pool.submit(draw, label, rows[i : i + PICTURES_AT_ONCE])
                for i in range(0, len(rows), PICTURES_AT_ONCE)
            ]
        for job in jobs:
            job.result()
    return Split(images, labels)


def draw_sliders(seeds: np.ndarray, strengths: dict[str, float]) -> dict[str, np.ndarray]:
    """Where the sliders of each picture stand: nuisance → float32 (n, 1, 1), evenly over range × strength."""
    draw = Draws(mix(seeds), len(strengths))
    return {
        name: np.float32(strength) * (draw.signed() if NUISANCES[name][0] < 0 else draw.uniform())
        for name, strength in strengths.items()
    }
