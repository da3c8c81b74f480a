"""Mini-batch gradient descent for a linear classifier, and its predictions."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.a1.loss_checks import copy_of
from lib.tasks.facts import are_same
from lib.tasks.task import Task

task = Task(
    "a1.sgd",
    "Stochastic gradient descent",
    defines=("LinearClassifier",),
    parts={"steps": 4, "mini-batches": 3, "losses": 1, "predict": 2},
)


class RecordedLoss:
    """A loss that depends on W alone, and keeps what it was asked.

    shape: of W
    """

    def __init__(self, shape: tuple[int, ...], rng: np.random.Generator):
        self.start = rng.normal(size=shape)
        self.target = rng.normal(size=shape)
        self.weights: list[np.ndarray] = []
        self.batches: list[tuple[np.ndarray, np.ndarray]] = []
        self.regs: list[Any] = []

    def __call__(
        self, W: np.ndarray, X: np.ndarray, y: np.ndarray, reg: Any = None
    ) -> tuple[float, np.ndarray]:
        self.weights.append(np.array(W))
        self.batches.append((np.array(X), np.array(y)))
        self.regs.append(reg)
        return float(((W - self.target) ** 2).sum()), 2 * (W - self.target)

    def seen(self) -> np.ndarray:
        """The different W that it was given, in order."""
        first = self.weights[:1]
        pairs = zip(self.weights, self.weights[1:], strict=False)
        return np.array(first + [after for before, after in pairs if before.tolist() != after.tolist()])


class Slope(RecordedLoss):
    """A loss with the same gradient everywhere; what it says of itself grows."""

    def __call__(
        self, W: np.ndarray, X: np.ndarray, y: np.ndarray, reg: Any = None
    ) -> tuple[float, np.ndarray]:
        super().__call__(W, X, y, reg)
        return -float((W * self.target).sum()), self.target.copy()


class TrainingRun:
    """One training on examples whose first feature is the number of the row, so that rows can be known again.

    times: how often train is called
    kind: of the loss
    """

    def __init__(
        self,
        LinearClassifier: Any,
        rng: np.random.Generator,
        *,
        steps: int = 5,
        examples: int = 10,
        batch_size: int = 4,
        seed: int = 0,
        times: int = 1,
        kind: type[RecordedLoss] = RecordedLoss,
    ):
        self.classes, self.features = (int(size) for size in rng.permutation([3, 5, 6, 7])[:2])
        self.loss = kind((self.classes, self.features), rng)
        self.X = rng.normal(size=(examples, self.features))
        self.X[:, 0] = np.arange(examples)
        self.y = rng.integers(self.classes, size=examples)
        self.batch_size = batch_size
        self.learning_rate, self.reg = float(rng.uniform(0.1, 0.3)), float(rng.uniform(0.5, 2))
        self.before = self.X.copy(), self.y.copy()
        self.classifier = LinearClassifier(self.loss, self.classes, self.features)
        self.first_weights = np.array(self.classifier.W)
        self.classifier.W = self.loss.start.copy()
        draws = np.random.default_rng(seed)
        for _ in range(times):
            self.losses = self.classifier.train(
                self.X,
                self.y,
                learning_rate=self.learning_rate,
                reg=self.reg,
                steps=steps,
                batch_size=batch_size,
                rng=draws,
            )

    def rows(self) -> list[list[int]]:
        """The rows of each batch."""
        return [X.reshape(-1, X.shape[-1])[:, 0].astype(int).tolist() for X, _ in self.loss.batches]

    def shapes(self) -> set[tuple[tuple[int, ...], tuple[int, ...]]]:
        """The shapes of X and y that came up in batches."""
        return {(X.shape, y.shape) for X, y in self.loss.batches}


@task.check("steps")
def steps_downhill(LinearClassifier: Any, rng: np.random.Generator) -> dict[str, Any]:
    """five steps, on a loss that keeps what it is asked"""
    once, again = TrainingRun(LinearClassifier, rng), TrainingRun(LinearClassifier, rng, times=2)
    long = TrainingRun(LinearClassifier, rng, steps=260, kind=Slope)
    return {
        "W of a new classifier": once.first_weights,
        "W after training": once.classifier.W,
        "W that the loss was given, step by step": once.loss.seen()[:5],
        "W after training twice": again.classifier.W,
        "W after 260 steps of a slope": long.classifier.W,
        "reg reaches the loss": are_same(*(reg for given in once.loss.regs for reg in (given, once.reg))),
    }


@task.check("mini-batches")
def batches_of_a_run(LinearClassifier: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the batches that the loss was given in 300 steps, of 10 rows"""
    seed = int(rng.integers(2**32))
    state = rng.bit_generator.state
    run = TrainingRun(LinearClassifier, rng, steps=300, seed=seed)
    rng.bit_generator.state = state
    same = TrainingRun(LinearClassifier, rng, steps=20, seed=seed)
    rng.bit_generator.state = state
    other = TrainingRun(LinearClassifier, rng, steps=20, seed=seed + 1)
    ones = TrainingRun(LinearClassifier, rng, steps=3, batch_size=1, seed=seed)
    whole = TrainingRun(LinearClassifier, rng, steps=3, batch_size=10, seed=seed)
    rows = run.rows()
    drawn = [row for batch in rows for row in batch]
    counts = [drawn.count(row) for row in range(len(run.X))]
    mean = len(drawn) / len(counts)
    together = [
        array
        for batch, (X, y) in zip(rows, run.loss.batches, strict=True)
        for array in (X, run.before[0][batch], y, run.before[1][batch])
    ]
    return {
        "every batch has batch_size rows": run.shapes() == {((4, run.features), (4,))},
        "X and y of a batch belong together": are_same(*together),
        "the batches differ": len({tuple(sorted(batch)) for batch in rows}) > 20,
        "every row comes up": min(counts) > 0,
        "all rows come up about equally often": mean / 2 < min(counts) and max(counts) < 1.6 * mean,
        "a batch is more than rows in a row": max(max(b) - min(b) - len(b) for b in rows) >= 0,
        "equal rng, equal batches": rows[:10] == same.rows()[:10],
        "another rng, other batches": rows[:10] != other.rows()[:10],
        "batch_size = 1: X is (1, D), y is (1,)": ones.shapes() == {((1, ones.features), (1,))},
        "batch_size = N: X is (N, D), y is (N,)": whole.shapes() == {((10, whole.features), (10,))},
        "X and y are as before": are_same(run.X, run.before[0], run.y, run.before[1]),
    }


