"""When a batch does not fit into memory: what to try instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from lib.convnets.learner import TorchLearner

SIGNS = ("out of memory", "can't allocate memory", "not enough memory")  # of CUDA and MPS; of the CPU


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error of torch says that a device has no memory left."""
    out = isinstance(error, (MemoryError, torch.OutOfMemoryError))
    return out or (isinstance(error, RuntimeError) and any(sign in str(error).lower() for sign in SIGNS))


def out_of_memory(learner: TorchLearner, images: Tensor, labels: Tensor) -> MemoryError:
    """The error for a batch that was too much, with the largest half, quarter, … of it that fits.

    learner: whose step has failed; halves are tried on its net, and nothing is updated
    images, labels: of the batch, (N, …) and (N,)
    """
    name, count, world = learner.device, len(labels), learner.world
    tried = count // 2
    while tried and not _fits(learner, images[:tried], labels[:tried]):
        tried //= 2
    advice = "try a smaller net, or another device; not even one image fits"
    if tried:
        share = f"{tried / count:.3g} times the learning rate"
        advice = f"try recipe.replace(batch_size={tried * world}), which fits, with {share}"
    return MemoryError(
        f"batch_size: expected one that fits into the memory of {name}, got {count * world}; {advice}"
    )


def _fits(learner: TorchLearner, images: Tensor, labels: Tensor) -> bool:
    try:
        _empty(learner)
        scores = learner._scores(learner.model, images)
        learner.criterion(scores, labels.to(learner.device)).backward()
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        return False
    finally:
        _empty(learner)
    return True


def _empty(learner: TorchLearner) -> None:
    """Gives back what a failed step has left."""
    for parameter in learner.model.parameters():
        parameter.grad = None
    if learner.device.type == "cuda":
        torch.cuda.empty_cache()
    if learner.device.type == "mps":
        torch.mps.empty_cache()
