"""A moving average of the weights: it wobbles less than they do, and mostly classifies better."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from lib.checks import check_number, mismatch
from lib.convnets.hooks import Hook

if TYPE_CHECKING:
    from lib.convnets.run import Run


class EMA(Hook):
    """average ← d · average + (1 − d) · weights, after each step; it is what `learner.scores` uses.

    When the training ends, the average becomes the weights of the net.

    decay: d, above 0 and below 1; in the first steps it is lower, (1 + step) / (10 + step), so that the start
        values are soon forgotten

    model: the averaged net, from the start of a training on; running means of batch norm are averaged too

    Source: Polyak and Juditsky, 1992; the first steps: TensorFlow's ExponentialMovingAverage.
    """

    def __init__(self, decay: float):
        self.decay = check_number(
            decay, name="decay", owner=self, low=0, high=1, open_low=True, open_high=True
        )
        self.model: nn.Module | None = None

    def start(self, run: Run) -> None:
        if not isinstance(getattr(run.learner, "model", None), nn.Module):
            raise mismatch(self, "learner", "a net of torch", type(run.learner).__name__)
        learner: Any = run.learner
        self.model = copy.deepcopy(learner.model).requires_grad_(False).eval()
        self.averages, self.others = _pairs(self.model, learner.model)
        learner.average = self.model

    @torch.no_grad()
    def after_step(self, run: Run) -> None:
        decay = min(self.decay, (1 + run.step) / (10 + run.step))
        averages, weights = self.averages
        torch._foreach_lerp_(averages, weights, 1 - decay)
        if self.others[0]:
            torch._foreach_copy_(*self.others)

    def end(self, run: Run) -> None:
        learner: Any = run.learner
        if self.model is not None and learner.average is self.model:
            learner.model.load_state_dict(self.model.state_dict())
            learner.average = None

    def state_dict(self) -> dict[str, Any]:
        return {} if self.model is None else {"model": self.model.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        if self.model is None:
            raise RuntimeError("EMA: expected the training to be started, got a state before; give it to fit")
        self.model.load_state_dict(state["model"])


Tensors = tuple[list[Tensor], list[Tensor]]


def _pairs(average: nn.Module, model: nn.Module) -> tuple[Tensors, Tensors]:
    """The tensors of two nets side by side: those that are averaged, and counters, which are copied."""
    ours, theirs = average.state_dict(), model.state_dict()
    floats = [name for name, tensor in theirs.items() if tensor.is_floating_point()]
    rest = [name for name in theirs if name not in set(floats)]
    first, second = (([ours[n] for n in names], [theirs[n] for n in names]) for names in (floats, rest))
    return first, second
