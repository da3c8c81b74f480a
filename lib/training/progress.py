"""What one sees while a network trains: a bar with the time left, and curves."""

from __future__ import annotations

from tqdm.auto import tqdm

SHOWN = {"loss": "{:.3f}", "train_accuracy": "{:.1%}", "validation_accuracy": "{:.1%}"}


class Progress:
    """Bar and curves of one training.

    history: the trainer's, it grows while this looks on
    epochs: how many in all
    batches: of each epoch
    bar, live: which of the two to show
    """

    def __init__(self, history: dict[str, list[float]], epochs: int, batches: int, *, bar: bool, live: bool):
        self.history = history
        self.batches = batches
        self.done = 0  # batches of the epoch under way
        before = len(history["loss"]) * batches
        self.bar = tqdm(total=epochs * batches, initial=before, unit="batch", disable=not bar)
        self.curves = None
        if live:
            from lib.training.live import LiveCurves

            self.curves = LiveCurves(history, epochs)

    def step(self, loss: float, accuracy: float, *, at: int | None = None) -> None:
        """After a batch, with the means over its epoch so far.

        at: where on its way the training stands, in steps; None: one further than before
        """
        self.done += 1
        self.bar.update(1 if at is None else at - self.bar.n)
        self.bar.set_postfix({"loss": f"{loss:.3f}", "train accuracy": f"{accuracy:.1%}"}, refresh=False)
        if self.curves:
            self.curves.step(self.done / self.batches, loss, accuracy)

    def epoch(self) -> None:
        """After an epoch, when the history has its numbers."""
        self.done = 0
        latest = {name: values[-1] for name, values in self.history.items() if name in SHOWN and values}
        self.bar.set_postfix({name.replace("_", " "): SHOWN[name].format(latest[name]) for name in latest})
        if self.curves:
            self.curves.draw()

    def close(self) -> None:
        """The bar keeps its last state."""
        self.bar.close()
