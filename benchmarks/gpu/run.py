"""One training with its clocks, in a process of its own: `python -m benchmarks.gpu.run TASK`, in JSON."""

from __future__ import annotations

import json
import math
import os
import platform
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from benchmarks.gpu.plan import JPEG, ORIGINAL, UNVERIFIED
from data_loaders import Dataset, load_cifar10, load_shapes10
from data_loaders.jpeg_traces import went_through_jpeg
from lib.convnets.augmentation import Augmentation
from lib.convnets.device import (
    choose_device,
    cpu_fields,
    device_name,
    precision_for,
    processor_count,
    synchronize,
    use_threads,
)
from lib.convnets.evaluate import EVALUATED, accuracy
from lib.convnets.images import DeviceImages
from lib.convnets.learner import TorchLearner
from lib.convnets.loop import fit
from lib.convnets.models import build_model, whiten
from lib.convnets.probe import probe
from lib.convnets.recipe import RECIPES, Recipe

QUICK_TRAIN, QUICK_TEST = 600, 200  # images


@dataclass(frozen=True)
class Task:
    """What a process is asked to do.

    answer: the file that it writes its answer to, as JSON
    began: when it was started, by the clock of `time.time`
    nets: to probe, each with the changes of its recipe; empty: one training, of the others
    net, changes, seed: what is trained: a name for `build_model`, what differs from its recipe, the seed
    device, precision: None takes the best of this machine
    threads: of the CPU; None takes all that this process has a right to
    compile: whether torch translates the net
    data: a folder or an archive with CIFAR-10, "shapes10", or None for the usual places
    quick: a few images and one epoch, to show that it runs
    probing: seconds for each net
    """

    answer: str
    began: float
    nets: dict[str, list[Any]] = field(default_factory=dict)
    net: str = ""
    changes: dict[str, Any] = field(default_factory=dict)
    seed: int = 0
    device: str | None = None
    precision: str | None = None
    threads: int | None = None
    compile: bool = False
    data: str | None = None
    quick: bool = False
    probing: float = 1.0

    def recipe(self, net: str, changes: dict[str, Any]) -> Recipe:
        """The recipe of a net as it is trained here."""
        quick = {"epochs": 1, "batch_size": 100} if self.quick else {}
        return RECIPES[net].replace(**changes).replace(**quick)


def main(argument: str) -> None:
    task = Task(**json.loads(argument))
    answer = probed(task) if task.nets else trained(task)
    Path(task.answer).write_text(json.dumps(answer), encoding="utf-8")


def probed(task: Task) -> dict[str, Any]:
    """The speed of each net in images a second, or why there is none, and what the machine is.

    The data are read too: what is decoded once is in the loader's cache when the clocks of the runs start.
    """
    start = time.time()
    data, kind = load(task)
    reading = time.time() - start
    device, precision = prepared(task)
    speeds: dict[str, Any] = {}
    for row, (net, changes) in task.nets.items():
        try:
            recipe = task.recipe(net, changes)

            def build(net: str = net, recipe: Recipe = recipe) -> TorchLearner:
                return TorchLearner(build_model(net), recipe, device=device, precision=precision)

            speed = probe(build, recipe.batch_size, device=device, seconds=task.probing)
            speeds[row] = {"speed": speed.now, "images": recipe.epochs * len(data.train)}
        except (MemoryError, RuntimeError, ValueError) as error:  # this one net does not run here
            speeds[row] = {"error": str(error)}
    return {"speeds": speeds, "reading": reading, "data": kind, **machine(device)}


