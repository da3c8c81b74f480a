"""A training on disk, in one .npz file: all that it takes to go on as if nothing had happened."""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lib.checks import check_finite, check_number, check_whole, shown
from lib.nn.npz import Declared, read_arrays, save_arrays

if TYPE_CHECKING:
    from lib.training.trainer import Trainer

NOTES = ("settings", "steps", "history", "random")
MOST_NOTES = 16 << 20  # bytes; the history of 250,000 epochs
MOST_STEPS = 2**62  # whole numbers that a schedule can take as float and int


def save_checkpoint(path: str | Path, trainer: Trainer, y: np.ndarray) -> None:
    """Writes weights, buffers, the optimiser's memory, every random generator and the history.

    path: the .npz file
    trainer: the one that is saved, as it is after an epoch
    y: the labels it trains on, int (N,): by them another training is recognised
    """
    optimizer = trainer.optimizer
    notes = {
        "settings": settings(trainer, y),
        "steps": optimizer.steps,
        "history": trainer.history,
        "random": {name: rng.bit_generator.state for name, rng in generators(trainer).items()},
    }
    text = json.dumps(notes, default=_plain).encode()
    arrays = named_arrays(trainer.model.state(), optimizer.state)
    save_arrays(path, {"notes": np.frombuffer(text, np.uint8), **arrays})


def load_checkpoint(path: str | Path, trainer: Trainer, y: np.ndarray) -> None:
    """Puts a trainer where the one that was saved stood.

    path: the file that `save_checkpoint` wrote
    trainer: made with the same arguments as that one
    y: the labels that it trains on, int (N,)

    Raises `ValueError` where the file is damaged or belongs to another training; then nothing has changed:
    first everything is checked, then everything is assigned.
    """
    memory = [trainer.optimizer.start(parameter) for parameter in trainer.model.parameters()[0]]
    into = named_arrays(trainer.model.state(), memory)
    most = sum(array.nbytes for array in into.values()) + MOST_NOTES

    def check_size(declared: dict[str, Declared]) -> None:
        size = sum(array.nbytes for array in declared.values())
        if size > most:
            raise ValueError(f"checkpoint: expected at most {most:,} bytes of arrays in {path}, got {size:,}")

    found = read_arrays(path, check_size)
    try:
        notes = read_notes(found, trainer.history)
        same_settings(notes["settings"], _as_read(settings(trainer, y, notes["steps"])))
        check_random(notes["random"], generators(trainer))
    except ValueError as error:
        raise ValueError(
            f"checkpoint: expected one of this training in {path}, got another or a damaged one; {error}"
        ) from None
    check_entries(path, found, into)

    for name, rng in generators(trainer).items():
        rng.bit_generator.state = notes["random"][name]
    for name, array in into.items():
        array[...] = found[name]
    trainer.optimizer.state, trainer.optimizer.steps = memory, notes["steps"]
    for name, values in notes["history"].items():
        trainer.history[name][:] = values


def read_notes(found: dict[str, np.ndarray], history: dict[str, list[float]]) -> dict[str, Any]:
    """Takes the notes out of the arrays of a file: a dictionary with `NOTES` as its names, looked through."""
    text = found.pop("notes", None)
    if text is None or text.dtype != np.uint8 or text.ndim != 1:
        raise ValueError(f"notes: expected text as bytes, got {shown(text)}")
    try:
        notes = json.loads(text.tobytes())
    except (ValueError, RecursionError):
        raise ValueError("notes: expected JSON, got something else") from None
    _check_names(notes, NOTES, name="notes")
    check_whole(notes["steps"], name="steps", high=MOST_STEPS)
    check_history(notes["history"], history)
    return notes


def check_history(then: Any, now: dict[str, list[float]]) -> None:
    """Raises `ValueError` unless it is a history of a Trainer: finite numbers, one of each an epoch."""
    _check_names(then, now, name="history")
    for name, values in then.items():
        if not isinstance(values, list):
            raise ValueError(f"history[{name!r}]: expected a list of numbers, got {shown(values)}")
        for epoch, value in enumerate(values):
            check_number(value, name=f"history[{name!r}][{epoch}]")
        count, epochs = len(values), len(then["loss"])
        if count != epochs and (name != "validation_accuracy" or count > epochs):
            raise ValueError(f"history[{name!r}]: expected {epochs} numbers, one an epoch, got {count}")


