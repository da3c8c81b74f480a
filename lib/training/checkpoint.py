"""A training on disk, in one .npz file: all that it takes to go on as if nothing had happened."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lib.nn.npz import read_arrays, save_arrays

if TYPE_CHECKING:
    from lib.training.trainer import Trainer


def save_checkpoint(path: str | Path, trainer: Trainer, y: np.ndarray) -> None:
    """Writes weights, buffers, the optimiser's memory, every random generator and the history.

    y: the labels that are trained on: another training is recognised by them
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
    """Puts a trainer, made as the one that was saved, where that one stood; y: the labels it trains on.

    Raises `ValueError` where the file is damaged or belongs to another training; then nothing has changed.
    """
    try:
        found = read_arrays(path)
        notes = json.loads(found.pop("notes").tobytes())
        then, steps, history, states = (notes[name] for name in ("settings", "steps", "history", "random"))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"checkpoint: {path} is damaged, or was not written by a Trainer ({error!r})"
        ) from None

    now = json.loads(json.dumps(settings(trainer, y, steps), default=_plain))
    for name in now:
        if then.get(name) != now[name]:
            raise ValueError(
                f"checkpoint: {path} was written with another {name}:\n{then.get(name)}\nand here it is\n"
                f"{now[name]}\nbuild model and trainer as they were then, or delete the file to start again"
            )
    memory = [trainer.optimizer.start(parameter) for parameter in trainer.model.parameters()[0]]
    into = named_arrays(trainer.model.state(), memory)
    for name in sorted(into.keys() | found.keys()):
        kinds = [f"{a[name].dtype} {a[name].shape}" if name in a else "missing" for a in (found, into)]
        if kinds[0] != kinds[1]:
            raise ValueError(f"checkpoint: {name} in {path} is {kinds[0]}, and here it is {kinds[1]}")

    for name, rng in generators(trainer).items():
        rng.bit_generator.state = states[name]
    for name, array in into.items():
        array[...] = found[name]
    trainer.optimizer.state, trainer.optimizer.steps = memory, steps
    for name, values in history.items():
        trainer.history[name][:] = values


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
            "checksum": zlib.crc32(np.ascontiguousarray(y)),
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


def _plain(value: Any) -> Any:
    """What JSON has no form for."""
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else repr(value)