def trained(task: Task) -> dict[str, Any]:
    """One training by its recipe, with the clocks and the accuracies: see the README beside the results."""
    start = time.perf_counter()
    data, kind = load(task)
    device, precision = prepared(task)
    recipe = task.recipe(task.net, task.changes)
    train = DeviceImages(
        data.train.images, data.train.labels, device=device, augmentation=Augmentation.of(recipe)
    )
    test = train.with_same_scale(data.test, is_test=True)
    model = build_model(task.net, train.classes, seed=task.seed)
    whiten(model, next(train.batches(5000, shuffle=False))[0])
    learner = TorchLearner(model, recipe, device=device, precision=precision, compile=task.compile)
    warm_up(learner, train, recipe.batch_size)

    first_step = time.perf_counter()
    history = fit(learner, train, recipe, seed=task.seed)
    synchronize(device)
    last_step = time.perf_counter()
    single = accuracy(learner, test, history=history)
    done, done_at = time.perf_counter(), time.time()

    mirrored = accuracy(learner, test, mirrored=True, history=history)
    training = last_step - first_step
    return {
        "net": task.net,
        "recipe": recipe.as_dict(),
        "seed": task.seed,
        "precision": precision,
        "compiled": task.compile,
        "data": kind,
        "train_images": len(train),
        "test_images": len(test),
        "accuracy": single,
        "accuracy_mirrored": mirrored,
        "train_accuracy": round(history.last("train_accuracy"), 5),
        "test_looks": history.test_looks,
        "seconds_training": round(training, 3),
        "seconds_with_setup": round(done - start, 3),
        "seconds_process": round(done_at - task.began, 3),
        "steps": history.last("steps"),
        "images_per_second": round(recipe.epochs * len(train) / training),
        **machine(device),
    }


def warm_up(learner: TorchLearner, data: DeviceImages, batch_size: int) -> None:
    """Two steps with each size of batch, and one evaluation, after which the learner is as it was before.

    In its first steps a GPU loads its programs and looks for the fastest convolutions, for each shape anew.
    It belongs to the set-up, as in all published times.
    """
    before = _copy(learner.state_dict())
    learner.begin(0, 0)
    for size in {min(batch_size, len(data)), len(data) % batch_size or batch_size}:
        images, labels = next(data.batches(size, augment=True))
        for _ in range(2):
            learner.step(images, labels, 1e-6)
    learner.scores(next(data.in_order(EVALUATED))[0])
    learner.zero_grad()
    learner.load_state_dict(before)
    learner.end()
    synchronize(learner.device)


def prepared(task: Task) -> tuple[torch.device, str]:
    """The device and the precision, with all that makes them fast."""
    device = choose_device(task.device)
    use_threads(task.threads)
    return device, precision_for(device) if task.precision is None else task.precision


def load(task: Task) -> tuple[Dataset, str]:
    """The data and, in words, what they are: original pixels, JPEG copies, …"""
    data = load_shapes10() if task.data == "shapes10" else load_cifar10(task.data)
    kind = kind_of(data)
    if task.quick:
        data = Dataset(data.name, data.train.take(QUICK_TRAIN), data.test.take(QUICK_TEST), data.classes)
    return data, kind


def kind_of(data: Dataset) -> str:
    """Which column accuracies belong to: only pixels that published checksums verify are original."""
    if data.name != "CIFAR-10":
        return data.name
    if went_through_jpeg(data.train.images[:1000]):
        return JPEG
    return UNVERIFIED if "unverified" in data.origin or "verified" not in data.origin else ORIGINAL


def machine(device: torch.device) -> dict[str, Any]:
    """What it ran on."""
    processor = cpu_fields().get("model name") or platform.processor() or platform.machine()
    cores = f"{processor_count()} × {processor}"
    memory = torch.cuda.max_memory_allocated(device) / 2**20 if device.type == "cuda" else math.nan
    return {
        "device": device.type,
        "machine": cores if device.type == "cpu" else device_name(device),
        "processor": cores,
        "threads": torch.get_num_threads(),
        "gpu_memory_mib": None if math.isnan(memory) else round(memory),
        "torch": torch.__version__,
        "cuda": torch.version.cuda if device.type == "cuda" else None,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def _copy(value: Any) -> Any:
    """Tensors copied, in dictionaries and lists."""
    if isinstance(value, torch.Tensor):
        return value.clone()
    if isinstance(value, dict):
        return {name: _copy(part) for name, part in value.items()}
    return [_copy(part) for part in value] if isinstance(value, list) else value


if __name__ == "__main__":
    main(sys.argv[1])
    sys.stdout.flush()
    os._exit(0)  # the answer is written: nothing of the rest, such as the end of CUDA, needs time
