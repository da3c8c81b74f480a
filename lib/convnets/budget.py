"""`course train --budget 3m`: which net, for how many epochs, and how a training keeps its time."""

from __future__ import annotations

import math
import time
from collections import deque
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from lib.convnets.durations import said
from lib.convnets.hooks import Hook
from lib.convnets.recipe import RECIPES, Recipe

if TYPE_CHECKING:
    from lib.convnets.loop import Run

PLANNED = 0.95  # of the time that is left: the rest is for a machine that gets busier
FORWARD = 1 / 3  # of a step's time that scores alone take: backward is two products for each of forward
CPU_BATCH = 256  # images: few epochs need many steps
VALIDATION = 1000  # images held out: looking at more would cost time that learning needs


@dataclass(frozen=True)
class Candidate:
    """A net that a budget may go to.

    net: one of `MODELS`
    cost: how long an image takes, forward, backward and update, as a multiple of `fast_half`
    least: fewer epochs than that are better spent on the smaller net before it
    most: more epochs than that bring it hardly anything
    """

    net: str
    cost: float
    least: float
    most: float


# From the smallest net to the largest. The costs are of one thread of an AMD EPYC in bf16; `least` and `most`
# are choices: where nets cross was not measured.
CANDIDATES = (
    Candidate("linear", 0.05, 0, 20),
    Candidate("fast_half", 1, 0.1, 16),
    Candidate("fast", 2.8, 2, 24),
    Candidate("resnet18", 12.3, 15, 60),
)

# What such a training reached: net and kind of images → epochs → accuracy on the test images. One seed each,
# November 2026, in bf16 with batches of 256. Nothing else stands here:
# of what was not measured nothing is promised.
REACHED: dict[tuple[str, str], dict[float, float]] = {
    ("fast_half", "hard Shapes-10"): {0.22: 0.8741, 3: 0.9863},
    ("fast_half", "CIFAR-10, JPEG copies"): {4: 0.8584},
}


def choose_net(work: float, images: int) -> str:
    """The largest net that has time for enough epochs.

    work: how many images `fast_half` could learn from in the time
    images: in an epoch
    """
    return [c.net for c in CANDIDATES if work / c.cost >= c.least * images][-1]


def plan(
    net: str, recipe: Recipe, seconds: float, speed: float, images: int, *, held_out: int, test: int
) -> Recipe:
    """A recipe with as many epochs of a net as fit into a time.

    net, recipe: its name, and what else its training is
    seconds: until the accuracy on the test images must be known
    speed: images a second that are learnt from
    images, held_out, test: how many are in an epoch, are scored after each, and are scored in the end
    """
    work = PLANNED * seconds * speed - FORWARD * test
    epochs = work / (images + FORWARD * held_out)
    if epochs < 0.01:
        raise ValueError(
            f"--budget: expected time for a hundredth of an epoch of {net}, got {said(seconds)} after "
            "start-up, data and probe; give it more time, or a smaller net"
        )
    most = {c.net: c.most for c in CANDIDATES}.get(net, math.inf)
    return recipe.replace(epochs=min(math.floor(epochs * 100) / 100, most))


def recipe_for(net: str, device: str) -> Recipe:
    """The recipe of a net for a short training."""
    recipe = RECIPES[net]
    return recipe.replace(batch_size=min(CPU_BATCH, recipe.batch_size)) if device == "cpu" else recipe


def expected(net: str, data: str, epochs: float) -> float | None:
    """The accuracy that was measured for such a training, 0…1; None where nothing near was measured.

    Between two numbers of epochs that were measured lies a line over their logarithms.

    >>> expected("fast_half", "no such data", 3)
    """
    measured = sorted(REACHED.get((net, data), {}).items())
    for at, accuracy in measured:
        if math.isclose(at, epochs, rel_tol=0.1):
            return accuracy
    for (low, worse), (high, better) in pairwise(measured):
        if low <= epochs <= high:
            return worse + (better - worse) * math.log(epochs / low) / math.log(high / low)
    return None


class Pace(Hook):
    """Keeps a training in its time: where the machine gets slower, steps are left out evenly to the end.

    The learning rate falls to its end all the same. As long as the time is enough, nothing is left out, and
    the training is the one of its recipe.

    deadline: by `time.perf_counter`, when the test images must be scored
    held_out, test: how many images are scored after each epoch, and in the end

    skipped: how many steps were left out
    """

    def __init__(self, deadline: float, *, held_out: int, test: int):
        self.deadline, self.held_out, self.test = deadline, held_out, test
        self.skipped = 0
        self.owed = 0.0
        self.times: deque[float] = deque(maxlen=20)
        self.last: float | None = None

    def after_step(self, run: Run) -> None:
        now = time.perf_counter()
        if self.last is not None:
            self.times.append(now - self.last)
        self.last = now
        left = run.steps - run.step
        if len(self.times) < self.times.maxlen / 2 or left <= 0:
            return
        step = sum(self.times) / len(self.times)
        scored = FORWARD * (self.test + self.held_out * left / run.epoch_steps) / run.recipe.batch_size
        fits = (self.deadline - now) / step - scored
        if left > fits:
            self.owed += left / max(fits, 1) - 1
            skip = min(int(self.owed), left)
            self.owed -= skip
            self.skipped += skip
            run.step += skip

    def after_epoch(self, run: Run) -> None:
        self.last = None  # validation is no step
