"""A classifier that remembers the average picture of each class."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "01.nearest_mean",
    "Nearest mean",
    defines=("NearestMean",),
    parts={"train": 1, "predict": 1},
    hints=(
        "X[y == 3] has the rows of class 3 alone. A.mean(axis=0) is the mean of the rows of A, A.sum(axis=1) "
        "has one sum for each row, and np.stack makes one array of a list of arrays.",
        "train: X[y == j].mean(axis=0) for each j in range(y.max() + 1), stacked.",
        "predict: for one mean, ((X - mean) ** 2).sum(axis=1) is the distance of each row of X, shape (M,).",
        "A list of these distances, one for each class, is (C, M); np.argmin over axis 0 gives the class.",
    ),
    minutes=10,
    tells=("y == j", "y.max()", "argmin(", "(X - mean)"),
)


@task.check("train")
def means_of_classes(NearestMean: Any, rng: np.random.Generator) -> dict[str, Any]:
    """train(X, y), then the means"""
    y = rng.permutation([0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 3, 3, 3, 3])
    model = NearestMean()
    model.train(rng.normal(size=(len(y), 5)), y)
    return {"means after train(X, y)": model.means}


@task.check("predict")
def answers_of_means(NearestMean: Any, rng: np.random.Generator) -> dict[str, Any]:
    """predict(X) of a trained model, with means that the check sets"""
    model = NearestMean()
    with suppress(Exception):  # what else it keeps of its training; a mistake there shows in the other part
        model.train(rng.normal(size=(8, 5)), np.arange(8) % 4)
    model.means = rng.normal(size=(4, 5))
    return {"predict(X)": model.predict(rng.normal(size=(37, 5)))}


@task.reference
class NearestMean:
    def train(self, X, y):
        self.means = np.stack([X[y == j].mean(axis=0) for j in range(y.max() + 1)])

    def predict(self, X):
        distances = [((X - mean) ** 2).sum(axis=1) for mean in self.means]
        return np.argmin(distances, axis=0)


@task.wrong(0, "These are sums: the more pictures a class has, the further out they lie.", breaks="train")
class SumsOfClasses(NearestMean):
    def train(self, X, y):
        self.means = np.stack([X[y == j].sum(axis=0) for j in range(y.max() + 1)])


@task.wrong(
    0,
    "One number for each class came out: take the mean over the pictures alone, with axis=0.",
    breaks="train",
)
class OneNumberEach(NearestMean):
    def train(self, X, y):
        self.means = np.stack([X[y == j].mean() for j in range(y.max() + 1)])


@task.wrong(
    0,
    "Every class has the same mean, that of all pictures: choose the rows with y == j first.",
    breaks="train",
)
class MeanOfAll(NearestMean):
    def train(self, X, y):
        self.means = np.stack([X.mean(axis=0) for j in range(y.max() + 1)])


@task.wrong(0, "The last class is missing: labels run from 0 to y.max().", breaks="train")
class LastMissing(NearestMean):
    def train(self, X, y):
        self.means = np.stack([X[y == j].mean(axis=0) for j in range(y.max())])


@task.wrong(0, "This finds the mean that is furthest away: take the smallest distance.", breaks="predict")
class Furthest(NearestMean):
    def predict(self, X):
        distances = [((X - mean) ** 2).sum(axis=1) for mean in self.means]
        return np.argmax(distances, axis=0)


@task.wrong(0, "Differences of both signs cancel in the sum: square them before you add.", breaks="predict")
class NotSquared(NearestMean):
    def predict(self, X):
        return np.argmin([(X - mean).sum(axis=1) for mean in self.means], axis=0)


@task.wrong(
    0,
    "One answer for each class came out, the number of a picture: compare the classes, along axis 0.",
    breaks="predict",
)
class PictureForEachClass(NearestMean):
    def predict(self, X):
        return np.argmin([((X - mean) ** 2).sum(axis=1) for mean in self.means], axis=1)


@task.wrong(
    0,
    "These are the smallest distances; argmin, not min, says which class has them.",
    breaks="predict",
)
class DistanceForClass(NearestMean):
    def predict(self, X):
        return np.min([((X - mean) ** 2).sum(axis=1) for mean in self.means], axis=0)


@task.wrong(0, "This adds sizes of differences; the sum that is asked for has squares.", breaks="predict")
class SizesForSquares(NearestMean):
    def predict(self, X):
        return np.argmin([np.abs(X - mean).sum(axis=1) for mean in self.means], axis=0)


@task.wrong(
    0,
    "One mean for each picture came out: go through the classes, range(y.max() + 1), not through y.",
    breaks="train",
)
class OneForEachPicture(NearestMean):
    def train(self, X, y):
        self.means = np.stack([X[y == j].mean(axis=0) for j in y])