@task.check("losses")
def losses_of_the_steps(LinearClassifier: Any, rng: np.random.Generator) -> dict[str, Any]:
    """what train returns after five steps"""
    run = TrainingRun(LinearClassifier, rng)
    return {"losses": run.losses, "calls of the loss": len(run.loss.batches)}


@task.check("predict")
def labels_of_predict(LinearClassifier: Any, rng: np.random.Generator) -> dict[str, Any]:
    """predict, with a W that is drawn"""
    classes, features, examples = (int(size) for size in rng.permutation(np.arange(4, 9))[:3])
    classifier = LinearClassifier(RecordedLoss((classes, features), rng), classes, features)
    classifier.W = rng.normal(size=(classes, features))
    X = rng.normal(size=(examples, features))
    found = {
        "predict(X)": copy_of(classifier.predict(X)),
        "predict(X[:1])": copy_of(classifier.predict(X[:1])),
        "predict(X), X in uint8": copy_of(
            classifier.predict(rng.integers(256, size=X.shape, dtype=np.uint8))
        ),
        "predict(X), all scores negative": copy_of(classifier.predict(negative_scores(classifier, X))),
    }
    classifier.W = np.zeros((classes, features))
    classifier.W[1] = classifier.W[3] = rng.integers(1, 5, size=features)
    return {**found, "predict(X), where two classes tie": copy_of(classifier.predict(np.ones((2, features))))}


def negative_scores(classifier: Any, X: np.ndarray) -> np.ndarray:
    """X such that no score is above 0: W gets a last column that is below all that the others can do."""
    classifier.W[:, -1], more = -1e6, X.copy()
    more[:, -1] = 1
    return more
