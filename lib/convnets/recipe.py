"""What it takes to train a net, as data: one recipe for each model of the course."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from lib.checks import check_choice, check_number, check_switch, check_whole, mismatch, shown
from lib.optim import schedules
from lib.optim.optimizer import Schedule

OPTIMIZERS = ("sgd", "adamw", "muon")
SCHEDULES = ("one_cycle", "cosine", "triangle", "constant")
FLIPS = ("none", "random", "alternating")


@dataclass(frozen=True)
class Recipe:
    """How a net is trained: everything that is chosen before the first step, and nothing else.

    epochs: how often every image is seen, > 0; the last epoch may be a part of one
    batch_size: images a step averages over, of all devices together
    optimizer: "sgd", "adamw", or "muon" (Muon for filters, AdamW for the rest)
    learning_rate: the highest
    momentum: of SGD and of Muon; β₁ of AdamW; from 0 to below 1
    nesterov: whether SGD and Muon look one momentum step ahead
    weight_decay: of weights that multiply; biases and what scales in a normalisation do not decay
    schedule: "one_cycle", "cosine", "triangle" or "constant", over all steps
    warmup: the share of the steps in which the rate rises, from 0 to below 1
    label_smoothing: the share of each target that goes to all classes alike, from 0 to below 1
    flip: of training images, left to right: "none", "random", or "alternating" from epoch to epoch
    shift: training images move by at most so many pixels, each way
    cutout: the side of the square that is blotted out in each training image, in pixels; 0: none
    brightness: training images get brighter or darker by at most this share, below 1; 0: none
    ema: the decay of the moving average of the weights, at each step, from 0 to below 1; 0: no average

    Raises `ValueError` where one of them is not possible.

    >>> RECIPES["small"].replace(epochs=2).epochs
    2.0
    """

    epochs: float
    batch_size: int
    learning_rate: float
    optimizer: str = "sgd"
    momentum: float = 0.9
    nesterov: bool = True
    weight_decay: float = 5e-4
    schedule: str = "one_cycle"
    warmup: float = 0.2
    label_smoothing: float = 0.0
    flip: str = "random"
    shift: int = 4
    cutout: int = 0
    brightness: float = 0.0
    ema: float = 0.0

    def __post_init__(self) -> None:
        checked: dict[str, Any] = {
            name: check_number(getattr(self, name), name=name, owner=self, low=0, open_low=True)
            for name in ("epochs", "learning_rate")
        }
        for name in ("momentum", "warmup", "label_smoothing", "brightness", "ema"):
            value = getattr(self, name)
            checked[name] = check_number(value, name=name, owner=self, low=0, high=1, open_high=True)
        checked["weight_decay"] = check_number(self.weight_decay, name="weight_decay", owner=self, low=0)
        for name, low in (("batch_size", 1), ("shift", 0), ("cutout", 0)):
            checked[name] = check_whole(getattr(self, name), name=name, owner=self, low=low)
        for name, options in (("optimizer", OPTIMIZERS), ("schedule", SCHEDULES), ("flip", FLIPS)):
            checked[name] = check_choice(getattr(self, name), options, name=name, owner=self)
        checked["nesterov"] = check_switch(self.nesterov, name="nesterov")
        if self.optimizer == "sgd" and self.nesterov and not self.momentum:
            raise mismatch(
                "Recipe", "momentum", "more than 0 with nesterov=True, such as 0.9", shown(self.momentum)
            )
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    def replace(self, **changes: Any) -> Recipe:
        """The same recipe but for what is named; raises `ValueError` for a name that it does not have."""
        names = [field.name for field in dataclasses.fields(self)]
        for name in changes:
            check_choice(name, names, name="replace", owner=self)
        return dataclasses.replace(self, **changes)

    def rate(self, steps: int) -> Schedule:
        """The learning rate as a function of the step 0, 1, …, for a training of so many steps.

        A training of less than three steps has no room to rise and fall: its rate is constant.
        """
        check_whole(steps, name="steps", owner=self, low=1)
        peak, rise = self.learning_rate, round(self.warmup * steps)
        if steps < 3:
            return schedules.constant(peak)
        if self.schedule == "one_cycle":
            return schedules.one_cycle(peak, steps=steps, rise=min(max(rise, 2), steps - 1) / steps)
        if self.schedule == "triangle":
            return schedules.triangular(peak, steps=steps, rise=self.warmup)
        rise = min(rise, steps - 1)
        fall = schedules.cosine(peak, steps=steps - rise) if self.schedule == "cosine" else None
        rate = schedules.constant(peak) if fall is None else lambda step: fall(max(step - rise, 0))
        return schedules.warmup(rate, steps=rise) if rise else rate

    def as_dict(self) -> dict[str, Any]:
        """The fields by name."""
        return dataclasses.asdict(self)

    def __str__(self) -> str:
        """A table of two columns, one field a line."""
        return "\n".join(
            f"{name.replace('_', ' '):16} {_text(value)}" for name, value in self.as_dict().items()
        )


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


# From published trainings, the rates scaled to these batches. `linear`, `small` and `fast…` were tried on a
# CPU; the others are for GPUs, and not measured yet.
_VGG = Recipe(40, 256, 0.1, label_smoothing=0.1, cutout=8)  # with dropout before every convolution: gently
_RESNET = Recipe(30, 256, 0.2, label_smoothing=0.1, cutout=8)  # 0.1 for 128 images: He et al., 2015
_SLIM = _RESNET.replace(epochs=60, cutout=0, label_smoothing=0)  # too small to memorise the images
_FAST = Recipe(
    8, 512, 0.05, "muon", momentum=0.6, weight_decay=0.1, schedule="triangle", label_smoothing=0.2,
    flip="alternating", shift=2,
)  # fmt: skip
RECIPES: dict[str, Recipe] = {
    "linear": Recipe(10, 256, 0.01, weight_decay=1e-4, flip="random", shift=0),
    "small": Recipe(10, 128, 0.05, label_smoothing=0.1, shift=2),
    "alexnet": Recipe(90, 256, 0.02, schedule="cosine", warmup=0.05, shift=0),
    "alexnet_cifar": Recipe(40, 256, 0.05, label_smoothing=0.1),  # its linear layers have no batch norm
    "vgg16": _VGG,
    "vgg19": _VGG,
    "allcnn": Recipe(60, 256, 0.1, weight_decay=1e-3, label_smoothing=0.1),  # decay: Springenberg et al.
    "resnet18": _RESNET,
    "resnet20": _SLIM,
    "resnet56": _SLIM,
    "plain20": _SLIM,
    "plain56": _SLIM,
    "resnet50": _RESNET,
    "resnet152": _RESNET,
    "fast": _FAST,
    "fast_half": _FAST,
    "fast_mirror": _FAST.replace(flip="none"),  # to it a mirror image is nothing new
}
