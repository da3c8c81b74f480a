"""How fast a net learns on this machine, found out in about five seconds, before anything is promised."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import median
from typing import Any, Protocol

import torch

from lib.checks import check_number, check_whole, mismatch, shown
from lib.convnets.device import Stretch, check_device, synchronize

SECONDS = 5.0
FIRST = 32  # images of the steps that find out how large a batch fits into the time
STRETCHES = 20  # at least so many are measured, where one step is quick enough


class Learns(Protocol):
    """What is probed: a `Learner`, or anything that takes steps."""

    def step(self, images: Any, labels: Any, rate: float) -> Any:
        """Forward, backward and update."""


@dataclass(frozen=True)
class Speed:
    """What a probe measured: images per second of forward, backward and update.

    idle: by the processor's time, so nearly what an idle machine would do, or a little less: the promise
    now: by the clock on the wall, with all that other programs take
    batch_size: of the measured steps; smaller than the recipe's where that takes too long
    steps: how many were measured, warm-up not counted
    threads: with how many it was fastest: all that torch may use now, or one where other programs keep the
        processors busy, since threads wait for each other at every layer
    """

    idle: float
    now: float
    batch_size: int
    steps: int
    threads: int

    @property
    def busy(self) -> bool:
        """Whether other programs make it more than twice as slow as on an idle machine."""
        return self.idle > 2 * self.now

    def seconds(self, images: float) -> float:
        """How long the training takes that sees so many images, each epoch's counted, on an idle machine."""
        return images / self.idle

    def __str__(self) -> str:
        text = f"{self.idle:,.0f} images a second"
        return f"{text} (now {self.now:,.0f}: this machine is busy)" if self.busy else text


def probe(
    build: Callable[[], Learns],
    batch_size: int,
    size: tuple[int, int, int] = (3, 32, 32),
    *,
    device: torch.device | str = "cpu",
    dtype: torch.dtype = torch.float32,
    seconds: float = SECONDS,
) -> Speed:
    """Images per second of a learner's steps at the recipe's batch size and precision.

    build: makes the learner that is measured and thrown away, since steps change its weights, such as
        lambda: TorchLearner(build_model("small"), recipe, precision="bf16")
    batch_size: of the recipe
    size: of an image: (C, H, W)
    device, dtype: of the images, as `DeviceImages` gives them
    seconds: about how long it may take, without building; a step that takes longer is finished

    The first steps don't count: in them torch looks for the fastest way. What counts is the median of the
    others. On a CPU half of the time goes to one thread, the other half to all, and the faster way counts: a
    thread that waits for others looks as if it were working, so only one alone tells what an idle machine
    would do at least. The number of threads and torch's generators are left as they were.

    Raises `ValueError` where an argument is something else.
    """
    if not callable(build) or (hasattr(build, "step") and not isinstance(build, type)):
        raise mismatch("", "build", "a function that makes a learner", shown(build), "write lambda: learner")
    check_whole(batch_size, name="batch_size", low=1)
    check_number(seconds, name="seconds", low=0, open_low=True)
    whole = isinstance(size, tuple) and all(isinstance(side, int) and side > 0 for side in size)
    if not whole or len(size) != 3:
        raise mismatch("", "size", "(C, H, W), such as (3, 32, 32)", shown(size))
    device = check_device(device)
    cuda = [device] if device.type == "cuda" else []
    threads = torch.get_num_threads()
    ways = [threads] if threads == 1 or device.type != "cpu" else [1, threads]
    with torch.random.fork_rng(devices=cuda):
        learner = build()
        try:
            speeds = []
            for way in ways:
                torch.set_num_threads(way)
                speeds.append(_probe(learner, batch_size, size, device, dtype, seconds / len(ways)))
        finally:
            torch.set_num_threads(threads)
    best = max(speeds, key=lambda speed: speed.now)
    return replace(best, idle=max(speed.idle for speed in speeds))


def _probe(
    learner: Learns,
    batch_size: int,
    size: tuple[int, int, int],
    device: torch.device,
    dtype: torch.dtype,
    seconds: float,
) -> Speed:
    generator = torch.Generator().manual_seed(0)
    images = torch.randn((batch_size, *size), generator=generator).to(device, dtype)
    images = images.contiguous(memory_format=torch.channels_last)
    labels = torch.zeros(batch_size, dtype=torch.int64, device=device)
    end = time.perf_counter() + seconds

    def run(count: int, steps: int = 1) -> Stretch:
        """Some steps on so many images, at a rate that changes nothing to speak of; then waits for a GPU."""
        stretch = Stretch()
        for _ in range(steps):
            learner.step(images[:count], labels[:count], 1e-6)
        synchronize(device)
        return stretch.stop()

    count = min(FIRST, batch_size)
    run(count)
    whole = run(count).wall * batch_size / count  # a step of the whole batch, about
    fits = int(batch_size * min(seconds / 5 / whole, 1))  # of five such steps, the first warms up
    count = max(fits, count)
    run(count)
    steps = max(int(seconds / STRETCHES / max(run(count).wall, 1e-6)), 1)
    measured = [run(count, steps)]
    while time.perf_counter() < end:
        measured.append(run(count, steps))
    wall = median(stretch.wall for stretch in measured) / steps
    work = median(stretch.cpu for stretch in measured) / steps if device.type == "cpu" else wall
    return Speed(
        count / min(max(work, 1e-9), wall),
        count / wall,
        count,
        steps * len(measured),
        torch.get_num_threads(),
    )
