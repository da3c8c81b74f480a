"""The tricks of lecture 12 as data: each is one change of the net, of its recipe, or of its arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from torch import nn

from lib.convnets.recipe import Recipe


def _same(recipe: Recipe) -> Recipe:
    return recipe


def _keep(model: nn.Module) -> None:
    return None


@dataclass(frozen=True)
class Trick:
    """One change to the base, `fast` with its recipe.

    instead: what stands in its place without it
    in_base: True where the base has the trick, and the change takes it away; False where the change adds it
    recipe, edit: change the recipe; change the net once it is built
    options: of the net's builder
    precision: in the place of the base's; "" for that
    mirrored: True scores the mean over an image and its mirror image
    beside: the name of the trick it is compared with; "" for the base
    """

    instead: str
    in_base: bool = True
    recipe: Callable[[Recipe], Recipe] = _same
    edit: Callable[[nn.Module], None] = _keep
    options: dict[str, Any] = field(default_factory=dict)
    precision: str = ""
    mirrored: bool = False
    beside: str = ""


def replaced(**changes: Any) -> Callable[[Recipe], Recipe]:
    """The change of a recipe that gives some of its fields other values."""
    return lambda recipe: recipe.replace(**changes)


def without_gelu(model: nn.Module) -> None:
    """ReLU in the place of every GELU."""
    for module in list(model.modules()):
        for name, child in module.named_children():
            if isinstance(child, nn.GELU):
                setattr(module, name, nn.ReLU())


def slow_means(model: nn.Module) -> None:
    """Torch's own momentum for the running means of batch norm, 0.1."""
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = 0.1


TRICKS: dict[str, Trick] = {
    "whitened stem": Trick("a stem that is learned", options={"whitened": False}),
    "identity start": Trick("all weights random", options={"identity": False}),
    "Muon": Trick(
        "SGD with Nesterov's momentum",
        recipe=replaced(optimizer="sgd", learning_rate=2.0, momentum=0.9, weight_decay=5e-4),
    ),
    "falling rate": Trick("a constant rate", recipe=replaced(schedule="constant", warmup=0.0)),
    "smaller batches": Trick(
        "batches twice as large", recipe=lambda recipe: recipe.replace(batch_size=2 * recipe.batch_size)
    ),
    "fast running means": Trick("batch norm's momentum 0.1", edit=slow_means),
    "GELU": Trick("ReLU", edit=without_gelu),
    "label smoothing": Trick("targets 0 and 1", recipe=replaced(label_smoothing=0.0)),
    "flips": Trick("no mirror images", recipe=replaced(flip="none")),
    "alternating flip": Trick("a coin for each flip", recipe=replaced(flip="random")),
    "shifts": Trick("images that stay", recipe=replaced(shift=0)),
    "cutout": Trick("nothing covered", in_base=False, recipe=replaced(cutout=8)),
    "averaged weights": Trick("the last weights", in_base=False, recipe=replaced(ema=0.95)),
    "bf16": Trick("fp32", precision="fp32"),
    "mirrored views": Trick("one view", in_base=False, mirrored=True),
}
TUNED, ROUNDED = "constants to four digits", "the same, rounded"


FIRST_DRAW = 1000  # the seed of a random search's nets: none of those that are compared later


def drawn(number: int) -> dict[str, float]:
    """Factors for four constants of a recipe, from ½ to 2: the `number`-th draw of a random search."""
    rng = np.random.default_rng([12, number])
    names = ("learning_rate", "weight_decay", "label_smoothing", "momentum")
    return dict(zip(names, 2.0 ** rng.uniform(-1, 1, len(names)), strict=True))


def tuned(recipe: Recipe, factors: dict[str, float], digits: int) -> Recipe:
    """A recipe whose constants are multiplied by these factors and have so many digits.

    Of momentum and label smoothing, what is multiplied is 1 − momentum, and shares stay below 1.
    """
    changes = {}
    for name, factor in factors.items():
        value = getattr(recipe, name)
        value = 1 - (1 - value) * factor if name == "momentum" else value * factor
        value = min(value, 0.95) if name in ("momentum", "label_smoothing") else value
        changes[name] = float(f"{max(value, 0.0):.{digits}g}")
    return recipe.replace(**changes)


def best_draw(study: dict[str, Any]) -> int:
    """Which draw of a study's random search had the highest accuracy, on one seed."""
    draws = {
        int(name.split()[1]): runs[str(FIRST_DRAW)]["accuracy"]
        for name, runs in study["runs"].items()
        if name.startswith("draw ")
    }
    return max(draws, key=lambda number: draws[number])


def tricks_of(study: dict[str, Any]) -> dict[str, Trick]:
    """The tricks of a study by name: those of `TRICKS`, and what its search has found."""
    searched = any(name.startswith("draw ") for name in study["runs"])
    found = TRICKS | (tuned_tricks(drawn(best_draw(study))) if searched else {})
    return {name: trick for name, trick in found.items() if name in study["tricks"]}


def tuned_tricks(factors: dict[str, float]) -> dict[str, Trick]:
    """What the best draw of a search is worth, and what rounding its constants to one digit costs."""
    return {
        TUNED: Trick("round ones", in_base=False, recipe=lambda r: tuned(r, factors, 4)),
        ROUNDED: Trick("four digits", in_base=False, recipe=lambda r: tuned(r, factors, 1), beside=TUNED),
    }
