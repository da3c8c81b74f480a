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
    from lib.convnets.probe import Speed
    from lib.convnets.run import Run

PLANNED = 0.98  # of the time that is left: the rest is for a machine that gets busier
RESERVE = 0.02  # of a budget, for what comes after the last step: on a busy machine scoring may take longer
FORWARD = 1 / 3  # of a step's time that scores alone take, at most; measured: 0.22 in bf16, 0.26 in fp32
CPU_BATCH = {"fast_half": 256}  # images, in the place of the recipe's: few epochs need many steps
WINDOW = 20  # steps from which the time of the next is told
MORE = 0.5  # steps to add after each that is taken, at most
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


# From the smallest net to the largest. The costs are of an AMD EPYC in bf16. On JPEG copies of CIFAR-10
# `fast_half` is ahead after 3 minutes of two such processors, `fast_mirror` after 10 (fast: 89.7%, fast_half:
# 88.2%); all other `least` and `most` are choices.
CANDIDATES = (
    Candidate("linear", 0.05, 0, 20),
    Candidate("fast_half", 1, 0.1, 16),
    Candidate("fast_mirror", 3.7, 4, 16),
    Candidate("resnet18", 12.3, 15, 60),
)

# What such a training reached: net and kind of images → epochs → accuracy on the test images. One seed each,
# November 2026, in bf16 with the batches of `recipe_for`. Nothing else stands here: of what was not measured
# nothing is promised.
REACHED: dict[tuple[str, str], dict[float, float]] = {
    ("fast_half", "Shapes-10"): {0.13: 0.9893, 0.83: 0.9998},
    ("fast_half", "hard Shapes-10"): {0.22: 0.8741, 0.38: 0.9407, 3: 0.9863},
    ("fast_half", "CIFAR-10, JPEG copies"): {
        0.24: 0.6501, 0.43: 0.7131, 1: 0.7909, 2: 0.8303, 4: 0.8584, 7: 0.8738, 26: 0.8824,
    },
    ("fast_mirror", "CIFAR-10, JPEG copies"): {4.1: 0.9010, 7.5: 0.9002},
}  # fmt: skip


def choose_net(work: float, images: int) -> str:
    """The largest net that has time for enough epochs.

    work: how many images `fast_half` could learn from in the time; 0 or less where the time is over
    images: in an epoch
    """
    return [c.net for c in CANDIDATES if max(work, 0) / c.cost >= c.least * images][-1]


def hoped(speed: Speed) -> float:
    """Images a second to plan with, on a busy machine up to twice those of now.

    It may become idle soon, and `Pace` leaves out what doesn't fit.
    """
    return min(speed.idle, 2 * speed.now) if speed.busy else speed.now


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
    if seconds <= 0:
        raise ValueError(
            f"--budget: expected time for a training, got {said(-seconds)} too little for start-up, data and "
            "probe alone; give it more time, or end other programs"
        )
    if epochs < 0.01:
        raise ValueError(
            f"--budget: expected time for a hundredth of an epoch of {net}, got {said(seconds)} after "
            "start-up, data and probe; give it more time, or a smaller net"
        )
    return recipe.replace(epochs=min(math.floor(epochs * 100) / 100, most_epochs(net)))


def most_epochs(net: str) -> float:
    """More epochs of a net than that bring hardly anything."""
    return {c.net: c.most for c in CANDIDATES}.get(net, math.inf)


def recipe_for(net: str, device: str) -> Recipe:
    """The recipe of a net for a short training."""
    recipe = RECIPES[net]
    return recipe.replace(batch_size=CPU_BATCH.get(net, recipe.batch_size)) if device == "cpu" else recipe


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
    """Has a training end in time: steps are left out where the machine gets slower, added where it is faster.

    Both evenly up to the end, so that the learning rate goes through its whole schedule all the same.

    deadline: by `time.perf_counter`, when the test images must be scored
    held_out, test: how many images are scored after each epoch, and in the end
    most: epochs that may be learnt; none is added beyond them

    left_out: how many steps were left out; less than 0 where there were more added than left out
    """

    def __init__(self, deadline: float, *, held_out: int, test: int, most: float = math.inf):
        self.deadline, self.held_out, self.test, self.most = deadline, held_out, test, most
        self.taken = self.left_out = 0  # steps
        self.stride = self.owed = 0.0  # steps to leave out, after each that is taken and in all
        self.marks: deque[tuple[float, float]] = deque()  # times, and the work that was done by then

    def after_step(self, run: Run) -> None:
        self.taken += 1
        if not run.losses.waiting:  # the losses are read: a GPU has done all that it was given
            self.measure(run)
        self.owed += self.stride
        leave_out = min(int(self.owed), run.steps - run.step)
        self.owed -= leave_out
        self.left_out += leave_out
        run.step += leave_out

    def measure(self, run: Run) -> None:
        """Finds out from the last steps how many fit into the time; scoring is counted in steps, too."""
        validation, end = (FORWARD * count / run.recipe.batch_size for count in (self.held_out, self.test))
        now, done = time.perf_counter(), self.taken + validation * run.epoch
        self.marks.append((now, done))
        while len(self.marks) > 2 and done - self.marks[1][1] >= WINDOW:
            self.marks.popleft()
        then, before = self.marks[0]
        if done - before < WINDOW / 2:
            return
        work = (self.deadline - now) * (done - before) / max(now - then, 1e-9) - end
        fits = min(work / (1 + validation / run.epoch_steps), self.most * run.epoch_steps - self.taken)
        self.stride = max((run.steps - run.step) / max(fits, 1) - 1, -MORE)
