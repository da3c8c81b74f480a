"""Distances by unusual means that are right: full marks."""

import math
import warnings

import numpy as np
import pytest

from lib.tasks import assess, find_task

TASK = find_task("a1.distances")


def in_blocks(test, train):
    """Hundreds of test images at a time, by one product each."""
    found = []
    for start in range(0, len(test), 1000):
        a, b = test[start : start + 1000].astype(np.float64), train.astype(np.float64)
        squares = np.add.outer(np.einsum("nd,nd->n", a, a), np.einsum("md,md->m", b, b))
        squares -= 2 * np.einsum("nd,md->nm", a, b, optimize=True)
        np.clip(squares, 0, None, out=squares)
        found.append(np.sqrt(squares, out=squares))
    return np.concatenate(found)


def of_plain_numbers(test, train):
    return [
        [sum(abs(p - q) for p, q in zip(x, y, strict=True)) for y in train.tolist()] for x in test.tolist()
    ]


def by_math(test, train):
    return [[math.dist(x, y) for y in train.tolist()] for x in test.tolist()]


def by_norms(test, train):
    print("one loop")
    warnings.warn("slow", stacklevel=1)
    return np.stack([np.linalg.norm(train - x.astype(float), axis=1) for x in test])


def by_products(test, train):
    """Absolute values below the root, as rounding is small either way."""
    test, train = np.asarray(test, float), np.asarray(train, float)
    ones = np.sum(test * test, axis=1, keepdims=True)
    others = np.sum(train * train, axis=1, keepdims=True)
    return np.abs(ones + others.T - np.dot(test, 2 * train.T)) ** 0.5


def in_float32(test, train):
    test, train = test.astype(np.float32), train.astype(np.float32)
    squares = (test**2).sum(1).reshape(-1, 1) + (train**2).sum(1).reshape(1, -1) - 2 * test.dot(train.T)
    squares[squares < 0] = 0
    return squares**0.5


def l1_in_float32(test, train):
    found = np.empty((len(test), len(train)), np.float32)
    for j, b in enumerate(train.astype(np.float32)):
        for i, a in enumerate(test.astype(np.float32)):
            found[i, j] = np.abs(a - b).sum(dtype=np.float32)
    return found


def l2_in_float32(test, train):
    found = np.empty((len(test), len(train)), np.float32)
    for i, a in enumerate(test.astype(np.float32)):
        found[i] = np.linalg.norm(train.astype(np.float32) - a, axis=-1)
    return found


def larger_whole_numbers(test, train):
    """Bytes in int64, whose squares fit."""
    if test.dtype.kind in "ui":
        test, train = test.astype(np.int64), train.astype(np.int64)
    found = np.zeros((len(test), len(train)))
    for i, x in enumerate(test):
        found[i, :] = ((train - x) ** 2).sum(-1) ** 0.5
    return found


def l1_in_int16(test, train):
    if test.dtype == np.uint8:
        test, train = test.astype(np.int16), train.astype(np.int16)
    found = [[np.abs(x - y).sum() for y in train] for x in test]
    return np.array(found)


def columns(test, train):
    """The loop runs over the training images."""
    return np.array([np.sqrt(np.square(test - y.astype(float)).sum(1)) for y in train]).T


def l1_at_once(test: np.ndarray, train: np.ndarray) -> np.ndarray:
    return np.abs(np.subtract(test[:, np.newaxis], train[np.newaxis], dtype=float)).sum(axis=-1)


class Table(np.ndarray):
    """An array of somebody's own."""


def in_a_table(test, train):
    return by_products(test, train).view(Table)


ANSWERS = {
    "no loops anywhere": (l1_at_once, in_blocks, in_blocks, in_blocks),
    "plain numbers": (of_plain_numbers, by_math, by_norms, by_products),
    "float32": (l1_in_float32, l2_in_float32, l2_in_float32, in_float32),
    "whole numbers": (l1_in_int16, larger_whole_numbers, larger_whole_numbers, in_a_table),
    "columns": (l1_at_once, columns, columns, in_blocks),
}


@pytest.mark.parametrize("given", ANSWERS.values(), ids=list(ANSWERS))
def test_it_has_full_marks(given):
    report = assess(TASK, given, range(1, 6))
    assert report.passed, str(report)
