"""A net and all that makes it learn: one step at a time, for the loop."""

from __future__ import annotations

from typing import Any, Protocol

import torch
from torch import Tensor, nn

from lib.checks import check_choice
from lib.convnets.optimizers import make_optimizers
from lib.convnets.recipe import Recipe

PRECISIONS = ("fp32", "bf16")


class Learner(Protocol):
    """What the loop asks of a net, whatever it is made of.

    hits: of the last step, how many images had their highest score at the right class
    """

    hits: Any

    def begin(self, seed: int, epoch: int) -> None:
        """Before each epoch: all randomness inside the net starts anew from these two numbers."""

    def step(self, images: Any, labels: Any, rate: float) -> Any:
        """One step at a learning rate: forward, backward, update; returns the loss.

        images, labels: (N, C, H, W) floats and (N,) int64
        Returns a float, or a tensor of shape () that stays on its device.
        """

    def scores(self, images: Any) -> Any:
        """The scores (N, classes), in evaluation mode; nothing is learnt."""

    def state_dict(self) -> dict[str, Any]:
        """All that the next step depends on."""

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Puts back what `state_dict` gave."""


class TorchLearner:
    """A torch net that learns by a recipe.

    model: takes (N, C, H, W), returns scores (N, classes); it moves to the device
    recipe: its optimiser, momentum, decay and label smoothing are used here
    device: where it runs, such as "cpu", "mps", "cuda"
    precision: "fp32", or "bf16": products in 16 bits under autocast, weights and loss in 32
    compile: True translates the net first, which takes a while and is worth it on a GPU

    average: a net that `scores` uses in the place of `model`, such as the moving average that EMA keeps
    """

    def __init__(
        self,
        model: nn.Module,
        recipe: Recipe,
        *,
        device: str | torch.device = "cpu",
        precision: str = "fp32",
        compile: bool = False,
    ):
        self.precision = check_choice(precision, PRECISIONS, name="precision", owner=self)
        self.device = torch.device(device)
        self.model = model.to(self.device)
        for filters in [p for p in model.parameters() if p.ndim == 4]:
            filters.data = filters.data.contiguous(memory_format=torch.channels_last)
        self.dtype = next((p.dtype for p in model.parameters()), torch.float32)
        self.average: nn.Module | None = None
        self.criterion = nn.CrossEntropyLoss(label_smoothing=recipe.label_smoothing)
        self.optimizers = make_optimizers(self.model, recipe)
        self.forward: Any = torch.compile(self.model) if compile else self.model
        self.hits: Any = 0

    def begin(self, seed: int, epoch: int) -> None:
        torch.manual_seed(seed + 1_000_003 * epoch)  # of dropout

    def step(self, images: Tensor, labels: Tensor, rate: float) -> Tensor:
        if not self.model.training:
            self.model.train()
        scores = self._scores(self.forward, images)
        labels = labels.to(self.device, non_blocking=True)
        loss = self.criterion(scores, labels)
        loss.backward()
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        self.hits = (scores.detach().argmax(1) == labels).sum()
        return loss.detach()

    @torch.no_grad()
    def scores(self, images: Tensor) -> Tensor:
        model = self.model if self.average is None else self.average
        return self._scores(model.eval(), images)

    def state_dict(self) -> dict[str, Any]:
        return {
            "model": self.model.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["model"])
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)

    def _scores(self, model: Any, images: Tensor) -> Tensor:
        images = images.to(self.device, self.dtype, non_blocking=True)
        if images.dim() == 4:
            images = images.to(memory_format=torch.channels_last)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.precision == "bf16"):
            scores = model(images)
        return scores.to(self.dtype)