def check_random(states: Any, now: dict[str, np.random.Generator]) -> None:
    """Raises `ValueError` unless each of the generators can be put into its state: tried out on a copy."""
    _check_names(states, now, name="random")
    for name, rng in now.items():
        copy, state = deepcopy(rng.bit_generator), states[name]
        try:
            copy.state = state
            good = _as_read(copy.state) == state  # nothing was cut off, nothing is too much
        except (AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError):
            good = False
        if not good:
            kind = type(copy).__name__
            raise ValueError(f"random[{name!r}]: expected a state of {kind}, got {shown(state)}")


def same_settings(then: Any, now: dict[str, Any]) -> None:
    """Raises `ValueError` that shows the first setting in which two trainings differ."""
    _check_names(then, now, name="settings")
    for name in now:
        if then[name] != now[name]:
            raise ValueError(
                f"{name}: expected that of this training, got another {name}:\n{then[name]}\n"
                f"and here it is\n{now[name]}\n"
                "build model and trainer as they were then, or delete the file to start again"
            )


def check_entries(path: str | Path, found: dict[str, np.ndarray], into: dict[str, np.ndarray]) -> None:
    """Raises `ValueError` unless the arrays have the names, shapes and types of those here and are finite."""
    for name in sorted(into.keys() | found.keys()):
        came, here = (shown(arrays[name]) if name in arrays else "nothing" for arrays in (found, into))
        if came != here:
            raise ValueError(f"checkpoint: {name} in {path}: expected {here}, got {came}")
        if found[name].ndim:
            check_finite(found[name], name=f"checkpoint: {name} in {path}")


def settings(trainer: Trainer, y: np.ndarray, steps: int | None = None) -> dict[str, Any]:
    """What must be the same for a training to go on; steps: those the optimiser has done, None for now."""
    optimizer, augment = trainer.optimizer, trainer.augment
    choices = {k: v for k, v in vars(optimizer).items() if k not in ("state", "steps", "learning_rate")}
    rate, steps = optimizer.learning_rate, optimizer.steps if steps is None else steps
    return {
        "model": repr(trainer.model),
        "criterion": repr(trainer.criterion),
        "optimizer": {"class": type(optimizer).__name__, **choices},
        "learning rate of the next step": rate(steps) if callable(rate) else rate,
        "batch_size": trainer.batch_size,
        "augment": getattr(augment, "__qualname__", repr(augment)),
        "seed": trainer.seed,
        "data": {
            "labels": len(y),
            "checksum": zlib.crc32(np.ascontiguousarray(y).data),
            "pixels": repr(trainer.scale),
        },
        "random generators": {
            name: type(rng.bit_generator).__name__ for name, rng in generators(trainer).items()
        },
    }


def generators(trainer: Trainer) -> dict[str, np.random.Generator]:
    """Every random generator that the training draws from: the trainer's, and those of layers, by name."""
    found = {"trainer": trainer.rng}
    for number, module in enumerate(trainer.model.walk()):
        for name, value in vars(module).items():
            if isinstance(value, np.random.Generator):
                found[f"{number}.{name}"] = value
    return found


def named_arrays(model: dict[str, np.ndarray], memory: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """The state of a model, and what an optimiser remembers of each parameter, in one dictionary."""
    arrays = {f"model.{name}": array for name, array in model.items()}
    for number, remembered in enumerate(memory):
        arrays |= {f"optimizer.{number}.{name}": array for name, array in remembered.items()}
    return arrays


def _check_names(value: Any, expected: Collection[str], *, name: str) -> None:
    """Raises `ValueError` unless it is a dictionary with just these names."""
    if not isinstance(value, dict):
        raise ValueError(f"{name}: expected names with values, got {shown(value)}")
    for key in expected:
        if key not in value:
            raise ValueError(f"{name}: expected {key!r}, got nothing of that name")
    for key in value:
        if key not in expected:
            raise ValueError(f"{name}: expected {', '.join(map(repr, expected))}, got {shown(key)} too")


def _as_read(value: Any) -> Any:
    """A value as it is after it was written to a checkpoint and read again."""
    return json.loads(json.dumps(value, default=_plain))


def _plain(value: Any) -> Any:
    """What stands in a checkpoint for a value that JSON has no form for."""
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else repr(value)
