"""`course train` and `course predict`: what the command line asks of the training loop."""

from __future__ import annotations

import argparse
import re
import shlex
import sys
import time
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from data_loaders import Dataset
from lib.checks import mismatch
from lib.convnets.budget import (
    RESERVE,
    VALIDATION,
    Pace,
    choose_net,
    expected,
    hoped,
    most_epochs,
    plan,
    recipe_for,
)
from lib.convnets.checkpoints import Checkpoints, load_weights, read_checkpoint
from lib.convnets.datasets import images_to_classify, load_named
from lib.convnets.device import choose_device, precision_for, say_once, use_threads
from lib.convnets.distributed import process_group, quiet_unless_first, started_by_torchrun
from lib.convnets.durations import said
from lib.convnets.evaluate import predict as predicted
from lib.convnets.freed_memory import keep_freed_memory
from lib.convnets.history import History
from lib.convnets.hooks import Hook
from lib.convnets.images import DeviceImages
from lib.convnets.learner import TorchLearner
from lib.convnets.live import Live
from lib.convnets.models import MODELS, build_model
from lib.convnets.probe import Speed
from lib.convnets.profile import Profile
from lib.convnets.recipe import RECIPES, Recipe
from lib.convnets.training import VIEWS, Training, add_to_checkpoint, expectation, image_kind, speed_of
from lib.files import check_writable
from lib.leaderboard.predictions import read_predictions, write_predictions
from lib.training.images import PixelScale

if TYPE_CHECKING:
    from lib.convnets.run import Run

FOLDER = Path("trained")
PROBE = 2.5  # seconds, of each probe for a budget


class HistoryFile(Hook):
    """Writes the history as CSV after each epoch."""

    order = 2  # when the other hooks have done their work

    def __init__(self, path: Path):
        self.path = path

    def after_epoch(self, run: Run) -> None:
        if not run.learner.rank:
            run.history.save(self.path)


class Lines(Hook):
    """A line after each epoch, where a progress bar would fill a file."""

    def after_epoch(self, run: Run) -> None:
        last = run.history.last
        parts = [f"epoch {run.epoch}: loss {last('loss'):.3f}", f"training {last('train_accuracy'):.1%}"]
        if run.validation is not None:
            parts.append(f"validation {last('validation_accuracy'):.1%}")
        print(", ".join([*parts, said(last("seconds"))]), flush=True)


def train(args: argparse.Namespace) -> int:
    """`course train`: says what it will do and how long that takes, trains, scores the test set once."""
    if args.net is None and args.budget is None:
        print(nets())
        return 0
    check_arguments(args)
    path = checkpoint_path(args)
    if args.resume and path.exists():
        same_place(args, read_checkpoint(path)["notes"])
    if not started_by_torchrun():
        return train_here(args, path, *place_of(args))
    with process_group() as device, quiet_unless_first():
        return train_here(args, path, device, args.precision or precision_for(device))


def train_here(args: argparse.Namespace, path: Path, device: torch.device, precision: str) -> int:
    """The same, with checked arguments; with torchrun in each process."""
    dataset = load_named(args.data)
    if args.net is None:
        args.net = net_for(args, dataset, device, precision)
    training = Training(
        dataset,
        args.net,
        recipe_of(args, device),
        device,
        precision,
        seed=args.seed,
        data=args.data,
        images=args.images,
        held_out=held_out(args, dataset),
        compile=args.compile,
    )
    hooks: list[Hook] = [Live() if sys.stderr.isatty() else Lines()]
    if args.budget:
        hooks.append(keep_budget(args, training))
    else:
        speed = use_fastest(training.probe(), args, device)
        print(f"\n{training}\n\n{expectation(training, speed)}", flush=True)
    kept = Checkpoints(
        path,
        resume=args.resume,
        net=training.arguments,
        notes=training.notes(),
        overwrite=args.overwrite,
    )
    hooks += [kept, HistoryFile(history_path(path))]
    if args.profile:
        hooks.append(Profile(args.profile))
    try:
        history = training.run(hooks)
        accuracy, mirrored = training.score_test()
    except KeyboardInterrupt:
        print(f"\n{stopped(args, path, kept.saved)}", file=sys.stderr)
        return 130
    except MemoryError as error:
        raise MemoryError(
            re.sub(r"recipe.replace\(batch_size=(\d+)\)", r"--batch-size \1", str(error))
        ) from None
    ended = time.perf_counter()
    print(f"\n{result(accuracy, mirrored, training, history)}")
    print(f"From Enter to this number: {ended - args.begun:.0f} s{about_the_budget(args, hooks)}")
    if not training.learner.rank:  # what came out is said by now, whatever happens
        history.save(history_path(path))
        add_to_checkpoint(path, history, test_accuracy=accuracy, mirrored_accuracy=mirrored)
    print(f"Saved: {path}, with its history in {history_path(path)}")
    return 0


def same_place(args: argparse.Namespace, notes: dict[str, Any]) -> None:
    """Computes as a training did, where nothing else is asked for: other threads add in another order."""
    args.precision = args.precision or notes.get("precision")
    args.threads = args.threads or notes.get("threads")


