"""A skip between stages: from one shape to another, without weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "10.shortcut",
    "A skip to a new shape",
    defines=("shortcut",),
    parts={"pixels": 1, "channels": 1},
    hints=(
        "Two steps: make the maps smaller, then put maps of zeros behind them.",
        "x[:, ::2, ::2] keeps every second row and every second column, the first ones too.",
        "Begin with np.zeros((channels, …)) of the new size, and put the small maps into its first len(x).",
    ),
    minutes=4,
    tells=("::2", "np.zeros", "np.pad"),
)


def followed_by_zeros(small: Any, channels: int) -> Any:
    """These maps and maps of zeros behind them, `channels` in all."""
    return np.pad(small, ((0, channels - len(small)), (0, 0), (0, 0)))


@task.check("pixels", within=1e-9)
def old_channels_of_a_skip(shortcut: Any, rng: np.random.Generator) -> dict[str, Any]:
    """3 maps of 6 × 8 pixels to 7 maps: the first 3 of them"""
    return {"the first 3 maps": shortcut(rng.normal(size=(3, 6, 8)), 7)[:3]}


@task.check("channels", within=1e-9)
def all_channels_of_a_skip(shortcut: Any, rng: np.random.Generator) -> dict[str, Any]:
    """3 maps of 6 × 8 pixels to 7 maps; in each of the 3 all pixels are alike"""
    x = np.ones((3, 6, 8)) * rng.uniform(1, 2, (3, 1, 1))
    return {"all maps": shortcut(x, 7)}


@task.reference
def shortcut(x, channels):
    small = x[:, ::2, ::2]
    y = np.zeros((channels, *small.shape[1:]))
    y[: len(x)] = small
    return y


@task.wrong(0, "Nothing is averaged: the wire takes every second pixel as it is.", breaks="pixels")
def means_of_four(x, channels):
    C, H, W = x.shape
    small = x.reshape(C, H // 2, 2, W // 2, 2).mean(axis=(2, 4))
    return followed_by_zeros(small, channels)


@task.wrong(
    0, "This begins with the second pixel; take the first one, the third, and so on.", breaks="pixels"
)
def odd_pixels(x, channels):
    small = x[:, 1::2, 1::2]
    return followed_by_zeros(small, channels)


@task.wrong(0, "Only the rows became fewer; take every second column, too.", breaks=("pixels", "channels"))
def rows_alone(x, channels):
    small = x[:, ::2]
    return followed_by_zeros(small, channels)


@task.wrong(
    0, "The zeros stand in front; put the new channels behind the old ones.", breaks=("pixels", "channels")
)
def zeros_in_front(x, channels):
    return shortcut(x, channels)[np.arange(channels) - (channels - len(x))]


@task.wrong(0, "The new channels are copies of the old ones; they hold zeros.", breaks="channels")
def copies_for_zeros(x, channels):
    small = x[:, ::2, ::2]
    return np.resize(small, (channels, *small.shape[1:]))


@task.wrong(0, "Too many maps come out: `channels` counts all of them, the old ones too.", breaks="channels")
def more_than_channels(x, channels):
    small = x[:, ::2, ::2]
    return followed_by_zeros(small, channels + len(x))


@task.wrong(
    0,
    "You cut out the upper left quarter; take every second row and column, over the whole map.",
    breaks="pixels",
)
def upper_left_quarter(x, channels):
    small = x[:, : x.shape[1] // 2, : x.shape[2] // 2]
    return followed_by_zeros(small, channels)


@task.wrong(0, "This doubles the maps; `channels` says how many come out.", breaks="channels")
def twice_as_many(x, channels):
    maps = x[:, ::2, ::2]
    maps = np.concatenate([maps, np.zeros_like(maps)])
    return maps
