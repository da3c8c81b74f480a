"""A training on disk: after each epoch all that it takes to go on as if nothing had happened."""

from __future__ import annotations

import copy
import os
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from lib.checks import check_switch, check_whole, mismatch, shown
from lib.convnets.hooks import Hook

if TYPE_CHECKING:
    from lib.convnets.loop import Run

FORMAT = "deep-vision-course convnet 1"
ENTRIES = {
    "net": dict, "notes": dict, "scale": dict, "training": dict, "learner": dict, "hooks": dict,
    "history": dict, "step": int, "epoch": int,
}  # fmt: skip


class Checkpoints(Hook):
    """Writes a training to a file after each epoch, in one go; and goes on from there.

    path: of the file
    resume: True goes on from the file where there is one: bit for bit on the same machine
    every: so many epochs; the last one is always written
    net: the arguments of `build_model` that make this net, such as {"name": "small", "num_classes": 10}
    notes: what else to keep: words, numbers, and lists and dictionaries of them, such as the classes' names

    Raises, before the first step, `FileExistsError` where there is a file and `resume` is not said, and
    `ValueError` where it is damaged, foreign or of another training: then nothing has changed, neither the
    file nor the net. Raises `FloatingPointError` in the place of writing weights that are no numbers: the
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
    ):
        if not isinstance(path, (str, os.PathLike)):
            raise mismatch(self, "path", "the path of a file", shown(path))
        self.path = Path(path)
        self.resume = check_switch(resume, name="resume")
        self.every = check_whole(every, name="every", owner=self, low=1)
        self.net, self.notes = net or {}, notes or {}

    def start(self, run: Run) -> None:
        if not self.path.exists():
            return
        if not self.resume:
            raise FileExistsError(
                f"path: expected a new file, got {self.path}, which exists; continue it with resume=True, or "
                "delete it first"
            )
        put_back(read_checkpoint(self.path), run, self.path)
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


def save_atomically(path: str | Path, content: dict[str, Any]) -> None:
    """Writes with torch.save; the file that is there stays until the new one is complete.

    content: of tensors, numbers, words, and lists and dictionaries of them: `weights_only=True` reads it
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f"{path.name}.part")  # of a process that was killed, the next one writes over it
    try:
        with scratch.open("wb") as file:
            torch.save(content, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(scratch, path)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise


def read_checkpoint(path: str | Path) -> dict[str, Any]:
    """What `Checkpoints` has written, on the CPU; no code that a file might bring is run.

    Returns net, notes, scale (mean and deviation of the training images' channels), training (recipe, seed,
    data), step, epoch, learner, hooks and history.
    Raises `FileNotFoundError`, and `ValueError` where the file is damaged or something else.
    """
    if not Path(path).exists():
        raise FileNotFoundError(f"path: expected a checkpoint, got {path}, and there is no such file")
    try:
        with zipfile.ZipFile(path) as archive:
            if spoiled := archive.testzip():  # torch itself compares no checksums
                raise zipfile.BadZipFile(f"{spoiled} has another checksum")
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # damaged bytes make torch and zipfile raise a dozen different ones
        reason = str(error).split("\n")[0].split(". ")[0][:100]
        raise ValueError(
            f"path: expected a whole checkpoint of this course, got {path} ({type(error).__name__}: "
            f"{reason}); take another file, or train again"
        ) from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        got = "a file that is none"
        if isinstance(content, dict):
            got = f"a file with {', '.join(map(shown, list(content)[:4])) or 'nothing'} in it"
        raise ValueError(f"path: expected a checkpoint of this course, got {got}: {path}")
    for name, kind in ENTRIES.items():
        if type(content.get(name)) is not kind:
            got = shown(content.get(name))
            raise ValueError(f"path: expected a whole checkpoint, got {path}, where {name!r} is {got}")
    return content


def weights_of(checkpoint: dict[str, Any]) -> dict[str, Tensor]:
    """The weights to classify with: their moving average, where the training kept one."""
    return checkpoint["hooks"].get("EMA", {}).get("model", checkpoint["learner"]["model"])


def load_weights(path: str | Path, model: nn.Module) -> dict[str, Any]:
    """Puts the weights of a checkpoint into a net that was built alike; returns the whole checkpoint.

    Raises `ValueError` where names or shapes differ; then the net has not changed.
    """
    checkpoint = read_checkpoint(path)
    check_fits(weights_of(checkpoint), model.state_dict(), path)
    model.load_state_dict(weights_of(checkpoint))
    return checkpoint


def put_back(checkpoint: dict[str, Any], run: Run, path: Path) -> None:
    """Puts a training where the one in the checkpoint stood; where it does not fit, nothing changes."""
    check_same_training(checkpoint["training"], training_of(run), path)
    learner = run.learner
    check_fits(checkpoint["learner"].get("model"), learner.state_dict()["model"], path)
    before = copy.deepcopy((learner.state_dict(), run.history.state_dict()))
    try:
        learner.load_state_dict(checkpoint["learner"])
        run.history.load_state_dict(checkpoint["history"])
        for hook in run.hooks:
            if state := checkpoint["hooks"].get(type(hook).__name__):
                hook.load_state_dict(state)
    except (AttributeError, IndexError, KeyError, RuntimeError, TypeError, ValueError) as error:
        learner.load_state_dict(before[0])
        run.history.load_state_dict(before[1])
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


def check_fits(then: Any, now: dict[str, Tensor], path: str | Path) -> None:
    """Raises `ValueError` unless the weights of a file have the names and shapes of those of a net."""
    if not isinstance(then, dict) or not all(isinstance(value, Tensor) for value in then.values()):
        raise ValueError(f"path: expected weights by name, got {shown(then)} in {path}")
    missing, unknown = (
        [name for name in one if name not in other] for one, other in ((now, then), (then, now))
    )
    if missing or unknown:
        lacks, extra = (", ".join(names[:3]) or "nothing" for names in (missing, unknown))
        raise ValueError(
            f"path: expected the weights of this net, got {path}, which lacks {lacks} and adds {extra}; "
            "build the net that was saved"
        )
    for name, tensor in now.items():
        old, new = tuple(then[name].shape), tuple(tensor.shape)
        if old != new:
            advice = ""
            if len(old) == len(new) and old[1:] == new[1:] and name == _last_matrix(now):
                advice = f"; it knows {old[0]} classes: build_model(…, num_classes={old[0]})"
            raise ValueError(f"path: expected {name} of shape {new}, got {old} in {path}{advice}")


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


def _last_matrix(weights: dict[str, Tensor]) -> str:
    """The name of the classifier's weights: the last that are no vector."""
    return next((name for name in reversed(weights) if weights[name].ndim >= 2), "")