def place_of(args: argparse.Namespace) -> tuple[torch.device, str]:
    """The device and the precision; on a CPU the number of threads is set."""
    device = choose_device(args.device)
    if device.type == "cpu":
        use_threads(args.threads)
        keep_freed_memory()
    return device, args.precision or precision_for(device)


def use_fastest(speed: Speed, args: argparse.Namespace, device: torch.device) -> Speed:
    """Goes on with the threads that were fastest, unless a number was asked for; returns the speed."""
    if device.type == "cpu" and args.threads is None and speed.threads < torch.get_num_threads():
        say_once(f"Threads: {speed.threads}, which is faster now: other programs keep the processors busy")
        torch.set_num_threads(speed.threads)
    return speed


def held_out(args: argparse.Namespace, dataset: Dataset) -> int:
    """How many training images are for validation: a tenth, with a budget fewer."""
    if args.validation is not None:
        return args.validation
    tenth = (len(dataset.train) if args.images is None else args.images) // 10
    return min(tenth, VALIDATION) if args.budget else tenth


def net_for(args: argparse.Namespace, dataset: Dataset, device: torch.device, precision: str) -> str:
    """The net that a budget is best spent on."""
    seconds = min(PROBE, args.budget / 30)
    recipe = recipe_for("fast_half", device.type)
    speed = speed_of("fast_half", recipe, dataset, device, precision, seconds)
    left = args.begun + args.budget - time.perf_counter()
    return choose_net(left * speed.now, args.images or len(dataset.train))


def keep_budget(args: argparse.Namespace, training: Training) -> Pace:
    """Plans the epochs of a training so that a budget is kept, and says what to expect."""
    deadline = args.begun + args.budget
    speed = use_fastest(training.probe(min(PROBE, args.budget / 30)), args, training.device)
    counts = {"held_out": training.held_out, "test": VIEWS * len(training.dataset.test)}
    left = deadline - time.perf_counter()
    epochs, most = (
        plan(training.net, training.recipe, left, images, len(training.train), **counts).epochs
        for images in (speed.now, hoped(speed))
    )
    training.recipe = training.recipe.replace(epochs=most)
    whole = len(training.train) >= 40_000  # what is known is of epochs of 49,000 images
    reached = expected(training.net, image_kind(training.dataset), epochs) if whole else None
    accuracy = f"about {reached:.0%}" if reached else "not measured for this net, data and time"
    start = args.budget - left
    print(f"\n{training}\n")
    print(f"Budget: {said(args.budget)}, of which {said(start)} went to start-up, data and probe")
    print(f"Chosen: {training.net}, {most:.3g} epochs, {training.precision}, at {speed}")
    if epochs < most:
        print(f"As busy as it is now, about {epochs:.2g} epochs fit: steps will be left out evenly")
    print(f"To expect on the test images: {accuracy}", flush=True)
    return Pace(deadline - RESERVE * args.budget, most=most_epochs(training.net), **counts)


def about_the_budget(args: argparse.Namespace, hooks: list[Hook]) -> str:
    """How the budget was kept."""
    if not args.budget:
        return ""
    left_out = sum(hook.left_out for hook in hooks if isinstance(hook, Pace))
    text = f" (budget: {said(args.budget)})"
    if left_out > 0:
        return f"{text}; {left_out} steps were left out, since this machine was busy"
    return f"{text}; {-left_out} steps were added, as there was time" if left_out else text


def predict(args: argparse.Namespace) -> int:
    """`course predict`: the classes of the test images, into a file; and how many of them are right."""
    trained = read_checkpoint(args.checkpoint)
    check_replaceable(args.csv)
    check_whole_training(trained, args.checkpoint)
    notes = trained["notes"]
    same_place(args, notes)
    device, precision = place_of(args)
    model = build_model(**trained["net"])
    load_weights(args.checkpoint, model)
    learner = TorchLearner(model, RECIPES["linear"], device=device, precision=precision)  # it learns nothing
    name, classes = args.data or notes["data"], notes["classes"]
    split, what, known = images_to_classify(name, classes, trained["net"].get("input_size", 32))
    scale = PixelScale(*(tuple(trained["scale"][part]) for part in ("mean", "deviation")))
    images = DeviceImages(split.images, split.labels, scale=scale, device=device, classes=len(classes))
    write_predictions(args.csv, predicted(learner, images, mirrored=args.mirrored))
    print(f"Written: {args.csv}, {len(split):,} predictions for the {what}")
    if known:
        right = (read_predictions(args.csv, classes, count=len(split)) == split.labels).mean()
        then = notes.get("mirrored_accuracy" if args.mirrored else "test_accuracy")
        compared = f" (training printed {then:.2%})" if then is not None and not args.data else ""
        print(f"{right:.2%} of them are right{compared}")
    return 0


