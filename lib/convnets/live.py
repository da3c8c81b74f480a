"""What one sees of a training: a bar with the time left, and curves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.checks import check_switch
from lib.convnets.hooks import Hook
from lib.training.progress import Progress

if TYPE_CHECKING:
    from lib.convnets.run import Run


class Live(Hook):
    """A progress bar, and in notebooks a learning curve that grows.

    bar, curves: which of the two to show

    The bar comes with the first step, which is slower than the others and says little about the time left.
    """

    def __init__(self, *, bar: bool = True, curves: bool = False):
        self.show_bar = check_switch(bar, name="bar")
        self.show_curves = check_switch(curves, name="curves")
        self.progress: Progress | None = None

    def after_step(self, run: Run) -> None:
        if run.learner.rank:  # one process shows it
            return
        if self.progress is None:
            self.progress = self._open(run)
        self.progress.step(run.losses.mean, run.losses.accuracy, at=run.step)

    def _open(self, run: Run) -> Progress:
        epochs = -(-run.steps // run.epoch_steps)
        progress = Progress(
            run.history.columns, epochs, run.epoch_steps, bar=self.show_bar, live=self.show_curves
        )
        progress.bar.total = run.steps  # the last epoch may be a part of one
        return progress

    def after_epoch(self, run: Run) -> None:
        if self.progress:
            self.progress.epoch()

    def end(self, run: Run) -> None:
        if self.progress:
            self.progress.close()
        self.progress = None
