"""`course ablate`: the base and each trick's change trained over several seeds, and what that tells."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import torch
from torch.nn.functional import cross_entropy

from data_loaders import Dataset, load_cifar10
from lib.checks import check_choice, check_whole, mismatch
from lib.convnets.augmentation import Augmentation
from lib.convnets.checkpoint_files import writing_alone
from lib.convnets.datasets import load_named
from lib.convnets.device import Stretch, choose_device, device_name, precision_for, synchronize, use_threads
from lib.convnets.evaluate import scores_and_labels, share_right
from lib.convnets.images import DeviceImages
from lib.convnets.learner import TorchLearner
from lib.convnets.loop import fit
from lib.convnets.models import build_model, whiten
from lib.convnets.recipe import RECIPES, Recipe
from lib.convnets.tricks import FIRST_DRAW, TRICKS, TUNED, Trick, best_draw, drawn, tuned, tuned_tricks
from lib.convnets.verdict import table
from lib.files import check_writable, replacing_text

DATA = ("auto", "cifar10", "shapes10-hard")


def ablate(
    path: str | Path,
    *,
    width: int = 32,
    images: int = 45_000,
    validation: int = 5000,
    epochs: float = 8,
    batch_size: int = 512,
    seeds: Sequence[int] = (0, 1, 2, 3, 4),
    draws: int = 0,
    only: Sequence[str] = (),
    data: str = "auto",
    device: str | None = None,
    command: str = "",
) -> dict[str, Any]:
    """Trains what is not done yet, writes each run into a JSON file, prints the table, returns the study.

    path: of the file; one that is there is gone on with, if it has these settings
    width: of `fast`; at 32 it is `fast_half`
    images, validation: training images from the first on, and the last ones of the training split, on which
        the accuracy is measured: the test set is not looked at
    epochs, batch_size: of the base, in the place of those of its recipe
    seeds: of start weights, order and augmentation; the base and each change share them
    draws: of a random search for constants with four digits, before all else; 0: none
    only: names of `TRICKS`; none: all that this machine can compute
    data: "cifar10", "shapes10-hard" (every nuisance at 1), "auto": CIFAR-10 where it is
    command: as it was typed, for the record

    Raises `ValueError` where the file holds other settings or is none of these, or an argument is wrong.
    """
    names = {name.casefold(): name for name in TRICKS}
    only = [check_choice(names.get(name.casefold(), name), TRICKS, name="only") for name in only]
    for seed in seeds:
        check_whole(seed, name="seeds", high=FIRST_DRAW - 1)
    check_whole(draws, name="draws")
    place = choose_device(device)
    recipe = RECIPES["fast"].replace(epochs=epochs, batch_size=batch_size)
    study: dict[str, Any] = {
        "command": command,
        "machine": {
            "device": device_name(place),
            "torch": torch.__version__,
            "threads": use_threads(),
            "precision": precision_for(place),
        },
        "settings": {"width": width, "images": images, "validation": validation, "recipe": recipe.as_dict()},
        "seconds_to_start": 0.0,
        "tricks": {},
        "runs": {},
    }
    check_writable(path)  # now, not after the first run
    path, dataset = Path(path), load_hard(check_choice(data, DATA, name="data"))
    count = len(dataset.train.labels)
    check_whole(validation, name="validation", low=1, high=count - 1, of="one fewer than there are images")
    check_whole(images, name="images", low=1, high=count - validation, of="those that are not held out")
    study["settings"]["data"] = f"{dataset.name}, {dataset.origin}"
    with writing_alone(path):
        study = going_on(path, study)
        study["seconds_to_start"] = study["seconds_to_start"] or seconds_to_start(data)
        for name, trick, seed in planned(study, seeds, draws, only):
            runs = study["runs"].setdefault(name, {})
            if str(seed) in runs:
                continue
            runs[str(seed)] = run = run_once(study, trick, seed, dataset, place)
            print(f"{name or 'base'}, seed {seed}: {run['accuracy']:.2%}, {run['seconds']:.1f} s", flush=True)
            save(path, study)
    print(table(study), clocks(study), sep="\n\n")
    return study


def planned(
    study: dict[str, Any], seeds: Sequence[int], draws: int, only: Sequence[str]
) -> Iterator[tuple[str, Trick, int]]:
    """All runs by the name of their trick, "" for the base: the search first, then seed by seed."""
    recipe = Recipe(**study["settings"]["recipe"])
    for number in range(draws):
        yield f"draw {number}", Trick("", recipe=partial(tuned, factors=drawn(number), digits=4)), FIRST_DRAW
    tricks = {name: TRICKS[name] for name in only or TRICKS}
    if study["machine"]["precision"] == "fp32":
        tricks.pop("bf16", None)
    if draws:
        tricks |= tuned_tricks(drawn(best_draw(study)))
        study["settings"]["tuned"] = tricks[TUNED].recipe(recipe).as_dict()
    for name, trick in tricks.items():
        study["tricks"][name] = {k: getattr(trick, k) for k in ("instead", "in_base", "beside")}
    for seed in seeds:
        for name, trick in {"": Trick(""), **tricks}.items():
            yield name, trick, seed


def run_once(
    study: dict[str, Any], trick: Trick, seed: int, dataset: Dataset, device: torch.device
) -> dict[str, float]:
    """One run: how good the net is on the validation images, and what the clocks say.

    Returns accuracy, 0…1; loss, the mean cross-entropy with plain targets; seconds, of training, of the
    processor where it runs on one thread of it, so that other programs don't count; training and whole, on
    the wall, the second with everything from building the net to its accuracy.
    """
    begin, settings = time.perf_counter(), study["settings"]
    recipe = trick.recipe(Recipe(**settings["recipe"]))
    model = build_model("fast", len(dataset.classes), seed=seed, width=settings["width"], **trick.options)
    trick.edit(model)
    first, last = slice(settings["images"]), slice(-settings["validation"], None)
    split = dataset.train
    images = DeviceImages(
        split.images[first], split.labels[first], device=device, augmentation=Augmentation.of(recipe)
    )
    held_out = DeviceImages(split.images[last], split.labels[last], device=device, scale=images.scale)
    whiten(model, next(iter(images.in_order()))[0])
    precision = trick.precision or study["machine"]["precision"]
    learner = TorchLearner(model, recipe, device=device, precision=precision)
    stretch = Stretch()
    fit(learner, images, recipe, seed=seed)
    synchronize(device)
    stretch.stop()
    alone = device.type == "cpu" and torch.get_num_threads() == 1
    scores, labels = scores_and_labels(learner, held_out, mirrored=trick.mirrored)
    return {
        "accuracy": round(share_right(scores, labels), 5),
        "loss": round(cross_entropy(scores, labels).item(), 4),
        "seconds": round(stretch.cpu if alone else stretch.wall, 3),
        "training": round(stretch.wall, 3),
        "whole": round(time.perf_counter() - begin, 3),
    }


def load_hard(name: str = "auto") -> Dataset:
    """The images: CIFAR-10, or Shapes-10 with every nuisance at its strongest; says which.

    name: one of `DATA`; "auto" takes CIFAR-10 where it is, unless COURSE_DATASET says otherwise
    """
    wanted = os.environ.get("COURSE_DATASET") or name if name == "auto" else name
    if wanted in ("auto", "cifar10"):
        try:
            return load_cifar10()
        except FileNotFoundError:
            if wanted == "cifar10":
                raise
    return load_named("shapes10-hard")


def going_on(path: Path, study: dict[str, Any]) -> dict[str, Any]:
    """What is in the file, which must have the same settings; the study as it is where there is none."""
    if not path.exists():
        return study
    advice = "give another file with --to"
    try:
        before = json.loads(path.read_text("utf-8"))
        then = {**before["settings"], "tuned": None}, before["machine"]
    except (ValueError, TypeError, KeyError):
        raise mismatch("ablate", path.name, "a study of course ablate", "something else", advice) from None
    if then != ({**study["settings"], "tuned": None}, study["machine"]):
        raise mismatch("ablate", path.name, "a study with these settings", "another one", advice)
    return before


def save(path: Path, study: dict[str, Any]) -> None:
    """Writes the file as a whole or not at all."""
    with replacing_text(path) as file:
        file.write(json.dumps(study, indent=1, ensure_ascii=False) + "\n")


def seconds_to_start(data: str) -> float:
    """From the start of Python until all is imported and the images are open, measured with a fresh one."""
    begin = time.perf_counter()
    program = f"from {__name__} import load_hard; load_hard({data!r})"
    subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.DEVNULL)
    return round(time.perf_counter() - begin, 3)


def clocks(study: dict[str, Any]) -> str:
    """The three clocks of the base, medians over its seeds, in one line."""
    runs = study["runs"][""].values()
    training, whole = (median(run[k] for run in runs) for k in ("training", "whole"))
    process = study["seconds_to_start"] + whole
    return (
        f"base: training {training:.1f} s; with set-up and evaluation {whole:.1f} s; "
        f"from the start of Python {process:.1f} s"
    )
