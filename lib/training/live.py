"""Curves that grow in the notebook while a network trains."""

from __future__ import annotations

import io
import time
from typing import Any

import numpy as np
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display

from lib import plots


class LiveCurves:
    """Loss and accuracy over the epochs, drawn in place; outside of notebooks nothing is drawn.

    history: the trainer's
    epochs: how many there will be
    seconds: from one picture to the next; a picture takes about a tenth of a second
    """

    @plots.in_style
    def __init__(self, history: dict[str, list[float]], epochs: int, *, seconds: float = 5.0):
        self.history = history
        self.seconds = seconds
        self.figure, (loss, accuracy) = plots.figure(2, size=(10, 3.6))
        self.lines = {
            "loss": loss.plot([], [], "o-")[0],
            "train_accuracy": accuracy.plot([], [], "o-", label="training")[0],
            "validation_accuracy": accuracy.plot([], [], "s--", label="validation")[0],
        }
        for line in self.lines.values():
            line.set_clip_on(False)  # the last epoch stands on the edge
            line.set_in_layout(False)  # what lies far outside for a moment must not move the axes
        loss.xaxis.get_major_locator().set_params(integer=True)
        accuracy.xaxis.get_major_locator().set_params(integer=True)
        for axes, label in ((loss, "loss"), (accuracy, "accuracy, %")):
            axes.set(xlim=(0, epochs), xlabel="epoch", ylabel=label)
            axes.grid(alpha=0.3)
        accuracy.set_ylim(0, 100)
        accuracy.legend(loc="lower right")
        self.handle: Any = None
        self.draw()

    def step(self, share: float, loss: float, accuracy: float) -> None:
        """After a batch: the share of the epoch that is done, and its means so far. Draws now and then."""
        if time.monotonic() - self.drawn > self.seconds:
            self.draw({"loss": loss, "train_accuracy": accuracy}, share)

    def draw(self, running: dict[str, float] | None = None, share: float = 0.0) -> None:
        """Draws the picture of the history.

        running: numbers of an epoch of which only a share is done
        """
        for name, line in self.lines.items():
            values = np.array(self.history[name])
            epochs = np.arange(1.0, len(values) + 1)
            if running and name in running:
                values, epochs = np.append(values, running[name]), np.append(epochs, len(values) + share)
            line.set_data(epochs, values if name == "loss" else 100 * values)
        losses = self.lines["loss"]
        losses.axes.set_ylim(0, 1.05 * max([*losses.get_ydata(), 0.1]))
        self._show()
        self.drawn = time.monotonic()

    def alt(self) -> str:
        """What the picture says, in a sentence."""
        if not (done := len(self.history["loss"])):
            return "Loss and accuracy over the epochs; the first epoch is not over yet."
        accuracies = ("train_accuracy", "in training"), ("validation_accuracy", "in validation")
        said = [f"{self.history[name][-1]:.0%} {where}" for name, where in accuracies if self.history[name]]
        loss = self.history["loss"][-1]
        return f"Epochs finished: {done}. The loss is {loss:.2f}, the accuracy {' and '.join(said)}."

    @plots.in_style
    def _show(self) -> None:
        if not InteractiveShell.initialized():
            return  # a plain script, which would print the picture as text
        file = io.BytesIO()
        self.figure.savefig(file, format="png")
        bundle, metadata = plots.image_bundle(file.getvalue(), self.alt())
        if self.handle is None:
            self.handle = display(bundle, metadata=metadata, raw=True, display_id=True)
        else:
            self.handle.update(bundle, metadata=metadata, raw=True)
