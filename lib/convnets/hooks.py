"""What may be added to a training: a hook is told of each step, and each can be left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lib.convnets.run import Run


class Hook:
    """Watches a training, or changes it. Every method does nothing until a subclass writes it.

    Hooks are called in the order in which `fit` was given them, those with a higher `order` after the others.
    """

    order = 0

    def start(self, run: Run) -> None:
        """Before the first step; a training that goes on is put into its place here."""

    def after_step(self, run: Run) -> None:
        """After each step: `run.step` counts it already."""

    def after_epoch(self, run: Run) -> None:
        """After each epoch, when the history has its numbers."""

    def end(self, run: Run) -> None:
        """After the last step; also after an error or Ctrl-C."""

    def state_dict(self) -> dict[str, Any]:
        """What a training must not forget of it when it stops and goes on: tensors, numbers, words."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Puts back what `state_dict` gave."""
