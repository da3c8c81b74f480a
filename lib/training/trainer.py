"""One loop that trains every classifier made of `lib.nn`'s layers."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from lib import nn
from lib.blas import one_thread
from lib.checks import called_like, check_finite, check_labels, check_switch, check_whole, shown
from lib.optim import Optimizer
from lib.training.checkpoint import load_checkpoint, save_checkpoint
from lib.training.images import PixelScale
from lib.training.progress import Progress

IMAGES = 250  # evaluated at a time


class Trainer:
    """Trains a network to classify, by mini-batch gradient descent.

    model: takes (N, C, H, W) or (N, D), returns scores (N, classes)
    optimizer: such as SGD or Adam; its learning rate may be a schedule over the steps, of which an epoch has
        ceil(examples / batch_size)
    criterion: of the scores and the labels; None takes `nn.CrossEntropyLoss()`
    batch_size: the most examples that a step averages over; the batches of an epoch differ by one at most
    augment: takes uint8 images (N, C, H, W) and a Generator, returns changed copies, such as
        `RandomFlipAndShift()`; only in training
    seed: of the order of the examples and of `augment`; layers have seeds of their own

    Data are a Split of images, or a pair (X, y) with y int (N,). X of uint8, (N, C, H, W), is scaled in each
    channel by mean and deviation of the training images, batch by batch; X of floats goes in as it is.

    history: {"loss", "train_accuracy", "validation_accuracy", "learning_rate", "seconds"}, each a list of one
        number an epoch: the first two are means over the examples while the weights move, the rate is that
        of the last step, seconds are those of the training alone
    scale: the `PixelScale` of the training images, None for floats

    >>> X, y = np.array([[-2.0], [-1.0], [1.0], [2.0]]), np.array([0, 0, 1, 1])
    >>> from lib.optim import SGD
    >>> trainer = Trainer(nn.Linear(1, 2), optimizer=SGD(1.0), batch_size=4)
    >>> history = trainer.train((X, y), epochs=10, progress=False)
    >>> trainer.predict(X), trainer.accuracy((X, y)), len(history["loss"])
    (array([0, 0, 1, 1]), 1.0, 10)
    """

    @called_like("Trainer(model, optimizer=SGD(0.01))")
    def __init__(
        self,
        model: nn.Module,
        optimizer: Optimizer,
        *,
        criterion: nn.Criterion | None = None,
        batch_size: int = 64,
        augment: Callable[[np.ndarray, np.random.Generator], np.ndarray] | None = None,
        seed: int = 0,
    ):
        self.model = _check_kind(model, nn.Module, name="model", example="nn.Linear(3072, 10)")
        self.optimizer = _check_kind(optimizer, Optimizer, name="optimizer", example="SGD(0.01)")
        criterion = nn.CrossEntropyLoss() if criterion is None else criterion
        self.criterion = _check_kind(
            criterion, nn.Criterion, name="criterion", example="nn.CrossEntropyLoss()"
        )
        self.batch_size = check_whole(batch_size, name="batch_size", low=1)
        if augment is not None and (isinstance(augment, type) or not callable(augment)):
            raise ValueError(
                f"augment: expected what changes images, such as RandomFlipAndShift(), got {shown(augment)}"
            )
        self.augment = augment
        self.seed = check_whole(seed, name="seed")
        self.rng = np.random.default_rng(self.seed)
        self.scale: PixelScale | None = None
        names = ("loss", "train_accuracy", "validation_accuracy", "learning_rate", "seconds")
        self.history: dict[str, list[float]] = {name: [] for name in names}

    @called_like("train((X, y), epochs=10)")
    def train(
        self,
        data: Any,
        epochs: int,
        *,
        validation: Any = None,
        checkpoint: str | Path | None = None,
        resume: bool = False,
        progress: bool = True,
        live: bool = False,
        after_epoch: Callable[[Trainer], None] | None = None,
    ) -> dict[str, list[float]]:
        """Trains until the data have been seen `epochs` times, earlier epochs counted; returns `history`.

        validation: data that are only measured, after each epoch
        checkpoint: an .npz file, written anew after each epoch, in one go
        resume: continues from the checkpoint, bit for bit, where there is one
        progress: shows a bar with the time left
        live: in a notebook, draws loss and accuracy as they come
        after_epoch: called with this trainer, at the end of each epoch

        Raises `ValueError` where data do not fit, or the checkpoint belongs to another training (then nothing
        has changed), `FileExistsError` where there is a checkpoint and `resume` is not said,
        `FloatingPointError` where the loss diverges.
        """
        X, y = check_images_and_labels(data, "data")
        checked = None if validation is None else check_images_and_labels(validation, "validation")
        check_whole(epochs, name="epochs", low=1)
        for name, switch in (("resume", resume), ("progress", progress), ("live", live)):
            check_switch(switch, name=name)
        if after_epoch is not None and not callable(after_epoch):
            raise ValueError(f"after_epoch: expected a function of the trainer, got {shown(after_epoch)}")
        if checkpoint is not None and not isinstance(checkpoint, (str, os.PathLike)):
            raise ValueError(f"checkpoint: expected the path of an .npz file, got {shown(checkpoint)}")
        scale_before = self.scale
        if not self.history["loss"]:
            self.scale = PixelScale.of(X) if X.dtype == np.uint8 else None
        if checkpoint is not None and Path(checkpoint).exists():
            try:
                if not resume:
                    raise FileExistsError(
                        f"checkpoint: expected a new file, got {checkpoint}, which exists; continue it with "
                        "resume=True, or delete it first"
                    )
                load_checkpoint(checkpoint, self, y)
            except (FileExistsError, ValueError):
                self.scale = scale_before
                raise
            print(f"Continuing {checkpoint} after epoch {len(self.history['loss'])} of {epochs}")
        batches = -(-len(y) // self.batch_size)
        seen = Progress(self.history, epochs, batches, bar=progress, live=live)
        try:
            with one_thread(), np.errstate(over="ignore", invalid="ignore"):
                while len(self.history["loss"]) < epochs:
                    self._record(self._epoch(X, y, batches, seen), checked)
                    seen.epoch()
                    if checkpoint is not None:
                        save_checkpoint(checkpoint, self, y)
                    if after_epoch is not None:
                        after_epoch(self)
        finally:
            seen.close()
            self.model.eval()
        return self.history

    def _epoch(self, X: np.ndarray, y: np.ndarray, batches: int, progress: Progress) -> dict[str, float]:
        """Every example once, in random order: what the history notes of it."""
        model, criterion, optimizer = self.model.train(), self.criterion, self.optimizer
        start, total, hits, seen = time.perf_counter(), 0.0, 0, 0
        for rows in np.array_split(self.rng.permutation(len(y)), batches):
            x, labels, rate = self._training_batch(X[rows]), y[rows], optimizer.rate
            scores = model.forward(x)
            loss = criterion.forward(scores, labels)
            self._check_loss(loss, rate)
            model.zero_grad_parameters()
            model.backward(x, criterion.backward(scores, labels), need_grad_input=False)
            optimizer.step(*model.parameters())

            seen += len(rows)
            total += loss * len(rows)
            hits += int(np.count_nonzero(scores.argmax(axis=1) == labels))
            progress.step(total / seen, hits / seen)
        seconds = time.perf_counter() - start
        return {
            "loss": total / seen,
            "train_accuracy": hits / seen,
            "learning_rate": rate,
            "seconds": seconds,
        }

    def prepare(self, X: np.ndarray) -> np.ndarray:
        """X as the model takes it: images of bytes scaled, of the dtype of the model's weights."""
        dtype = next(iter(self.model.parameters()[0]), np.empty(0, np.float32)).dtype
        if X.dtype.kind == "f":
            return X.astype(dtype, copy=False)
        if X.dtype != np.uint8:
            raise ValueError(f"X: expected images as uint8, or floats, got dtype {X.dtype}")
        if self.scale is None:
            raise ValueError(
                "X: expected floats, as this trainer has no scale yet, got bytes; "
                "train with images of bytes first"
            )
        return self.scale(X, dtype)

    def scores(self, X: np.ndarray) -> np.ndarray:
        """What the model makes of X in evaluation mode: (N, classes)."""
        X = check_inputs(X)
        self.model.eval()
        with one_thread():
            chunks = (X[i : i + IMAGES] for i in range(0, len(X), IMAGES))
            return np.concatenate([self.model.forward(self.prepare(chunk)) for chunk in chunks])

    def predict(self, X: np.ndarray) -> np.ndarray:
        """The class with the highest score: int64 (N,)."""
        return self.scores(X).argmax(axis=1)

    def accuracy(self, data: Any) -> float:
        """The share of a Split, or of a pair (X, y), that is classified rightly: 0…1."""
        return self._accuracy(*check_images_and_labels(data, "data"))

    def _accuracy(self, X: np.ndarray, y: np.ndarray) -> float:
        return float((self.predict(X) == y).mean())

    def _training_batch(self, X: np.ndarray) -> np.ndarray:
        return self.prepare(X if self.augment is None else self.augment(X, self.rng))

    def _check_loss(self, loss: float, rate: float) -> None:
        if not np.isfinite(loss):
            raise FloatingPointError(
                f"loss: expected a finite number, got {loss} in epoch {len(self.history['loss']) + 1}, at a "
                f"rate of {rate:.3g}; lower the rate, or let it rise slowly at first (schedules.warmup)"
            )

    def _record(self, numbers: dict[str, float], validation: tuple[np.ndarray, np.ndarray] | None) -> None:
        if validation is not None:
            numbers["validation_accuracy"] = self._accuracy(*validation)
        for name, value in numbers.items():
            self.history[name].append(float(value))


