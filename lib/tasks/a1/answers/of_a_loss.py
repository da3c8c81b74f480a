"""Slips that are made with either loss: a wrong answer that is given in loops and without them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lib.tasks.task import Task, Written

BOTH = ("loss", "gradient")


class Slips:
    """Adds wrong answers of both functions of a task.

    task: defines NAME_naive and NAME_vectorized, with parts "naive loss", "vectorized loss" and so on
    rows: whether the slips of the penalty have their rows of the bank here; a row belongs to one task
    """

    def __init__(self, task: Task, *, rows: bool):
        self.task, self.rows = task, rows

    def wrong(self, row: int, sentence: str, *, breaks: str | Sequence[str]) -> Callable[[Written], Written]:
        """As `Task.wrong`, of "loss", "gradient" and "penalty"; other parts are named in full."""
        broken = (breaks,) if isinstance(breaks, str) else tuple(breaks)

        def add(written: Written) -> Written:
            for name, way in zip(self.task.defines, ("naive", "vectorized"), strict=True):
                parts = [part if part in self.task.parts else f"{way} {part}" for part in broken]
                self.task.wrong(row, sentence, breaks=parts, replaces=name)(written)
            return written

        return add

    def penalties(self, right: Callable[..., Any]) -> None:
        """Adds the slips about reg, made out of a right answer."""

        def bare(W, X, y):
            return right(W, X, y, 0.0)

        @self.wrong(
            44 * self.rows,
            "Loss and gradient use different conventions: your gradient, 2·reg·W, belongs to reg·ΣW², and "
            "your loss adds half of that.",
            breaks="penalty",
        )
        def half_in_the_loss(W, X, y, reg):
            loss, gradient = bare(W, X, y)
            return loss + reg * np.sum(W**2) / 2, gradient + 2 * reg * W

        @self.wrong(
            44 * self.rows,
            "Loss and gradient use different conventions: reg·ΣW² goes with 2·reg·W, and your gradient adds "
            "half of that.",
            breaks="penalty",
        )
        def half_in_the_gradient(W, X, y, reg):
            loss, gradient = bare(W, X, y)
            return loss + reg * np.sum(W**2), gradient + reg * W

        @self.wrong(
            44 * self.rows,
            "You add half of the penalty: here it is reg·ΣW², without a factor ½.",
            breaks="penalty",
        )
        def half_in_both(W, X, y, reg):
            loss, gradient = bare(W, X, y)
            return loss + reg * np.sum(W**2) / 2, gradient + reg * W

        @self.wrong(
            45 * self.rows,
            "With reg = 0 you are right; with reg = 10 your gradient misses 2·reg·W.",
            breaks="penalty",
        )
        def gradient_without_it(W, X, y, reg):
            loss, gradient = bare(W, X, y)
            return loss + reg * np.sum(W**2), gradient

        @self.wrong(
            0, "Your gradient knows of reg, your loss does not: add reg·ΣW² to the loss.", breaks="penalty"
        )
        def loss_without_it(W, X, y, reg):
            loss, gradient = bare(W, X, y)
            return loss, gradient + 2 * reg * W

        @self.wrong(
            0, "Nothing in your answer depends on reg: add the penalty and its gradient.", breaks="penalty"
        )
        def neither(W, X, y, reg):
            return bare(W, X, y)

        @self.wrong(
            46 * self.rows,
            "Your penalty is N times too large: it belongs to W, not to an example, so add it once.",
            breaks="penalty",
        )
        def once_an_example(W, X, y, reg):
            return right(W, X, y, len(X) * reg)

        @self.wrong(
            46 * self.rows,
            "Your penalty is divided by N: it is no part of the mean, so add it after you have divided.",
            breaks="penalty",
        )
        def divided(W, X, y, reg):
            return right(W, X, y, reg / len(X))

        @self.wrong(
            0,
            "Your penalty in the loss is divided by N, that in the gradient is not: add both after the mean.",
            breaks="penalty",
        )
        def divided_in_the_loss(W, X, y, reg):
            loss, gradient = bare(W, X, y)
            return loss + reg * np.sum(W**2) / len(X), gradient + 2 * reg * W

        @self.wrong(
            0,
            "Your penalty in the gradient is divided by N, that in the loss is not: add both after the mean.",
            breaks="penalty",
        )
        def divided_in_the_gradient(W, X, y, reg):
            loss, gradient = bare(W, X, y)
            return loss + reg * np.sum(W**2), gradient + 2 * reg * W / len(X)

        @self.wrong(
            0,
            "Your penalty is the length of W: it is the sum of the squares, without a root.",
            breaks="penalty",
        )
        def length(W, X, y, reg):
            loss, gradient = bare(W, X, y)
            size = np.sqrt(np.sum(W**2))
            return loss + reg * size, gradient + reg * W / max(size, 1e-12)

        @self.wrong(
            0, "Your penalty is the mean of the squares: it is their sum over all of W.", breaks="penalty"
        )
        def mean(W, X, y, reg):
            return right(W, X, y, reg / W.size)

        @self.wrong(
            0,
            "Your penalty is that of L1, the sum of absolute values: here it is L2, reg·ΣW².",
            breaks="penalty",
        )
        def absolute(W, X, y, reg):
            loss, gradient = bare(W, X, y)
            return loss + reg * np.sum(np.abs(W)), gradient + reg * np.sign(W)

        @self.wrong(
            0,
            "Your penalty leaves out the last column of W: here every entry counts, that of a bias too.",
            breaks="penalty",
        )
        def last_column_free(W, X, y, reg):
            loss, gradient = bare(W, X, y)
            counts = np.arange(W.shape[1]) < W.shape[1] - 1
            return loss + reg * np.sum(counts * W**2), gradient + 2 * reg * counts * W

        @self.wrong(
            0,
            "Your penalty is subtracted: it is added to the loss, and its gradient to the gradient.",
            breaks="penalty",
        )
        def subtracted(W, X, y, reg):
            return right(W, X, y, -reg)

    def arrays(self, right: Callable[..., Any]) -> None:
        """Adds answers that change what they were given."""

        @self.wrong(
            0,
            "Your function changes its caller's W: copy it, or write W * W where you now have W *= W.",
            breaks="arrays unchanged",
        )
        def weights_changed(W, X, y, reg):
            found = right(W, X, y, reg)
            W *= W
            return found

        @self.wrong(
            0,
            "Your function changes its caller's X: work on a copy, X.astype(float).",
            breaks="arrays unchanged",
        )
        def examples_changed(W, X, y, reg):
            found = right(W, X, y, reg)
            X -= X.min().astype(X.dtype)
            return found

        @self.wrong(
            0, "Your function changes its caller's labels: work on a copy of y.", breaks="arrays unchanged"
        )
        def labels_changed(W, X, y, reg):
            found = right(W, X, y, reg)
            y += 1
            return found

    def zeros(self) -> None:
        """Adds an answer of the right shapes in which nothing is computed."""
        naive, vectorized = self.task.defines
        parts = [part for part in self.task.parts if not part.startswith("vectorized") and part != "no loops"]
        others = [part for part in self.task.parts if not part.startswith("naive")]
        sentence = "Loss and gradient are always 0: the shapes are right, but nothing is computed yet."

        @self.task.wrong(92, sentence, breaks=parts, replaces=naive)
        @self.task.wrong(92, sentence, breaks=others, replaces=vectorized)
        def zeros(W, X, y, reg):
            return 0.0, np.zeros(W.shape)
