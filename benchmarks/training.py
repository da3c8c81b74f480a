"""Lecture 09's convnet, trained in numpy on one core: how good it is after 3 and after 10 minutes.

Takes a quarter of an hour. The network is the one in the lecture's cell. The numbers of epochs are chosen for
these minutes, and the learning rate is planned for them; minutes are processor time of the whole training:
scaling, augmentation and the loop. The test images are looked at once, at the end.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from threadpoolctl import threadpool_limits

from benchmarks.measure import Row
from data_loaders import Dataset, load_dataset
from lib import nn
from lib.optim import SGD, schedules
from lib.training import RandomFlipAndShift, Trainer

LECTURE = Path(__file__).parents[1] / "lectures" / "09_convolution_and_pooling.ipynb"
CELL = "model = nn.Sequential("  # how the cell with the network begins
BATCH = 64


def rows(quick: bool) -> Iterator[Row]:
    data = load_dataset("shapes10" if quick else "auto")
    real = data.name == "CIFAR-10" and not quick
    examples, tested = (1000, 500) if quick else (len(data.train), len(data.test))
    for minutes, epochs, target in ((3, 3, 60), (10, 10, 65)):
        epochs = 1 if quick else epochs
        accuracy, seconds = train(data, epochs, examples=examples, tested=tested)
        what = f"{data.name}, {examples:,} images, epochs: {epochs}"
        yield Row(
            f"test accuracy, {minutes} minutes of one core", what, [accuracy], unit="%",
            at_least=target if real else None, ours=f"{seconds:.0f} s",
        )  # fmt: skip
        yield Row(
            f"seconds of that training, of {60 * minutes}", what, [seconds], unit="s",
            at_most=60 * minutes if real else None,
        )  # fmt: skip


def train(data: Dataset, epochs: int, *, examples: int, tested: int, seed: int = 0) -> tuple[float, float]:
    """Accuracy on the first `tested` test images in %, and the seconds of processor time of the training."""
    model = lecture_network().reset(seed)
    with threadpool_limits(1):
        start = time.process_time()
        rate = schedules.one_cycle(0.05, steps=epochs * -(-examples // BATCH), rise=0.2)
        trainer = Trainer(
            model,
            optimizer=SGD(rate, momentum=0.9, weight_decay=5e-4),
            batch_size=BATCH,
            augment=RandomFlipAndShift(1),
            seed=seed,
        )
        trainer.train(data.train.take(examples), epochs, progress=sys.stderr.isatty())
        seconds = time.process_time() - start
        return 100 * trainer.accuracy(data.test.take(tested)), seconds


def lecture_network() -> nn.Sequential:
    """The network as lecture 09 builds it."""
    cells = ("".join(cell["source"]) for cell in json.loads(LECTURE.read_text("utf-8"))["cells"])
    found = [source for source in cells if source.startswith(CELL)]
    if len(found) != 1:
        raise LookupError(f"{LECTURE.name}: {len(found)} cells begin with {CELL!r}, expected one")
    names = {"nn": nn}
    exec(found[0], names)
    return names["model"]