def check_replaceable(path: Path) -> None:
    """Raises `OSError` where predictions cannot be written, or would replace something else."""
    if path.exists() and not (path.is_file() and b"id,label" in path.read_bytes()[:20].lower()):
        raise FileExistsError(
            f"--csv: expected a new file, or one of predictions, got {path}, which is something else; choose "
            "another name"
        )
    check_writable(path)


def check_whole_training(checkpoint: dict[str, Any], path: Path) -> None:
    """Raises `ValueError` where a checkpoint does not say how to build its net and scale its images."""
    there = {
        "net": checkpoint["net"].get("name"),
        "classes": checkpoint["notes"].get("classes"),
        "data": checkpoint["notes"].get("data"),
        "scale": checkpoint["scale"].get("mean") and checkpoint["scale"].get("deviation"),
    }
    for name, value in there.items():
        if value is None:
            raise mismatch(
                "", "CHECKPOINT", "one that `course train` has saved", f"{path}, which lacks {name}"
            )


def check_arguments(args: argparse.Namespace) -> None:
    """Raises `ValueError` where arguments of `course train` don't go together."""
    if args.net is not None and args.net not in MODELS:
        near = get_close_matches(args.net.lower(), MODELS, 1)
        advice = f"did you mean {near[0]}?" if near else ""
        raise mismatch("", "NET", f"one of {', '.join(MODELS)}", args.net, advice)
    if args.budget and started_by_torchrun():
        raise mismatch("", "--budget", "one process", "several of torchrun", "name a net and its epochs")
    if args.budget and args.epochs is not None:
        raise mismatch("", "--epochs", "no such number with --budget, which chooses it", f"{args.epochs:g}")
    if args.budget and args.resume:
        raise mismatch("", "--resume", "a training without --budget", "one with it", "a budget starts anew")


def recipe_of(args: argparse.Namespace, device: torch.device) -> Recipe:
    """The recipe of a net, with what the command line changes."""
    recipe = recipe_for(args.net, device.type) if args.budget else RECIPES[args.net]
    names = ("epochs", "batch_size", "learning_rate")
    return recipe.replace(**{name: getattr(args, name) for name in names if getattr(args, name) is not None})


def checkpoint_path(args: argparse.Namespace) -> Path:
    """Where the training is saved, and that nothing there is lost."""
    path = args.checkpoint or default_path(args.net or "budget", newest=args.resume)
    history = history_path(path)
    if path.exists() and not (args.resume or args.overwrite):
        raise FileExistsError(
            f"--checkpoint: expected a new file, got {path}, which exists; go on with it by --resume, or "
            "start again by --overwrite"
        )
    if history.exists() and not (args.overwrite or path.exists()):
        raise FileExistsError(
            f"--checkpoint: expected one whose history is a new file, got {path}, and {history} exists; "
            "choose another name, or replace it by --overwrite"
        )
    for there in (path, history):
        if there.exists() and not there.is_file():
            raise mismatch("", "--checkpoint", "the name of a file", f"{there}, which is something else")
    return path


def history_path(path: Path) -> Path:
    """Where the history of a training is, beside its checkpoint: the same name with .csv."""
    return path.with_suffix(".csv") if path.suffix == ".pt" else path.with_name(f"{path.name}.csv")


def default_path(net: str, newest: bool) -> Path:
    """trained/NET.pt, or NET-2.pt, …: the first that is free, or the last that is there."""
    number, path, last = 1, FOLDER / f"{net}.pt", None
    while path.exists() or history_path(path).exists():
        last, number = path if path.exists() else last, number + 1
        path = FOLDER / f"{net}-{number}.pt"
    return last if newest and last else path


def stopped(args: argparse.Namespace, path: Path, saved: bool) -> str:
    """What is kept of a training that was interrupted."""
    if not saved:
        return "Stopped before the end of the first epoch: nothing is saved."
    if args.budget:
        return f"Stopped. {path} holds the last whole epoch, for course predict; a budget cannot be resumed."
    words = [word for word in sys.argv[1:] if word not in ("--resume", "--overwrite")]
    again = f"course {shlex.join(words)} --resume"
    return f"Stopped. {path} holds the last whole epoch; this goes on from there:\n  {again}"


def result(accuracy: float, mirrored: float, training: Training, history: History) -> str:
    """What came out."""
    looks = history.test_looks
    text = (
        f"{accuracy:.2%} of {len(training.dataset.test):,} test images are right ({training.dataset.name}, "
    )
    text += f"after the last epoch, looked at {'once' if looks == 1 else f'{looks} times'})"
    text += f"\nWhere each image is seen mirrored, too (`course predict --mirrored`): {mirrored:.2%}"
    return f"{text}\nTraining took {said(sum(history.columns['seconds']))}"


def nets() -> str:
    """The nets that can be trained, as a table."""
    lines = [f"{'NET':14} {'epochs':>6}  {'batch':>5}  optimiser"]
    for name, recipe in RECIPES.items():
        lines.append(f"{name:14} {recipe.epochs:6g}  {recipe.batch_size:5}  {recipe.optimizer}")
    lines.append("\ncourse train NET trains one of them; course train --budget 3m chooses for this computer.")
    return "\n".join(lines)