def check_images_and_labels(data: Any, name: str) -> tuple[np.ndarray, np.ndarray]:
    """A Split, or a pair, as X and y; raises `ValueError` where they are not examples and their labels.

    name: "data" or "validation"
    """
    if hasattr(data, "train") and hasattr(data, "test"):
        raise ValueError(f"{name}: expected a Split or a pair (X, y), got a whole Dataset; give data.train")
    try:
        X, y = (data.images, data.labels) if hasattr(data, "images") else data
    except (TypeError, ValueError):
        hint = "; give (X, y) as one pair: ((X, y), …)" if isinstance(data, (np.ndarray, list)) else ""
        raise ValueError(f"{name}: expected a Split or a pair (X, y), got {shown(data)}{hint}") from None
    prefix = "" if name == "data" else f"{name} "
    X = check_inputs(X, name=f"{prefix}X")
    return X, check_labels(y, len(X), name=f"{prefix}y")


def check_inputs(X: Any, *, name: str = "X") -> np.ndarray:
    """Images as uint8 (N, C, H, W), or finite floats (N, …); anything else raises `ValueError`."""
    if not isinstance(X, np.ndarray):
        raise ValueError(
            f"{name}: expected an array of examples, got {shown(X)}; convert with np.asarray(X, np.float32)"
        )
    if not ((X.dtype == np.uint8 and X.ndim == 4) or (X.dtype.kind == "f" and X.ndim >= 2)):
        hint = "; one example is X[None]" if (X.dtype.kind, X.ndim) in (("f", 1), ("u", 3)) else ""
        raise ValueError(
            f"{name}: expected images as uint8 (N, C, H, W), or floats (N, …), got {shown(X)}{hint}"
        )
    if X.size == 0:
        raise ValueError(f"{name}: expected at least one example, got shape {X.shape}")
    check_finite(X, name=name)
    return X


Kind = TypeVar("Kind")


def _check_kind(value: Any, kind: type[Kind], *, name: str, example: str) -> Kind:
    if not isinstance(value, kind):
        hint = f"; make one: {value.__name__}(…)" if isinstance(value, type) else ""
        raise ValueError(f"{name}: expected one such as {example}, got {shown(value)}{hint}")
    return value
