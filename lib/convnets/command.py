"""`course train` and `course predict`: what the command line asks of the training loop."""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from pathlib import Path
from typing import Any

from lib.checks import mismatch
from lib.convnets.checkpoints import Checkpoints, load_weights, read_checkpoint
from lib.convnets.datasets import load_named, test_images
from lib.convnets.device import choose_device, precision_for, use_threads
from lib.convnets.durations import said
from lib.convnets.evaluate import predict as predicted
from lib.convnets.history import History
from lib.convnets.hooks import Hook
from lib.convnets.images import DeviceImages
from lib.convnets.learner import TorchLearner
from lib.convnets.live import Live
from lib.convnets.models import MODELS, build_model
from lib.convnets.predictions import read_predictions, write_predictions
from lib.convnets.profile import Profile
from lib.convnets.recipe import RECIPES, Recipe
from lib.convnets.training import Training, add_to_checkpoint, expectation
from lib.training.images import PixelScale

FOLDER = Path("trained")


class HistoryFile(Hook):
    """Writes the history as CSV after each epoch."""

    order = 2  # when the other hooks have done their work

    def __init__(self, path: Path):
        self.path = path

    def after_epoch(self, run) -> None:
        if not run.learner.rank:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            run.history.save(self.path)


def train(args: argparse.Namespace) -> int:
    """`course train`: says what it will do and how long that takes, trains, scores the test set once."""
    if args.net is None and args.budget is None:
        print(nets())
        return 0
    recipe = recipe_of(args)
    path = checkpoint_path(args)
    device = choose_device(args.device)
    if device.type == "cpu":
        use_threads(args.threads)
    dataset = load_named(args.data)
    count = len(dataset.train) if args.images is None else args.images
    training = Training(
        dataset,
        args.net,
        recipe,
        device,
        args.precision or precision_for(device),
        seed=args.seed,
        data=args.data,
        images=args.images,
        held_out=count // 10 if args.validation is None else args.validation,
        compile=args.compile,
    )
    print(f"\n{training}\n")
    print(expectation(training, training.probe()), flush=True)
    history_path = path.with_suffix(".csv")
    kept = Checkpoints(path, resume=args.resume, net=training.arguments, notes=training.notes())
    hooks = [Live(), kept, HistoryFile(history_path)]
    if args.profile:
        hooks.append(Profile(args.profile))
    try:
        history = training.run(hooks)
    except KeyboardInterrupt:
        print(f"\n{stopped(args, path)}", file=sys.stderr)
        return 130
    accuracy = training.score_test()
    history.save(history_path)
    add_to_checkpoint(path, history, test_accuracy=accuracy)
    print(f"\n{result(accuracy, training, history)}")
    print(f"Saved: {path}, with its history in {history_path}")
    print(f"From the start of Python on: {said(time.perf_counter() - args.begun)}")
    return 0


def predict(args: argparse.Namespace) -> int:
    """`course predict`: the classes of the test images, into a file; and how many of them are right."""
    trained = read_checkpoint(args.checkpoint)
    check_whole_training(trained, args.checkpoint)
    notes = trained["notes"]
    device = choose_device(args.device)
    if device.type == "cpu":
        use_threads(args.threads)
    model = build_model(**trained["net"])
    load_weights(args.checkpoint, model)
    precision = args.precision or notes.get("precision") or precision_for(device)
    learner = TorchLearner(model, RECIPES["linear"], device=device, precision=precision)  # it learns nothing
    name, classes = args.data or notes["data"], notes["classes"]
    split, what, known = test_images(name, classes, trained["net"]["input_size"])
    scale = PixelScale(*(tuple(trained["scale"][part]) for part in ("mean", "deviation")))
    images = DeviceImages(split.images, split.labels, scale=scale, device=device, classes=len(classes))
    write_predictions(args.csv, predicted(learner, images, mirrored=args.mirrored))
    print(f"Written: {args.csv}, {len(split):,} predictions for the {what}")
    if known:
        right = (read_predictions(args.csv, classes, count=len(split)) == split.labels).mean()
        then = notes.get("test_accuracy")
        compared = f" (training printed {then:.2%})" if then is not None and not args.data else ""
        print(f"{right:.2%} of them are right{compared}")
    return 0


def check_whole_training(checkpoint: dict[str, Any], path: Path) -> None:
    """Raises `ValueError` where a checkpoint does not say how to build its net and scale its images."""
    there = {
        "net": checkpoint["net"].get("name"),
        "classes": checkpoint["notes"].get("classes"),
        "data": checkpoint["notes"].get("data"),
        "scale": checkpoint["scale"].get("mean"),
    }
    for name, value in there.items():
        if value is None:
            raise mismatch(
                "", "CHECKPOINT", "one that `course train` has saved", f"{path}, which lacks {name}"
            )


def recipe_of(args: argparse.Namespace) -> Recipe:
    """The recipe of a net, with what the command line changes."""
    if args.net not in RECIPES:
        raise mismatch("", "NET", f"one of {', '.join(MODELS)}", repr(args.net))
    changes = {
        name: getattr(args, name)
        for name in ("epochs", "batch_size", "learning_rate")
        if getattr(args, name) is not None
    }
    return RECIPES[args.net].replace(**changes)


def checkpoint_path(args: argparse.Namespace) -> Path:
    """Where the training is saved, and that nothing there is lost."""
    path = args.checkpoint or default_path(args.net, newest=args.resume)
    if path.exists() and args.overwrite and not args.resume:
        path.unlink()
    if path.exists() and not args.resume:
        raise FileExistsError(
            f"--checkpoint: expected a new file, got {path}, which exists; go on with it by --resume, or "
            "start again by --overwrite"
        )
    return path


def default_path(net: str, newest: bool) -> Path:
    """trained/NET.pt, or NET-2.pt, …: the first that is free, or the last that is there."""
    number, path = 1, FOLDER / f"{net}.pt"
    while path.exists():
        last, number = path, number + 1
        path = FOLDER / f"{net}-{number}.pt"
    return last if newest and number > 1 else path


def stopped(args: argparse.Namespace, path: Path) -> str:
    """What is kept of a training that was interrupted."""
    if not path.exists():
        return "Stopped before the end of the first epoch: nothing is saved."
    words = [word for word in sys.argv[1:] if word not in ("--resume", "--overwrite")]
    again = f"course {shlex.join(words)} --resume"
    return f"Stopped. {path} holds the last whole epoch; this goes on from there:\n  {again}"


def result(accuracy: float, training: Training, history: History) -> str:
    """What came out."""
    looks = history.test_looks
    text = (
        f"{accuracy:.2%} of {len(training.dataset.test):,} test images are right ({training.dataset.name}, "
    )
    text += f"after the last epoch, looked at {'once' if looks == 1 else f'{looks} times'})"
    seconds = sum(history.columns["seconds"])
    return f"{text}\nTraining took {said(seconds)}"


def nets() -> str:
    """The nets that can be trained, as a table."""
    lines = [f"{'NET':14} {'epochs':>6}  {'batch':>5}  optimiser"]
    for name, recipe in RECIPES.items():
        lines.append(f"{name:14} {recipe.epochs:6g}  {recipe.batch_size:5}  {recipe.optimizer}")
    lines.append("\ncourse train NET trains one of them; course train --budget 3m chooses for this computer.")
    return "\n".join(lines)
