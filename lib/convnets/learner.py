"""A net and all that makes it learn: one step at a time, for the loop."""

from __future__ import annotations

import time
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from lib.checks import check_choice, mismatch, shown
from lib.convnets.memory import is_out_of_memory, out_of_memory
from lib.convnets.optimizers import make_optimizers
from lib.convnets.recipe import Recipe

PRECISIONS = ("fp32", "bf16")
OF_SHAPES = ("channels", "shape", "size", "dimension")  # in torch's words where images don't fit a net


class Learner(Protocol):
    """What the loop asks of a net, whatever it is made of.

    hits, count: of the last step: how many images had their highest score at the right class, and of how many
    rank, world: which of how many processes this is
    classes: how many the images have, as far as one knows; `fit` says it
    device: where it runs
    """

    device: torch.device
    hits: Any
    count: Any
    rank: int
    world: int
    classes: int

    def begin(self, seed: int, epoch: int) -> None:
        """Before each epoch: all randomness inside the net starts anew from these two numbers."""

    def step(self, images: Any, labels: Any, rate: float) -> Any:
        """One step at a learning rate: forward, backward, update; returns the loss before it.

        images, labels: floats (N, C, H, W) and int64 (N,)
        Returns a float, or a tensor of shape () that stays on its device.
        """

    def end(self) -> None:
        """After the training: the net stays in evaluation mode."""

    def scores(self, images: Any) -> Tensor:
        """The scores (N, classes), in evaluation mode; nothing is learnt."""

    def state_dict(self) -> dict[str, Any]:
        """All that the next step depends on: tensors, numbers, words."""

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Puts back what `state_dict` gave."""


class TorchLearner:
    """A torch net that learns by a recipe.

    model: takes (N, C, H, W), returns scores (N, classes); it is moved to the device
    recipe: its optimiser, momentum, decay and label smoothing are used here
    device: where it runs, such as "cpu", "mps", "cuda"
    precision: "fp32", or "bf16": products in 16 bits under autocast, weights and loss as they are
    compile: True has torch translate the net at the first step, and says how long that took; for GPUs

    average: a net that `scores` uses in the place of `model`, such as the moving average that EMA keeps

    Raises `MemoryError` that says which batch size fits where a step takes more memory than there is.
    """

    rank, world = 0, 1
    classes = 0

    def __init__(
        self,
        model: nn.Module,
        recipe: Recipe,
        *,
        device: str | torch.device = "cpu",
        precision: str = "fp32",
        compile: bool = False,
    ):
        if not isinstance(model, nn.Module):
            raise mismatch(self, "model", "a net of torch.nn, such as build_model('small')", shown(model))
        if not isinstance(recipe, Recipe):
            raise mismatch(self, "recipe", "a Recipe, such as RECIPES['small']", shown(recipe))
        self.precision = check_choice(precision, PRECISIONS, name="precision", owner=self)
        self.device = torch.device(device)
        self.model = lay_channels_last(model.to(self.device))
        self.dtype = next((p.dtype for p in model.parameters()), torch.float32)
        self.average: nn.Module | None = None
        self.criterion = nn.CrossEntropyLoss(label_smoothing=recipe.label_smoothing)
        muon_dtype = torch.bfloat16 if precision == "bf16" else None
        self.optimizers = make_optimizers(self.model, recipe, muon_dtype=muon_dtype)
        # dynamic=False: a last, shorter batch gets a translation of its own, and the others keep theirs.
        self.forward: Any = torch.compile(self.model, dynamic=False) if compile else self.model
        if self.device.type == "cuda":
            torch.backends.cudnn.benchmark = True  # shapes recur, so it pays to try which way is the fastest
        self.must_compile = compile
        self.has_run = False  # with images of some shape
        self.hits: Any = 0
        self.count: Any = 0
        self.random_before: list[Tensor] | None = None

    def begin(self, seed: int, epoch: int) -> None:
        if self.random_before is None:
            self.random_before = [generator.get_state() for generator in self._generators()]
        torch.manual_seed((seed + 1_000_003 * epoch + 7_919 * self.rank) % 2**63)  # of dropout

    def step(self, images: Tensor, labels: Tensor, rate: float) -> Tensor:
        if not self.model.training:
            self.model.train()
        start = time.perf_counter()
        try:
            self.zero_grad()
            loss, scores = self.gradients(images, labels)
            self.update(rate)
        except (RuntimeError, MemoryError) as error:  # torch.OutOfMemoryError is one on some devices
            if not is_out_of_memory(error):
                raise
            loss = None
        if loss is None:  # the error is forgotten by now, and with it the memory that its frames held
            raise out_of_memory(self, images, labels)
        if self.must_compile:
            loss.item()  # waits for the device
            print(f"The net was translated for {self.device}, once: {time.perf_counter() - start:.0f} s")
            self.must_compile = False
        self.hits = (scores.argmax(1) == labels.to(self.device)).sum()
        self.count = len(labels)
        return loss

    def zero_grad(self) -> None:
        """Forgets the gradients of the step before, to which others would be added."""
        for optimizer in self.optimizers:
            optimizer.zero_grad(set_to_none=True)

    @torch.enable_grad()  # also where a caller has switched gradients off
    def gradients(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Adds the gradient of the loss to every parameter; returns the loss and the scores."""
        scores = self._scores(self.forward, images)
        labels = labels.to(self.device, non_blocking=True)
        self.check_classes(scores)
        loss = self.criterion(scores, labels)
        loss.backward()
        return loss.detach(), scores.detach()

    def check_classes(self, scores: Tensor) -> None:
        """Raises `ValueError` where the images have more classes than the net: a GPU would die of it."""
        if scores.shape[-1] < self.classes:
            expected = f"scores of {self.classes} classes, as the images have"
            advice = f"build_model(…, num_classes={self.classes}) makes such a net"
            raise mismatch(self, "model", expected, f"{scores.shape[-1]}", advice)

    def update(self, rate: float) -> None:
        """Moves every parameter along its gradient."""
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate
            optimizer.step()

    def end(self) -> None:
        self.model.eval()
        for generator, state in zip(self._generators(), self.random_before or (), strict=False):
            generator.set_state(state)  # to the caller nothing was drawn
        self.random_before = None

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

    def _generators(self) -> list[torch.Generator]:
        """Torch's own, from which dropout draws: of the CPU and of the device."""
        found = [torch.default_generator]
        if self.device.type == "cuda":
            number = torch.cuda.current_device() if self.device.index is None else self.device.index
            found.append(torch.cuda.default_generators[number])
        if self.device.type == "mps":
            found.append(torch.mps._get_default_mps_generator())
        return found

    def _scores(self, model: Any, images: Tensor) -> Tensor:
        images = images.to(self.device, self.dtype, non_blocking=True)
        if images.ndim == 4:
            images = images.contiguous(memory_format=torch.channels_last)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.precision == "bf16"):
            try:
                scores = model(images)
            except RuntimeError as error:
                shape, said = tuple(images.shape), str(error).partition("\n")[0]
                if self.has_run or not any(word in said for word in OF_SHAPES) or is_out_of_memory(error):
                    raise
                expected = "images (N, channels, height, width) that the net takes"
                raise mismatch(self, "images", expected, f"{shape}", f"torch says: {said}") from error
        self.has_run = True
        return scores.to(self.dtype)


def lay_channels_last(model: nn.Module) -> nn.Module:
    """Lays the filters out with their channels last, in which convolutions are quicker; returns the net."""
    for parameter in model.parameters():
        if parameter.ndim == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
    return model
