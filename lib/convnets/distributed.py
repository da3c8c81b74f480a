"""Several GPUs: every process has the whole net and a part of each batch; they share their gradients.

    torchrun --nproc-per-node 2 -m …

It pays where a step takes long: per step, every gradient crosses the wires once (4 bytes a parameter, and
back), whatever the batch size. For ResNet-18 these are 45 MB, some milliseconds between GPUs of one machine,
as long as the step itself at 128 images a GPU. So give each GPU as many images as keep it busy, which means a
larger batch in all, and a larger learning rate that rises more slowly. For the small nets of this course, one
GPU is quicker than two.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from lib.checks import mismatch
from lib.convnets.learner import TorchLearner
from lib.convnets.recipe import Recipe


@contextmanager
def process_group() -> Iterator[torch.device]:
    """A `with` block in which the processes that torchrun has started know each other.

    Yields the device of this one: a GPU of its own where there are GPUs, else the CPU.
    Raises `ValueError` where torchrun has started nothing.
    """
    if not started_by_torchrun():
        advice = "start with torchrun --nproc-per-node 2 …"
        raise mismatch("process_group", "LOCAL_RANK", "a process of torchrun", "another one", advice)
    if torch.cuda.is_available():
        device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(device)
    else:
        device = torch.device("cpu")
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield device
    finally:
        dist.destroy_process_group()


def started_by_torchrun() -> bool:
    """Whether this is one of several processes that train together."""
    return "LOCAL_RANK" in os.environ


@contextmanager
def quiet_unless_first() -> Iterator[None]:
    """A `with` block in which only the first process prints."""
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere if dist.get_rank() else sys.stdout):
        yield


class DistributedLearner(TorchLearner):
    """One of several learners that take their steps together, as one with the whole batch would.

    Arguments as those of `TorchLearner`. All start with the weights of rank 0. The loss and the hits are
    those of the whole batch, on every rank, so that all processes stop at one step if the loss is no number.
    Batch norm takes its means from the images of its own process, as is usual.
    """

    def __init__(self, model: nn.Module, recipe: Recipe, **options: Any):
        super().__init__(model, recipe, **options)
        self.rank, self.world = dist.get_rank(), dist.get_world_size()
        self.forward = DistributedDataParallel(self.model)
        if self.must_compile:
            self.forward = torch.compile(self.forward, dynamic=False)

    def step(self, images: Tensor, labels: Tensor, rate: float) -> Tensor:
        super().step(images, labels, rate)
        _, self.hits, self.count = self.sums
        return self.sums[0] / self.sums[2]

    def gradients(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        labels = labels.to(self.device, non_blocking=True)
        scores = self._scores(self.forward, images)
        self.check_classes(scores)
        loss = self.criterion(scores, labels)
        hits, count = (scores.detach().argmax(1) == labels).sum(), len(labels)
        number = torch.full_like(loss, count, requires_grad=False)  # made on the device: nothing waits
        self.sums = torch.stack([loss.detach() * count, hits.to(loss.dtype), number])
        dist.all_reduce(self.sums)
        # The processes' gradients are averaged, and one that has more images counts for more.
        (loss * (count * self.world / self.sums[2])).backward()
        return loss.detach(), scores.detach()
