"""A training on disk: after each epoch all that it takes to go on as if nothing had happened."""

from __future__ import annotations

import copy
import math
import os
import zlib
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from lib.checks import check_switch, check_whole, mismatch, shown
from lib.convnets.checkpoint_files import FORMAT, read_checkpoint, save_atomically, writing_alone
from lib.convnets.hooks import Hook
from lib.convnets.net_weights import check_fits, load_weights, save_weights, weights_of

if TYPE_CHECKING:
    from lib.convnets.run import Run

__all__ = ["Checkpoints", "load_weights", "read_checkpoint", "save_atomically", "save_weights", "weights_of"]


class Checkpoints(Hook):
    """Writes a training to a file after each epoch, in one go; and goes on from there.

    path: of the file
    resume: True goes on from the file where there is one: bit for bit on the same machine
    every: so many epochs; the last one is always written
    net: the arguments of `build_model` that make this net, such as {"name": "small", "num_classes": 10}
    notes: what else to keep: words, numbers, and lists and dictionaries of them, such as the classes' names
    overwrite: True starts anew where there is a file, which stays until the first epoch is done

    saved: whether the file holds this training

    Raises, before the first step, `FileExistsError` where there is a file and neither `resume` nor
    `overwrite` is said, or another training writes to it; `ValueError` where it is damaged, foreign or of
    another training; `OSError` where it cannot be written: then nothing has changed, neither the file nor the
    net. Raises `FloatingPointError` in the place of writing weights that are no numbers: the
    file keeps those of the epoch before.
    """

    order = 1  # what other hooks do after an epoch is in the file

    def __init__(
        self,
        path: str | Path,
        *,
        resume: bool = False,
        every: int = 1,
        net: dict[str, Any] | None = None,
        notes: dict[str, Any] | None = None,
        overwrite: bool = False,
    ):
        if not isinstance(path, (str, os.PathLike)):
            raise mismatch(self, "path", "the path of a file", shown(path))
        self.path = Path(path)
        self.resume = check_switch(resume, name="resume")
        self.every = check_whole(every, name="every", owner=self, low=1)
        self.net, self.notes = net or {}, notes or {}
        self.overwrite = check_switch(overwrite, name="overwrite")
        self.saved = False
        self.alone = ExitStack()

    def start(self, run: Run) -> None:
        self.saved = False
        there = self.path.exists()
        if there and not (self.resume or self.overwrite):
            raise FileExistsError(
                f"path: expected a new file, got {self.path}, which exists; continue it with resume=True, or "
                "delete it first"
            )
        if not run.learner.rank:
            self.alone.enter_context(writing_alone(self.path))
        if not there or not self.resume:
            return
        checkpoint = read_checkpoint(self.path)
        if checkpoint["net"] and self.net:
            check_same_training(checkpoint["net"], self.net, self.path)
        put_back(checkpoint, run, self.path)
        self.saved = True
        if not run.learner.rank:
            print(f"Continuing {self.path} after step {run.step} of {run.steps}")

    def after_epoch(self, run: Run) -> None:
        if run.learner.rank or (run.epoch % self.every and run.step < run.steps):
            return
        state = run.learner.state_dict()
        check_finite_weights(state["model"], run)
        save_atomically(
            self.path,
            {
                "format": FORMAT,
                "net": self.net,
                "notes": self.notes,
                "scale": scale_of(run.data),
                "training": training_of(run),
                "step": run.step,
                "epoch": run.epoch,
                "learner": state,
                "hooks": {type(hook).__name__: hook.state_dict() for hook in run.hooks},
                "history": run.history.state_dict(),
            },
        )
        self.saved = True

    def end(self, run: Run) -> None:
        self.alone.close()


def put_back(checkpoint: dict[str, Any], run: Run, path: Path) -> None:
    """Puts a training where the one in the checkpoint stood; where it does not fit, nothing changes."""
    check_same_training(checkpoint["training"], training_of(run), path)
    check_same_scale(checkpoint["scale"], scale_of(run.data), path)
    if not 0 <= checkpoint["step"] <= run.steps or checkpoint["epoch"] < 0:
        got = f"step {checkpoint['step']} of epoch {checkpoint['epoch']}"
        raise ValueError(f"path: expected a step from 0 to {run.steps}, got {got} in {path}")
    learner = run.learner
    check_fits(checkpoint["learner"].get("model"), learner.state_dict()["model"], path)
    before = copy.deepcopy((learner.state_dict(), run.history.state_dict()))
    hooks = [(hook, copy.deepcopy(hook.state_dict())) for hook in run.hooks]
    try:
        learner.load_state_dict(checkpoint["learner"])
        run.history.load_state_dict(checkpoint["history"])
        for hook in run.hooks:
            if state := checkpoint["hooks"].get(type(hook).__name__):
                hook.load_state_dict(state)
    except (AttributeError, IndexError, KeyError, RuntimeError, TypeError, ValueError) as error:
        learner.load_state_dict(before[0])
        run.history.load_state_dict(before[1])
        for hook, state in hooks:
            if state:
                hook.load_state_dict(state)
        raise ValueError(
            f"path: expected a checkpoint of this training, got {path}, which does not fit ({error})"
        ) from error
    run.step, run.epoch = checkpoint["step"], checkpoint["epoch"]


def training_of(run: Run) -> dict[str, Any]:
    """By what a training is recognised: two with the same are the same."""
    labels = torch.as_tensor(run.data.labels).cpu().numpy()
    return {
        "recipe": run.recipe.as_dict(),
        "seed": run.seed,
        "data": {"images": len(labels), "checksum of the labels": zlib.crc32(labels.tobytes())},
    }


def check_same_training(then: dict[str, Any], now: dict[str, Any], path: Path) -> None:
    """Raises `ValueError` that shows the first thing in which two trainings differ."""
    for name, value in now.items():
        old = then.get(name)
        if isinstance(value, dict) and isinstance(old, dict):
            check_same_training(old, value, path)
        elif old != value:
            raise ValueError(
                f"{name}: expected {shown(old)}, as in {path}, got {shown(value)}; go on with that, or "
                "delete the file to start again"
            )


def check_same_scale(then: dict[str, Any], now: dict[str, Any], path: Path) -> None:
    """Raises `ValueError` where the channels of the images are not those of the training in the file.

    They tell data sets apart whose labels are alike, such as Shapes-10, easy and hard.
    """
    for name in then if now else ():
        old, new = then[name], now.get(name, [])
        same = len(old) == len(new) and all(
            math.isclose(a, b, rel_tol=1e-6) for a, b in zip(old, new, strict=True)
        )
        if not same:
            was, came = (", ".join(f"{v:.4g}" for v in values) for values in (old, new))
            raise ValueError(
                f"data: expected the images of {path}, whose channels have {name} {was}, got others with "
                f"{came}; go on with those, or choose another file"
            )


def check_finite_weights(weights: dict[str, Tensor], run: Run) -> None:
    """Raises `FloatingPointError` that names the first weight which is no number."""
    for name, tensor in weights.items():
        if tensor.is_floating_point() and not bool(tensor.isfinite().all()):
            raise FloatingPointError(
                f"{name}: expected finite numbers, got nan or infinity after step {run.step} of {run.steps}; "
                "lower learning_rate, or let it rise more slowly (warmup)"
            )


def scale_of(data: Any) -> dict[str, list[float]]:
    """Mean and deviation of the training images' channels, which other images need too; {} where unknown."""
    scale = getattr(data, "scale", None)
    if scale is None:
        return {}
    return {name: [float(v) for v in getattr(scale, name)] for name in ("mean", "deviation")}
